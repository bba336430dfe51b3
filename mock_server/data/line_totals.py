"""Line totals: the sums that records of the starting data have of others, such as an invoice's lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.data.records import Record, field_of
from mock_server.data.sums import Sums
from mock_server.openapi.actions import LineSum


class LineTotals:
    """The values that are added up for each record, by its key; each collection is read once."""

    def __init__(self, records: Callable[[str], Iterable[Any]], rules: Iterable[LineSum]) -> None:
        """Take what makes the records of a collection by its name, and all sums that there are."""
        self._records = records
        self._rules = {(rule.of, rule.by, rule.field) for rule in rules}
        self._values: dict[tuple[str, str, str], Mapping[str, list[Any]]] = {}
        # Those that are read just now, so that sums of each other end.
        self._reading: set[str] = set()

    @property
    def collections(self) -> frozenset[str]:
        """Return the names of the collections whose records are added up."""
        return frozenset(of for of, _, _ in self._rules)

    def add_up(self, record: Record, key: Any, sums: Sums) -> None:
        """Set the members of a record that are sums of others; `key` is its key."""
        for member, rule in sums.lines.items():
            if rule.of not in self._reading:
                values = self._of((rule.of, rule.by, rule.field))
                sums.add_up(record, member, values.get(str(key), ()))

    def _of(self, wanted: tuple[str, str, str]) -> Mapping[str, list[Any]]:
        if wanted not in self._values:
            # All sums of the same records at once, since making these takes long.
            self._read(wanted[0], [each for each in self._rules if each[0] == wanted[0]])
        return self._values[wanted]

    def _read(self, of: str, wanted: Iterable[tuple[str, str, str]]) -> None:
        found: dict[tuple[str, str, str], dict[str, list[Any]]] = {each: {} for each in wanted}
        self._reading.add(of)
        for line in self._records(of):
            for each, values in found.items():
                key, value = field_of(line, each[1]), field_of(line, each[2])
                if key is not None:
                    values.setdefault(str(key), []).append(value)
        self._reading.discard(of)
        self._values.update(found)
