"""Reading JSON strictly: duplicate keys, NaN, lone surrogates and deep nesting are refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from itertools import chain
from json import scanner
from typing import Any

from mock_server.shown_text import quote

Json = Any

# Levels of nesting in a file; real ones have about 20, and libraries recurse at each.
DEPTH_LIMIT = 100

# The digits of an integer, sign included: one of 309 digits is beyond the floats (IEEE 754, binary64).
DIGIT_LIMIT = 308


class Unreadable(Exception):
    """A text that is not valid in its format.

    `message` says what is wrong ("it is not JSON (…)") and `remedy` what to do ("correct it there");
    `line` and `column` are where, from 1, or None where that is not known.
    """

    def __init__(
        self, message: str, remedy: str, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.remedy, self.line, self.column = message, remedy, line, column


def nested_too_deep(line: int | None = None) -> Unreadable:
    """Return the error for a text whose values are nested deeper than `DEPTH_LIMIT`."""
    return Unreadable(f"it is nested more than {DEPTH_LIMIT} levels deep", "flatten it", line)


# A number of so many digits is looked for in the whole text at once; it may stand in a string, too.
_LONG_NUMBER = 300

# The length from which a text is worth reading in pieces.
LONG_TEXT = 500_000


class _PiecewiseDecoder(json.JSONDecoder):
    """The decoder in Python, which lets other threads run between two values; the one in C does not."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]


def load(text: str, *, in_pieces: bool = False) -> Json:
    """Return the value of a JSON text; raise Unreadable, with the line where it is known.

    With `in_pieces`, a long text keeps no other thread waiting, and takes several times as long.
    """
    in_pieces = in_pieces and len(text) > LONG_TEXT
    # A function for each integer would make reading three times as long, so it is called where needed.
    if in_pieces:
        decoder: json.JSONDecoder = _IN_PIECES
    else:
        decoder = _WITH_LONG_NUMBERS if _has_long_number(text) else _USUAL
    try:
        if text.startswith("\ufeff"):
            raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
        data = decoder.decode(text)
    except json.JSONDecodeError as error:
        message = f"it is not JSON ({error.msg})"
        raise Unreadable(message, "correct it there", error.lineno, error.colno) from None
    except ValueError:
        raise Unreadable(
            f"it holds a number of more than {DIGIT_LIMIT} digits", "write it as text"
        ) from None
    except RecursionError:
        raise nested_too_deep() from None
    if text.count("{") + text.count("[") >= DEPTH_LIMIT:
        _refuse_depth(data)
    _refuse_surrogates(text)
    return data


def _has_long_number(text: str) -> bool:
    """Tell whether a text has `_LONG_NUMBER` digits on end, or maybe a few less."""
    half = _LONG_NUMBER // 2
    firsts = enumerate(text[::half])
    return any(c.isdigit() and text[n * half : (n + 1) * half].isdigit() for n, c in firsts)


def parse_finite(text: str) -> float:
    """Return the number that a text spells; raise Unreadable for one beyond the floats."""
    _refuse_foreign_digits(text)
    number = float(text)
    if math.isinf(number):
        raise Unreadable(f"the number {text[:60]} is too large", "write a smaller one")
    return number


def parse_finite_integer(text: str) -> int:
    """Return the integer that a text spells; raise Unreadable for one beyond the floats.

    Schemas compare integers with floats.
    """
    if len(text) > DIGIT_LIMIT:
        message = f"the number {text[:60]}… has more than {DIGIT_LIMIT} digits"
        raise Unreadable(message, "write it as text")
    _refuse_foreign_digits(text)
    return int(text)


def _refuse_foreign_digits(text: str) -> None:
    # The digits of Python's own decoder, as of `float`, are those of all scripts.
    if not text.isascii():
        raise Unreadable(f"it is not JSON (the number {quote(text[:60])})", "write it in digits 0 to 9")


def count_values(data: Json) -> int:
    """Return the number of values in a value, itself included."""
    number, level = 1, _collections([data])
    while level:
        number += sum(map(len, level))
        level = _parts(level)
    return number


def _refuse_depth(data: Json) -> None:
    level, depth = _collections([data]), 0
    while level := _parts(level):
        depth += 1
        if depth >= DEPTH_LIMIT and _holds_any(level):
            raise nested_too_deep()


def _parts(level: Iterable[Json]) -> list[Json]:
    """Return the objects and arrays directly within these objects and arrays."""
    return _collections(chain.from_iterable([v.values() if type(v) is dict else v for v in level]))


def _collections(values: Iterable[Json]) -> list[Json]:
    return [value for value in values if type(value) is dict or type(value) is list]


def _holds_any(level: Iterable[Json]) -> bool:
    return any(level)


# An escape of a JSON string. RFC 8259 section 7: a character beyond U+FFFF is a pair of escapes; UTF-8
# can't hold one of them alone, which is the group here.
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F])|.)")


def _refuse_surrogates(text: str) -> None:
    # Most texts have no escape of this kind at all, and one look at them is enough.
    if "\\u" not in text or ("\\ud" not in text and "\\uD" not in text):
        return
    for escape in _ESCAPE.finditer(text):
        if escape[1]:
            line = text.count("\n", 0, escape.start()) + 1
            raise Unreadable("an escape stands for half a character", "write both halves", line)


def _build_object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise _repeated_key(pairs)
    return result


def _build_object_in_pieces(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    # `dict(pairs)` lets no other thread run before the last of them.
    result = {name: value for name, value in pairs}  # noqa: C416
    if len(result) < len(pairs):
        raise _repeated_key(pairs)
    return result


def _repeated_key(pairs: list[tuple[str, Json]]) -> Unreadable:
    twice = find_repeated(name for name, _ in pairs)
    return Unreadable(f"the key {quote(str(twice))} is there twice in one object", "remove one of them")


def find_repeated(names: Iterable[str]) -> str | None:
    """Return the first name that was there before; None where all differ."""
    known: set[str] = set()
    for name in names:
        if name in known:
            return name
        known.add(name)
    return None


def _refuse_constant(name: str) -> Json:
    raise Unreadable(f"it holds {name}, which is not JSON", "write a number, or null")


# Made once, since to make one takes longer than to read a body of usual size.
_USUAL = json.JSONDecoder(
    object_pairs_hook=_build_object, parse_constant=_refuse_constant, parse_float=parse_finite
)
_WITH_LONG_NUMBERS = json.JSONDecoder(
    object_pairs_hook=_build_object,
    parse_constant=_refuse_constant,
    parse_float=parse_finite,
    parse_int=parse_finite_integer,
)
_IN_PIECES = _PiecewiseDecoder(
    object_pairs_hook=_build_object_in_pieces,
    parse_constant=_refuse_constant,
    parse_float=parse_finite,
    parse_int=parse_finite_integer,
)
