"""Order keys: what values of records are compared by, as numbers, as moments, or as texts."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from mock_server.formats.numbers import INTEGER, NUMBER
from mock_server.lists.filters import Cell

# What a value is, and what it is compared by: numbers come before moments, and these before texts.
Key = tuple[int, Any]

_NUMBER, _MOMENT, _TEXT, _NONE = range(4)

# The key of no value, which comes last.
NO_VALUE: Key = (_NONE, 0)

# Texts are compared by so many characters, since a cursor holds them.
TEXT_LENGTH = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND
# A date, or a date and a time; without an offset, it is in UTC.
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,30})?)?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII)


def key_of(text: str) -> Key:
    """Return the key of a value as a query writes it, e.g. that of the number 10 for `10.0`."""
    first = text[:1]
    if first.isdigit() or first == "-":
        number = _number(text)
        if number is not None:
            return _NUMBER, number
        moment = _moment(text)
        if moment is not None:
            return _MOMENT, moment
    return _TEXT, text[:TEXT_LENGTH]


def key_of_cell(cell: Cell) -> Key:
    """Return the key of what a record has in a field: of several values, that of the first."""
    if isinstance(cell, tuple):
        cell = cell[0] if cell else None
    return NO_VALUE if cell is None else key_of(cell)


def bounds_of(text: str) -> tuple[Key, Key] | None:
    """Return the least and the greatest key of what a text names; None for no number and no moment.

    A date names a day, whose moments lie between these; both are those of any other moment or number.
    """
    kind, value = key_of(text)
    if kind not in (_NUMBER, _MOMENT):
        return None
    is_day = kind == _MOMENT and _DATE.fullmatch(text) is not None
    return (kind, value), (kind, value + _DAY - 1 if is_day else value)


def is_number(key: Key) -> bool:
    """Tell whether a key is that of a number."""
    return key[0] == _NUMBER


def write_key(key: Key) -> str:
    """Return a key as a text, which `read_key` reads, e.g. `n12.5`."""
    kind, value = key
    return "nmt-"[kind] + ("" if kind == _NONE else value if kind == _TEXT else repr(value))


def read_key(text: str) -> Key:
    """Return the key that `write_key` wrote."""
    kind, value = "nmt-".index(text[0]), text[1:]
    if kind == _NONE:
        return NO_VALUE
    if kind == _NUMBER:
        return kind, int(value) if INTEGER.fullmatch(value) else float(value)
    return kind, int(value) if kind == _MOMENT else value


def _number(text: str) -> int | float | None:
    digits = text.lstrip("-")
    if digits[:1] == "0" and digits[1:2].isdigit():
        return None  # A code with leading zeros, such as `007`.
    if INTEGER.fullmatch(text):
        return int(text)
    if NUMBER.fullmatch(text) is None:
        return None
    number = float(text)
    return None if math.isinf(number) else number


def _moment(text: str) -> int | None:
    if text[4:5] != "-" or (_DATE if len(text) == 10 else _TIME).fullmatch(text) is None:
        return None
    try:
        found = datetime.fromisoformat(text.upper())
        aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return (aware - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return None
