#!/usr/bin/env bash
# Write the types of clients/javascript, from the control API's document and from the comments of its modules.
#   usage: tools/javascript_types.sh
set -euo pipefail
cd "$(dirname "$0")/../clients/javascript"
document=../../spec/control.yaml
types=types/src/control.d.ts
node_modules/.bin/openapi-typescript "$document" --output "$types" --root-types --root-types-no-schema-prefix >/dev/null
sum=$(sha256sum "$document" | cut -d ' ' -f 1)
# A test compares the sum, where the generator is not installed.
sed -i "1i // Made from spec/control.yaml by 'make javascript-types'; its SHA-256 was then\n// $sum" "$types"
node_modules/.bin/tsc --project tsconfig.json
