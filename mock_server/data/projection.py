"""Projection: a record as the schema of an answer shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from mock_server.data.blanks import Occasion, fill_required
from mock_server.openapi.former_names import NO_LINEAGE, Lineage
from mock_server.openapi.open_objects import is_open
from mock_server.openapi.schema import (
    Schema,
    admits_null,
    branches_of,
    has_branches,
    item_schema,
    kinds_of,
    members_of,
    only_values,
)
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.schema_merging import merge_all_of

# The types of values, and the words for them in schemas; a boolean is an integer in Python.
_KINDS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (bool, ("boolean",)),
    (int, ("integer", "number")),
    (float, ("number",)),
    (str, ("string",)),
    (list, ("array",)),
    (dict, ("object",)),
)


def is_of_kind(value: Any, schema: Schema) -> bool:
    """Tell whether a value is of a type that a merged schema admits."""
    kinds = kinds_of(schema)
    if value is None:
        return not kinds or admits_null(schema)
    named = next((names for kind, names in _KINDS if isinstance(value, kind)), ())
    return not kinds or any(name in kinds for name in named)


class Projection:
    """Shows records by one schema: leaves out what it does not describe, and fills in what it requires.

    The projections of its parts are made when they are needed, since a schema may contain itself.
    """

    def __init__(self, schema: Schema, example: Any = None, lineage: Lineage = NO_LINEAGE) -> None:
        """Take a schema, and an example of what is shown; None for none.

        `lineage` tells what the members were called in the version of the schema, where records are kept
        in the shape of another: values that this schema does not admit are left out then.
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
            listed = [items.show(item, occasion.member(str(n))) for n, item in enumerate(record)]
            return [item for item in listed if items.admits(item)]
        if not isinstance(record, dict):
            return record
        known = self._renamed(record) if self._kept else record
        shown = {
            name: value
            for name, part in known.items()
            if name in self._members or self._is_open
            for value in self._show_member(name, part, occasion)
        }
        filled = fill_required(self.schema, shown, self._example, occasion)
        if not self._is_own and self._has_branches and not self._compiled.is_valid(filled):
            return self._in_branch(record, occasion, filled)
        # In the schema's order, as records that are there from the start.
        return {name: filled[name] for name in self._members if name in filled} | filled

    def _in_branch(self, record: Any, occasion: Occasion, otherwise: Any) -> Any:
        """Return a record as the first branch shows it that admits it, with all that it requires."""
        for branch in self._branches:
            shown = branch.show(record, occasion)
            if self._compiled.is_valid(shown):
                return shown
        return otherwise

    @cached_property
    def _branches(self) -> list[Projection]:
        merged = [merge_all_of(each) for each in branches_of(self.schema)]
        return [Projection(each, each.get("example", self._example), self._lineage) for each in merged]

    def _renamed(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record with the names that its members have in the version of the schema."""
        own = {former: record[name] for former, name in self._kept.items() if name in record}
        renamed = {*self._kept, *self._kept.values()}
        return {name: value for name, value in record.items() if name not in renamed} | own

    def _show_member(self, name: str, value: Any, occasion: Occasion) -> Iterator[Any]:
        """Yield what is shown of a member, nothing where the schema does not admit it."""
        if name not in self._members or (self._is_own and not isinstance(value, dict | list)):
            yield value
            return
        lineage = self._lineage.member(self._kept.get(name, name))
        part = self._part(name, self._members[name], lineage)
        shown = part.show(value, occasion.member(name))
        if part.admits(shown):
            yield shown

    @property
    def _is_own(self) -> bool:
        return self._lineage is NO_LINEAGE

    def admits(self, value: Any) -> bool:
        """Tell whether the schema admits a shown value, of a record that is kept in another shape."""
        if self._is_own:
            return True
        if isinstance(value, dict | list) and not self._has_branches:
            return is_of_kind(value, self.schema)
        if self._values is not None:
            return value in self._values
        if not self._has_branches:
            return is_of_kind(value, self.schema)
        return self._compiled.is_valid(value)

    @cached_property
    def _has_branches(self) -> bool:
        return has_branches(self.schema)

    @cached_property
    def _values(self) -> list[Any] | None:
        values = only_values(self.schema)
        return [*values, None] if values is not None and admits_null(self.schema) else values

    @cached_property
    def _compiled(self) -> CompiledSchema:
        return CompiledSchema(self.schema, WRITE_ONLY, is_closed=False)

    def _part(self, name: str, schema: Schema, lineage: Lineage) -> Projection:
        if name not in self._parts:
            examples = self._example if isinstance(self._example, Mapping) else {}
            example = examples.get(name)
            if not name and isinstance(self._example, list):
                example = next(iter(self._example), None)
            self._parts[name] = Projection(schema, example, lineage)
        return self._parts[name]
