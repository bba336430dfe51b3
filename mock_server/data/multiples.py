"""The multiples of a step that lie within the bounds of a schema."""

from __future__ import annotations

import math
import sys
from fractions import Fraction

from mock_server.formats.numbers import exact
from mock_server.openapi.schema import Schema

# The finest step that is tried between bounds that lie close together.
FINEST = Fraction(1, 10**30)
_LARGEST = exact(sys.float_info.max)


def multiples(schema: Schema, size: Fraction) -> tuple[int, int]:
    """Return the first and the last multiple of a size within the bounds of a schema.

    There are up to 1,000 where a bound is missing, and none if the first is greater than the last.
    """
    low, high = schema.get("minimum"), schema.get("maximum")
    last = math.floor((_LARGEST if high is None else exact(high)) / size)
    if high is not None and schema.get("exclusiveMaximum") is True:
        last -= last * size == exact(high)
    if low is None:
        first = math.ceil(1 / size)
        if first > last:
            first = max(last - 999, math.ceil(-_LARGEST / size))
    else:
        first = math.ceil(exact(low) / size)
        first += schema.get("exclusiveMinimum") is True and first * size == exact(low)
    return first, last if high is not None else min(first + 999, last)
