"""The package mock_server, where a module of the project under test may hide it."""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

# Both packages are installed side by side.
_PACKAGE = Path(__file__).parent.parent / "mock_server"


class Hidden(Exception):
    """A module of the same name hides the package; the message says which."""


def require() -> None:
    """Raise Hidden if to import mock_server would give another module than the package."""
    found = _place()
    if found is not None and not _is_package(found):
        raise Hidden(
            f"{found} hides the package mock_server, which the fixtures mock_server and mock_account "
            "need; give it another name, or take its folder from the path of imports (sys.path)"
        )


def _place() -> str | None:
    """Return the file or folder that an import of mock_server gives, None where none is known."""
    module: ModuleType | None = sys.modules.get("mock_server")
    spec: ModuleSpec | None = None
    if module is None:
        spec = find_spec("mock_server")
    origin = getattr(module, "__file__", None) if spec is None else spec.origin
    folders = getattr(module, "__path__", ()) if spec is None else spec.submodule_search_locations
    return origin or next(iter(folders or ()), None)


def _is_package(found: str) -> bool:
    if not _PACKAGE.is_dir():  # It was installed in some other way.
        return os.path.isdir(os.path.join(os.path.dirname(found), "client"))
    return os.path.realpath(found) == os.path.realpath(_PACKAGE / "__init__.py")
