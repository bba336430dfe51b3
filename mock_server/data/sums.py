"""Sums: adding up the numbers of records, also those that are written as texts, e.g. `"12.50"`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)

# Enough digits for sums to be exact: those of a float have at most 17.
_DIGITS = 400
# The longest text that is read as a number, since longer ones would take long to add up.
_LONGEST = 100


def total(values: Iterable[Any], like: Any) -> Any:
    """Return the sum of values, written like a value of the member that has it.

    A text stays a text, with as many decimals as `like` has. Where that is no number, the sum is written
    like the values, with as many decimals as the most exact of them. What is no number counts as
    nothing, such as null. For example, `total(["1.50", "2.25"], "0.00")` is `"3.75"`.
    """
    terms = [value for value in values if read_number(value) is not None]
    numbers = [number for number in map(read_number, terms) if number is not None]
    if read_number(like) is None and terms:
        like = "" if isinstance(terms[0], str) else 0
    with localcontext(prec=_DIGITS):
        return written(sum(numbers, Decimal(0)), like, numbers)


def read_number(value: Any) -> Decimal | None:
    """Return a number, or a text that is one, as a decimal; None for any other value."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        # As it is written, since 0.1 is no binary number.
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return number if number.is_finite() else None
    is_number = isinstance(value, str) and len(value) <= _LONGEST and _DECIMAL.fullmatch(value)
    return Decimal(value) if is_number else None


def written(number: Decimal, like: Any, terms: Iterable[Decimal] = ()) -> Any:
    """Return a number as a text or a number, as `like` is, rounded to the decimals of a text.

    Halves are rounded away from zero. `terms` are what it was computed from: where `like` is a text that
    is no number, it has as many decimals as the most exact of these.
    """
    terms = list(terms)
    with localcontext(prec=_DIGITS, rounding=ROUND_HALF_UP):
        if isinstance(like, str):
            sample = read_number(like)
            decimals = max(map(_decimals, terms), default=0) if sample is None else _decimals(sample)
            return f"{number:.{decimals}f}"
        return int(number) if number == number.to_integral_value() else float(number)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
