"""Texts that match a pattern of the document, made by a library and checked as ECMA-262 says."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import rstr
from rstr.xeger import STAR_PLUS_LIMIT, sre_parse  # type: ignore[attr-defined]

from mock_server.openapi.patterns import InvalidPattern, PatternTimeout, compile_pattern

# How often a text is made before a pattern is given up: the library knows no look-ahead.
_TRIES = 16
# How often it may ask for a text that is too long: a shorter branch of it would have been taken by then.
_TOO_LONG = 2
# The most repetitions that are made beyond those that the pattern asks for, and of all in one text.
_MORE, _REPETITIONS = 8, 2_000
# The most characters to choose from that are not cut down to letters and digits.
_MANY = 62
# The most characters of a set that are kept; those of `[\u0000-\uffff]` are found anew each time.
_KEPT = 1_000
# The longest text.
_LONGEST = 10_000


class _TooLong(Exception):
    """The pattern asks for a text that would fill the memory."""


class _Seeded(random.Random):
    """Choices made with `random()` alone, as those of all records; few repetitions."""

    def __init__(self, draw: Callable[[], float], more: int, least: int, *, is_plain: bool) -> None:
        """Make from `least` to `more` repetitions beyond those asked for, where there may be so many.

        `is_plain`: of many characters, only letters and digits are taken.
        """
        super().__init__(0)
        self._draw, self._more, self._least, self._is_plain = draw, more, least, is_plain
        self.left = _REPETITIONS

    def choice(self, seq: Any) -> Any:
        return self.pick(self.in_order(seq))

    def in_order(self, seq: Sequence[Any]) -> Sequence[Any]:
        """Return what to choose from, always in the same order, without what is not wanted."""
        # The library makes lists of sets of characters, whose order changes from process to process.
        ordered = sorted(seq) if all(isinstance(each, str) for each in seq) else seq
        if len(ordered) > _MANY and self._is_plain:
            ordered = [each for each in ordered if each.isalnum()] or ordered
        return ordered

    def pick(self, ordered: Sequence[Any]) -> Any:
        return ordered[int(self._draw() * len(ordered))]

    def randint(self, a: int, b: int) -> int:
        a = min(b, a + self._least)
        self.left -= 1 + a
        if self.left < 0:
            raise _TooLong
        return a + int(self._draw() * (min(b - a, self._more) + 1)) if b > a else a

    def shuffle(self, x: Any) -> None:
        """Leave the order: the library shuffles what was drawn at random before."""


class _Sets(random.Random):
    """Chooses nothing: gives what there is to choose from, in the order that choices are made in."""

    def __init__(self, seeded: _Seeded) -> None:
        super().__init__(0)
        self.choice = seeded.in_order  # type: ignore[method-assign, assignment]


class _Regex:
    """A pattern, read once by the library, with the characters of its sets, such as `[0-9a-f]`."""

    def __init__(self, regex: str) -> None:
        self.states = sre_parse.parse(regex)
        # By the identity of the set, which `states` keeps.
        self.characters: dict[int, Sequence[Any]] = {}


@lru_cache(maxsize=1000)
def _read(regex: str, *, is_plain: bool) -> _Regex:  # noqa: ARG001 - the characters depend on it
    return _Regex(regex)


class _Texts(rstr.Rstr):
    """The library's texts, made by a pattern that it has read before."""

    def __init__(self, regex: _Regex, seeded: _Seeded) -> None:
        super().__init__(seeded)
        self._seeded, self._regex = seeded, regex

    def make(self) -> str:
        return self._build_string(self._regex.states)

    def _handle_repeat(self, start_range: int, end_range: int, value: Any) -> str:
        is_set = len(value) == 1 and value[0][0].name == "IN"
        if not is_set:
            return super()._handle_repeat(start_range, end_range, value)
        times = self._seeded.randint(start_range, min(end_range, STAR_PLUS_LIMIT))
        characters = self._characters(value[0][1]) if times else ()
        return "".join([self._seeded.pick(characters) for _ in range(times)])

    def _handle_in(self, value: Any) -> Any:
        return self._seeded.pick(self._characters(value))

    def _characters(self, value: Any) -> Sequence[Any]:
        known = self._regex.characters.get(id(value))
        if known is None:
            self._random = _Sets(self._seeded)
            known = super()._handle_in(value)
            self._random = self._seeded
            if len(known) <= _KEPT:
                self._regex.characters[id(value)] = known
        return known


