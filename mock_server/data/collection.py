"""A collection: records in order, encoded once, with a column for each field that can be filtered."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import accumulate, count
from typing import Any

import orjson

from mock_server.data.budget import Budget
from mock_server.data.records import Record, field_of
from mock_server.formats import json_output, numbers
from mock_server.lists.filters import Filter

# Bytes of memory that cached positions may take, e.g. 20 filters that match 100,000 records each.
FILTER_BYTES = 8_000_000

# Signed integers of 4 bytes: records that are added later have positions below 0.
_POSITION = "i"

# Stands in a record's JSON for the id of the account that reads it; JSON never holds a raw NUL.
ACCOUNT_ID_PLACEHOLDER = b"\0"

_serials = count()


def encode(value: Any) -> bytes:
    """Return a record, or a value of one, as JSON with a placeholder for each account id."""
    encoded = json_output.dump(value, _placeholder, orjson.OPT_PASSTHROUGH_SUBCLASS)
    # A copy, since orjson's result occupies a buffer of 4 kB even for a record of 500 bytes.
    return bytes(memoryview(encoded))


def _placeholder(_own_account: Any) -> Any:
    return orjson.Fragment(b'"' + ACCOUNT_ID_PLACEHOLDER + b'"')


def fill_account_id(encoded: bytes, own_id: bytes) -> bytes:
    """Return encoded records, or a body with such, with the id of the account that reads them."""
    return encoded.replace(ACCOUNT_ID_PLACEHOLDER, own_id)


class FilterCache:
    """The positions that sets of filters match; the least recently used are dropped first.

    The versions of a collection share one cache; the serial number of a version is part of the key.
    """

    def __init__(self) -> None:
        self._positions: OrderedDict[tuple[int, frozenset[Filter]], Sequence[int]] = OrderedDict()
        self.budget = Budget(FILTER_BYTES, self._drop_oldest)

    def get(self, serial: int, filters: frozenset[Filter]) -> Sequence[int] | None:
        """Return the positions that match; None where they are not in the cache."""
        known = self._positions.get((serial, filters))
        if known is not None:
            self._positions.move_to_end((serial, filters))
        return known

    def add(self, serial: int, filters: frozenset[Filter], positions: Sequence[int]) -> None:
        """Keep positions, and drop the least recently used ones beyond the budget."""
        self._positions[serial, filters] = positions
        self.budget.held += _size(filters, positions)
        if self.budget.held > self.budget.limit:
            self.budget.shrink()

    def _drop_oldest(self) -> None:
        (_, filters), positions = self._positions.popitem(last=False)
        self.budget.held -= _size(filters, positions)


def _size(filters: frozenset[Filter], positions: Sequence[int]) -> int:
    return 1_000 + sum([wanted.size for wanted in filters]) + 4 * len(positions)


class Collection:
    """Records in the order in which they are served; a collection never changes.

    A record keeps its position in the collections that are derived from this one. Added records come
    before all others, at positions that no record had before.

    `is_generated` tells that all of them are made by the schema, so that none says what it belongs to.
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
        self.name = name
        self.encoded: list[bytes] = []
        self.id_field = id_field
        self.filter_cache = filter_cache or FilterCache()
        self._columns: dict[str, list[str | None]] = {field: [] for field in fields}
        if id_field is not None:
            self._columns.setdefault(id_field, [])
        self._append(records)
        self._set_positions(range(len(self.encoded)), front=0)

    def _append(self, records: Iterable[Any]) -> None:
        for record in records:
            self.encoded.append(encode(record))
            for field, column in self._columns.items():
                column.append(_query_text(field_of(record, field)))

    def _set_positions(self, positions: Sequence[int], front: int) -> None:
        self.positions = positions
        # The lowest position that any record had; added records come before it.
        self.front = front
        self._serial = next(_serials)
        self._values: dict[str, frozenset[str | None]] = {}
        # By field, the first and the last place of each value.
        self._ranges: dict[str, dict[str, tuple[int, int]]] = {}
        # By field, the greatest whole number up to each place; None where not all have one.
        self._greatest: dict[str, list[int] | None] = {}

    def __len__(self) -> int:
        return len(self.encoded)

    def _column(self, field: str) -> list[str | None]:
        """Return the values of a field, found in all records where it was not filtered by before."""
        self.add_field(field)
        return self._columns[field]

    def add_field(self, field: str) -> None:
        """Have the records ready to be filtered by one more field; any thread may call this."""
        if field not in self._columns:
            decoded = (orjson.loads(fill_account_id(each, b"")) for each in self.encoded)
            self._columns[field] = [_query_text(field_of(record, field)) for record in decoded]

    @property
    def ids(self) -> Container[str]:
        """Return the ids of the records; empty where they have no id field."""
        column = [] if self.id_field is None else self._columns[self.id_field]
        return {record_id for record_id in column if record_id is not None}

    @property
    def fields(self) -> list[str]:
        """Return the names of the fields that can be filtered, and of the id field."""
        return list(self._columns)

    def matching(self, filters: frozenset[Filter]) -> Sequence[int]:
        """Return the positions of the records that pass every filter, ascending.

        The first call with a set of filters scans the records; later ones find the positions in a cache.
        """
        if not filters:
            return self.positions
        known = self.filter_cache.get(self._serial, filters)
        if known is None:
            known = self._scan(filters)
            self.filter_cache.add(self._serial, filters, known)
        return known

    def _scan(self, filters: frozenset[Filter]) -> Sequence[int]:
        places: Sequence[int] = range(len(self.encoded))
        for wanted in filters:
            places = wanted.matches(self._column(wanted.field), places)
        if self.positions == range(len(self.encoded)):
            return array(_POSITION, places)
        return array(_POSITION, [self.positions[place] for place in places])

    def values(self, field: str) -> frozenset[str | None]:
        """Return the values of a field that can be filtered; None if a record has no value."""
        if field not in self._values:
            self._values[field] = frozenset(self._column(field))
        return self._values[field]

    def find(self, field: str, text: str) -> tuple[int, int] | None:
        """Return the first and the last position at which a field has a value, as a query writes it.

        Where no record has it, but all have whole numbers, a whole number stands before the first record
        that has a greater one: the positions are those around that place, the one after it first. Return
        None for any other value. The field must be one of `fields`.
        """
        found = self._ranges_of(field).get(text)
        if found is not None:
            return self.positions[found[0]], self.positions[found[1]]
        greater = self._place_of_number(field, text)
        if greater is None:
            return None
        # Of no records, each position is behind the last one.
        last = self.positions[-1] if self.positions else -1
        position = self.positions[greater] if greater < len(self.positions) else last + 1
        return position, position - 1

    def _ranges_of(self, field: str) -> dict[str, tuple[int, int]]:
        """Return the first and the last place of each value of a field."""
        if field not in self._ranges:
            ranges: dict[str, tuple[int, int]] = {}
            for place, value in enumerate(self._column(field)):
                if value is not None:
                    first, _ = ranges.get(value, (place, place))
                    ranges[value] = (first, place)
            self._ranges[field] = ranges
        return self._ranges[field]

    def _place_of_number(self, field: str, text: str) -> int | None:
        """Return the place of the first record with a greater number; None where not all are numbers."""
        if field not in self._greatest:
            found = list(map(numbers.whole_number, self._column(field)))
            known = [number for number in found if number is not None]
            is_whole = len(known) == len(found)
            self._greatest[field] = list(accumulate(known, max)) if is_whole else None
        greatest, number = self._greatest[field], numbers.whole_number(text)
        return None if greatest is None or number is None else bisect_right(greatest, number)

    def value_at(self, field: str, position: int) -> str | None:
        """Return the value of a field of the record at a position, as a query writes it.

        Return None where no record is at this position, such as behind the last one.
        """
        if isinstance(self.positions, range):
            place = position - self.positions.start
        else:
            place = bisect_left(self.positions, position)
        is_there = 0 <= place < len(self.positions) and self.positions[place] == position
        return self._column(field)[place] if is_there else None

    def at(self, positions: Sequence[int]) -> list[bytes]:
        """Return the encoded records at these positions, with placeholders for the account's id."""
        if isinstance(self.positions, range):
            start = self.positions.start
            return [self.encoded[position - start] for position in positions]
        return [self.encoded[bisect_left(self.positions, position)] for position in positions]

    def of(self, records: Iterable[Any]) -> Collection:
        """Return a collection of these records alone, with the same name, fields and cache."""
        return Collection(self.name, records, self.fields, self.id_field, self.filter_cache)

    def with_records(self, records: Sequence[Record]) -> Collection:
        """Return a collection with more records in front, the first at `front - len(records)`."""
        start = self.front - len(records)
        new = self.of(records)
        if isinstance(self.positions, range) and self.positions.start == self.front:
            positions: Sequence[int] = range(start, self.positions.stop)
        else:
            positions = array(_POSITION, [*range(start, self.front), *self.positions])
        new.encoded += self.encoded
        new._extend(self._columns)
        new._set_positions(positions, start)
        return new

    def find_id(self, record_id: str) -> int | None:
        """Return the position of the record with an id; None where there is no such record."""
        ids = self._columns[self.id_field] if self.id_field is not None else []
        return self.positions[ids.index(record_id)] if record_id in ids else None

    def record_at(self, position: int, own_id: str) -> Record:
        """Return the record at a position, with the id of the account that reads it."""
        encoded = fill_account_id(self.at([position])[0], own_id.encode())
        record: Record = orjson.loads(encoded)
        return record

    def with_record(self, position: int, record: Record) -> Collection:
        """Return a collection in which another record stands at a position."""
        place = bisect_left(self.positions, position)
        new = self.of(())
        new.encoded = [*self.encoded]
        new.encoded[place] = encode(record)
        new._extend({field: [*column] for field, column in self._columns.items()})
        for field, column in new._columns.items():
            column[place] = _query_text(field_of(record, field))
        new._set_positions(self.positions, self.front)
        return new

    def without_record(self, record_id: str) -> Collection | None:
        """Return a collection without the record with an id; None where there is no such record."""
        ids = self._columns[self.id_field] if self.id_field is not None else []
        if record_id not in ids:
            return None
        place = ids.index(record_id)
        new = self.of(())
        new.encoded = _without_index(self.encoded, place)
        new._extend({field: _without_index(column, place) for field, column in self._columns.items()})
        new._set_positions(array(_POSITION, _without_index(list(self.positions), place)), self.front)
        return new

    def _extend(self, columns: Mapping[str, list[str | None]]) -> None:
        for field, column in columns.items():
            self._columns[field] += column


def _without_index(values: list[Any], place: int) -> list[Any]:
    return values[:place] + values[place + 1 :]


def _query_text(value: Any) -> str | None:
    """Return a field's value as a query writes it, e.g. `true`, or `10` for 10.0; None for no value."""
    if value is None or isinstance(value, str):
        return value
    return numbers.plain_text(value) if numbers.is_number(value) else encode(value).decode()
