#!/usr/bin/env bash
# Make the package of clients/javascript for npm, with the version of mock_server, in a folder.
#   usage: tools/javascript_pack.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' mock_server/__init__.py)
# As SemVer writes it: 0.2.0-rc.1 for 0.2.0rc1.
version=$(sed -E 's/\.?(a|b|rc|dev)([0-9]+)$/-\1.\2/' <<<"$version")
folder=$(realpath "$1")
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -r clients/javascript/{package.json,README.md,LICENSE,bin,src,types} "$stage"
cd "$stage"
npm pkg set "version=$version" >/dev/null
if [ -n "${GITHUB_REPOSITORY:-}" ]; then
  # npm takes a provenance only for the repository that the package names.
  npm pkg set repository.type=git repository.directory=clients/javascript \
    "repository.url=git+${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY.git" >/dev/null
fi
npm pack --silent --pack-destination "$folder"
