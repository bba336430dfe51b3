#!/usr/bin/env bash
# Install what checks clients/javascript, as its lock says, and leave a file where that could be done.
#   usage: tools/javascript_install.sh FILE
set -euo pipefail
cd "$(dirname "$0")/.."

skip() {
  echo "skipped: $*"
  exit 0
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "Node and npm are not here, which clients/javascript is checked with"
  # CI installs both, so that there it is a failure.
  [ -z "${CI:-}" ] && skip "clients/javascript is not checked" || exit 1
fi
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 16) ? 0 : 1)' ||
  skip "this is Node $(node --version), and clients/javascript needs 20.16 or later"

# The scripts that packages run at their installation are not needed.
if ! npm ci --prefix clients/javascript --ignore-scripts --no-audit --no-fund --loglevel error; then
  npm ping --fetch-retries 0 --fetch-timeout 10000 >/dev/null 2>&1 && exit 1
  skip "npm reaches no registry, from which it would install the runners that clients/javascript is checked with"
fi
touch "$1"
