"""Edits of an account's collection by a suite: each returns a new Collection, and changes no old one."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.data import generator
from mock_server.data.chunk import as_stored
from mock_server.data.collection import Collection
from mock_server.data.linking import Linker
from mock_server.data.record_completion import RecordCompleter
from mock_server.data.records import Record, RecordSchema, field_of
from mock_server.errors import InvalidRequest, Violation
from mock_server.formats.source_file import Place, pointer
from mock_server.openapi.effects import Resource
from mock_server.openapi.record_links import Links
from mock_server.openapi.schema_errors import Flaw
from mock_server.settings import LISTED

_ITEMS: Place = ("items",)


def replace_records(
    collection: Collection, schema: RecordSchema, items: Sequence[Any], place: Place = _ITEMS
) -> Collection:
    """Return a collection of these items alone, completed.

    `place` is where the items are in the request's body. Raise InvalidRequest with the flaws of all.
    """
    records = _complete_all(_completer(schema), items, first=0, created=None, place=place)
    return collection.of(as_stored(each, schema.hidden) for each in records)


def load_fixture(
    collections: Mapping[str, Collection],
    schemas: Mapping[str, RecordSchema],
    fixture: Mapping[str, Sequence[Any]],
) -> list[Collection]:
    """Return new collections in which the records of a fixture file replace the old ones.

    `collections` are the old ones by the names that `fixture` has for them, with the items of each.
    Raise InvalidRequest with the flaws of all.
    """
    new: list[Collection] = []
    violations: list[Violation] = []
    for name, old in collections.items():
        try:
            new.append(replace_records(old, schemas[old.name], fixture[name], (name,)))
        except InvalidRequest as error:
            violations += error.violations
    if violations:
        raise InvalidRequest(violations[:LISTED])
    return new


def add_records(
    collection: Collection,
    schema: RecordSchema,
    items: Sequence[Any],
    created: str,
    hidden: Mapping[str, Any] = MappingProxyType({}),
) -> Collection:
    """Return a collection with these items, completed, in front of the records that it has.

    `created` is the time of the items that have none, e.g. `2024-07-30T00:00:00Z`; `hidden` are members
    that are kept beside each. Raise InvalidRequest with the flaws of all.
    """
    first = collection.front - len(items)
    records = _complete_all(_completer(schema, collection), items, first, created)
    return collection.with_records([as_stored(each, schema.hidden, hidden) for each in records])


class Linked(NamedTuple):
    """What generated records are linked to: those that an account sees.

    - `collections`: its collections; `own_id` its id
    - `resource`: the collection whose records are generated
    - `links`: finds what these refer to
    - `owner`: the key of the parent that all belong to; None where they belong to all in turn
    """

    collections: Mapping[str, Collection]
    own_id: bytes
    resource: Resource
    links: Links
    owner: Any = None

    def key(self, name: str, index: int) -> Any:
        """Return the key of the record of a collection at an index; None where there is none."""
        if name == self.resource.name:
            return None
        return field_of(self.record(name, index), self.collections[name].id_field or "")

    def siblings(self, name: str, _above: Mapping[str, int]) -> range:
        """Return the numbers of all records of a collection."""
        return range(len(self.collections[name]))

    def record(self, name: str, index: int) -> Record:
        """Return a record of a collection."""
        collection = self.collections[name]
        return collection.record_at(collection.positions[index], self.own_id)

    def parent_key(self, index: int) -> Any:
        """Return the key of the parent of the record at an index; None where there is none."""
        parent = self.resource.parent
        if parent is None or self.owner is not None:
            return self.owner
        number = len(self.collections[parent.collection])
        return self.key(parent.collection, index % number) if number else None


def generate_records(
    collection: Collection, schema: RecordSchema, count: int, seed: int, linked: Linked
) -> Collection:
    """Return a collection of `count` generated records alone, which refer to what an account sees."""
    linker = Linker(linked.resource, linked.links, linked)
    parent = linked.resource.parent

    def made() -> Iterator[Any]:
        for index, record in enumerate(generator.generate(schema, count, seed)):
            if isinstance(record, dict):
                key = linked.parent_key(index)
                if parent is not None and key is not None:
                    record[parent.field] = key
                linker.link(record, index, {})
            yield as_stored(record, schema.hidden)

    return collection.of(made())


def find_violations(
    schema: RecordSchema, items: Sequence[Any], place: Place = _ITEMS
) -> list[Violation]:
    """Return the violations for which `replace_records` would refuse these items."""
    try:
        _complete_all(_completer(schema), items, first=0, created=None, place=place)
    except InvalidRequest as error:
        return list(error.violations)
    return []


def _completer(schema: RecordSchema, taken: Container[str] = ()) -> RecordCompleter:
    """Return what completes records, of which no two have the key by which paths name them."""
    return RecordCompleter(schema, taken, schema.named_by)


def _complete_all(
    completer: RecordCompleter,
    items: Sequence[Any],
    first: int,
    created: str | None,
    place: Place = _ITEMS,
) -> list[Record]:
    records: list[Record] = []
    violations: list[Violation] = []
    completer.reserve_ids(items)
    for number, item in enumerate(items):
        record, flaws = completer.complete(item, first + number, pointer((*place, number)), created)
        violations += [as_violation(flaw, (*place, number)) for flaw in flaws]
        records.append(record)
        if len(violations) >= LISTED:
            break
    if violations:
        raise InvalidRequest(violations[:LISTED])
    return records


def as_violation(flaw: Flaw, base: Place = ()) -> Violation:
    """Return the violation for a flaw of a request's body; its key is a JSON pointer from the root.

    `base` is where the value with the flaw is in the body.
    """
    return Violation(flaw.keyword, f"{flaw.message}; {flaw.remedy}.", pointer((*base, *flaw.place)))
