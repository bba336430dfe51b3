"""The records of the starting data: those of fixture files, and generated ones that hold together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import Any

from mock_server.data import generator
from mock_server.data.linking import Linker
from mock_server.data.nesting import Nesting
from mock_server.data.records import Record, RecordSchema
from mock_server.data.starting_keys import GeneratedKeys, GivenKeys, Keys
from mock_server.openapi.effects import Resource
from mock_server.openapi.nouns import Nouns
from mock_server.openapi.record_links import Links


@dataclass(frozen=True)
class Origin:
    """Where the records of a collection come from.

    - `count`: how many are generated; of a nested collection, those of its parents say it
    - `given`: those of fixture files; None for none
    """

    resource: Resource
    schema: RecordSchema
    count: int
    given: Sequence[Record] | None = None


class StartingRecords:
    """The records of all collections, each made when it is asked for; any thread may ask.

    A collection is made from its own schema, and from the keys of those that its records link to.
    """

    def __init__(self, origins: Mapping[str, Origin], seed: int) -> None:
        """Take the origins of the records by the names of their collections."""
        self._origins = origins
        self._seed = seed
        self._lock = RLock()
        self._keys: dict[str, Keys] = {}
        self._nestings: dict[str, Nesting | None] = {}
        self._samples: dict[str, _Sample] = {}

    def count(self, name: str) -> int:
        """Return the number of the records of a collection."""
        origin = self._origins[name]
        if origin.given is not None:
            return len(origin.given)
        nesting = self._nesting(name)
        return origin.count if nesting is None else nesting.count

    def records(self, name: str) -> Iterator[Any]:
        """Yield the records of a collection, linked to others, in their order."""
        origin = self._origins[name]
        if origin.given is not None:
            yield from origin.given
            return
        linker = self._linker(origin)
        for index, record in enumerate(self._own_records(name)):
            if isinstance(record, dict):
                with self._lock:
                    linker.link(record, index, self._above(name, index))
            yield record

    def key(self, name: str, index: int) -> Any:
        """Return the key of the record of a collection at an index; None where there is none."""
        with self._lock:
            return self._keys_of(name).at(index)

    def record(self, name: str, index: int) -> Record:
        """Return the plain members of a record, those that are no objects and no lists."""
        with self._lock:
            if name not in self._samples:
                origin = self._origins[name]
                given = origin.given
                self._samples[name] = _Sample(self._own_records(name) if given is None else iter(given))
            return self._samples[name].at(index)

    def _own_records(self, name: str) -> Iterator[Any]:
        """Yield the records of a collection as its schema has them, with their own keys and parents'."""
        origin = self._origins[name]
        made = generator.generate(origin.schema, self.count(name), self._seed)
        for index, record in enumerate(made):
            if isinstance(record, dict):
                with self._lock:
                    self._name(record, name, index)
            yield record

    def _name(self, record: Record, name: str, index: int) -> None:
        """Give a record its key, which is made apart, and that of its parent."""
        origin = self._origins[name]
        resource, key = origin.resource, origin.resource.key
        # What `x-fill` gives is the same already, and so is what the vocabulary does.
        if key in record and key != origin.schema.id_field and name != generator.USAGE_METRICS:
            record[key] = self._keys_of(name).at(index)
        nesting, parent = self._nesting(name), resource.parent
        if nesting is not None and parent is not None:
            record[parent.field] = self.key(parent.collection, nesting.parent_of(index))

    def _keys_of(self, name: str) -> Keys:
        if name not in self._keys:
            origin = self._origins[name]
            key = origin.resource.key or ""
            if origin.given is not None:
                self._keys[name] = GivenKeys(origin.given, key)
            else:
                self._keys[name] = GeneratedKeys(origin.schema, key, self.count(name), self._seed)
        return self._keys[name]

    def _nesting(self, name: str) -> Nesting | None:
        """Return how a collection is nested; None at the top."""
        if name not in self._nestings:
            parent = self._origins[name].resource.parent
            is_nested = parent is not None and parent.collection in self._origins
            self._nestings[name] = (
                Nesting(self.count(parent.collection), f"{self._seed}/{name}")
                if parent is not None and is_nested
                else None
            )
        return self._nestings[name]

    def _above(self, name: str, index: int) -> Mapping[str, int]:
        """Return the numbers of the records that one is nested in, by their collections."""
        found: dict[str, int] = {}
        nesting, parent = self._nesting(name), self._origins[name].resource.parent
        while nesting is not None and parent is not None and parent.collection not in found:
            index = found[parent.collection] = nesting.parent_of(index)
            nesting = self._nesting(parent.collection)
            parent = self._origins[parent.collection].resource.parent
        return found

    def _linker(self, origin: Origin) -> Linker:
        name = origin.resource.name
        return Linker(origin.resource, Links(origin.schema.schema, self._nouns, name), self)

    @cached_property
    def _nouns(self) -> Nouns:
        return Nouns({name: origin.resource for name, origin in self._origins.items()})


class _Sample:
    """The plain members of the first records of a collection, made as far as they are asked for."""

    def __init__(self, records: Iterator[Any]) -> None:
        self._records = records
        self._known: list[Record] = []

    def at(self, index: int) -> Record:
        while len(self._known) <= index:
            self._known.append(_plain(next(self._records, None)))
        return self._known[index]


def _plain(record: Any) -> Record:
    if not isinstance(record, dict):
        return {}
    return {name: value for name, value in record.items() if not isinstance(value, dict | list)}
