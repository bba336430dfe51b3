"""Generating records: usage metrics from the vocabulary, records of other collections from their schema.

The same seed gives the same records in every version: record i depends on (seed, i) alone. A Faker
provider makes them with a generator that is seeded for each record. It calls `random()` alone, whose
sequence Python guarantees, and uses none of Faker's locale data, which changes between releases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from hashlib import blake2b
from typing import Any, TypeVar

from faker.generator import Generator
from faker.providers import BaseProvider

from mock_server.data import vocabulary
from mock_server.data.multiples import FINEST, multiples
from mock_server.data.records import NEWEST, Record, RecordSchema, derive_id
from mock_server.data.vocabulary import Measure
from mock_server.formats.numbers import exact
from mock_server.formats.timestamps import format_timestamp
from mock_server.openapi.schema import Schema, item_schema, merge_all_of
from mock_server.openapi.schema_access import WRITE_ONLY

# The collection whose records are made from the vocabulary.
USAGE_METRICS = "usage-metrics"

T = TypeVar("T")

# The aggregation types of consecutive records, in a cycle that begins at a place given by the seed.
# So any 20 consecutive records have all of them.
_CYCLE = (
    "COUNT", "SUM", "COUNT", "UNIQUE", "SUM", "COUNT", "CUSTOM", "COUNT", "SUM", "COUNT",
    "UNIQUE", "COUNT", "SUM", "CUSTOM", "COUNT", "SUM", "UNIQUE", "COUNT", "CUSTOM", "SUM",
)  # fmt: skip
_MEASURES: dict[str, tuple[Measure, ...]] = {
    "COUNT": vocabulary.COUNTED,
    "SUM": vocabulary.SUMMED,
    "UNIQUE": vocabulary.UNIQUE,
    "CUSTOM": vocabulary.CUSTOM,
}
# For each place in the cycle, how often its type occurs before it, e.g. 1 for the second COUNT.
_EARLIER_IN_CYCLE = tuple(_CYCLE[:i].count(kind) for i, kind in enumerate(_CYCLE))
# A prime that divides no number of possible names, so that steps of this size reach each name once.
_STRIDE = 7919
# The time between two consecutive records, before a random part of it is taken off.
_INTERVAL = timedelta(minutes=13)


class SeededProvider(BaseProvider):
    """Random choices made with `random()` alone, whose sequence Python guarantees for a seed."""

    def _draw(self) -> float:
        return float(self.generator.random.random())

    def _is_chosen(self, probability: float) -> bool:
        return self._draw() < probability

    def _pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._draw() * len(choices))]

    def _part_of(self, span: timedelta) -> timedelta:
        return timedelta(microseconds=int(self._draw() * (span // timedelta(microseconds=1))))


class UsageMetricProvider(SeededProvider):
    """Usage metrics whose fields fit each other, with unique names."""

    def usage_metric(self, seed: int, index: int) -> Record:
        """Return the metric at an index of the collection; seed the generator for it first."""
        digest = blake2b(f"{seed}/{index}".encode(), digest_size=24).digest()
        self.generator.seed_instance(int.from_bytes(digest[16:]))
        metric_id = derive_id(f"{seed}/{index}")
        offset = int.from_bytes(blake2b(str(seed).encode(), digest_size=2).digest())
        number = index + offset % len(_CYCLE)
        kind = _CYCLE[number % len(_CYCLE)]
        measure, name = self._measure_and_name(kind, number, offset)
        created = NEWEST - index * _INTERVAL - self._part_of(_INTERVAL)
        metric: Record = {"id": metric_id, "name": name}
        if self._is_chosen(0.8):
            metric["description"] = f"{measure.description}: {name}."
        metric |= self._aggregation(kind, measure)
        metric |= self._grouping(grouped=(number // 2) % 2 == 1)
        if self._is_chosen(0.9):
            metric["unit"] = measure.unit
        metric["createdAt"] = format_timestamp(created)
        if self._is_chosen(0.1):
            lifetime = timedelta(hours=1) + self._part_of(timedelta(days=90))
            metric["deletedAt"] = format_timestamp(created + lifetime)
        metric |= self._property_filters()
        metric["parameters"] = self._parameters(metric_id) if kind == "CUSTOM" else []
        return metric

    def _measure_and_name(self, kind: str, number: int, offset: int) -> tuple[Measure, str]:
        """Return a measure of an aggregation type, and a name that no other record has.

        Each name is a combination of measure, product and region. When all of a type are used up,
        the next round of them gets a number, e.g. `API calls, Maps EU 2`.
        """
        measures = _MEASURES[kind]
        regions, products = vocabulary.REGIONS, vocabulary.PRODUCTS
        cycle, place = divmod(number, len(_CYCLE))
        earlier = cycle * _CYCLE.count(kind) + _EARLIER_IN_CYCLE[place]
        combinations = len(measures) * len(products) * len(regions)
        round_, step = divmod(earlier, combinations)
        rest, region = divmod((step * _STRIDE + offset) % combinations, len(regions))
        which, product = divmod(rest, len(products))
        suffix = f" {round_ + 1}" if round_ else ""
        measure = measures[which]
        return measure, f"{measure.name}, {products[product]} {regions[region]}{suffix}"

    def _aggregation(self, kind: str, measure: Measure) -> Record:
        result = {"eventType": measure.event_type, "aggregationType": kind}
        if measure.property is not None:
            result["aggregationProperty"] = measure.property
        return result

    def _grouping(self, *, grouped: bool) -> Record:
        if not grouped:
            return {"metricType": "SIMPLE"}
        return {
            "metricType": "GROUPED",
            "groupingProperty": self._pick(vocabulary.DIMENSIONS).property,
        }

    def _property_filters(self) -> Record:
        if not self._is_chosen(0.4):
            return {"propertyFilters": {}} | ({"caseSensitive": True} if self._is_chosen(0.3) else {})
        dimension = self._pick(vocabulary.DIMENSIONS)
        values = [value for value in dimension.values if self._is_chosen(0.5)]
        result: Record = {
            "propertyFilters": {dimension.property: values or [dimension.values[0]]},
            "caseSensitive": self._is_chosen(0.7),
        }
        if self._is_chosen(0.3):
            result["propertiesToNegate"] = [dimension.property]
        return result

    def _parameters(self, metric_id: str) -> list[Record]:
        first = int(self._draw() * len(vocabulary.PARAMETERS))
        count = 1 + int(self._draw() * 4)
        chosen = (vocabulary.PARAMETERS * 2)[first : first + count]
        return [
            {
                "id": derive_id(f"{metric_id}/{template.name}"),
                "usageMetricId": metric_id,
                "name": template.name,
                "type": template.type,
                "description": template.description,
                "defaultValue": self._pick(template.defaults),
            }
            for template in chosen
        ]


# Makes the record for a seed and an index of the collection.
Maker = Callable[[int, int], Record]


def generate(schema: RecordSchema, count: int, seed: int, make: Maker | None = None) -> Iterator[Record]:
    """Yield the first `count` records of a collection, completed, newest first.

    `make` is what `choose_maker` returned for the schema, if that was called before.
    """
    make = make or choose_maker(schema)
    for index in range(count):
        yield schema.complete(make(seed, index), index)


def choose_maker(schema: RecordSchema) -> Maker:
    """Return the function that makes a collection's records.

    It uses the vocabulary if the collection is `usage-metrics` and its schema admits such metrics,
    else the schema.
    """
    if schema.collection == USAGE_METRICS:
        make = UsageMetricProvider(Generator()).usage_metric
        sample = (schema.complete(make(0, index), index) for index in range(len(_CYCLE)))
        if not any(flaw for record in sample for flaw in schema.flaws(record)):
            return make
    return SchemaProvider(Generator(), schema.schema).record


class SchemaProvider(SeededProvider):
    """Records that fit a schema, made from its enums, formats, bounds and examples."""

    def __init__(self, generator: Generator, schema: Schema) -> None:
        super().__init__(generator)
        self._schema = schema
        self._left = 0

    def record(self, seed: int, index: int) -> Record:
        """Return the record at an index of the collection; seed the generator for it first."""
        digest = blake2b(f"{seed}/{index}".encode(), digest_size=8).digest()
        self.generator.seed_instance(int.from_bytes(digest))
        self._left = _LARGEST_RECORD
        return self._object(self._schema, f"{seed}/{index}", index)

    def _object(self, schema: Schema, place: str, index: int) -> Record:
        properties, required = schema.get("properties", {}), schema.get("required", ())
        names = dict.fromkeys([*properties, *required])
        described = {name: merge_all_of(properties.get(name, {})) for name in names}
        return {
            name: self._value(part, f"{place}/{name}", index)
            for name, part in described.items()
            if not ("x-fill" in part or part.get(WRITE_ONLY))
            and (name in required or self._is_chosen(0.75))
        }

    def _value(self, schema: Schema, place: str, index: int) -> Any:
        if schema.get("enum"):
            return self._pick(schema["enum"])
        options = schema.get("oneOf") or schema.get("anyOf")
        if options:
            return self._value(merge_all_of(options[0]), place, index)
        match schema.get("type", "object" if "properties" in schema else "string"):
            case "integer" | "number" as kind:
                value: Any = self._number(schema, kind)
            case "boolean":
                value = self._is_chosen(0.5)
            case "array":
                items = merge_all_of(item_schema(schema))
                count = max(1, min(schema.get("minItems", 1), 100, self._left))
                self._left -= count
                value = [self._value(items, f"{place}/{number}", index) for number in range(count)]
            case "object":
                value = self._object(schema, place, index)
            case _:
                value = self._text(schema, place, index)
        return value

    def _number(self, schema: Schema, kind: str) -> int | float:
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
        multiple = size * (first + self._below(max(1, last - first + 1)))
        return int(multiple) if kind == "integer" or isinstance(step, int) else float(multiple)

    def _below(self, count: int) -> int:
        """Return one of the first `count` whole numbers, which may be more than a float can count."""
        draw = self._draw()
        return int(draw * count if count < 2**53 else Fraction(draw) * count)

    def _text(self, schema: Schema, place: str, index: int) -> str:
        example = str(schema.get("example", ""))
        match schema.get("format") or _guess_format(example):
            case "date-time":
                return format_timestamp(NEWEST - timedelta(minutes=index))
            case "date":
                return f"{NEWEST - timedelta(days=index):%Y-%m-%d}"
            case "uuid":
                return derive_id(place)
            case "email":
                return f"person{index + 1}@example.com"
            case "uri" | "url":
                return f"https://example.com/{index + 1}"
        text = example or f"{place.rpartition('/')[2]} {index + 1}"
        text = text.ljust(min(schema.get("minLength", 0), _LONGEST, max(0, self._left)), "x")
        self._left -= len(text)
        return text[: schema.get("maxLength")]


# The longest text that is made for a `minLength`; a longer one would fill the memory.
_LONGEST = 10_000
# The items of arrays and the characters that are made for one record, about; then bounds from below are
# not kept, since arrays in arrays may ask for more than the memory holds.
_LARGEST_RECORD = 20_000


def _guess_format(example: str) -> str | None:
    """Return the format that an example has, or None.

    Most schemas of the vendor's document name no format, but have an example.
    """
    patterns = {
        "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    }
    return next((name for name, p in patterns.items() if re.fullmatch(p, example)), None)
