"""Files in YAML or JSON: their data, and the line on which each part of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mock_server.errors import CannotServe, Problem
from mock_server.formats import json, yaml
from mock_server.formats.json import Unreadable

Json = Any
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """A file that was read: `name` as it was given, `data` as JSON values."""

    name: str
    text: str
    data: Json

    def problem(self, place: Place, message: str, remedy: str) -> Problem:
        return Problem(self.name, message, remedy, pointer(place), self.line(place))

    def line(self, place: Place) -> int | None:
        """The line, from 1, of the deepest part of the place that is there; None for no YAML."""
        return yaml.line(self._root, place)

    @cached_property
    def _root(self) -> Any:
        # JSON has lines too, since nearly all of it is YAML.
        return yaml.compose(self.text)


def pointer(place: Place) -> str:
    """RFC 6901, e.g. `("paths", "/a", 0)` gives `/paths/~1a/0`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def read(path: Path) -> Source:
    """Read a file whose name ends in `.json` as JSON, any other as YAML.

    Raises CannotServe, which names the file, the line where there is one, and the remedy.
    """
    name = str(path)
    text = _text(path)
    try:
        data = (json if path.suffix == ".json" else yaml).load(text)
    except Unreadable as unreadable:
        problem = Problem(name, unreadable.message, unreadable.remedy, line=unreadable.line)
        raise CannotServe([problem]) from None
    return Source(name, text, data)


def read_all(paths: Iterable[Path], problems: list[Problem]) -> Iterator[Source]:
    """The files that can be read; what is wrong with the others is added to the problems."""
    for path in paths:
        try:
            yield read(path)
        except CannotServe as error:
            problems += error.problems


def _text(path: Path) -> str:
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
