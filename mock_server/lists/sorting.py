"""Sorting: the order in which a list has its records, and where a position stands in it.

A cursor of a sorted list holds the key of its record besides its position. So it leads to the same place
when that record is gone, or has got another key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

from mock_server.lists.order_keys import NO_VALUE, Key, read_key, write_key


@dataclass(frozen=True)
class Sort:
    """Sorts records by a field; None for the order of the collection, as if each came before the next.

    Records without a value come last in both directions, and equal ones keep the collection's order.
    """

    field: str | None
    descending: bool = False

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return 100

    @property
    def canonical(self) -> tuple[str, str, tuple[str, ...]]:
        """Return what tells it from other ways to sort and from filters, the same on every machine."""
        return "Sort", self.field or "", ("desc" if self.descending else "asc",)

    @cached_property
    def mark(self) -> str:
        """What the texts of keys begin with that are of this field."""
        return blake2b((self.field or "").encode(), digest_size=2).hexdigest()


class Place(int):
    """A position in a collection with the key that a record had there; `text` is empty for none."""

    text: str

    def __new__(cls, position: int, text: str) -> Place:
        """Return the place of a position and the text of a key, as `Order.text_of` returns it."""
        place = super().__new__(cls, position)
        place.text = text
        return place


class Order(NamedTuple):
    """An order of records; `key_at` returns the key of the record at, or else after, a position."""

    sort: Sort
    key_at: Callable[[int], Key]

    def text_of(self, place: int) -> str:
        """Return the key of a position or a place as a text, e.g. `1f3an12.5`."""
        return self.sort.mark + write_key(self._key(place))

    def beside(self, position: int, step: int) -> Place:
        """Return the place directly before a record's, for the step -1, or after it, for 1."""
        return Place(position + step, self.text_of(position))

    def count_before(self, matching: Sequence[int], place: int, *, with_it: bool = False) -> int:
        """Return how many of the sorted positions come before a place, or before it and at it."""
        key = self._key(place)
        low, high = 0, len(matching)
        while low < high:
            middle = (low + high) // 2
            position = matching[middle]
            if self._is_before(self.key_at(position), position, key, place, with_it=with_it):
                low = middle + 1
            else:
                high = middle
        return low

    def _is_before(self, own: Key, position: int, key: Key, place: int, *, with_it: bool) -> bool:
        if own == key:
            return position < place or (with_it and position == place)
        if NO_VALUE in (own, key):
            return key == NO_VALUE
        return own > key if self.sort.descending else own < key

    def _key(self, place: int) -> Key:
        text = place.text if isinstance(place, Place) else ""
        mark = self.sort.mark
        return read_key(text[len(mark) :]) if text.startswith(mark) else self.key_at(place)


def sorted_positions(positions: Sequence[int], keys: Sequence[Key], sort: Sort) -> Sequence[int]:
    """Return ascending positions in the order of their keys."""
    if sort.field is None:
        return positions if sort.descending else positions[::-1]
    with_value = [index for index, key in enumerate(keys) if key != NO_VALUE]
    kinds = {keys[index][0] for index in with_value}
    if len(kinds) == 1:
        # Comparing values takes a third of the time of comparing pairs.
        values = [key[1] for key in keys]
        with_value.sort(key=values.__getitem__, reverse=sort.descending)
    else:
        with_value.sort(key=keys.__getitem__, reverse=sort.descending)
    without = [index for index, key in enumerate(keys) if key == NO_VALUE]
    return [positions[index] for index in (*with_value, *without)]
