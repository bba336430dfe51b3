"""Generated records: the same for the same seed, always; record i depends on (seed, i) alone.

A Faker provider draws from this package's vocabulary, with a generator seeded for each record. It
uses `random()` alone, whose sequence Python guarantees, and none of Faker's locale data, which
changes between releases. A collection that the vocabulary does not know follows its schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeVar

from faker.generator import Generator
from faker.providers import BaseProvider

from mock_server import vocabulary
from mock_server.operations import Schema
from mock_server.records import NEWEST, Record, RecordSchema, derived_id, timestamp
from mock_server.vocabulary import Measure

T = TypeVar("T")

# Record i is number i % 20 of this cycle, so that any 20 consecutive ones have all the kinds.
_KINDS = (
    "COUNT", "SUM", "COUNT", "UNIQUE", "SUM", "COUNT", "CUSTOM", "COUNT", "SUM", "COUNT",
    "UNIQUE", "COUNT", "SUM", "CUSTOM", "COUNT", "SUM", "UNIQUE", "COUNT", "CUSTOM", "SUM",
)  # fmt: skip
_MEASURES: dict[str, tuple[Measure, ...]] = {
    "COUNT": vocabulary.COUNTED,
    "SUM": vocabulary.SUMMED,
    "UNIQUE": vocabulary.UNIQUE,
    "CUSTOM": vocabulary.CUSTOM,
}
# The how-manieth of its kind each one in the cycle is, e.g. 1 for the second COUNT.
_TURNS = tuple(_KINDS[:i].count(kind) for i, kind in enumerate(_KINDS))
# A prime that shares no factor with any number of names, so that steps of it visit all of them.
_STRIDE = 7919
_INTERVAL = timedelta(minutes=13)


class SeededProvider(BaseProvider):
    """Draws with `random()` alone, whose sequence Python guarantees for a seed."""

    def _draw(self) -> float:
        return float(self.generator.random.random())

    def _chance(self, probability: float) -> bool:
        return self._draw() < probability

    def _pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._draw() * len(choices))]

    def _fraction(self, span: timedelta) -> timedelta:
        return timedelta(microseconds=int(self._draw() * (span // timedelta(microseconds=1))))


class UsageMetricProvider(SeededProvider):
    """Usage metrics that are coherent in themselves, with unique names."""

    def usage_metric(self, seed: int, index: int) -> Record:
        """The metric of a place in the collection; reseeds the generator."""
        digest = blake2b(f"{seed}/{index}".encode(), digest_size=24).digest()
        self.generator.seed_instance(int.from_bytes(digest[16:]))
        metric_id = derived_id(f"{seed}/{index}")
        offset = int.from_bytes(blake2b(str(seed).encode(), digest_size=2).digest())
        number = index + offset % len(_KINDS)
        kind = _KINDS[number % len(_KINDS)]
        measure, name = self._named(kind, number, offset)
        created = NEWEST - index * _INTERVAL - self._fraction(_INTERVAL)
        metric: Record = {"id": metric_id, "name": name}
        if self._chance(0.8):
            metric["description"] = f"{measure.description}: {name}."
        metric |= self._aggregation(kind, measure)
        metric |= self._grouping(grouped=(number // 2) % 2 == 1)
        if self._chance(0.9):
            metric["unit"] = measure.unit
        metric["createdAt"] = timestamp(created)
        if self._chance(0.1):
            lifetime = timedelta(hours=1) + self._fraction(timedelta(days=90))
            metric["deletedAt"] = timestamp(created + lifetime)
        metric |= self._filters()
        metric["parameters"] = self._parameters(metric_id) if kind == "CUSTOM" else []
        return metric

    def _named(self, kind: str, number: int, offset: int) -> tuple[Measure, str]:
        """A measure, and a name for it that no other place in the collection has."""
        measures = _MEASURES[kind]
        regions, products = vocabulary.REGIONS, vocabulary.PRODUCTS
        cycle, place = divmod(number, len(_KINDS))
        serial = cycle * _KINDS.count(kind) + _TURNS[place]
        names = len(measures) * len(products) * len(regions)
        round_, step = divmod(serial, names)
        rest, region = divmod((step * _STRIDE + offset) % names, len(regions))
        which, product = divmod(rest, len(products))
        again = f" {round_ + 1}" if round_ else ""
        name = f"{measures[which].name}, {products[product]} {regions[region]}{again}"
        return measures[which], name

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

    def _filters(self) -> Record:
        if not self._chance(0.4):
            return {"propertyFilters": {}} | ({"caseSensitive": True} if self._chance(0.3) else {})
        dimension = self._pick(vocabulary.DIMENSIONS)
        values = [value for value in dimension.values if self._chance(0.5)]
        result: Record = {
            "propertyFilters": {dimension.property: values or [dimension.values[0]]},
            "caseSensitive": self._chance(0.7),
        }
        if self._chance(0.3):
            result["propertiesToNegate"] = [dimension.property]
        return result

    def _parameters(self, metric_id: str) -> list[Record]:
        first = int(self._draw() * len(vocabulary.PARAMETERS))
        count = 1 + int(self._draw() * 4)
        chosen = (vocabulary.PARAMETERS * 2)[first : first + count]
        return [
            {
                "id": derived_id(f"{metric_id}/{template.name}"),
                "usageMetricId": metric_id,
                "name": template.name,
                "type": template.type,
                "description": template.description,
                "defaultValue": self._pick(template.defaults),
            }
            for template in chosen
        ]


_FIELDS = {
    "id", "name", "description", "eventType", "aggregationType", "aggregationProperty", "metricType",
    "groupingProperty", "unit", "createdAt", "deletedAt", "propertyFilters", "caseSensitive",
    "propertiesToNegate", "parameters",
}  # fmt: skip


def generate(schema: RecordSchema, count: int, seed: int) -> Iterator[Record]:
    """The first `count` records of a collection, complete, newest first."""
    make = _maker(schema)
    for index in range(count):
        yield schema.complete(make(seed, index), index)


def _maker(schema: RecordSchema) -> Callable[[int, int], Record]:
    generator = Generator()
    if schema.collection == "usage-metrics" and set(schema.properties) >= _FIELDS:
        return UsageMetricProvider(generator).usage_metric
    return SchemaProvider(generator, schema.schema).record


class SchemaProvider(SeededProvider):
    """Records that a schema admits, from its enums, formats, bounds and examples."""

    def __init__(self, generator: Generator, schema: Schema) -> None:
        super().__init__(generator)
        self._schema = schema

    def record(self, seed: int, index: int) -> Record:
        self.generator.seed_instance(int.from_bytes(blake2b(f"{seed}/{index}".encode()).digest()[:8]))
        return self._object(self._schema, index)

    def _object(self, schema: Schema, index: int) -> Record:
        required = schema.get("required", ())
        return {
            name: self._value(name, property_schema, index)
            for name, property_schema in schema.get("properties", {}).items()
            if "x-fill" not in property_schema and (name in required or self._draw() < 0.75)
        }

    def _value(self, name: str, schema: Schema, index: int) -> Any:
        if schema.get("enum"):
            return self._pick(schema["enum"])
        match schema.get("type", "object" if "properties" in schema else "string"):
            case "integer":
                value: Any = int(self._number(schema))
            case "number":
                value = round(self._number(schema), 2)
            case "boolean":
                value = self._chance(0.5)
            case "array":
                least = max(schema.get("minItems", 1), 1)
                value = [self._value(name, schema.get("items", {}), index) for _ in range(least)]
            case "object":
                value = self._object(schema, index)
            case _:
                value = self._text(name, schema, index)
        return value

    def _number(self, schema: Schema) -> float:
        low = schema.get("minimum", 1)
        high = schema.get("maximum", max(low + 1, 1000))
        return float(low + self._draw() * (high - low))

    def _text(self, name: str, schema: Schema, index: int) -> str:
        moment = datetime(2024, 7, 30, tzinfo=UTC) - timedelta(minutes=index)
        match schema.get("format"):
            case "date-time":
                return timestamp(moment)
            case "date":
                return f"{moment:%Y-%m-%d}"
            case "uuid":
                return derived_id(f"{name}/{self._draw()}")
            case "email":
                return f"person{index + 1}@example.com"
            case "uri" | "url":
                return f"https://example.com/{index + 1}"
        example = schema.get("example")
        text = str(example) if example is not None else f"{name} {index + 1}"
        return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", None)]
