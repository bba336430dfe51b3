"""A collection: records in their order, encoded once, with columns for what can be filtered."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from mock_server.data.records import Record, encode
from mock_server.lists.filters import Filter

# What the filters already seen may hold in memory, e.g. 20 of them that match 100,000 records each.
REMEMBERED_BYTES = 8_000_000

# Positions as they are remembered, in 4 bytes; those of records added later go below 0, one by one.
_POSITION = "i"

_serials = count()


class Seen:
    """The positions that sets of filters were found to match, for several collections together."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[int, frozenset[Filter]], Sequence[int]] = OrderedDict()
        self._bytes = 0

    def get(self, serial: int, filters: frozenset[Filter]) -> Sequence[int] | None:
        known = self._found.get((serial, filters))
        if known is not None:
            self._found.move_to_end((serial, filters))
        return known

    def add(self, serial: int, filters: frozenset[Filter], positions: Sequence[int]) -> None:
        self._found[serial, filters] = positions
        self._bytes += _size(filters, positions)
        while self._bytes > REMEMBERED_BYTES:
            (_, oldest), forgotten = self._found.popitem(last=False)
            self._bytes -= _size(oldest, forgotten)


def _size(filters: frozenset[Filter], positions: Sequence[int]) -> int:
    return 1_000 + sum(wanted.size for wanted in filters) + 4 * len(positions)


class Collection:
    """Records in the order in which they are served, which never change.

    A record's position stays its own whatever is added or removed: those that are added later come
    before all others, at positions that none has had yet.
    """

    def __init__(
        self,
        name: str,
        records: Iterable[Record],
        fields: Iterable[str],
        id_field: str | None = None,
        seen: Seen | None = None,
    ) -> None:
        self.name = name
        self.encoded: list[bytes] = []
        self.id_field = id_field
        self.seen = seen or Seen()
        self._columns: dict[str, list[str | None]] = {field: [] for field in fields}
        if id_field is not None:
            self._columns.setdefault(id_field, [])
        self._append(records)
        self._place(range(len(self.encoded)), front=0)

    def _append(self, records: Iterable[Record]) -> None:
        for record in records:
            self.encoded.append(encode(record))
            for field, column in self._columns.items():
                column.append(_text(record.get(field)))

    def _place(self, positions: Sequence[int], front: int) -> None:
        self.positions = positions
        # The lowest position that was ever taken: what is added comes before it.
        self.front = front
        self._serial = next(_serials)
        self._values: dict[str, frozenset[str | None]] = {}

    def __len__(self) -> int:
        return len(self.encoded)

    @property
    def ids(self) -> Container[str]:
        column = [] if self.id_field is None else self._columns[self.id_field]
        return {record_id for record_id in column if record_id is not None}

    @property
    def fields(self) -> list[str]:
        return list(self._columns)

    def matching(self, filters: frozenset[Filter]) -> Sequence[int]:
        """The positions of the records that pass every filter, ascending.

        The first sight of a set of filters scans the records, later ones look it up.
        """
        if not filters:
            return self.positions
        known = self.seen.get(self._serial, filters)
        if known is None:
            known = self._scan(filters)
            self.seen.add(self._serial, filters, known)
        return known

    def _scan(self, filters: frozenset[Filter]) -> Sequence[int]:
        places: Sequence[int] = range(len(self.encoded))
        for wanted in filters:
            places = wanted.matches(self._columns[wanted.field], places)
        if self.positions == range(len(self.encoded)):
            return array(_POSITION, places)
        return array(_POSITION, [self.positions[place] for place in places])

    def values(self, field: str) -> frozenset[str | None]:
        """The values that records have in a field that can be filtered."""
        if field not in self._values:
            self._values[field] = frozenset(self._columns[field])
        return self._values[field]

    def at(self, positions: Sequence[int]) -> list[bytes]:
        """The encoded records at positions that there are."""
        if isinstance(self.positions, range):
            start = self.positions.start
            return [self.encoded[position - start] for position in positions]
        return [self.encoded[bisect_left(self.positions, position)] for position in positions]

    def adding(self, records: Sequence[Record]) -> Collection:
        """A collection that has these in front, in the order given; the first is at `front - n`."""
        start = self.front - len(records)
        new = Collection(self.name, records, self.fields, self.id_field, self.seen)
        if isinstance(self.positions, range) and self.positions.start == self.front:
            positions: Sequence[int] = range(start, self.positions.stop)
        else:
            positions = array(_POSITION, [*range(start, self.front), *self.positions])
        new.encoded += self.encoded
        new._extend(self._columns)
        new._place(positions, start)
        return new

    def removing(self, record_id: str) -> Collection | None:
        """A collection without the record of that id; None if there is no such record."""
        ids = self._columns[self.id_field] if self.id_field is not None else []
        if record_id not in ids:
            return None
        place = ids.index(record_id)
        new = Collection(self.name, (), self.fields, self.id_field, self.seen)
        new.encoded = _without(self.encoded, place)
        new._extend({field: _without(column, place) for field, column in self._columns.items()})
        new._place(array(_POSITION, _without(list(self.positions), place)), self.front)
        return new

    def _extend(self, columns: Mapping[str, list[str | None]]) -> None:
        for field, column in columns.items():
            self._columns[field] += column


def _without(values: list[Any], place: int) -> list[Any]:
    return values[:place] + values[place + 1 :]


def _text(value: Any) -> str | None:
    """A field's value as a query spells it, e.g. `true` for a boolean."""
    if value is None or isinstance(value, str):
        return value
    return encode(value).decode()
