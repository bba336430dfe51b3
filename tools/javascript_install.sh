#!/usr/bin/env bash
# Install what checks clients/javascript, as its lock says, and leave a file where that could be done.
#   usage: tools/javascript_install.sh FILE
set -euo pipefail
cd "$(dirname "$0")/.."

skip() {
  echo "skipped: $*, so that clients/javascript is not checked"
  exit "${status:-0}"
}

command -v node >/dev/null && command -v npm >/dev/null || skip "Node or npm is not here"
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 16) ? 0 : 1)' ||
  skip "this is Node $(node --version), which is older than 20.16"

# The scripts that packages run at their installation are not needed.
if ! npm ci --prefix clients/javascript --ignore-scripts --no-audit --no-fund --loglevel error; then
  npm ping --fetch-retries 0 --fetch-timeout 10000 >/dev/null 2>&1 || status=${CI:+1} skip "npm reaches no registry"
  exit 1
fi
touch "$1"
