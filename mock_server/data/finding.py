"""Finding the records that a request names: by their keys, by another member, or through others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.data.absence import not_found, not_found_by
from mock_server.data.collection import Collection
from mock_server.data.columns import texts_in
from mock_server.data.records import Record, value_of
from mock_server.errors import NotFound
from mock_server.formats.numbers import whole_number
from mock_server.openapi.actions import Find, Through
from mock_server.openapi.effects import Effect, Resource
from mock_server.openapi.rule_values import Condition
from mock_server.openapi.schema import kinds_of, member_of
from mock_server.openapi.schema_merging import merge_all_of


class View(NamedTuple):
    """What a request sees: the collections, the id of its account, and the time by that one's clock."""

    collections: Mapping[str, Collection]
    own_id: bytes
    now: str

    def with_collections(self, collections: Iterable[Collection]) -> View:
        """Return a view in which collections stand in place of those of their names."""
        new = {each.name: each for each in collections}
        return self._replace(collections=_Layered(self.collections, new)) if new else self

    def records(self, name: str, positions: Iterable[int]) -> Iterator[Record]:
        """Yield the records of a collection at positions, with their hidden members."""
        collection = self.collections[name]
        return (collection.record_at(each, self.own_id) for each in positions)

    def position_of(self, name: str, key: str) -> int | None:
        """Return the position of the record of a collection with a key; None where there is none."""
        return self.collections[name].find_id(key, self.own_id)

    def positions_with(self, name: str, field: str, text: str) -> Iterator[int]:
        """Yield the positions of the records of a collection that have a value in a field."""
        return self.collections[name].positions_with(field, text, self.own_id)


class _Layered(dict[str, Collection]):
    """New collections before older ones, of which none is made for that."""

    def __init__(self, older: Mapping[str, Collection], new: Mapping[str, Collection]) -> None:
        super().__init__(new)
        self._older = older

    def __missing__(self, name: str) -> Collection:
        return self._older[name]


class Found(NamedTuple):
    """A record, its key as text, and its position in its collection."""

    record: Record
    key: str
    position: int


class Finder:
    """Finds the records that the path of an operation names."""

    def __init__(self, effect: Effect, resources: Mapping[str, Resource]) -> None:
        self._effect = effect
        self._resources = resources

    def find(self, view: View, path: Mapping[str, str]) -> Found:
        """Return the record that a path names; raise NotFound, also where one above it is not there."""
        found = self.seek(view, path)
        if found is None:
            raise self._absent(view, path)
        return found

    def seek(self, view: View, path: Mapping[str, str]) -> Found | None:
        """Return the record that a path names, None where it is not there; raise NotFound as `find`."""
        resource, key = self._resource, self._key(path)
        owners = self.owners(view.collections, view.own_id, path)
        collection = view.collections[resource.name]
        for position in self._positions(view, collection, key):
            record = collection.record_at(position, view.own_id)
            if _belongs(record, resource, owners):
                return Found(record, key_of(resource, record) or key or "", position)
        return None

    def _absent(self, view: View, path: Mapping[str, str]) -> NotFound:
        """Return the error of the record that a path names, which is not there."""
        resource, key, find = self._resource, self._key(path), self._effect.rules.find
        collection = view.collections[resource.name]
        if find is None or key is None:
            owners = self.owners(view.collections, view.own_id, path)
            return not_found(collection, resource, key, view.own_id, owners)
        holder = collection if find.through is None else view.collections[find.through.collection]
        return not_found_by(find, key, resource, holder)

    def named(self, path: Mapping[str, str]) -> Record:
        """Return the member that a path says of a record that is to be made, its key; `{}` for none."""
        find, key = self._effect.rules.find, self._key(path)
        member = self._resource.key if find is None else find.by
        if key is None or member is None:
            return {}
        number = whole_number(key)
        is_number = "integer" in kinds_of(merge_all_of(member_of(self._resource.schema, member)))
        return {member: number if is_number and number is not None else key}

    @property
    def _resource(self) -> Resource:
        if self._effect.resource is None:
            raise LookupError("an example has no records")
        return self._effect.resource

    def _key(self, path: Mapping[str, str]) -> str | None:
        """Return what a path names the record by; None where it names none."""
        return None if self._effect.parameter is None else path[self._effect.parameter]

    def _positions(self, view: View, collection: Collection, key: str | None) -> Iterable[int]:
        if key is None:
            return collection.positions[:1]
        find = self._effect.rules.find
        if find is not None:
            return _positions_by(view, collection.name, find, key)
        found = view.position_of(collection.name, key)
        return () if found is None else (found,)

    def owners(
        self, collections: Mapping[str, Collection], own_id: bytes, path: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Return the keys of the records above that a path names, by collection; raise NotFound.

        So it does where one of them is nested in another record than the path says.
        """
        owners: dict[str, str] = {}
        for parameter, name in self._effect.ancestors.items():
            collection, resource, key = collections[name], self._resources[name], path[parameter]
            position = collection.find_id(key, own_id)
            if position is None or not (
                resource.parent is None
                or _belongs(collection.record_at(position, own_id), resource, owners)
            ):
                raise not_found(collection, resource, key, own_id, owners)
            owners[name] = key
        return owners


def _belongs(record: Record, resource: Resource, owners: Mapping[str, str]) -> bool:
    """Tell whether a record is nested in the one of the owners that may have it, by collection."""
    parent = resource.parent
    if parent is None or parent.collection not in owners:
        return True
    return str(record.get(parent.field)) == owners[parent.collection]


def _positions_by(view: View, name: str, find: Find, value: str) -> Iterator[int]:
    """Yield the positions of the records that a path names by another member than their key."""
    if find.through is None:
        yield from view.positions_with(name, find.by, value)
        return
    through = find.through
    others = view.positions_with(through.collection, find.by, value)
    for other in view.records(through.collection, others):
        if through.where is None or admits(through.where, other):
            for own in texts_in(other, through.theirs):
                yield from view.positions_with(name, through.own, own)


def related(view: View, through: Through, record: Record) -> Iterator[Record]:
    """Yield the records of another collection that belong to a record."""
    for own in texts_in(record, through.own):
        positions = view.positions_with(through.collection, through.theirs, own)
        for other in view.records(through.collection, positions):
            if through.where is None or admits(through.where, other):
                yield other


def admits(condition: Condition, record: Record) -> bool:
    """Tell whether a record is what a condition says."""
    return all(_has_one(record, name, values) for name, values in condition.members.items())


def _has_one(record: Record, name: str, values: tuple[Any, ...]) -> bool:
    value = value_of(record, name)
    own = value if isinstance(value, list) else [value]
    # By their types too, since True is equal to 1.
    wanted = {(type(each), each) for each in values if not isinstance(each, list | dict)}
    return any((type(each), each) in wanted for each in own if not isinstance(each, list | dict))


def key_of(resource: Resource, record: Record) -> str | None:
    """Return the key of a record as text; None where it has none."""
    key = None if resource.key is None else value_of(record, resource.key)
    return None if key is None else str(key)
