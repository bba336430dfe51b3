"""Numbers as people write them: exact decimal arithmetic, and one text for all equal ones."""

from __future__ import annotations

import math
import re
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from mock_server.formats.json import DIGIT_LIMIT

INTEGER = re.compile(rf"-?[0-9]{{1,{DIGIT_LIMIT}}}", re.ASCII)
NUMBER = re.compile(
    rf"-?[0-9]{{1,{DIGIT_LIMIT}}}(\.[0-9]{{1,{DIGIT_LIMIT}}})?([eE][+-]?[0-9]{{1,3}})?", re.ASCII
)

# Enough for each digit of a float and of a text that NUMBER fits: 1e308, or 600 digits.
_EXACT = Context(prec=2_000)


def exact(number: int | float) -> Fraction:
    """Return the number that is written, e.g. 1/100 for 0.01, which as a float is a little more."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def is_multiple(number: int | float, step: int | float) -> bool:
    """Tell whether a number is a multiple of a step in decimal arithmetic: 19.99 is one of 0.01."""
    if isinstance(number, int) and isinstance(step, int):
        return number % step == 0
    return (exact(number) / exact(step)).denominator == 1


def plain_text(number: int | float | str) -> str:
    """Return the text that all spellings of a number have in common, e.g. `100` for `1e2` and 100.0.

    A text that is no number comes back as it is.
    """
    if isinstance(number, int):
        return str(number)
    text = number if isinstance(number, str) else repr(number)
    if NUMBER.fullmatch(text) is None:
        return text
    value = Decimal(text).normalize(_EXACT)
    return f"{value:f}" if value else "0"


def parse_number(text: str) -> int | float:
    """Return the number that a text spells; raise ValueError for another text, or one beyond floats."""
    if INTEGER.fullmatch(text):
        return int(text)
    if NUMBER.fullmatch(text) is None or math.isinf(number := float(text)):
        raise ValueError(text)
    return number


def whole_number(text: str | None) -> int | None:
    """Return the whole number that a text spells; None for any other text, or for none."""
    return int(text) if text is not None and INTEGER.fullmatch(text) else None


def is_number(value: Any) -> bool:
    """Tell whether a value of JSON is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
