"""A whole file: one that appears when all of it is written, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mock_server.errors import CannotServe, Problem


def write(path: Path, content: bytes) -> None:
    """Write a file; a device such as /dev/stdout is written to. Raises CannotServe if it can't be."""
    _refusing(path, lambda: _write(path, content))


def require(path: Path) -> None:
    """Leave everything as it is, but raise CannotServe if the file could not be written now."""
    _refusing(path, lambda: _try(path))


def _refusing(path: Path, act: Callable[[], None]) -> None:
    try:
        act()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it has no name"
        problem = Problem(str(path), f"it cannot be written ({reason})", "give another path")
        raise CannotServe([problem]) from None


def _write(path: Path, content: bytes) -> None:
    if _is_device(path):
        with path.open("ab") as file:
            file.write(content)
        return
    target, partly = _places(path)
    try:
        partly.write_bytes(content)
        partly.replace(target)
    finally:
        partly.unlink(missing_ok=True)


def _try(path: Path) -> None:
    if _is_device(path):
        with path.open("ab"):
            return
    _, partly = _places(path)
    try:
        partly.write_bytes(b"")
    finally:
        partly.unlink(missing_ok=True)


def _is_device(path: Path) -> bool:
    """Whether it must not be replaced: /dev/stdout, say, whatever that leads to, or a folder."""
    return path.parent == Path("/dev") or (path.exists() and not path.is_file())


def _places(path: Path) -> tuple[Path, Path]:
    """Where a link leads, and the file beside it that takes its place when it is whole."""
    target = path.resolve()
    return target, target.with_name(f".{target.name}.partly")
