"""The keys of the starting data: those of a collection are known before its records are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mock_server.data import generator
from mock_server.data.records import Record, RecordSchema, field_of
from mock_server.openapi.schema import members_of


class GeneratedKeys:
    """The keys of the records that are generated, in their order; each is made when it is asked for."""

    def __init__(
        self, schema: RecordSchema, key: str, count: int, seed: int, first: str | None = None
    ) -> None:
        """Take the records' schema, and the name of the member that is their key.

        `first` is the key of the first record; None where it is made like the others.
        """
        self._schema = schema
        self._key = key
        self._count = count
        self._seed = seed
        self._first = first
        self._known: list[Any] = []
        self._records: Iterator[Record] | None = None

    def __len__(self) -> int:
        return self._count

    def at(self, index: int) -> Any:
        """Return the key of the record at an index; None where it has none."""
        if self._records is None:
            schema = key_schema(self._schema, self._key)
            self._records = generator.generate(schema, self._count, self._seed)
        while len(self._known) <= index:
            made = field_of(next(self._records, None), self._key)
            is_first = not self._known and self._first is not None
            self._known.append(self._first if is_first else made)
        return self._known[index]


class GivenKeys:
    """The keys of the records of fixture files."""

    def __init__(self, records: Sequence[Record], key: str) -> None:
        self._keys = [field_of(record, key) for record in records]

    def __len__(self) -> int:
        return len(self._keys)

    def at(self, index: int) -> Any:
        """Return the key of the record at an index; None where it has none."""
        return self._keys[index]


Keys = GeneratedKeys | GivenKeys


def key_schema(schema: RecordSchema, key: str) -> RecordSchema:
    """Return the schema of records that have nothing but a key, by which the same keys are made.

    It is quicker than to make whole records. Usage metrics have another source, and stay whole.
    """
    described = members_of(schema.schema)
    if schema.collection == generator.USAGE_METRICS or key not in described:
        return schema

    def guides() -> list[Any]:
        return [_only(key, each) for each in schema.guides()]

    alone = {"type": "object", "properties": {key: described[key]}, "required": [key]}
    return RecordSchema(schema.collection, alone, [key], guides, schema.rising)


def _only(key: str, guide: Any) -> Any:
    return {key: guide[key]} if isinstance(guide, dict) and key in guide else {}
