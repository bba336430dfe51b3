"""YAML files of the package, which Python keeps as bytecode beside its modules once one was read.

To read the built-in documents takes 15 ms of a start, and their bytecode one. As for modules, it is made
anew where a file has changed, and where it cannot be written, the file is read each time.
"""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from mock_server.formats import yaml
from mock_server.formats.json import Json


class _Loader(SourceFileLoader):
    """Python's loader of a module, whose source is YAML and which holds its value."""

    def source_to_code(self, data: Any, path: Any, **_options: Any) -> CodeType:  # type: ignore[override]
        return compile(f"VALUE = {yaml.load(data.decode())!r}", path, "exec", dont_inherit=True)


def load(path: Path) -> Json:
    """Return the value of a file of the package, which is the caller's own."""
    module = ModuleType(path.stem)
    _Loader(path.stem, str(path)).exec_module(module)
    value: Json = module.VALUE
    return value
