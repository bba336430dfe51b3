"""What is wrong with the files that a server starts with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mock_server.shown_text import printable


class Problem(NamedTuple):
    """One reason why a file cannot be served, e.g. `x.yaml:3 at /paths: it is empty; add a path.`

    `place` is a JSON pointer or a JSONPath, empty for the whole file; `line` counts from 1, or is None.
    """

    file: str
    message: str
    remedy: str
    place: str = ""
    line: int | None = None

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        place = f" at {self.place}" if self.place else ""
        return printable(f"{self.file}{line}{place}: {self.message}; {self.remedy}.", None)


class CannotServe(Exception):
    """Files that cannot be served; `problems` has every reason that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
