"""Decimals: numbers that one schema of an API writes as texts, and another one as numbers."""

from __future__ import annotations

import re
from collections.abc import Container
from decimal import Decimal
from typing import Any

# Longer ones are no amounts, and take long to read.
_DECIMAL = re.compile(r"-?[0-9]{1,50}(\.[0-9]{1,50})?", re.ASCII)


def rewritten(value: Any, kinds: Container[str], example: Any) -> Any:
    """Return a number as a text, or a text as a number, as a schema of these types has it.

    A number becomes a text where the example is a text of a number, with as many decimals as that one
    has or more. None for what cannot be written otherwise, e.g. `abc`.
    """
    if type(value) in (int, float) and "string" in kinds:
        is_like = isinstance(example, str) and _DECIMAL.fullmatch(example)
        return _text(value, example) if is_like else None
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        return None
    number = Decimal(value)
    if number == number.to_integral_value() and ("integer" in kinds or "number" in kinds):
        return int(number)
    return float(number) if "number" in kinds else None


def _text(value: float, example: str) -> str | None:
    number = Decimal(repr(value))
    own, wanted = number.as_tuple().exponent, Decimal(example).as_tuple().exponent
    if not isinstance(own, int) or not isinstance(wanted, int):
        return None
    # 7.0 is 7, and has as many decimals as the example.
    exact = 0 if number == number.to_integral_value() else -own
    return f"{number:z.{max(exact, -wanted)}f}"
