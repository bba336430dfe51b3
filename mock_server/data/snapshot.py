"""A snapshot: the collections that an account sees, of which each is made as far as it is used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from threading import Lock

from mock_server.data.collection import Collection, unmade
from mock_server.data.records import Record


class Source:
    """What a collection of the starting data is made from, once, whoever asks first.

    `count` is the number of its records, `outline` the collection without any, and `found` that
    collection once it is made. `records` returns its records.
    """

    __slots__ = ("_lock", "_records", "count", "found", "outline")

    def __init__(self, outline: Collection, count: int, records: Callable[[], Iterable[Record]]) -> None:
        self.outline = outline
        self.count = count
        self._records = records
        self._lock = Lock()
        self.found: Collection | None = None

    @classmethod
    def made(cls, collection: Collection) -> Source:
        """Return the source of a collection that is made already."""
        source = cls(collection.of(()), len(collection), tuple)
        source.found = collection
        return source

    def make(self) -> Collection:
        """Return the collection, whose records are made as they are needed; any thread may call this."""
        with self._lock:
            if self.found is None:
                self.found = unmade(self.outline, self._records(), self.count)
                self.found.is_generated = True
            return self.found

    def add_field(self, field: str) -> None:
        """Have the collection, made or not, ready to be filtered by one more field."""
        with self._lock:
            self.outline.fields = tuple(dict.fromkeys([*self.outline.fields, field]))
            for chunk in () if self.found is None else self.found.chunks:
                # Chunks that are made later find the column when they are first filtered by it.
                _ = chunk.columns[field] if chunk.is_made else None


class Snapshot(dict[str, Collection]):
    """Collections by name; nobody changes it, and it makes each one at its first use.

    It is a dict of those that were made, so that finding one costs no call of ours. `get` returns None
    for one that was not made; all else counts every collection. Accounts share the sources, so that a
    collection is made once for all of them. `digest` is that of the fixture files that the starting data
    were read from.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        own: Mapping[str, Collection] | None = None,
        digest: str = "",
    ) -> None:
        """Take the sources of the starting data, and the collections that count before these."""
        super().__init__(own or {})
        self._sources = sources
        self.digest = digest

    def __missing__(self, name: str) -> Collection:
        made = self[name] = self._sources[name].make()
        return made

    async def prepare(self, name: str, field: str | None = None) -> None:
        """Make a collection in a thread, so that the event loop goes on, however many records it has.

        Make it ready to be searched by a field as well; None for none.
        """
        collection = self[name]
        await self.reach(collection)
        if field is not None:
            await self.run(partial(collection.find, field, ""))

    async def reach(self, collection: Collection, position: int | None = None) -> None:
        """Make the records of a collection up to a position in a thread; all of them for None.

        Others pass after some hundred records.
        """
        while not collection.making.has_made(position):
            await self.run(collection.making.make_next)

    async def run(self, work: Callable[[], object]) -> None:
        """Do work in the thread that makes collections."""
        await asyncio.get_running_loop().run_in_executor(_thread(), work)

    def with_own(self, own: Mapping[str, Collection]) -> Snapshot:
        """Return a snapshot in which these collections stand in place of those of the same names."""
        shared = {
            name: source.found for name, source in self._sources.items() if source.found is not None
        }
        return Snapshot(self._sources, {**shared, **own})

    def with_retired(self, before: Snapshot) -> Snapshot:
        """Return a snapshot that also has the collections of an earlier one which this one lacks."""
        return Snapshot({**before._sources, **self._sources}, digest=self.digest)

    def add_fields(self, fields: Mapping[str, Iterable[str]]) -> None:
        """Have collections that are there ready to be filtered by further fields, in any thread."""
        for name, own in fields.items():
            for field in own if name in self._sources else ():
                self._sources[name].add_field(field)

    def named(self, names: Iterable[str]) -> Snapshot:
        """Return a snapshot of the collections with these names alone."""
        return Snapshot({name: self._sources[name] for name in names})

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of records of each collection, of which none is made for that."""
        own = {name: len(each) for name, each in dict.items(self)}
        return {name: own.get(name, source.count) for name, source in self._sources.items()}

    def outline(self, name: str) -> Collection:
        """Return a collection without its records, e.g. to give it others; its numbers stay given."""
        outline, own = self._sources[name].outline, dict.get(self, name)
        return outline if own is None else outline.with_given(own.numbers)

    def __contains__(self, name: object) -> bool:
        return name in self._sources

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


@cache
def _thread() -> ThreadPoolExecutor:
    # One, since several would only take turns, and requests for the same collection wait anyway.
    return ThreadPoolExecutor(1, "records")
