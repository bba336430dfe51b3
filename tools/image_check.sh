#!/usr/bin/env bash
# Build the image and run it, restricted in several ways; needs root, podman and debootstrap.
#   usage: tools/image_check.sh
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ] || ! command -v podman >/dev/null || ! command -v debootstrap >/dev/null; then
  echo "skipped: the image is checked only by root, with podman and debootstrap"
  # CI installs both, so that there it is a failure.
  [ -z "${CI:-}" ] && exit 0 || exit 1
fi
bash tools/container_check.sh . http://127.0.0.1:18080/_mock/health 8080
# With flags in place of a command, and beside a Service of Kubernetes that is named mock-server.
bash tools/container_check.sh -q -e MOCK_SERVER_PORT=tcp://10.96.0.12:8080 \
  -e MOCK_SERVER_SERVICE_HOST=10.96.0.12 . http://127.0.0.1:18080/_mock/health 8080 -- --seed 7
