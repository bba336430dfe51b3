"""A collection: records in their order, encoded once, with columns for what can be filtered."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from mock_server.filters import Filter

# What the filters already seen may hold in memory, e.g. 40 of them that match 100,000 records each.
REMEMBERED_BYTES = 16_000_000


class Collection:
    """Records in the order in which they are served, which never change; a position is an index."""

    def __init__(self, name: str, records: Iterable[dict[str, Any]], fields: Iterable[str]) -> None:
        self.name = name
        self.encoded: list[bytes] = []
        self._columns: dict[str, list[str | None]] = {field: [] for field in fields}
        for record in records:
            self.encoded.append(orjson.dumps(record))
            for field, column in self._columns.items():
                column.append(_text(record.get(field)))
        self._seen: OrderedDict[frozenset[Filter], Sequence[int]] = OrderedDict()
        self._seen_bytes = 0

    def __len__(self) -> int:
        return len(self.encoded)

    def matching(self, filters: frozenset[Filter]) -> Sequence[int]:
        """The positions of the records that pass every filter, ascending.

        The first sight of a set of filters scans the records, later ones look it up.
        """
        if not filters:
            return range(len(self.encoded))
        known = self._seen.get(filters)
        if known is not None:
            self._seen.move_to_end(filters)
            return known
        return self._remember(filters, self._scan(filters))

    def _scan(self, filters: frozenset[Filter]) -> Sequence[int]:
        positions: Sequence[int] = range(len(self.encoded))
        for wanted in filters:
            positions = wanted.matches(self._columns[wanted.field], positions)
        return array("I", positions)

    def _remember(self, filters: frozenset[Filter], positions: Sequence[int]) -> Sequence[int]:
        self._seen[filters] = positions
        self._seen_bytes += _size(filters, positions)
        while self._seen_bytes > REMEMBERED_BYTES:
            self._seen_bytes -= _size(*self._seen.popitem(last=False))
        return positions


def _size(filters: frozenset[Filter], positions: Sequence[int]) -> int:
    return 500 + sum(wanted.size for wanted in filters) + 4 * len(positions)


def _text(value: Any) -> str | None:
    """A field's value as a query spells it, e.g. `true` for a boolean."""
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()
