#!/usr/bin/env bash
# Build the image twice, which must give the same, and run it, restricted in several ways and from Testcontainers;
# needs root, podman and debootstrap.
#   usage: tools/image_check.sh PYTHON     e.g. tools/image_check.sh .venv/bin/python, with the extra `test`
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:?}
if [ "$(id -u)" != 0 ] || ! command -v podman >/dev/null || ! command -v debootstrap >/dev/null; then
  echo "skipped: the image is checked only by root, with podman and debootstrap"
  # CI installs both, so that there it is a failure.
  [ -z "${CI:-}" ] && exit 0 || exit 1
fi
health=http://127.0.0.1:18080/_mock/health
# Bytes that the image may have on top of its base.
largest=100000000
image=localhost/container_check:latest
store=${CONTAINER_CHECK_DIR:-/var/cache/container_check}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
in_store() { CONTAINERS_CONF=$store/containers.conf CONTAINERS_STORAGE_CONF=$store/storage.conf "$@"; }

arguments=()
while read -r argument; do arguments+=(-a "$argument"); done < <(tools/image_arguments.sh --as-given)
bash tools/container_check.sh -w "${arguments[@]}" . "$health" 8080 | tee "$work/log"
bytes=$(sed -n 's/.*on top of the base: \([0-9]*\) bytes.*/\1/p' "$work/log")
if [ "$bytes" -gt "$largest" ]; then
  echo "the image has $bytes bytes on top of its base, more than $largest"
  exit 1
fi
for label in version revision base.name; do
  value=$(in_store podman image inspect "$image" --format "{{index .Labels \"org.opencontainers.image.$label\"}}")
  if [ -z "$value" ]; then echo "the image has no label $label"; exit 1; fi
  echo "  label $label: $value"
done

echo "== from Testcontainers"
# Docker's own protocol, spoken by podman; a health check there would need systemd.
env CONTAINERS_CONF="$store/containers.conf" CONTAINERS_STORAGE_CONF="$store/storage.conf" DISABLE_HC_SYSTEMD=true \
  podman system service --time 0 "unix://$work/docker.sock" &
service=$!
trap 'kill "$service"; wait "$service" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -S "$work/docker.sock" ] && break; sleep 0.1; done
DOCKER_HOST=unix://$work/docker.sock MOCK_SERVER_TEST_IMAGE=$image TESTCONTAINERS_CONNECTION_MODE=docker_host \
  "$python" -m pytest --quiet -n 0 tests/test_testcontainers.py

# With flags in place of a command, and beside a Service of Kubernetes that is named mock-server.
bash tools/container_check.sh -q "${arguments[@]}" -e MOCK_SERVER_PORT=tcp://10.96.0.12:8080 \
  -e MOCK_SERVER_SERVICE_HOST=10.96.0.12 . "$health" 8080 -- --seed 7
