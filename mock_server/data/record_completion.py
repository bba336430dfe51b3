"""The intake: records from outside, completed, and checked by their schema and by each other."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from mock_server.data.records import Record, RecordSchema
from mock_server.formats.source_file import Place
from mock_server.openapi.schema_errors import Flaw


class Intake:
    """Takes the records of one collection, one after the other; `taken` are ids that it has already."""

    def __init__(self, schema: RecordSchema, taken: Container[str] = ()) -> None:
        self._schema = schema
        self._taken = taken
        self._written: set[str] = set()
        self._ids: dict[str, str] = {}

    def announce(self, items: Iterable[Any]) -> None:
        """Keep the ids that are written in items to come from being given to those without one."""
        field = self._schema.id_field
        written = (item.get(field) for item in items if isinstance(item, dict))
        self._written |= {record_id for record_id in written if isinstance(record_id, str)}

    def check(
        self, item: Any, index: int, where: str, created: str | None = None
    ) -> tuple[Any, list[Flaw]]:
        """The record complete, and its flaws; `where` names its place to those that come after it.

        `index` and `created` are what `RecordSchema.complete` makes ids and times of.
        """
        record = self._completed(item, index, created) if isinstance(item, dict) else item
        flaws = list(self._schema.flaws(record))
        if isinstance(record, dict):
            flaws += self._doubles(record, where)
            flaws += too_large((), record)
        return record, flaws

    def _completed(self, item: Record, index: int, created: str | None) -> Record:
        """The record with an id that no other has: a loaded one may have been written down before."""
        lap = 0
        while True:
            record = self._schema.complete(item, index, lap=lap, created=created)
            field = self._schema.id_field
            if field is None or field in item or not self._is_promised(record[field]):
                return record
            lap += 1

    def _is_taken(self, record_id: str) -> bool:
        return record_id in self._ids or record_id in self._taken

    def _is_promised(self, record_id: str) -> bool:
        return record_id in self._written or self._is_taken(record_id)

    def _doubles(self, record: Record, where: str) -> Iterator[Flaw]:
        field = self._schema.id_field
        if field is None or not isinstance(record.get(field), str):
            return
        record_id = record[field]
        if self._is_taken(record_id):
            there = (
                f"in {self._ids[record_id]}/{field}" if record_id in self._ids else "in the collection"
            )
            message = f"the id {record_id[:60]!r} is there already, {there}"
            yield Flaw((field,), "unique", message, "give each record its own")
        else:
            self._ids[record_id] = where


def too_large(place: Place, value: Any) -> Iterator[Flaw]:
    """Numbers that can be read, but not written in JSON again."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        yield Flaw(place, "range", "the number has more than 64 bits", "write it as text")
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from too_large((*place, name), part)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from too_large((*place, number), part)
