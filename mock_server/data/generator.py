"""Generating records: usage metrics from the vocabulary, those of other collections from their schema.

<<<<<<< HEAD
The same seed gives the same records in every version: record i depends on (seed, the collection's name,
i) alone, and of usage metrics on (seed, i). Python guarantees the sequence of `random()`, which is
seeded for each record; Faker's locale data, which changes between releases, is not used.
=======
The same seed gives the same records in every version: record i depends on (seed, name of the collection,
i) alone, and of usage metrics on (seed, i). Python guarantees the order of `random()`, which is seeded
for each record; Faker's locale data, which changes between releases, is not used.
>>>>>>> 40ee634f25c152efc6e611546835ed49a1dace84
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mock_server.data.record_maker import RecordMaker
from mock_server.data.records import RecordSchema

# The collection whose records are made from the vocabulary.
USAGE_METRICS = "usage-metrics"

# Makes the record for a seed, an index of the collection, and an attempt: above 0 where another record
# has the same id.
Maker = Callable[[int, int, int], Any]

# How often a record is made anew to have an id that no other has.
_ATTEMPTS = 20


def generate(schema: RecordSchema, count: int, seed: int, make: Maker | None = None) -> Iterator[Any]:
    """Yield the first `count` records of a collection, completed, newest first.

    `make` is what `choose_maker` returned for the schema, if that was called before.
    """
    make = make or choose_maker(schema)
    known: set[Any] = set()
    for index in range(count):
        yield _with_new_id(schema, make, seed, index, known)


def _with_new_id(schema: RecordSchema, make: Maker, seed: int, index: int, known: set[Any]) -> Any:
    for attempt in range(_ATTEMPTS):
        record = schema.complete(make(seed, index, attempt), index)
        key = schema.key_of(record)
        if key is None or key not in known:
            break
    known.add(key)
    return record


def choose_maker(schema: RecordSchema) -> Maker:
    """Return the function that makes a collection's records.

    It uses the vocabulary if the collection is `usage-metrics` and its schema admits such metrics,
    else the schema.
    """
    if schema.collection == USAGE_METRICS:
        # Imported here, since records of other collections need no Faker, which takes long to import.
        from mock_server.data.usage_metrics import CYCLE, UsageMetricProvider

        provider = UsageMetricProvider()
        sample = (schema.complete(provider.usage_metric(0, index), index) for index in range(len(CYCLE)))
        if not any(flaw for record in sample for flaw in schema.flaws(record)):
            return lambda seed, index, _attempt: provider.usage_metric(seed, index)
    return RecordMaker(schema).record
