#!/usr/bin/env bash
# Check clients/javascript: its types, its use with Vitest and Jest, and the package that npm makes of it.
#   usage: tools/javascript_check.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."
# What it needs could not be installed, as was said.
[ -e clients/javascript/node_modules/.ready ] || exit 0
python=$(realpath --no-symlinks "$1")
package=clients/javascript
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r "$package/types" "$work/types"
tools/javascript_types.sh
diff -r "$work/types" "$package/types" || { echo "the types were stale; commit those that are there now"; exit 1; }

port_file=$work/server
"$python" -m mock_server serve --port 0 --quiet >"$port_file" &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
for _ in $(seq 600); do grep -q ' at http' "$port_file" && break; sleep 0.1; done
url=$(sed -n 's/.* at \(http\S*\)$/\1/p' "$port_file")
MOCK_SERVER_URL=$url MOCK_SERVER_COMMAND="$python -m mock_server" \
  node --test --test-reporter=spec "$package"/test/runners/*.test.js

# The package as a user of TypeScript and of Vitest installs it.
tools/javascript_pack.sh "$work"
mkdir "$work/project"
cp "$package"/test/project/* "$work/project"
ln -s "$PWD/$package/node_modules" "$work/node_modules"
cd "$work/project"
npm install --offline --no-audit --no-fund --silent "$work"/openapi-sandbox-*.tgz
"$work/node_modules/.bin/tsc" --project .
MOCK_SERVER_URL=$url node use.js
