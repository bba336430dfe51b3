"""Projection: a record as the schema of an answer shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.data.blanks import Occasion, fill_required
from mock_server.openapi.former_names import NO_LINEAGE, Lineage
from mock_server.openapi.open_objects import is_open
from mock_server.openapi.schema import Schema, item_schema, members_of
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked
from mock_server.openapi.schema_merging import merge_all_of


class Projection:
    """Shows records by one schema: leaves out what it does not describe, and fills in what it requires.

    The projections of its parts are made when they are needed, since a schema may contain itself.
    """

    def __init__(self, schema: Schema, example: Any = None, lineage: Lineage = NO_LINEAGE) -> None:
        """Take a schema, and an example of what is shown; None for none.

        `lineage` tells what the members were called in the version of the schema.
        """
        self.schema = merge_all_of(schema)
        self._example = example
        self._lineage = lineage
        self._is_open = is_open(self.schema)
        self._members = {
            name: part
            for name, part in members_of(self.schema).items()
            if not is_marked(part, WRITE_ONLY)
        }
        self._kept = lineage.kept_names(self._members)
        self._parts: dict[str, Projection] = {}

    def show(self, record: Any, occasion: Occasion) -> Any:
        """Return a record, or a part of it, as the schema shows it."""
        if isinstance(record, list):
            items = self._part("", item_schema(self.schema), self._lineage.items)
            return [items.show(item, occasion.member(str(n))) for n, item in enumerate(record)]
        if not isinstance(record, dict):
            return record
        known = self._renamed(record) if self._kept else record
        shown = {
            name: self._show_member(name, value, occasion)
            for name, value in known.items()
            if name in self._members or self._is_open
        }
        filled = fill_required(self.schema, shown, self._example, occasion)
        # In the schema's order, as records that are there from the start.
        return {name: filled[name] for name in self._members if name in filled} | filled

    def _renamed(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record with the names that its members have in the version of the schema."""
        own = {former: record[name] for former, name in self._kept.items() if name in record}
        renamed = {*self._kept, *self._kept.values()}
        return {name: value for name, value in record.items() if name not in renamed} | own

    def _show_member(self, name: str, value: Any, occasion: Occasion) -> Any:
        if not isinstance(value, dict | list) or name not in self._members:
            return value
        lineage = self._lineage.member(self._kept.get(name, name))
        return self._part(name, self._members[name], lineage).show(value, occasion.member(name))

    def _part(self, name: str, schema: Schema, lineage: Lineage) -> Projection:
        if name not in self._parts:
            examples = self._example if isinstance(self._example, Mapping) else {}
            example = examples.get(name)
            if not name and isinstance(self._example, list):
                example = next(iter(self._example), None)
            self._parts[name] = Projection(schema, example, lineage)
        return self._parts[name]
