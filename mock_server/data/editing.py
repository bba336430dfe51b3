"""Editing: what requests do to the records of a resource; each edit returns new collections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_server.data.blanks import Occasion
from mock_server.data.changes import Change
from mock_server.data.collection import Collection
from mock_server.data.projection import Projection
from mock_server.data.record_maker import RecordMaker
from mock_server.data.records import Record, RecordSchema
from mock_server.errors import NotFound
from mock_server.openapi.effects import Effect, Resource
from mock_server.openapi.former_names import BodyShape
from mock_server.shown_text import name_some, quote

# How many ids a message names.
_NAMED = 3

# Where the numbers of records begin that are made after the start; no collection starts with as many.
_NEW = 1_000_000_000


class View(NamedTuple):
    """What a request sees: the collections, the id of its account, and the time by that one's clock."""

    collections: Mapping[str, Collection]
    own_id: bytes
    now: str

    def with_collection(self, collection: Collection) -> View:
        """Return a view in which a collection stands in place of the one of its name."""
        return self._replace(collections={**self.collections, collection.name: collection})


class Found(NamedTuple):
    """A record, its key as text, and its position in its collection."""

    record: Record
    key: str
    position: int


class Edit(NamedTuple):
    """What a request does: the change, the record after it, and the collections that are new.

    The record that is removed is that before it.
    """

    change: Change
    record: Record
    collections: tuple[Collection, ...]


class Finder:
    """Finds the records that the path of an operation names."""

    def __init__(self, effect: Effect, resources: Mapping[str, Resource]) -> None:
        self._effect = effect
        self._resources = resources

    def find(self, view: View, path: Mapping[str, str]) -> Found:
        """Return the record that a path names; raise NotFound, also where one above it is not there."""
        resource = self._effect.resource
        if resource is None:
            raise LookupError("an example has no records")
        owners = self.owners(view.collections, path)
        collection = view.collections[resource.name]
        if self._effect.parameter is None:
            positions = collection.positions[:1]
            key = "" if positions else None
        else:
            key = path[self._effect.parameter]
            found = collection.find_id(key)
            positions = () if found is None else (found,)
        for position in positions:
            record = collection.record_at(position, view.own_id)
            if _belongs(record, resource, owners):
                return Found(record, key or "", position)
        raise _not_found(collection, resource, key)

    def owners(
        self, collections: Mapping[str, Collection], path: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Return the keys of the records above that a path names, by parameter; raise NotFound."""
        for parameter, name in self._effect.ancestors.items():
            collection = collections[name]
            if collection.find_id(path[parameter]) is None:
                raise _not_found(collection, self._resources[name], path[parameter])
        return {parameter: path[parameter] for parameter in self._effect.ancestors}


def _belongs(record: Record, resource: Resource, owners: Mapping[str, str]) -> bool:
    parent = resource.parent
    return parent is None or str(record.get(parent.field)) == owners.get(parent.parameter)


def _not_found(collection: Collection, resource: Resource, key: str | None) -> NotFound:
    keys = [] if resource.key is None else _first_keys(collection, resource.key)
    there = f"there are {len(collection):,}, such as {name_some(keys)}" if keys else "there is none"
    said = f"no record {quote(key)}" if key else "no record"
    return NotFound(f"There is {said} in {resource.name}; {there}.")


def _first_keys(collection: Collection, field: str) -> list[str]:
    found = (collection.value_at(field, position) for position in collection.positions[:_NAMED])
    return [key for key in found if key is not None]


class Editor:
    """Creates, changes and removes the records of one resource as one operation asks for.

    `shape` is that of the operation's bodies.
    """

    def __init__(self, resource: Resource, schema: RecordSchema, shape: BodyShape, example: Any) -> None:
        self._resource = resource
        self._schema = schema
        self._bodies = shape
        self._shape = Projection(schema.schema, example)
        # Makes the keys that `x-fill` does not give.
        has_own_keys = resource.key is not None and schema.id_field != resource.key
        self._maker = RecordMaker(schema) if has_own_keys else None

    def create(self, view: View, body: Any, owners: Mapping[str, str]) -> Edit:
        """Return a new record of what a body says, in front of the others."""
        collection = view.collections[self._resource.name]
        sent = self._sent(body)
        parent = self._resource.parent
        if parent is not None:
            sent[parent.field] = owners[parent.parameter]
        record = self._completed(sent, collection.front - 1, view.now)
        return self._edit("created", record, collection.with_records([record]))

    def _completed(self, record: Record, index: int, now: str) -> Record:
        """Return a record with all that it must have; its id depends on its index alone."""
        made = self._schema.complete(record, index, created=now)
        key = self._resource.key
        occasion = Occasion(f"{self._resource.name}/{index}", now)
        shown: Record = self._shape.show(made, occasion)
        if key is not None and self._maker is not None and key not in record:
            shown[key] = self._maker.record(0, _NEW - index).get(key)
        return shown

    def replace(self, view: View, found: Found, body: Any) -> Edit:
        """Return a record whose members that a body can say are those that it says."""
        members = self._bodies.members
        kept = {name: value for name, value in found.record.items() if name not in members}
        return self._changed(view, found, {**kept, **self._sent(body)})

    def merge(self, view: View, found: Found, body: Any) -> Edit:
        """Return a record merged with what a body says (RFC 7396)."""
        return self._changed(view, found, _merged(found.record, self._sent(body)))

    def _sent(self, body: Any) -> Record:
        """Return the members that a body says, by the names under which they are kept."""
        kept = self._bodies.kept(body)
        return dict(kept) if isinstance(kept, dict) else {}

    def _changed(self, view: View, found: Found, record: Record) -> Edit:
        collection = view.collections[self._resource.name]
        if self._resource.key is not None:
            record[self._resource.key] = found.record[self._resource.key]
        occasion = Occasion(f"{self._resource.name}/{found.key}", view.now)
        shown: Record = self._shape.show(record, occasion)
        return self._edit("updated", shown, collection.with_record(found.position, shown))

    def remove(self, view: View, found: Found) -> Edit:
        """Return a collection without a record."""
        collection = view.collections[self._resource.name].without_record(found.position)
        return self._edit("removed", found.record, collection)

    def _edit(self, kind: str, record: Record, collection: Collection) -> Edit:
        key = None if self._resource.key is None else record.get(self._resource.key)
        change = Change(kind, self._resource.name, None if key is None else str(key))
        return Edit(change, record, (collection,))


def _merged(target: Any, patch: Any) -> Any:
    """Return what a merge patch makes of a value (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged
