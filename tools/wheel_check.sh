#!/usr/bin/env bash
# Build the wheel, install it into an empty venv, and serve from it in an empty folder.
#   usage: tools/wheel_check.sh PIP PYTHON   e.g. tools/wheel_check.sh .venv/bin/pip python3
set -euo pipefail
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
pip=$1 python=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# setuptools puts into a wheel what an earlier build left there, modules that are gone included.
rm -rf build
"$pip" wheel --quiet --no-deps --wheel-dir "$work/dist" .
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet "$(ls "$work"/dist/*.whl)[server]"
for paper in LICENSE NOTICE; do
  ls "$work"/venv/lib/python3.*/site-packages/openapi_sandbox-*.dist-info/licenses/$paper >/dev/null
done

mkdir "$work/empty"
cd "$work/empty"
"$work/venv/bin/mock-server" serve --port 0 --quiet >out 2>err &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 200); do grep -q 'try  curl' out && break; sleep 0.1; done
url=$(grep -o "http://[^']*limit=2" out)
curl --silent --fail --user demo:secret "$url" | grep -o '"totalResultSize":100'
page=${url%%/api*}/_mock/
for file in $(curl --silent --fail "$page" | grep -o 'inspector/[a-z_]*\.[a-z]*') inspector/swagger-ui-bundle.js; do
  curl --silent --fail --output file "$page$file"
done
kill -TERM $server
wait $server
[ ! -s err ]
