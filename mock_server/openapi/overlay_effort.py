"""The effort that applying an overlay may take: the time of its JSONPaths, and the values that it adds.

A path such as `$..[?$..x]` visits all values once for each value, and an update of every value doubles
the document each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import thread_time
from typing import Any

from jsonpath.filter import FilterQuery
from jsonpath.segments import JSONPathChildSegment, JSONPathRecursiveDescentSegment
from jsonpath.selectors import Filter

from mock_server.formats.json import Json

# The processor time of all JSONPaths of an overlay, in seconds: so much, and more for each value of the
# document. A path with one `..` takes about a third of the latter.
_SECONDS = 2.0
_SECONDS_PER_VALUE = 10e-6

# The values that all updates may add to the document, copies counted.
ADDED = 200_000


class TooMuch(Exception):
    """The effort is used up; the message says on what."""


class Effort:
    """What is left of the effort for one overlay and document."""

    def __init__(self, document: Json) -> None:
        self._end = thread_time() + _SECONDS + _SECONDS_PER_VALUE * count_values(document)
        self._left = ADDED

    def find(self, path: Any, document: Json) -> list[Any]:
        """Return the matches of a compiled JSONPath; raise TooMuch where they take too long to find."""
        self._bound(path)
        return list(path.finditer(document))

    def add(self, update: Json, times: int) -> None:
        """Count the values of an update made so often; raise TooMuch where they are too many."""
        self._left -= count_values(update) * times
        if self._left < 0:
            raise TooMuch(f"the updates of the overlay add more than {ADDED:,} values")

    def check(self) -> None:
        """Raise TooMuch where the time is used up."""
        if thread_time() > self._end:
            raise TooMuch("the overlay's targets take too long to find")

    def _bound(self, path: Any) -> None:
        """Let every segment of a path, and of those within its filters, check the time at each value."""
        path.segments = tuple(self._bounded(segment) for segment in path.segments)
        for segment in path.segments:
            for selector in segment.selectors:
                if isinstance(selector, Filter):
                    for query in _queries(selector.expression):
                        self._bound(query.path)

    def _bounded(self, segment: Any) -> Any:
        is_descent = isinstance(segment, JSONPathRecursiveDescentSegment)
        bounded: Any = (_Descent if is_descent else _Children)(
            env=segment.env, token=segment.token, selectors=segment.selectors
        )
        bounded.effort = self
        return bounded


class _Children(JSONPathChildSegment):
    effort: Effort

    def resolve(self, nodes: Iterable[Any]) -> Iterable[Any]:
        return super().resolve(self._checked(nodes))

    def _checked(self, nodes: Iterable[Any]) -> Iterator[Any]:
        for node in nodes:
            self.effort.check()
            yield node


class _Descent(JSONPathRecursiveDescentSegment):
    effort: Effort

    def _visit(self, node: Any, depth: int = 1) -> Iterable[Any]:
        # It is called for each value again.
        self.effort.check()
        return super()._visit(node, depth)


def _queries(expression: Any) -> Iterator[FilterQuery]:
    if isinstance(expression, FilterQuery):
        yield expression
        return
    for child in expression.children():
        yield from _queries(child)


def count_values(value: Json) -> int:
    """Return the number of values in a value, itself included."""
    level, count = [value], 0
    while level:
        count += len(level)
        level = [part for each in level for part in _parts(each)]
    return count


def _parts(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
