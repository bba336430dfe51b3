"""JSONPaths as nearly all overlays have them, e.g. `$.paths.*.get.parameters[?@.name == 'limit']`.

The library that knows all of RFC 9535 takes as long to load as a tenth of a start. It is asked for the
others: those with numbers, functions or parentheses, or that compare with anything but equal texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Self, TypeVar

from mock_server.formats.json import Json

# Called at each value that is visited; raises what ends the search.
Check = Callable[[], None]
Test = Callable[[Json, Check], bool]

# A text without escapes, in the quotation marks that it is written in.
_TEXT = r"""'[^'\\\x00-\x1f]*'|"[^"\\\x00-\x1f]*\""""
_TOKEN = re.compile(rf"{_TEXT}|[A-Za-z_][A-Za-z0-9_]*| *(?:==|\|\||&&|,) *|\.\.|\[\?|.", re.DOTALL)

# The filters of a path, of which each may stand within another one; more may nest too deeply.
_FILTERS = 5


class Found:
    """A value that a JSONPath visits; its way from the root is written where it is asked for alone."""

    __slots__ = ("obj", "parent", "step")

    def __init__(self, obj: Json, parent: Self | None = None, step: str | int = "") -> None:
        self.obj, self.parent, self.step = obj, parent, step

    @property
    def parts(self) -> tuple[str | int, ...]:
        """Return the steps from the root to the value, e.g. `("paths", "/things")`."""
        steps: list[str | int] = []
        found: Found = self
        while found.parent is not None:
            steps.append(found.step)
            found = found.parent
        return tuple(reversed(steps))

    def new_child(self, obj: Json, step: str | int) -> Self:
        """Return a value within this one."""
        return type(self)(obj, self, step)

    def members(self) -> list[Self]:
        """Return the members of an object or the items of an array; none of any other value."""
        value, found = self.obj, type(self)
        if isinstance(value, dict):
            return [found(part, self, name) for name, part in value.items()]
        if isinstance(value, list):
            return [found(part, self, number) for number, part in enumerate(value)]
        return []


AnyFound = TypeVar("AnyFound", bound=Found)


class Step(NamedTuple):
    """A step of a path: to the members of these names, or to all, or all that pass a test.

    A `deep` one goes to those of the values within, too, e.g. `..name`.
    """

    deep: bool
    names: tuple[str, ...] | None = None
    test: Test | None = None

    def follow(self, starts: Iterable[Found], check: Check) -> Iterator[Found]:
        """Yield what the step leads to from values, in the document's order."""
        ahead = (each for start in starts for each in descend(start, check)) if self.deep else starts
        test = self.test
        for found in ahead:
            check()
            if self.names is None:
                parts = found.members()
                yield from [each for each in parts if test is None or test(each.obj, check)]
            elif isinstance(found.obj, dict):
                for name in self.names:
                    if name in found.obj:
                        yield found.new_child(found.obj[name], name)


def read(path: str) -> tuple[Step, ...] | None:
    """Return the steps of a JSONPath; None for one that is not as plain, or that is none."""
    try:
        return _Reader(path).read() if path.count("[?") <= _FILTERS else None
    except _NotPlain:
        return None


def find(steps: Iterable[Step], value: Json, check: Check) -> Iterator[Found]:
    """Yield what a path leads to from a value."""
    found: Iterable[Found] = [Found(value)]
    for step in steps:
        found = step.follow(found, check)
    yield from found


def descend(start: AnyFound, check: Check) -> Iterator[AnyFound]:
    """Yield a value and all containers within it, in the document's order."""
    ahead = [start]
    while ahead:
        found = ahead.pop()
        check()
        yield found
        ahead += reversed([each for each in found.members() if isinstance(each.obj, dict | list)])


class _NotPlain(Exception):
    """A path that is read here no further."""


def _only_name(step: Step) -> str:
    """Return the name that a step leads to: RFC 9535 compares what no other steps lead to."""
    if step.deep or step.names is None or len(step.names) > 1:
        raise _NotPlain
    return step.names[0]


def _member(value: Json, names: Iterable[str]) -> Json:
    """Return the value that names lead to; None where they lead nowhere."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


class _Reader:
    """Reads a path token by token; raises _NotPlain at what is not plain."""

    def __init__(self, path: str) -> None:
        self._tokens: list[str] = [*_TOKEN.findall(path), ""]
        self._next = 0

    def read(self) -> tuple[Step, ...]:
        self._require("$")
        steps = self._steps()
        self._require("")
        return steps

    def _steps(self) -> tuple[Step, ...]:
        steps = []
        while self._tokens[self._next] in (".", "..", "[", "[?"):
            steps.append(self._step())
        return tuple(steps)

    def _step(self) -> Step:
        is_deep = self._takes("..")
        if self._takes("[?"):
            step = Step(is_deep, test=self._any())
        elif self._takes("["):
            step = Step(is_deep, None if self._takes("*") else tuple(self._texts()))
        else:
            if not is_deep:
                self._require(".")
            return Step(is_deep, None if self._takes("*") else (self._name(),))
        self._require("]")
        return step

    def _any(self) -> Test:
        tests = [self._all()]
        while self._takes("||"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda value, check: any(t(value, check) for t in tests)

    def _all(self) -> Test:
        tests = [self._test()]
        while self._takes("&&"):
            tests.append(self._test())
        return tests[0] if len(tests) == 1 else lambda value, check: all(t(value, check) for t in tests)

    def _test(self) -> Test:
        is_negated = self._takes("!")
        self._require("@")
        steps = self._steps()
        if not steps:
            raise _NotPlain
        if is_negated:
            return lambda value, check: not any(find(steps, value, check))
        if not self._takes("=="):
            return lambda value, check: any(find(steps, value, check))
        names, text = [_only_name(each) for each in steps], self._text()
        return lambda value, _check: _member(value, names) == text

    def _texts(self) -> Iterator[str]:
        yield self._text()
        while self._takes(","):
            yield self._text()

    def _text(self) -> str:
        token = self._take()
        if token[:1] not in ("'", '"') or len(token) == 1:
            raise _NotPlain
        return token[1:-1]

    def _name(self) -> str:
        token = self._take()
        if not token.isidentifier():
            raise _NotPlain
        return token

    def _takes(self, token: str) -> bool:
        """Tell whether a token is the next, and go on behind it then."""
        is_next = self._tokens[self._next].strip(" ") == token
        self._next += is_next
        return is_next

    def _require(self, token: str) -> None:
        if self._take() != token:
            raise _NotPlain

    def _take(self) -> str:
        token = self._tokens[self._next]
        self._next += 1
        return token
