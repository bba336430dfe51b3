"""The effort that applying an overlay may take: the time of its JSONPaths, and the values that it adds.

A path such as `$..[?$..x]` visits all values once for each value, and an update of every value doubles
the document each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from time import thread_time
from typing import Any

from jsonpath import JSONPath, JSONPathMatch
from jsonpath.filter import FilterQuery, RelativeFilterQuery
from jsonpath.match import NodeList
from jsonpath.segments import JSONPathChildSegment, JSONPathRecursiveDescentSegment
from jsonpath.selectors import Filter, NameSelector, WildcardSelector

from mock_server.formats.json import DEPTH_LIMIT, Json

# The processor time of all JSONPaths of an overlay, in seconds: so much, and more for each value of the
# document. A path with one `..` takes about a fifth of the latter.
_SECONDS = 2.0
_SECONDS_PER_VALUE = 20e-6

# The values that a JSONPath visits between two looks at the clock, which take longer than the visits.
_VISITS = 64

# The values that all updates and copies may add to the document, and as many again as it has itself.
ADDED = 200_000


class TooMuch(Exception):
    """The effort is used up; the message says on what."""


class Effort:
    """What is left of the effort for one overlay and document."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._end = thread_time() + _SECONDS
        self._is_extended = False
        self._visits = 0
        self._left = ADDED
        self._is_doubled = False

    def find(self, path: Any, document: Json) -> list[Any]:
        """Return the matches of a compiled JSONPath; raise TooMuch where they take too long to find."""
        return list(self._bounded_path(path).finditer(document))

    def add(self, value: Json, depths: Sequence[int]) -> None:
        """Count the values of an update at places of these depths; raise TooMuch for too many."""
        size, height = _measure(value, self._left)
        if size * len(depths) > self._left and not self._is_doubled:
            self._is_doubled = True
            self._left += _count_values(self._document)
            size, height = _measure(value, self._left)
        self._left -= size * len(depths)
        if self._left < 0:
            raise TooMuch(f"the overlay adds more than {ADDED:,} values, and more than the document has")
        if max(depths) + height > DEPTH_LIMIT:
            raise TooMuch(f"with it the document is nested more than {DEPTH_LIMIT} levels deep")

    def check(self) -> None:
        """Count a visit of a value; raise TooMuch where the time is used up."""
        self._visits += 1
        if self._visits % _VISITS or thread_time() <= self._end:
            return
        if self._is_extended:
            raise TooMuch("the overlay's targets take too long to find")
        # Only now, since counting takes its time too.
        self._is_extended = True
        self._end = thread_time() + _SECONDS_PER_VALUE * _count_values(self._document)

    def _bounded_path(self, path: Any) -> _Path:
        """Return a path that checks the time at each value, as those within its filters then do."""
        segments = [self._bounded(segment) for segment in path.segments]
        for segment in segments:
            for selector in segment.selectors:
                if isinstance(selector, Filter):
                    self._bounded_part(selector.expression)
        return _Path(env=path.env, segments=segments)

    def _bounded_part(self, expression: Any) -> Any:
        """Return a part of a filter whose paths check the time."""
        if isinstance(expression, FilterQuery):
            expression.path = self._bounded_path(expression.path)
            is_relative = isinstance(expression, RelativeFilterQuery)
            return _Query(expression.path, self) if is_relative else expression
        expression.set_children([self._bounded_part(each) for each in expression.children()])
        return expression

    def _bounded(self, segment: Any) -> Any:
        is_descent = isinstance(segment, JSONPathRecursiveDescentSegment)
        bounded: Any = (_Descent if is_descent else _Children)(
            env=segment.env, token=segment.token, selectors=segment.selectors
        )
        bounded.effort = self
        if not is_descent:
            known = NameSelector | WildcardSelector
            bounded.names_members = all(isinstance(each, known) for each in segment.selectors)
        return bounded


class _Path(JSONPath):
    """A path whose matches are of our own class."""

    def finditer(self, data: Any, *, filter_context: Any = None) -> Iterable[Any]:  # noqa: ARG002
        found: Iterable[Any] = [Found(data, None, data)]
        for segment in self.segments:
            found = segment.resolve(found)
        return found


class _Query(RelativeFilterQuery):
    """What a filter asks of the value that it looks at: nearly always a member, e.g. `@.name`.

    The library takes ten times as long to find that.
    """

    def __init__(self, path: JSONPath, effort: Effort) -> None:
        super().__init__(path)
        self._effort = effort
        self._members = _members_named(path.segments)

    def evaluate(self, context: Any) -> Any:
        current = context.current
        if not isinstance(current, dict | list):
            return current if self.path.empty() else NodeList()
        if self._members is None:
            return NodeList(self.path.finditer(current))
        self._effort.check()
        return _follow(self._members, current)


