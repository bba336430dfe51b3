"""Numbers by a schema: within its bounds, near its example; ids and moments by the record's number."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from mock_server.data import id_style, text_style
from mock_server.data.multiples import FINEST, multiples
from mock_server.data.records import NEWEST
from mock_server.data.spot import Spot
from mock_server.formats.numbers import exact
from mock_server.openapi.schema import Schema

# Seconds since 1970 from 2001 to 2096, by which a number is known for a moment; thousands of them too.
_SECONDS = range(10**9, 4 * 10**9)
_UNIX = ("unix-time", "unixtime", "timestamp")
_LARGEST = {"int32": 2**31 - 1, "int64": 10**11}
# Below it lie the ids of the first records: a collection has no more records than that.
_RECORDS = 10_000_000
# How many numbers are tried for one that is a multiple in binary too.
_FURTHER = 20


class Multiples(NamedTuple):
    """The numbers of which one is drawn: `size` multiples of a step, the first of them `first` steps."""

    step: Fraction
    first: int
    size: int
    is_whole: bool

    def at(self, place: int) -> float:
        """Return the number at a place among them, or the next one that clients take for a multiple.

        They divide by the step in binary: 165475.17 is then no multiple of 0.01, though 165475.19 is.
        """
        for further in range(_FURTHER):
            number = self.step.numerator * (self.first + (place + further) % self.size)
            if self.is_whole:
                return number // self.step.denominator
            found = number / self.step.denominator
            if (found / float(self.step)).is_integer():
                break
        return found


def plan(schema: Schema, kind: str, example: float | None) -> Multiples:
    """Return the numbers that a merged schema admits, those near an example where there is one."""
    return _multiples(_near(schema, kind, example), kind)


def make_id(schema: Schema, spot: Spot) -> int | None:
    """Return the whole number that is a record's id; None where its schema wants other numbers."""
    if "multipleOf" in schema:
        return None
    largest = _LARGEST.get(schema.get("format", ""), 2**31 - 1)
    low, high = multiples({"minimum": 1, "maximum": largest, **schema}, Fraction(1))
    if low > high:
        return None
    if high - low > 2 * _RECORDS:
        low += _RECORDS
    place = spot.number + spot.attempt
    return id_style.number_id(spot.seed, place, low, high, is_rising=spot.is_rising)


def moments(schema: Schema, kind: str, example: float | None, name: str) -> Callable[[int], int] | None:
    """Return the function from a record's number to its moment; None for numbers that are none."""
    if kind != "integer" or {"multipleOf", "minimum", "maximum"} & schema.keys():
        return None
    is_unix = schema.get("format") in _UNIX
    if example is None:
        return _going_back(int(NEWEST.timestamp()), 60) if is_unix else None
    first = int(example)
    if not (is_unix or text_style.is_moment(name)):
        return None
    if first in _SECONDS:
        return _going_back(first, 60)
    return _going_back(first, 60_000) if first // 1000 in _SECONDS else None


def _going_back(first: int, step: int) -> Callable[[int], int]:
    """Return the function from a record's number to a moment so many steps before the first."""
    return lambda index: first - step * index


def _near(schema: Schema, kind: str, example: float | None) -> Schema:
    """Return the schema with bounds around an example; for a fraction, its decimals are the step."""
    if example is None or "multipleOf" in schema or abs(example) > 10**15:
        return schema
    value, step = exact(example), _step(kind, example)
    around = abs(value) / 2 if value else 9 * step
    low, high = (value - around if value else Fraction(0)), value + around
    if "minimum" in schema:
        low = max(low, exact(schema["minimum"]))
    if "maximum" in schema:
        high = min(high, exact(schema["maximum"]))
    near = {**schema, "minimum": float(low), "maximum": float(high)}
    if kind == "number":
        near["multipleOf"] = float(step)
    first, last = multiples(near, step)
    return near if first <= last else schema


def _step(kind: str, example: float) -> Fraction:
    written = repr(float(example))
    if kind == "integer" or float(example).is_integer():
        return Fraction(1)
    return Fraction(1, 10 ** (6 if "e" in written else len(written.partition(".")[2])))


def _multiples(schema: Schema, kind: str) -> Multiples:
    """Return the multiples of the schema's `multipleOf` within its bounds, in decimal arithmetic."""
    step = schema.get("multipleOf", 1 if kind == "integer" else 0.25)
    size = exact(step)
    if kind == "integer":
        # The whole numbers among the multiples of p/q are those of p.
        size = Fraction(size.numerator)
    first, last = multiples(schema, size)
    while first > last and kind == "number" and "multipleOf" not in schema and size > FINEST:
        size /= 10
        first, last = multiples(schema, size)
    is_whole = kind == "integer" or isinstance(step, int)
    return Multiples(size, first, max(1, last - first + 1), is_whole)
