#!/usr/bin/env bash
# Print the build arguments of the image, KEY=VALUE a line: the base by its digest, the version, the commit, its
# time, and where its source is. In a step of GitHub's workflows they are its output `arguments` too.
#   usage: tools/image_arguments.sh [--as-given] [BASE]   e.g. tools/image_arguments.sh python:3.13-slim
# BASE is the Dockerfile's where it is left out. A base without a digest is looked up in its registry, by
# `docker buildx imagetools inspect`; --as-given leaves it as it is, for a build that nobody publishes.
set -euo pipefail
cd "$(dirname "$0")/.."
as_given=
if [ "${1:-}" = --as-given ]; then as_given=1; shift; fi
base=${1:-$(sed -n 's/^ARG BASE=//p' Dockerfile | head -1)}
if [ -z "$as_given" ] && [[ $base != *@sha256:* ]]; then
  digest=$(docker buildx imagetools inspect "$base" --format '{{.Manifest.Digest}}')
  if ! [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]]; then
    echo "image_arguments: the registry gives no digest of $base, but '$digest'" >&2
    exit 1
  fi
  base=$base@$digest
fi
git() { command git "$@" 2>/dev/null || true; }
arguments=$(grep -v '=$' <<END
BASE=$base
VERSION=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' mock_server/__init__.py)
REVISION=$(git rev-parse HEAD)
SOURCE=${GITHUB_REPOSITORY:+${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
END
)
echo "$arguments"
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  { echo 'arguments<<END_OF_ARGUMENTS'; echo "$arguments"; echo END_OF_ARGUMENTS; } >>"$GITHUB_OUTPUT"
fi
