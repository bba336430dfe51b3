#!/bin/sh
# Make the folder whose content the image adds to its base: the package with what the lock names, its bytecode,
# and /fixtures. The Dockerfile runs it, in the folder of the source, with the wheels of the lock in /wheels.
#   usage: tools/image_root.sh FOLDER    with VERSION (may be empty) and SOURCE_DATE_EPOCH
set -eu
root=$1
home=/opt/mock_server
pip() { /build/bin/python -m pip "$@"; }
install() { pip --python "$home/bin/python" install --no-compile --no-index --find-links /wheels "$@"; }

# What pip imports from the new packages leaves no bytecode in them.
export PYTHONPYCACHEPREFIX=/tmp/bytecode
python -m venv --without-pip "$home"
install --require-hashes --requirement locks/server.txt
pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /wheels .
install --no-deps openapi-sandbox

installed=$("$home/bin/python" -c 'import mock_server; print(mock_server.__version__)')
if [ "${VERSION:-$installed}" != "$installed" ]; then
  echo "VERSION is $VERSION, but the package's version is $installed" >&2
  exit 1
fi

# The base has no bytecode, and the server may write none. It is compiled for all that is installed and for the
# standard library, but for tests, tools with windows, and words of other languages. A start does not check it
# against its source. A seed for hashes makes the order of sets, and so the bytes, the same each time.
folder() { "$home/bin/python" -c "import sysconfig; print(sysconfig.get_path('$1'))"; }
compile() { PYTHONHASHSEED=0 PYTHONPYCACHEPREFIX="$home/bytecode" "$home/bin/python" -m compileall -q --invalidation-mode unchecked-hash -x "$2" "$1"; }
compile "$(folder stdlib)" \
  '/(tests?|idlelib|tkinter|turtledemo|ensurepip|pydoc_data|lib2to3|site-packages|dist-packages)/|/turtle\.py$'
compile "$(folder purelib)" '/tests?/|/[a-z]{2,3}_[A-Z]{2}/'

mkdir -p "$root/opt" "$root/fixtures"
mv "$home" "$root/opt/"
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
