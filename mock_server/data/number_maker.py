"""Numbers by a schema: within its bounds, near its example, and ids and moments by the record's number."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mock_server.data import id_style, text_style
from mock_server.data.draws import SeededProvider
from mock_server.data.multiples import FINEST, multiples
from mock_server.data.records import NEWEST
from mock_server.data.text_maker import Spot
from mock_server.formats.numbers import exact
from mock_server.openapi.schema import Schema

# Seconds since 1970 from 2001 to 2096, by which a number is known for a moment; thousands of them too.
_SECONDS = range(10**9, 4 * 10**9)
_LARGEST = {"int32": 2**31 - 1, "int64": 2**53 - 1}
# Below it lie the ids of the first records: a collection has no more records than that.
_RECORDS = 10_000_000


def make(schema: Schema, kind: str, example: float | None, spot: Spot, draws: SeededProvider) -> Any:
    """Return a number by a merged schema; `kind` is `integer` or `number`."""
    if spot.is_key and kind == "integer" and "multipleOf" not in schema:
        return _id(schema, spot)
    if example is not None and spot.is_frozen:
        return example
    moment = _moment(schema, kind, example, spot)
    if moment is not None and _is_within(moment, schema):
        return moment
    return _draw(_near(schema, kind, example), kind, draws)


def _id(schema: Schema, spot: Spot) -> int:
    bounds = {
        **schema,
        "maximum": schema.get("maximum", _LARGEST.get(schema.get("format", ""), 2**31 - 1)),
    }
    low, high = multiples({"minimum": 1, **bounds}, Fraction(1))
    if high - low > 2 * _RECORDS:
        low += _RECORDS
    return id_style.number_id(spot.seed, spot.index + spot.attempt, low, max(low, high))


def _moment(schema: Schema, kind: str, example: float | None, spot: Spot) -> int | None:
    if kind != "integer" or "multipleOf" in schema:
        return None
    form = schema.get("format")
    if example is None or isinstance(example, float):
        is_unix = form in ("unix-time", "unixtime", "timestamp")
        return int(NEWEST.timestamp()) - 60 * spot.index if is_unix else None
    if not text_style.is_moment(spot.name) and form != "unix-time":
        return None
    if example in _SECONDS:
        return example - 60 * spot.index
    return example - 60_000 * spot.index if example // 1000 in _SECONDS else None


def _is_within(value: int, schema: Schema) -> bool:
    first, last = (
        multiples(schema, Fraction(1)) if {"minimum", "maximum"} & schema.keys() else (value, value)
    )
    return first <= value <= last


def _near(schema: Schema, kind: str, example: float | None) -> Schema:
    """Return the schema with bounds around an example, and for a fraction with its decimals as the step."""
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
    first, last = multiples(near, Fraction(step))
    return near if first <= last else schema


def _step(kind: str, example: float) -> Fraction:
    decimals = len(repr(float(example)).partition(".")[2]) if "e" not in repr(float(example)) else 6
    return Fraction(1) if kind == "integer" or float(example).is_integer() else Fraction(1, 10**decimals)


def _draw(schema: Schema, kind: str, draws: SeededProvider) -> int | float:
    """Return a multiple of the schema's `multipleOf` within its bounds, in decimal arithmetic."""
    step = schema.get("multipleOf", 1 if kind == "integer" else 0.25)
    size = exact(step)
    if kind == "integer":
        # The whole numbers among the multiples of p/q are those of p.
        size = Fraction(size.numerator)
    first, last = multiples(schema, size)
    while first > last and kind == "number" and "multipleOf" not in schema and size > FINEST:
        size /= 10
        first, last = multiples(schema, size)
    multiple = size * (first + draws.below(max(1, last - first + 1)))
    return int(multiple) if kind == "integer" or isinstance(step, int) else float(multiple)
