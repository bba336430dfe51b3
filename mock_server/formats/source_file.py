"""Reading files in YAML or JSON: their data, and the line on which each part of it stands."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mock_server.formats import digests, json, shipped_yaml, yaml
from mock_server.formats.json import Json, Unreadable
from mock_server.formats.yaml_lines import Lines
from mock_server.problems import CannotServe, Problem
from mock_server.setting_parsers import shown_path

Place = tuple[str | int, ...]

# What changes with a file: its device, its inode, its size and its times.
Stamp = tuple[int, int, int, int, int]

# Bytes of a document, an overlay or a file that one refers to; the largest published have 12 MB.
LARGEST = 64 * 2**20


@dataclass(frozen=True)
class Source:
    """A file that was read: `name` is its path as it was given, `data` its value, as of JSON."""

    name: str
    text: str
    data: Json

    def problem(self, place: Place, message: str, remedy: str) -> Problem:
        """Return the problem of a place in this file, with its JSON pointer and line."""
        return Problem(self.name, message, remedy, pointer(place), self.line(place))

    def line(self, place: Place) -> int | None:
        """Return the line, from 1, on which a place stands, or the deepest part of it that is there.

        None where the text is not YAML.
        """
        return self._lines.find(place)

    @cached_property
    def digest(self) -> str:
        """The digest of the text; where the file lies does not count."""
        return digests.combine(self.text)

    @cached_property
    def _lines(self) -> Lines:
        # JSON has lines too, since nearly all of it is YAML.
        return Lines(self.text)


# The files that were read in the context of `noting_reads`, by their absolute paths.
_reads: ContextVar[dict[Path, Stamp | None] | None] = ContextVar("reads", default=None)


@contextmanager
def noting_reads() -> Iterator[dict[Path, Stamp | None]]:
    """Note every file that is read meanwhile, with its stamp from before; None where there was no file.

    So a file that changes while it is read differs from its stamp.
    """
    noted: dict[Path, Stamp | None] = {}
    token = _reads.set(noted)
    try:
        yield noted
    finally:
        _reads.reset(token)


def stamp(path: Path) -> Stamp | None:
    """Return the stamp of a file, links followed; None where there is none."""
    try:
        return _stamp(path.stat())
    except (OSError, ValueError):
        return None


def _stamp(status: os.stat_result) -> Stamp:
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return (status.st_dev, status.st_ino, status.st_size, *times)


def _note(path: Path, found: Stamp | None) -> None:
    noted = _reads.get()
    if noted is not None:
        noted[Path(os.path.abspath(path))] = found


def pointer(place: Place) -> str:
    """Return a place as a JSON pointer (RFC 6901): `/paths/~1a/0` for `("paths", "/a", 0)`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def unescaped(step: str) -> str:
    """Return a step of a JSON pointer without its escapes (RFC 6901 section 4): `/a` for `~1a`."""
    return step.replace("~1", "/").replace("~0", "~")


def read(path: Path, limit: int = LARGEST) -> Source:
    """Read a file of at most `limit` bytes, as JSON if its name ends in `.json`, else as YAML.

    Raise CannotServe, which names the file, the line where it is known, and the remedy.
    """
    name = shown_path(path)
    text = _read_text(path, limit)
    try:
        data = (json if path.suffix == ".json" else yaml).load(text)
    except Unreadable as unreadable:
        problem = Problem(name, unreadable.message, unreadable.remedy, line=unreadable.line)
        raise CannotServe([problem]) from None
    return Source(name, text, data)


def read_shipped(path: Path) -> Source:
    """Read a file of the package, which is known to be right."""
    return Source(shown_path(path), _read_text(path, LARGEST), shipped_yaml.load(path))


def read_all(paths: Iterable[Path], problems: list[Problem], limit: int = LARGEST) -> Iterator[Source]:
    """Yield the files that can be read, and add the problems of the others to `problems`."""
    for path in paths:
        try:
            yield read(path, limit)
        except CannotServe as error:
            problems += error.problems


def _read_text(path: Path, limit: int) -> str:
    try:
        return _read_bytes(path, limit).decode("utf-8-sig")
    except FileNotFoundError:
        message, remedy = "there is no such file", "give the path of an existing one"
    except IsADirectoryError:
        message, remedy = "it is a folder", "give the path of a file"
    except _Unfit as unfit:
        message, remedy = unfit.args
    except UnicodeDecodeError as error:
        message, remedy = f"byte {error.start} is not UTF-8", "save it as UTF-8 text"
    except OSError as error:
        message, remedy = f"it cannot be read ({error.strerror})", "make it readable"
    except ValueError:
        message, remedy = "its name holds a NUL character", "give the path of an existing file"
    raise CannotServe([Problem(shown_path(path), message, remedy)]) from None


class _Unfit(Exception):
    """A file that is not read; the arguments are what it is, and the remedy."""


def _read_bytes(path: Path, limit: int) -> bytes:
    """Return what a file holds; raise OSError, and _Unfit for a pipe, a device or a large file."""
    _note(path, stamp(path))
    # Of a pipe, whose reader would wait for a writer, only the status is asked.
    _require_fit(path.stat(), limit)
    # A file may have become a pipe meanwhile. Windows has neither the flag nor the need of it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _note(path, _stamp(status))
        _require_fit(status, limit)
        # One that grows while it is read, and those of /proc, whose size is said to be 0.
        content = file.read(limit + 1)
    if len(content) > limit:
        raise _too_large(limit)
    return content


def _require_fit(status: os.stat_result, limit: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError
    if not stat.S_ISREG(status.st_mode):
        raise _Unfit("it is a pipe, a socket or a device", "give the path of a regular file")
    if status.st_size > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> _Unfit:
    return _Unfit(f"it holds more than {limit // 2**20} MiB", "give a smaller file")
