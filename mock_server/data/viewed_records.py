"""Viewed records: those of a collection as another operation shows them, or sums of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.data import sums
from mock_server.data.blanks import Occasion
from mock_server.data.projection import Projection
from mock_server.data.records import Record, value_of
from mock_server.openapi.actions import Summary, ViewRule
from mock_server.openapi.former_names import NO_LINEAGE, Lineage
from mock_server.openapi.schema import Schema, items_of, kinds_of, members_of
from mock_server.openapi.schema_merging import merge_all_of


class ViewedRecords:
    """Shows records by the schema of a view."""

    def __init__(
        self, rule: ViewRule, schema: Schema, example: Any, lineage: Lineage = NO_LINEAGE
    ) -> None:
        self._members = rule.members
        self._shape = Projection(schema, example, lineage)

    def show(self, record: Record, occasion: Occasion) -> Record:
        """Return a record as the view shows it."""
        mapped = {name: value_of(record, path) for name, path in self._members.items()}
        known = {name: value for name, value in mapped.items() if value is not None}
        shown: Record = self._shape.show({**record, **known}, occasion)
        return shown


class SummedRecords:
    """Sums records up, as a view says, into an answer of its schema."""

    def __init__(self, rule: ViewRule, schema: Schema, example: Any) -> None:
        self._rule = rule
        self._summary = rule.summary or Summary()
        self._schema = merge_all_of(schema)
        self._shape = Projection(schema, example)
        place = self._summary.place or _only_list(self._schema)
        # The names that lead to the list in the answer; none for the answer itself.
        self._place = place.split(".") if place else []
        group = self._schema
        for name in self._place:
            group = merge_all_of(members_of(group).get(name))
        self._group = members_of(items_of(group) or group)

    def answer(self, records: Iterable[Record], occasion: Occasion) -> Any:
        """Return the answer for records."""
        if self._rule.keys is not None:
            found: Any = _keys(records, self._rule.keys)
        elif self._summary.by is None:
            found = self._sum(list(records))
        else:
            found = [self._sum(each) for each in _grouped(records, self._summary.by)]
        for name in reversed(self._place if isinstance(found, list) else []):
            found = {name: found}
        return self._shape.show(found, occasion)

    def _sum(self, records: list[Record]) -> Record:
        summary, shown = self._summary, dict(self._rule.members)
        if summary.by is not None and summary.by not in shown.values():
            shown[summary.by] = summary.by
        row: Record = {name: value_of(records[0], path) for name, path in shown.items()}
        if summary.count is not None:
            row[summary.count] = len(records)
        for name, path in summary.sum.items():
            is_text = "string" in kinds_of(self._group.get(name, {}))
            values = [value_of(each, path) for each in records]
            row[name] = sums.total(values, None if is_text else 0)
        return row


def _grouped(records: Iterable[Record], field: str) -> Iterable[list[Record]]:
    """Return records in groups of those with the same value of a field, by these values."""
    groups: dict[str, list[Record]] = {}
    for each in records:
        value = value_of(each, field)
        if value is not None:
            groups.setdefault(str(value), []).append(each)
    return [groups[value] for value in sorted(groups)]


def _keys(records: Iterable[Record], field: str) -> list[str]:
    """Return the distinct names of the members that an object in records has, sorted."""
    found: set[str] = set()
    for each in records:
        value = value_of(each, field)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, Mapping):
                found.update(part)
    return sorted(found)


def _only_list(schema: Schema) -> str | None:
    """Return the name of the only list of an object's schema; None where there is not one."""
    found = [n for n, part in members_of(schema).items() if "array" in kinds_of(merge_all_of(part))]
    return found[0] if len(found) == 1 else None