def _members_named(segments: Iterable[Any]) -> tuple[str, ...] | None:
    """Return the names that lead to a single value; None where another step is among the segments."""
    names = []
    for segment in segments:
        if isinstance(segment, _Descent) or len(segment.selectors) != 1:
            return None
        selector = segment.selectors[0]
        if not isinstance(selector, NameSelector):
            return None
        names.append(selector.name)
    return tuple(names)


def _follow(names: Iterable[str], value: Json) -> NodeList:
    """Return the value that the names lead to, as a match; none where they lead nowhere."""
    found = value
    for name in names:
        if not isinstance(found, dict) or name not in found:
            return NodeList()
        found = found[name]
    # Nobody asks for the way to what a filter compares.
    return NodeList([Found(found, None, value)])


class _Children(JSONPathChildSegment):
    effort: Effort
    names_members = False

    def resolve(self, nodes: Iterable[Any]) -> Iterable[Any]:
        if self.names_members:
            return self._members(self._checked(nodes))
        return super().resolve(self._checked(nodes))

    def _members(self, nodes: Iterable[Any]) -> Iterator[Any]:
        """Yield the members of objects that are selected by name, or all of them.

        Most segments are such, and the library takes several times as long for them.
        """
        for node in nodes:
            selector: Any
            for selector in self.selectors:
                if not isinstance(node.obj, dict):
                    yield from selector.resolve(node)
                elif isinstance(selector, WildcardSelector):
                    yield from (node.new_child(part, name) for name, part in node.obj.items())
                elif selector.name in node.obj:
                    yield node.new_child(node.obj[selector.name], selector.name)

    def _checked(self, nodes: Iterable[Any]) -> Iterator[Any]:
        for node in nodes:
            self.effort.check()
            yield node


class _Descent(JSONPathRecursiveDescentSegment):
    effort: Effort

    def _visit(self, node: Any, depth: int = 1) -> Iterator[Any]:  # noqa: ARG002
        """Yield a node and all containers in it, in the document's order.

        A generator for each level, as the library has it, takes several times as long.
        """
        ahead = [node]
        while ahead:
            node = ahead.pop()
            self.effort.check()
            yield node
            value = node.obj
            if isinstance(value, dict):
                named: Iterable[tuple[Any, Any]] = value.items()
            else:
                named = enumerate(value) if isinstance(value, list) else ()
            found = [node.new_child(part, name) for name, part in named if isinstance(part, dict | list)]
            ahead += reversed(found)


class Found(JSONPathMatch):
    """A value that a JSONPath visits; its way from the root is written where it is asked for alone.

    The library writes the path of every value on the way, which takes longer than finding it.
    """

    __slots__ = ("step",)

    def __init__(self, obj: Any, parent: Found | None, root: Any, step: str | int = "") -> None:
        self.obj, self.parent, self.root, self.step = obj, parent, root, step

    def new_child(self, obj: Any, key: str | int) -> Found:
        return Found(obj, self, self.root, key)

    def filter_context(self) -> Mapping[str, Any]:
        """Return what filters know beside the document, which is nothing."""
        return {}

    def add_child(self, *children: JSONPathMatch) -> None:
        """Keep no child, so that what is not found is soon forgotten."""

    @property
    def parts(self) -> tuple[str | int, ...]:  # type: ignore[override]
        """Return the steps from the root to the value, e.g. `("paths", "/things")`."""
        steps: list[str | int] = []
        found: Any = self
        while found.parent is not None:
            steps.append(found.step)
            found = found.parent
        return tuple(reversed(steps))


def _measure(value: Json, limit: int) -> tuple[int, int]:
    """Return the number of values in a value, itself included, and of the levels in it.

    It counts no further than one level beyond the limit.
    """
    level, count, height = [value], 1, 0
    while level and count <= limit:
        level = [part for each in level for part in _parts(each)]
        count += len(level)
        height += 1
    return count, height


def _count_values(document: Json) -> int:
    """Return the number of values in a document, those that several of its parts share once."""
    level, count = [document], 0
    seen: set[int] = set()
    while level:
        count += len(level)
        containers = {id(each): each for each in level if isinstance(each, dict | list)}
        fresh = [each for key, each in containers.items() if key not in seen]
        seen |= containers.keys()
        level = [part for each in fresh for part in _parts(each)]
    return count


def _parts(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
