"""Editing: what requests do to the records of a resource; each edit returns new collections."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, NamedTuple
from zlib import crc32

from mock_server.data.answered_members import AnsweredMembers
from mock_server.data.blanks import Occasion
from mock_server.data.changes import Change
from mock_server.data.chunk import Stored
from mock_server.data.collection import Collection
from mock_server.data.columns import encode
from mock_server.data.finding import Found, View, key_of
from mock_server.data.linked_members import LinkedMembers
from mock_server.data.merge_patch import merged
from mock_server.data.projection import Projection
from mock_server.data.record_maker import RecordMaker
from mock_server.data.records import OWN_ACCOUNT, Record, RecordSchema, field_of
from mock_server.data.running_numbers import Numbering
from mock_server.data.starting_keys import key_schema
from mock_server.data.sums import OwnSums
from mock_server.openapi.effects import Resource
from mock_server.openapi.record_links import Links
from mock_server.openapi.rule_values import Next
from mock_server.openapi.schema import Schema, admits_null, alternatives, members_of
from mock_server.openapi.schema_merging import merge_all_of

# Where the numbers of records begin that are made after the start; no collection starts with as many.
_NEW = 1_000_000_000

# What a change does to the record that it names.
CREATED, UPDATED, REMOVED, ACTED = "created", "updated", "removed", "acted"


class Edit(NamedTuple):
    """What a request does: the change, the record after it, and the collections that are new.

    The record that is removed is that before it.
    """

    change: Change
    record: Record
    collections: tuple[Collection, ...]


class Editor:
    """Creates, changes and removes the records of one resource."""

    def __init__(
        self,
        resource: Resource,
        schema: RecordSchema,
        answers: Iterable[tuple[Schema, Any]] = (),
        links: Links | None = None,
        numbered: Iterable[tuple[str, Next]] = (),
    ) -> None:
        """Take the schema of a list's records, those of other answers, and its links to others.

        `numbered` are the members that get running numbers, by their paths.
        """
        self.resource = resource
        self.schema = schema
        examples = schema.guides()
        example = examples[0] if examples else None
        self.shape = Projection(schema.schema, example)
        # Makes the keys that `x-fill` does not give.
        has_own_keys = resource.key is not None and schema.id_field != resource.key
        self._maker = RecordMaker(key_schema(schema, resource.key or "")) if has_own_keys else None
        described = members_of(schema.schema)
        own = example if isinstance(example, dict) else {}
        # The document's example of a record, and of members that this one lacks.
        self.example = {n: part["example"] for n, part in described.items() if "example" in part} | own
        self._changed_at = [n for n, part in described.items() if part.get("x-fill") == "changed-at"]
        self.names = frozenset(described)
        # The members that a copy of a record does not take over, such as the time when it was created.
        self.made_anew = frozenset(n for n, part in described.items() if "x-fill" in part)
        self._nullable = {
            name: any(map(admits_null, alternatives(merge_all_of(part))))
            for name, part in described.items()
        }
        self._sums = OwnSums(described)
        self._further = AnsweredMembers(schema, answers)
        # All that answers show of a record.
        shown = {**self._further.described, **described}
        self.described: Schema = {**schema.schema, "properties": shown}
        self.linked = LinkedMembers(links)
        numberings = (Numbering.of(e.prefix, p, field_of(self.example, p)) for p, e in numbered)
        self._series = frozenset(each.series for each in numberings)

    @property
    def shapes(self) -> list[Projection]:
        """Return what shows each record before it is kept."""
        return [self.shape, *self._further.shapes]

    def create(self, view: View, record: Record, like: Record | None = None) -> Edit:
        """Return a new record with these members, in front of the others.

        `like` is the record that it is a copy of; None for none.
        """
        collection = view.collections[self.resource.name]
        made = self.linked.show(view, self.without_nulls(record), like)
        made = self._completed(made, collection.front - 1, view.now)
        after = self._numbered(collection.with_records([self._stored(made)]), made)
        return self.edit(CREATED, made, (after,))

    def _numbered(self, collection: Collection, record: Record) -> Collection:
        """Return a collection that gives the numbers of a record to no later one."""
        numbers = collection.numbers.with_numbers(self._series, record)
        return collection if numbers is collection.numbers else collection.with_given(numbers)

    def _completed(self, record: Record, index: int, now: str) -> Record:
        """Return a record with all that it must have; its id depends on its index alone."""
        made = self._filled(record, index, 0, now)
        key = self.resource.key
        if key is not None and self._maker is not None and key not in record:
            made[key] = self._maker.record(0, _NEW - index).get(key)
        return self._shown(made, Occasion(f"{self.resource.name}/{index}", now))

    def _shown(self, record: Record, occasion: Occasion) -> Record:
        """Return a record as it is shown, and the members beside it that are not."""
        shown: Record = self.shape.show(record, occasion)
        self._sums.work_out(shown)
        beside = self._further.show(record, occasion)
        return {n: v for n, v in record.items() if n not in shown} | beside | shown

    def _filled(self, record: Record, index: int, attempt: int, now: str) -> Record:
        """Return a record with what `x-fill` gives it and the parts of it."""
        made: Record = self.schema.complete(record, index, attempt=attempt, created=now)
        return self._further.complete(made, index, attempt, now)

    def _stored(self, record: Record) -> Record | Stored:
        """Return a record as a collection keeps it: what the list cannot show is hidden."""
        hidden = {n: value for n, value in record.items() if not self.shape.shows(n, value)}
        if not hidden:
            return record
        return Stored({n: value for n, value in record.items() if n not in hidden}, hidden)

    def replace(self, view: View, found: Found, record: Record, sayable: Container[str]) -> Edit:
        """Return a record whose members that a body can say, `sayable`, are those that it says."""
        kept = {name: value for name, value in found.record.items() if name not in sayable}
        return self.change(view, found, {**kept, **record}, UPDATED)

    def merge(self, view: View, found: Found, record: Record) -> Edit:
        """Return a record merged with what a body says (RFC 7396)."""
        return self.change(view, found, merged(found.record, record), UPDATED)

    def change(self, view: View, found: Found, record: Record, kind: str) -> Edit:
        """Return a record that takes the place of the one that was found; its key stays."""
        collection, key = view.collections[self.resource.name], self.resource.key
        made = self.without_nulls({n: v for n, v in record.items() if n not in self._changed_at})
        if key is not None and key in found.record:
            made[key] = found.record[key]
        # New objects in it get ids that no change before has given.
        number = crc32(encode([found.record, record]))
        made = self.linked.show(view, made, found.record)
        made = self._filled(made, found.position, number, view.now)
        made = self._shown(made, Occasion(f"{self.resource.name}/{found.key}/{number}", view.now))
        own = _of_reader(made, view.own_id)
        after = self._numbered(collection.with_record(found.position, self._stored(own)), own)
        return self.edit(kind, made, (after,))

    def with_member(self, view: View, found: Found, name: str, value: Any) -> Collection:
        """Return a collection in which a record has another value of one member, as its sums have."""
        record = {**found.record, name: value}
        self._sums.work_out(record)
        collection = view.collections[self.resource.name]
        own = _of_reader(record, view.own_id)
        return collection.with_record(found.position, self._stored(own))

    def without_nulls(self, record: Record) -> Record:
        """Return a record without the members that are null and whose schemas do not admit that."""
        return {n: v for n, v in record.items() if v is not None or self._nullable.get(n, True)}

    def remove(self, view: View, found: Found) -> Edit:
        """Return a collection without a record."""
        collection = view.collections[self.resource.name].without_record(found.position)
        return self.edit(REMOVED, found.record, (collection,))

    def edit(self, kind: str, record: Record, collections: Iterable[Collection]) -> Edit:
        """Return an edit, named by the record that it is about."""
        change = Change(kind, self.resource.name, key_of(self.resource, record))
        return Edit(change, record, tuple(collections))


def _of_reader(record: Record, own_id: bytes) -> Record:
    """Return a record as collections have it, in which one text stands for the reader's account."""
    own = own_id.decode()
    return {name: OWN_ACCOUNT if value == own else value for name, value in record.items()}
