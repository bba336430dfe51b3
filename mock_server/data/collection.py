"""A collection: records in order, encoded once, with a column for each field that can be filtered."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import Any

from mock_server.data import chunk_search
from mock_server.data.budget import Budget
from mock_server.data.chunk import POSITION, SIZE, Chunk, chunks_of
from mock_server.data.chunk_keys import key_near, keys_at
from mock_server.data.columns import ACCOUNT_ID_PLACEHOLDER
from mock_server.data.records import stored_texts
from mock_server.data.running_numbers import RunningNumbers
from mock_server.data.unmade_chunk import ALL_MADE, Making
from mock_server.lists.filters import Cell, Filter
from mock_server.lists.sorting import Order, Sort, sorted_positions

# How many bytes of memory cached positions may take, e.g. 20 filters that match 100,000 records each.
FILTER_BYTES = 8_000_000

# Filters, and at most one way to sort.
Wanted = frozenset[Filter | Sort]

_serials = count()


def fill_account_id(encoded: bytes, own_id: bytes) -> bytes:
    """Return encoded records, or a body with such, with the id of the account that reads them."""
    return encoded.replace(ACCOUNT_ID_PLACEHOLDER, own_id)


class FilterCache:
    """The positions that sets of filters match, sorted or not; the oldest are dropped first.

    The versions of a collection share one cache; the serial number of a version is part of the key.
    """

    def __init__(self) -> None:
        self._positions: OrderedDict[tuple[int, Wanted], Sequence[int]] = OrderedDict()
        self.budget = Budget(FILTER_BYTES, self._drop_oldest)

    def get(self, serial: int, wanted: Wanted) -> Sequence[int] | None:
        """Return the positions that match; None where they are not in the cache."""
        known = self._positions.get((serial, wanted))
        if known is not None:
            self._positions.move_to_end((serial, wanted))
        return known

    def add(self, serial: int, wanted: Wanted, positions: Sequence[int]) -> None:
        """Keep positions, and drop the least recently used ones beyond the budget."""
        self._positions[serial, wanted] = positions
        self.budget.held += _size(wanted, positions)
        if self.budget.held > self.budget.limit:
            self.budget.shrink()

    def _drop_oldest(self) -> None:
        (_, wanted), positions = self._positions.popitem(last=False)
        self.budget.held -= _size(wanted, positions)


def _size(wanted: Wanted, positions: Sequence[int]) -> int:
    return 1_000 + sum([each.size for each in wanted]) + 4 * len(positions)


class Collection:
    """Records in the order in which they are served; a collection never changes.

    A record keeps its position in the collections that are derived from this one. Added records come
    before all others, at positions that no record had before. A derived collection shares all chunks
    but one, so that an edit takes about the same time whatever the number of records.

    `is_generated` tells that all of them are made by the schema, so that none says what it belongs to.
    `front` is the lowest position that any record had, `numbers` are the running numbers given.
    """

    is_generated = False

    def __init__(
        self,
        name: str,
        records: Iterable[Any],
        fields: Iterable[str],
        id_field: str | None = None,
        filter_cache: FilterCache | None = None,
    ) -> None:
        """Take records as they are shown, or `Stored`; `fields` are those that can be filtered."""
        self.name, self.id_field = name, id_field
        self.filter_cache = filter_cache or FilterCache()
        # The names of the fields that can be filtered, and of the id field.
        self.fields = tuple(dict.fromkeys([*fields, *filter(None, [id_field])]))
        self.front = 0
        # What makes the records that are not made yet; derived collections share it.
        self.making = ALL_MADE
        chunks = tuple(chunks_of(records, 0, self.fields))
        self.numbers = RunningNumbers(chunks)
        self._set_chunks(chunks, _starts(chunks), sum(map(len, chunks)))

    def _set_chunks(self, chunks: tuple[Chunk, ...], starts: array[int], size: int) -> None:
        self.chunks = chunks
        # The first position of each chunk.
        self._starts, self._size = starts, size
        self._serial = next(_serials)
        self._positions: Sequence[int] | None = None

    def __len__(self) -> int:
        return self._size

    def __contains__(self, record_id: object) -> bool:
        return isinstance(record_id, str) and self.find_id(record_id) is not None

    @property
    def positions(self) -> Sequence[int]:
        """Return the positions of all records, ascending."""
        if self._positions is None:
            self._positions = chunk_search.positions_of(self.chunks, self._size)
        return self._positions

    def matching(self, filters: frozenset[Filter]) -> Sequence[int]:
        """Return the positions of the records that pass every filter, ascending.

        The first call with a set of filters scans the records; later ones find the positions in a cache.
        """
        if not filters:
            return self.positions
        known = self.filter_cache.get(self._serial, filters)
        if known is None:
            known = _scan(self.chunks, filters)
            self.filter_cache.add(self._serial, filters, known)
        return known

    def ordered(self, filters: frozenset[Filter], sort: Sort) -> Sequence[int]:
        """Return the positions of the records that pass every filter in an order, cached as well."""
        wanted = filters | {sort}
        known = self.filter_cache.get(self._serial, wanted)
        if known is None:
            matching = self.matching(filters)
            keys = [] if sort.field is None else keys_at(self.chunks, matching, sort.field)
            known = array(POSITION, sorted_positions(matching, keys, sort))
            self.filter_cache.add(self._serial, wanted, known)
        return known

    def order(self, sort: Sort) -> Order:
        """Return what tells where a position stands among sorted ones."""
        return Order(sort, partial(key_near, self.chunks, self._starts, sort.field))

    def has_value(self, field: str, text: str) -> bool:
        """Tell whether a record has a value, as a query writes it, in a field that can be filtered."""
        return any(text in chunk.index(field) for chunk in self.chunks)

    def find_id(self, record_id: str, own_id: bytes = b"") -> int | None:
        """Return the position of a record with an id, as the account sends it; None for none."""
        field = self.id_field
        return None if field is None else next(self.positions_with(field, record_id, own_id), None)

    def positions_with(self, field: str, text: str, own_id: bytes = b"") -> Iterator[int]:
        """Yield where records have a value in a field, as the account sends it, its own id first."""
        for each in stored_texts(text, own_id):
            yield from chunk_search.all_positions(self.chunks, field, each)

    def record_at(self, position: int, own_id: bytes) -> dict[str, Any]:
        """Return the record at a position, its hidden members beside those that are shown.

        `own_id` is the id of the account that reads it. Raise LookupError where no record is there.
        """
        index, place = self._require(position)
        chunk = self.chunks[index]
        record: dict[str, Any] = json.loads(fill_account_id(chunk.encoded[place], own_id))
        return record if chunk.hidden is None else {**chunk.hidden[place], **record}

    def find(self, field: str, text: str) -> tuple[int, int] | None:
        """Return the first and the last position at which a field has a value, as a query writes it.

        Where no record has it, but all have whole numbers, a whole number stands before the first record
        that has a greater one: the positions are those around that place, the one after it first. Return
        None for any other value. The field must be one of `fields`.
        """
        return chunk_search.find_ends(self.chunks, field, text)

    def value_at(self, field: str, position: int) -> str | None:
        """Return the value of a field of a record, as a query writes it; None where no record is."""
        cell = self.cell_at(field, position)
        return cell if isinstance(cell, str) else None

    def cell_at(self, field: str, position: int) -> Cell:
        """Return all values of a field of the record at a position; None where no record is there."""
        index, place = self._locate(position)
        return None if place is None else self.chunks[index].columns[field][place]

    def _locate(self, position: int) -> tuple[int, int | None]:
        """Return the index of a chunk, and the place of a position in it; None where no record is."""
        index = bisect_right(self._starts, position) - 1
        return index, None if index < 0 else self.chunks[index].place_of(position)

    def at(self, positions: Sequence[int]) -> list[bytes]:
        """Return the encoded records at these positions, with placeholders for the account's id."""
        if not positions:
            return []
        first = bisect_right(self._starts, positions[0]) - 1
        own = self.chunks[first].positions
        # A list may be in any order; ranges and arrays of positions are ascending.
        if type(own) is range and positions[-1] < own.stop and type(positions) is not list:
            start, encoded = own.start, self.chunks[first].encoded
            return [encoded[position - start] for position in positions]
        return list(chunk_search.encoded_at(self.chunks, self._starts, positions))

    def of(self, records: Iterable[Any]) -> Collection:
        """Return a collection of these records alone, with the same name, fields and cache."""
        new = Collection(self.name, records, self.fields, self.id_field, self.filter_cache)
        return new.with_given(self.numbers)

    def with_given(self, numbers: RunningNumbers) -> Collection:
        """Return a collection of the same records that does not give these numbers again."""
        new = _copy(self)
        new.numbers = self.numbers._replace(given=numbers.given)
        return new

    def with_records(self, records: Sequence[Any]) -> Collection:
        """Return a collection with more records in front, the first at `front - len(records)`."""
        start = self.front - len(records)
        new, joined = chunks_of(records, start, self.fields), 0
        while new and joined < len(self.chunks) and new[-1].takes(self.chunks[joined]):
            new[-1] = new[-1].before(self.chunks[joined])
            joined += 1
        return self._with_chunks(0, joined, new, start)

    def with_record(self, where: int | str, record: Any) -> Collection:
        """Return a collection in which a record replaces that at a position, or with an id.

        Raise LookupError where there is none.
        """
        index, place = self._require(where)
        only = Chunk.of([record], 0, self.fields)
        return self._with_chunks(index, 1, [self.chunks[index].with_record(place, only)], self.front)

    def without_record(self, where: int | str) -> Collection:
        """Return a collection without the record at a position, or with an id.

        Raise LookupError where there is none.
        """
        index, place = self._require(where)
        left = self.chunks[index].without_record(place)
        following = self.chunks[index + 1 : index + 2]
        # Small chunks are joined, so that there are never many more than the records need.
        if left.encoded and following and len(left) + len(following[0]) <= SIZE // 2:
            return self._with_chunks(index, 2, [left.before(following[0])], self.front)
        return self._with_chunks(index, 1, [left] if left.encoded else [], self.front)

    def _require(self, where: int | str) -> tuple[int, int]:
        """Return the index of a record's chunk, and its place in it; raise LookupError."""
        position = self.find_id(where) if isinstance(where, str) else where
        index, place = (0, None) if position is None else self._locate(position)
        if place is None:
            raise LookupError(f"{self.name} has no record at the position, or with the id, {where!r}")
        return index, place

    def _with_chunks(self, start: int, number: int, chunks: Sequence[Chunk], front: int) -> Collection:
        """Return a collection in which chunks replace a number of others, from an index on."""
        new, stop = _copy(self), start + number
        new.front, new.is_generated = front, False
        size = self._size + sum(map(len, chunks)) - sum(map(len, self.chunks[start:stop]))
        starts = self._starts[:start] + _starts(chunks) + self._starts[stop:]
        new._set_chunks((*self.chunks[:start], *chunks, *self.chunks[stop:]), starts, size)
        return new


def unmade(outline: Collection, records: Iterable[Any], count: int) -> Collection:
    """Return a collection like one without records, of `count` that are made as they are needed."""
    making = Making(records, count, outline.fields)
    new = outline.of(())._with_chunks(0, 0, making.chunks, 0)
    new.making, new.numbers = making, RunningNumbers(new.chunks)
    return new


def _copy(collection: Collection) -> Collection:
    # As `copy.copy` does, in a tenth of the time.
    new = object.__new__(Collection)
    new.__dict__.update(collection.__dict__)
    return new


def _starts(chunks: Iterable[Chunk]) -> array[int]:
    return array(POSITION, [chunk.positions[0] for chunk in chunks])


def _scan(chunks: Sequence[Chunk], filters: frozenset[Filter]) -> Sequence[int]:
    """Return the positions of the records that pass every filter, ascending."""
    found = array(POSITION)
    for chunk in chunks:
        places: Sequence[int] = range(len(chunk.encoded))
        for wanted in filters:
            places = wanted.matches(chunk, places)
        found.extend(map(chunk.positions.__getitem__, places))
    return found
