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

folder() { "$home/bin/python" -c "import sysconfig; print(sysconfig.get_path('$1'))"; }
compile() {
  PYTHONHASHSEED=0 PYTHONPYCACHEPREFIX="$home/bytecode" \
    "$home/bin/python" -m compileall -q --invalidation-mode unchecked-hash "$@"
}

# The base has no bytecode, and the server may write none. It is compiled for all that is installed, and for what
# of the standard library the modules of mock_server import, since all of that has 5 MB more. A start does not
# check it against its source. A seed for hashes makes the order of sets, and so the bytes, the same each time.
"$home/bin/python" -P - >/tmp/imported <<'END'
import importlib, pkgutil, sys, sysconfig
import mock_server

for module in pkgutil.walk_packages(mock_server.__path__, "mock_server."):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except ImportError as error:  # Of an extra that the image does not have.
            print(error, file=sys.stderr)
files = {getattr(module, "__file__", None) or "" for module in sys.modules.values()}
own = sysconfig.get_path("purelib")
folder = sysconfig.get_path("stdlib")
print(*sorted(f for f in files if f.startswith(folder) and not f.startswith(own) and f.endswith(".py")), sep="\n")
END
compile -i /tmp/imported
compile -x '/tests?/' "$(folder purelib)"

# So are the documents that a start reads, whose bytecode has the time of their files.
dated() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }
dated "$home"
PYTHONHASHSEED=0 PYTHONPYCACHEPREFIX="$home/bytecode" "$home/bin/python" -P - <<'END'
from mock_server.control import control_document
from mock_server.lists import built_in_schemes
from mock_server.openapi import document

document.read(document.BUILT_IN)
control_document.control_operations()
built_in_schemes.built_in()
END

mkdir -p "$root/opt" "$root/fixtures"
mv "$home" "$root/opt/"
dated "$root"
