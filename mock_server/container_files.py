"""The flags of a server in a container, and the files of this machine that they name.

A file keeps its whole path below one folder, so that what lies beside it here lies beside it there.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from mock_server.setting_values import ACCEPTED, as_flags
from mock_server.settings import as_paths
from mock_server.shown_text import quote

# The folder in the container; no image has one of this name.
FOLDER = PurePosixPath("/mock_server_files")

# A reference to another file, in YAML or JSON; a server says what is wrong with one that leads nowhere.
_REFERENCE = re.compile(r"""\$ref["']?\s*:\s*["']?([^\s"'#{}\[\],][^\s"'#]*)""")


def build_flags(values: Mapping[str, Any]) -> list[str]:
    """Return the flags of `mock-server serve` for values of settings, with paths of the container.

    E.g. `["--count=5", "--fixtures=/mock_server_files/home/me/metrics.yaml", "--strict"]`.
    """
    return as_flags({name: _moved(value) for name, value in values.items()})


def _moved(value: Any) -> Any:
    """Return a setting's value with the paths that it has in the container."""
    if isinstance(value, tuple):
        return tuple(map(_moved, value))
    return inside(value) if isinstance(value, Path) else value


def inside(path: Path) -> PurePosixPath:
    """Return where a file of this machine lies in the container."""
    absolute = Path(os.path.abspath(path))
    return FOLDER.joinpath(*absolute.relative_to(absolute.anchor).parts)


def list_files(values: Mapping[str, Any]) -> list[Path]:
    """Return the files that settings name, each once, with those that the document needs.

    Raises ValueError where a path leads to no file.
    """
    found: dict[Path, None] = {}
    for name, value in values.items():
        setting = ACCEPTED[name]
        if value is None or not setting.is_path:
            continue
        for path in value if isinstance(value, tuple) else (value,):
            found.update(dict.fromkeys(_files_at(name, path)))
    documents, overlays = as_paths(values.get("document")), as_paths(values.get("overlay"))
    for document in documents:
        beside = document.with_name(f"{document.stem}.overlay{document.suffix}")
        _add_referred(document, document.parent, found)
        # What an overlay adds is a part of the document.
        for overlay in overlays or ([beside] if beside.is_file() else []):
            _add_referred(overlay, document.parent, found)
    return list(found)


def _files_at(name: str, path: Path) -> Iterator[Path]:
    """Yield the file at a path, or the files in a folder but hidden ones; raise ValueError for none."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    readable = [file for file in files if file.is_file() and (file == path or file.name[0] not in ".~")]
    if not readable:
        raise ValueError(f"{name}: there is no file at {quote(str(path))}.")
    yield from readable


def _add_referred(file: Path, folder: Path, found: dict[Path, None]) -> None:
    """Add a file, and the files that it refers to by paths that are relative to a folder."""
    found[file] = None
    for reference in _REFERENCE.findall(file.read_text(encoding="utf-8", errors="replace")):
        referred = Path(os.path.normpath(folder / unquote(reference)))
        if referred not in found and referred.is_file():
            _add_referred(referred, referred.parent, found)
