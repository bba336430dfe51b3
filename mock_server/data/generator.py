"""Generating records: usage metrics from the vocabulary, those of other collections from their schema.

The same seed gives the same records in every version: record i depends on (seed, the collection's name,
i), and on the records before it where one of them would be alike; usage metrics depend on (seed, i)
alone. Python guarantees the order of `random()`, which is seeded for each record; the data of libraries
such as Faker, which change between releases, are not used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mock_server.data.record_maker import RecordMaker
from mock_server.data.records import RecordSchema

# The collection whose records are made from the vocabulary.
USAGE_METRICS = "usage-metrics"

# Makes the record for a seed, an index of the collection, and an attempt: above 0 where another record
# has the same id.
Make = Callable[[int, int, int], Any]


class Maker(NamedTuple):
    """What makes a collection's records; whether their ids may be equal, so that some are made anew."""

    make: Make
    may_repeat: bool


# How often a record is made anew to differ from all others.
_ATTEMPTS = 20


def generate(schema: RecordSchema, count: int, seed: int, maker: Maker | None = None) -> Iterator[Any]:
    """Yield the first `count` records of a collection, completed, newest first.

    `maker` is what `choose_maker` returned for the schema, if that was called before.
    """
    make, may_repeat = maker or choose_maker(schema)
    distinct = _Distinct(schema, make, seed)
    for index in range(count):
        yield distinct.record(index) if may_repeat else schema.complete(make(seed, index, 0), index)


class _Distinct:
    """Makes records that differ from those before: by their key, else in any part.

    Where a schema admits no more of them, which the first failure tells, the later ones may be equal.
    """

    def __init__(self, schema: RecordSchema, make: Make, seed: int) -> None:
        self._schema, self._make, self._seed = schema, make, seed
        self._known: set[Any] = set()
        self._is_exhausted = False

    def record(self, index: int) -> Any:
        first = record = self._schema.complete(self._make(self._seed, index, 0), index)
        if self._is_exhausted or self._is_new(record):
            return record
        for attempt in range(1, _ATTEMPTS):
            record = self._schema.complete(self._make(self._seed, index, attempt), index)
            if self._is_new(record) and (self._is_valid(record) or not self._is_valid(first)):
                return record
        self._is_exhausted = True
        return first

    def _is_valid(self, record: Any) -> bool:
        return next(self._schema.flaws(record), None) is None

    def _is_new(self, record: Any) -> bool:
        """Tell whether no record before was like this one, which is remembered."""
        key = self._schema.key_of(record)
        identity = json.dumps(record, sort_keys=True) if key is None else key
        is_new = identity not in self._known
        self._known.add(identity)
        return is_new


def choose_maker(schema: RecordSchema) -> Maker:
    """Return what makes a collection's records.

    It uses the vocabulary if the collection is `usage-metrics` and its schema admits such metrics, with
    what else it requires; else the schema alone.
    """
    if schema.collection != USAGE_METRICS:
        return Maker(RecordMaker(schema).record, may_repeat=True)
    # Imported here, since records of other collections need no vocabulary.
    from mock_server.data.usage_metrics import UsageMetricProvider

    provider = UsageMetricProvider()

    def metric(seed: int, index: int, _attempt: int) -> Any:
        return provider.usage_metric(seed, index)

    if _fits(schema, metric):
        return Maker(metric, may_repeat=False)
    by_schema = RecordMaker(schema).record
    required = schema.schema.get("required", ())

    def completed(seed: int, index: int, attempt: int) -> Any:
        made = by_schema(seed, index, attempt)
        return {name: made[name] for name in required if name in made} | metric(seed, index, attempt)

    return Maker(completed if _fits(schema, completed) else by_schema, may_repeat=True)


def _fits(schema: RecordSchema, make: Make) -> bool:
    """Tell whether the records of a cycle, which has every kind of them, fit their schema."""
    from mock_server.data.usage_metrics import CYCLE

    sample = (schema.complete(make(0, index, 0), index) for index in range(len(CYCLE)))
    return not any(flaw for record in sample for flaw in schema.flaws(record))