def make_text(
    pattern: str, draw: Callable[[], float], shortest: int = 0, longest: int | None = None
) -> str | None:
    """Return a text that matches a pattern of ECMA-262 and has the wanted length; None without one.

    `draw` returns numbers from 0 to 1.
    """
    more = max(_MORE, 2 * shortest) if longest is None else min(max(_MORE, 2 * shortest), longest)
    least, too_long, is_looking = 0, 0, _without_looking(pattern) != pattern
    for number, (regex, is_plain) in enumerate(_ways(pattern)):
        # What is looked for may bound the length, too: after every third try, half as many repetitions.
        halvings = number // 3 % 4 if is_looking else 0
        try:
            seeded = _Seeded(draw, more >> halvings, least, is_plain=is_plain)
            text = _Texts(_read(regex, is_plain=is_plain), seeded).make()
        except _TooLong:
            too_long += 1
            if too_long == _TOO_LONG:
                return None
            continue
        except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
            continue  # What the library can't make, such as a text from an empty set.
        for fit in (text, text[:longest]):  # What repeats to its end may be cut.
            if _is_fit(fit, pattern, shortest, longest):
                return fit
        if len(text) < shortest:
            least += shortest - len(text)
        elif longest is not None and len(text) > longest:
            more, least = more * 3 // 4, least // 2
    return None


@lru_cache(maxsize=1000)
def _ways(pattern: str) -> Sequence[tuple[str, bool]]:
    """Return what texts are made by in turn, as Python spells it, and whether of plain characters alone.

    The library takes what has to follow for a part of the text. So a pattern that looks ahead is tried
    without that, too.
    """
    whole, alone = _translated(pattern), _translated(_without_looking(pattern))
    ways = [(whole, True)] if whole is not None else []
    if alone is not None and alone != whole:
        ways += [(alone, True), (alone, False)]
    return ways * _TRIES


@lru_cache(maxsize=1000)
def _without_looking(pattern: str) -> str:
    """Return a pattern without what has to follow, or go before, a place in the text."""
    kept: list[str] = []
    level, in_set = 0, False
    parts = _PART.findall(pattern)
    for number, part in enumerate(parts):
        in_set = part != "]" if in_set else part == "["
        begins = _LOOKING.match("".join(parts[number : number + 4])) is not None
        if not level and (in_set or not begins):
            kept.append(part)
        elif not in_set and part.startswith("("):
            level += 1
        elif not in_set and part == ")":
            level -= 1
    return "".join(kept)


def _is_fit(text: str, pattern: str, shortest: int, longest: int | None) -> bool:
    bounds = shortest <= len(text) <= (_LONGEST if longest is None else longest)
    return bounds and matches(text, pattern)


def matches(text: str, pattern: str) -> bool:
    """Tell whether a text matches a pattern; one that is not understood, or takes too long, does not."""
    try:
        return compile_pattern(pattern).is_in(text)
    except (InvalidPattern, PatternTimeout):
        return False


# The parts of a pattern that are read as one: an escape, the beginning of a group, a character.
_PART = re.compile(
    r"\\[pP]\{[^}]*\}|\\u\{[0-9a-fA-F]+\}|\\c[A-Za-z]|\\k<\w+>|\\.|\(\?<(?=[A-Za-z_$])|.", re.S
)

_LOOKING = re.compile(r"\(\?<?[=!]")

# What ECMA-262 writes otherwise than Python's `re`, as which the library reads patterns. Of all letters,
# some are made.
_PROPERTIES = {"L": "a-zA-Z", "Lu": "A-Z", "Ll": "a-z", "N": "0-9", "Nd": "0-9"}


@lru_cache(maxsize=1000)
def _translated(pattern: str) -> str | None:
    """Return a pattern as Python spells it; None where that is none."""
    spelled = "".join(_spelled(_PART.findall(pattern)))
    try:
        re.compile(spelled)
    except (re.error, OverflowError, RecursionError):
        return None
    return spelled


def _spelled(parts: Sequence[str]) -> Iterator[str]:
    in_set = False
    for number, part in enumerate(parts):
        if part == "[" and not in_set:
            in_set = True
            yield part
        elif part == "]" and in_set:
            in_set = False
            yield part
        elif in_set and len(part) == 1:
            is_no_range = part == "-" and parts[number - 1] in (r"\w", r"\d", r"\s")
            yield "\\" + part if is_no_range or part in "[&|~" else part
        else:
            yield _spell(part, in_set=in_set)


def _spell(part: str, *, in_set: bool) -> str:
    """Return a part of a pattern as Python writes it."""
    if part[:2] in (r"\p", r"\P"):
        found = _PROPERTIES.get(part[3:-1], "a-z")
        return found if in_set else f"[{found}]"
    if part.startswith(r"\u{"):
        return re.escape(chr(int(part[3:-1], 16) % 0x110000))
    if part.startswith(r"\c"):
        return f"\\x{ord(part[2]) % 32:02x}"
    if part.startswith(r"\k"):
        return f"(?P={part[3:-1]})"
    if part == "(?<":
        return "(?P<"
    return _escape(part) if len(part) == 2 and part[0] == "\\" else part


def _escape(part: str) -> str:
    """Return an escape as Python has it; one that is only a character stands for it in both."""
    is_known = part[1] in "dDwWsSbBnrtfvxu0123456789"
    return part if is_known else re.escape(part[1])
