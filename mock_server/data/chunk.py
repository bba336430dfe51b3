"""A chunk: some hundred records of a collection that stand beside each other; it never changes."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import accumulate, islice
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from mock_server.data.columns import Columns, column_of, encode, has_several, texts_of
from mock_server.formats import numbers
from mock_server.lists.filters import Cell, values_of
from mock_server.lists.order_keys import Key, key_of, key_of_cell

# The most records of a chunk: an edit copies one chunk, and a search looks into each.
SIZE = 512

# How many times as large as a chunk another one may be that it is joined with.
_TIMES = 8

# Signed integers of 4 bytes: records that are added later have positions below 0.
POSITION = "i"


_Found = TypeVar("_Found")

# Shared by the indexes of fields whose values all differ.
_ALONE = tuple([(place,) for place in range(SIZE)])


class Stored(NamedTuple):
    """A record as it is kept: the members that answers show, and further ones that none shows.

    Filters read both; a member that is shown counts before a hidden one of the same name.
    """

    shown: Any
    hidden: Mapping[str, Any] = {}


def as_stored(
    record: Any, hidden: Collection[str], further: Mapping[str, Any] = MappingProxyType({})
) -> Any:
    """Return a record with those of its members apart that are hidden, and with further hidden ones."""
    if not isinstance(record, dict):
        return record
    apart = {**{name: record[name] for name in hidden if name in record}, **further}
    if not apart:
        return record
    return Stored({name: value for name, value in record.items() if name not in apart}, apart)


class Chunk:
    """Records beside each other, at ascending positions.

    - `positions`: of the records; a range where none is missing between them
    - `encoded`: the shown members of each record, in JSON
    - `hidden`: the hidden members of each record; None where no record has any
    - `columns`: by field, its value in each record
    """

    __slots__ = ("_found", "columns", "encoded", "hidden", "indexes", "positions")

    def __init__(
        self,
        positions: Sequence[int],
        encoded: list[bytes],
        hidden: list[Mapping[str, Any]] | None,
        columns: dict[str, list[Cell]],
        several: frozenset[str],
    ) -> None:
        self.positions = positions
        self.encoded = encoded
        self.hidden = hidden
        self.columns = Columns(columns, several, encoded, hidden)
        # What `index` has made, by field.
        self.indexes: dict[str, Mapping[str | None, Sequence[int]]] = {}
        # What was computed of the columns when it was first needed, by what it is and the field.
        self._found: dict[tuple[str, str], Any] = {}

    @classmethod
    def of(cls, records: Sequence[Any], start: int, fields: Iterable[str]) -> Chunk:
        """Return a chunk of at most `SIZE` records, the first at the position `start`.

        A record is one as it is shown, or `Stored`.
        """
        shown, hidden = records, None
        if any(type(each) is Stored for each in records):
            stored = [each if isinstance(each, Stored) else Stored(each) for each in records]
            shown, hidden = [each.shown for each in stored], [each.hidden for each in stored]
        columns = {field: column_of(field, shown, hidden) for field in fields}
        several = frozenset(field for field, column in columns.items() if has_several(column))
        positions = range(start, start + len(records))
        return cls(positions, list(map(encode, shown)), hidden, columns, several)

    @property
    def several(self) -> frozenset[str]:
        """Return the fields of which some record may have several values."""
        return self.columns.several

    @property
    def is_made(self) -> bool:
        """Tell whether the records are made."""
        return True

    def __len__(self) -> int:
        return len(self.encoded)

    def place_of(self, position: int) -> int | None:
        """Return the index of the record at a position; None where there is none."""
        if isinstance(self.positions, range):
            place = position - self.positions.start
            return place if 0 <= place < len(self.encoded) else None
        place = bisect_left(self.positions, position)
        is_there = place < len(self.encoded) and self.positions[place] == position
        return place if is_there else None

    def takes(self, later: Chunk) -> bool:
        """Tell whether it becomes one chunk with a later one that it comes in front of.

        Not with one of many more records, so that those which come one by one are copied a few times.
        """
        return len(later) <= _TIMES * len(self) and len(self) + len(later) <= SIZE

    def before(self, later: Chunk) -> Chunk:
        """Return a chunk of these records and, after them, those of a later one."""
        if self.positions[-1] + 1 == later.positions[0] and _are_ranges(self, later):
            positions: Sequence[int] = range(self.positions[0], later.positions[-1] + 1)
        else:
            positions = array(POSITION, [*self.positions, *later.positions])
        hidden = None
        if self.hidden is not None or later.hidden is not None:
            hidden = [*_hidden(self), *_hidden(later)]
        columns = {field: column + later.columns[field] for field, column in self.columns.items()}
        several = self.several | later.several
        return Chunk(positions, self.encoded + later.encoded, hidden, columns, several)

    def with_record(self, place: int, new: Chunk) -> Chunk:
        """Return a chunk in which the only record of another one replaces that at an index."""
        hidden = self.hidden
        if hidden is not None or new.hidden is not None:
            hidden = _replaced(_hidden(self), place, _hidden(new)[0])
        columns = {
            field: _replaced(column, place, new.columns[field][0])
            for field, column in self.columns.items()
        }
        encoded = _replaced(self.encoded, place, new.encoded[0])
        return Chunk(self.positions, encoded, hidden, columns, self.several | new.several)

    def without_record(self, place: int) -> Chunk:
        """Return a chunk without the record at an index."""
        last, positions = len(self.encoded) - 1, self.positions
        if isinstance(positions, range) and place in (0, last):
            positions = positions[1:] if place == 0 else positions[:-1]
        else:
            positions = _without(array(POSITION, positions), place)
        hidden = None if self.hidden is None else _without(self.hidden, place)
        columns = {field: _without(column, place) for field, column in self.columns.items()}
        return Chunk(positions, _without(self.encoded, place), hidden, columns, self.several)

    @property
    def packed(self) -> array[int]:
        """Return the positions as an array."""
        if isinstance(self.positions, array):
            return self.positions
        return self.once("packed", "", lambda _: array(POSITION, self.positions))

    def index(self, field: str) -> Mapping[str | None, Sequence[int]]:
        """Return the indexes of the records with each value of a field, ascending."""
        known = self.indexes.get(field)
        if known is None:
            known = self.indexes[field] = self._make_index(field)
        return known

    def _make_index(self, field: str) -> Mapping[str | None, Sequence[int]]:
        column: list[Any] = self.columns[field]
        if field not in self.several:
            distinct: dict[str | None, Sequence[int]] = dict(zip(column, _ALONE, strict=False))
            if len(distinct) == len(column):
                return distinct
        index: defaultdict[str | None, list[int]] = defaultdict(list)
        if field in self.several:
            for place, cell in enumerate(column):
                for text in dict.fromkeys(texts_of(cell)):
                    index[text].append(place)
        else:
            for place, text in enumerate(column):
                index[text].append(place)
        return dict(index)

    def having(self, field: str, values: Iterable[str]) -> Sequence[int]:
        """Return the indexes of the records that have one of these values in a field, ascending."""
        index = self.index(field)
        found = [index[value] for value in values if value in index]
        if len(found) == 1:
            return found[0]
        places = [place for some in found for place in some]
        return sorted(set(places)) if field in self.several else sorted(places)

    def keys(self, field: str) -> Sequence[tuple[Key, ...]]:
        """Return the order keys of the values that each record has in a field."""
        return self.once("keys", field, self._find_keys)

    def _find_keys(self, field: str) -> Sequence[tuple[Key, ...]]:
        # Once for each value, since days and amounts come again and again.
        found = {cell: tuple(map(key_of, values_of(cell))) for cell in set(self.columns[field])}
        return list(map(found.__getitem__, self.columns[field]))

    def first_keys(self, field: str) -> Sequence[Key]:
        """Return the order key of the first value that each record has in a field."""
        return self.once("first keys", field, self._find_first_keys)

    def _find_first_keys(self, field: str) -> Sequence[Key]:
        found = {cell: key_of_cell(cell) for cell in set(self.columns[field])}
        return list(map(found.__getitem__, self.columns[field]))

    def greatest(self, field: str) -> Sequence[int] | None:
        """Return the greatest whole number of a field up to each record; None where not all have one."""
        return self.once("greatest", field, self._find_greatest)

    def _find_greatest(self, field: str) -> Sequence[int] | None:
        column = self.columns[field]
        found = [numbers.whole_number(cell) for cell in column if isinstance(cell, str)]
        known = [number for number in found if number is not None]
        return list(accumulate(known, max)) if len(known) == len(column) else None

    def once(self, what: str, field: str, find: Callable[[str], _Found]) -> _Found:
        """Return what is found of a field, by the first call for it; `what` tells it from all else."""
        key = what, field
        if key not in self._found:
            self._found[key] = find(field)
        found: _Found = self._found[key]
        return found


def chunks_of(records: Iterable[Any], start: int, fields: Iterable[str]) -> list[Chunk]:
    """Return chunks of all these records, the first at the position `start`."""
    rest, known = iter(records), tuple(fields)
    chunks: list[Chunk] = []
    while some := list(islice(rest, SIZE)):
        chunks.append(Chunk.of(some, start, known))
        start += len(some)
    return chunks


def _are_ranges(*chunks: Chunk) -> bool:
    return all(isinstance(chunk.positions, range) for chunk in chunks)


def _hidden(chunk: Chunk) -> list[Mapping[str, Any]]:
    return [{}] * len(chunk) if chunk.hidden is None else chunk.hidden


def _replaced(values: list[Any], place: int, value: Any) -> list[Any]:
    new = values.copy()
    new[place] = value
    return new


def _without(values: Any, place: int) -> Any:
    new = values[:]
    del new[place]
    return new
