"""Line totals: the sums that records of the starting data have of others, such as an invoice's lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.data.records import Record, field_of
from mock_server.data.sums import Sums
from mock_server.openapi.actions import LineSum


class LineTotals:
    """The values that are added up for each record, by its key; each collection is read once."""

    def __init__(self, records: Callable[[str], Iterable[Any]]) -> None:
        """Take what makes the records of a collection by its name."""
        self._records = records
        self._values: dict[tuple[str, str, str], Mapping[str, list[Any]]] = {}
        # Those that are read just now, so that sums of each other end.
        self._reading: set[str] = set()

    def add_up(self, record: Record, key: Any, sums: Sums) -> None:
        """Set the members of a record that are sums of others; `key` is its key."""
        for member, rule in sums.lines.items():
            if rule.of not in self._reading:
                sums.add_up(record, member, self._of(rule, sums).get(str(key), ()))

    def _of(self, rule: LineSum, sums: Sums) -> Mapping[str, list[Any]]:
        wanted = rule.of, rule.by, rule.field
        if wanted not in self._values:
            # All sums of the same records at once, since making these takes long.
            rules = {(each.of, each.by, each.field) for each in sums.lines.values()}
            self._read(rule.of, [each for each in rules if each[0] == rule.of])
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
