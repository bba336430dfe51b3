"""Uniqueness: values that no two records share, and those by which a new one replaces another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mock_server.data.collection import Collection
from mock_server.data.columns import texts_in
from mock_server.data.records import Record, stored_texts
from mock_server.formats.source_file import pointer
from mock_server.openapi.effects import Resource
from mock_server.openapi.operations import Operation
from mock_server.shown_text import quote
from mock_server.state_errors import Conflict

# The type of the error for a value that another record has.
NOT_UNIQUE = "notUnique"


def unique_fields(operations: Iterable[Operation], name: str) -> tuple[str, ...]:
    """Return the members of a collection's records that must differ, as any of its operations says."""
    found = [
        each.effect.rules.unique
        for each in operations
        if each.effect.resource is not None and each.effect.resource.name == name
    ]
    return tuple(dict.fromkeys([field for fields in found for field in fields]))


def upsert_fields(operations: Iterable[Operation], name: str) -> tuple[str, ...]:
    """Return the members of a collection's records by which a new one replaces another."""
    return tuple(
        each.effect.rules.upsert
        for each in operations
        if each.effect.rules.upsert and each.effect.resource and each.effect.resource.name == name
    )


class Room(NamedTuple):
    """Where a new record is added: the collection, and the record with the key that it is to have.

    If it `is_replacement`, the record that it replaces is not in the collection any more.
    """

    collection: Collection
    record: Record
    is_replacement: bool = False


class Uniqueness:
    """Compares the records of one resource by members, of which the collection has columns.

    Those of a nested collection are compared with records of the same parent, unless by their key.
    """

    def __init__(self, resource: Resource, fields: Iterable[str], upsert: str | None = None) -> None:
        """Take the members that must differ, beside the key, and the one by which a new record replaces.

        `upsert` is None where a new record replaces none.
        """
        self._resource = resource
        own = [] if resource.key is None else [resource.key]
        self._fields = tuple(dict.fromkeys([*own, *fields]))
        self._upsert = upsert

    def make_room(self, collection: Collection, record: Record, own_id: bytes) -> Room:
        """Return the collection to which a new record is to be added; raise Conflict."""
        replaced = None
        texts = [] if self._upsert is None else texts_in(record, self._upsert)
        if self._upsert is not None and len(texts) == 1:
            replaced = next(self._positions(collection, record, self._upsert, texts[0], own_id), None)
        if replaced is None:
            self.require(collection, record, own_id)
            return Room(collection, record)
        key, before = self._resource.key, collection.record_at(replaced, own_id)
        kept = record if key is None else {**record, key: before.get(key)}
        self.require(collection, kept, own_id, before)
        return Room(collection.without_record(replaced), kept, is_replacement=True)

    def require(
        self, collection: Collection, record: Record, own_id: bytes, before: Record | None = None
    ) -> None:
        """Raise Conflict where a record has a value that another one has.

        `before` is what it was, whose values it may keep; None for a new one. `own_id` is the id of the
        account that the request is of.
        """
        for field in self._fields:
            kept = () if before is None else texts_in(before, field)
            for text in texts_in(record, field):
                if text in kept:
                    continue
                for position in self._positions(collection, record, field, text, own_id):
                    raise self._refusal(collection, field, text, position)

    def _positions(
        self, collection: Collection, record: Record, field: str, text: str, own_id: bytes
    ) -> Iterator[int]:
        parent = self._resource.parent
        found = collection.positions_with(field, text, own_id)
        if parent is None or field == self._resource.key:
            return found
        owner = stored_texts(str(record.get(parent.field)), own_id)
        return (each for each in found if collection.value_at(parent.field, each) in owner)

    def _refusal(self, collection: Collection, field: str, text: str, position: int) -> Conflict:
        key = self._resource.key
        named = None if key is None else collection.value_at(key, position)
        other = "another record" if named is None else f"the record {quote(named)}"
        return Conflict(
            NOT_UNIQUE,
            f"{quote(text)} was sent for '{field}', which {other} in {self._resource.name} has already; "
            "send another value, or change that record.",
            pointer(tuple(field.split("."))),
        )
