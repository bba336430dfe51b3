"""Reading files in YAML or JSON: their data, and the line on which each part of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mock_server.errors import CannotServe, Problem
from mock_server.formats import json, yaml
from mock_server.formats.json import Json, Unreadable

Place = tuple[str | int, ...]


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
        return yaml.find_line(self._root, place)

    @cached_property
    def _root(self) -> Any:
        # JSON has lines too, since nearly all of it is YAML.
        return yaml.compose(self.text)


def pointer(place: Place) -> str:
    """Return a place as a JSON pointer (RFC 6901): `/paths/~1a/0` for `("paths", "/a", 0)`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def read(path: Path) -> Source:
    """Read a file, as JSON if its name ends in `.json`, else as YAML.

    Raise CannotServe, which names the file, the line where it is known, and the remedy.
    """
    name = str(path)
    text = _read_text(path)
    try:
        data = (json if path.suffix == ".json" else yaml).load(text)
    except Unreadable as unreadable:
        problem = Problem(name, unreadable.message, unreadable.remedy, line=unreadable.line)
        raise CannotServe([problem]) from None
    return Source(name, text, data)


def read_all(paths: Iterable[Path], problems: list[Problem]) -> Iterator[Source]:
    """Yield the files that can be read, and add the problems of the others to `problems`."""
    for path in paths:
        try:
            yield read(path)
        except CannotServe as error:
            problems += error.problems


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        message, remedy = "there is no such file", "give the path of an existing one"
    except IsADirectoryError:
        message, remedy = "it is a folder", "give the path of a file"
    except UnicodeDecodeError as error:
        message, remedy = f"byte {error.start} is not UTF-8", "save it as UTF-8 text"
    except OSError as error:
        message, remedy = f"it cannot be read ({error.strerror})", "make it readable"
    except ValueError:
        message, remedy = "its name holds a NUL character", "give the path of an existing file"
    raise CannotServe([Problem(str(path), message, remedy)]) from None
