"""Projection: a record as the schema of an answer shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_server.data.blanks import Occasion, fill_required
from mock_server.data.records import OWN_ACCOUNT
from mock_server.openapi.open_objects import is_open
from mock_server.openapi.schema import (
    Schema,
    admits_null,
    alternatives,
    item_schema,
    items_of,
    kinds_of,
    members_of,
)
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked
from mock_server.openapi.schema_merging import merge_all_of

# The JSON types of Python's; a number may be written as an integer.
_TYPES: Mapping[type, frozenset[str]] = {
    bool: frozenset(["boolean"]),
    int: frozenset(["integer", "number"]),
    float: frozenset(["number", "integer"]),
    str: frozenset(["string"]),
    # A text that stands for the reader's account has a type of its own.
    type(OWN_ACCOUNT): frozenset(["string"]),
    list: frozenset(["array"]),
    dict: frozenset(["object"]),
    type(None): frozenset(["null"]),
}
_CONTAINERS = frozenset([list, dict])

# Python's types that a member's values may have; empty for any.
_Types = frozenset[type]


class _Member(NamedTuple):
    """A member that is shown: its schema, and the types of its values, and of the items of a list."""

    schema: Schema
    types: _Types
    inner: _Types

    @classmethod
    def of(cls, schema: Schema) -> _Member:
        merged = merge_all_of(schema)
        return cls(schema, _types(merged), _types(merge_all_of(items_of(merged))))

    def takes(self, value: Any) -> bool:
        """Tell whether a value is of a type that the schema describes, also in a list."""
        if self.types and type(value) not in self.types:
            return False
        if not self.inner or not isinstance(value, list):
            return True
        return self.inner.issuperset(map(type, value))


def _types(schema: Schema) -> _Types:
    kinds = set(kinds_of(schema))
    if kinds and any(map(admits_null, alternatives(schema))):
        kinds.add("null")
    return frozenset(each for each, own in _TYPES.items() if not own.isdisjoint(kinds))


class Projection:
    """Shows records by one schema: leaves out what it does not describe, and fills in what it requires.

    The projections of its parts are made when they are needed, since a schema may contain itself.
    """

    def __init__(self, schema: Schema, example: Any = None) -> None:
        """Take a schema, and an example of what is shown; None for none."""
        self.schema = merge_all_of(schema)
        self._example = example
        self.is_open = is_open(self.schema)
        self._members = {
            name: _Member.of(part)
            for name, part in members_of(self.schema).items()
            if not is_marked(part, WRITE_ONLY)
        }
        self._required = frozenset(self.schema.get("required", ()))
        self._parts: dict[str, Projection] = {}

    def show(self, record: Any, occasion: Occasion) -> Any:
        """Return a record, or a part of it, as the schema shows it."""
        if isinstance(record, list):
            return self._show_items(record, occasion)
        if not isinstance(record, dict):
            return record
        members, shown = self._members, {}
        for name, value in record.items():
            member = members.get(name)
            if member is None:
                if self.is_open:
                    shown[name] = value
            elif member.takes(value):
                is_whole = type(value) not in _CONTAINERS
                shown[name] = value if is_whole else self._show_part(name, value, occasion)
        if not self._required <= shown.keys():
            shown = fill_required(self.schema, shown, self._example, occasion)
        # In the schema's order, as records that are there from the start.
        ordered = {name: shown[name] for name in members if name in shown}
        return ordered if len(ordered) == len(shown) else ordered | shown

    def _show_items(self, items: list[Any], occasion: Occasion) -> list[Any]:
        if _CONTAINERS.isdisjoint(map(type, items)):
            return items
        each = self._part("", item_schema(self.schema))
        return [each.show(item, occasion.member(str(n))) for n, item in enumerate(items)]

    def _show_part(self, name: str, value: Any, occasion: Occasion) -> Any:
        return self._part(name, self._members[name].schema).show(value, occasion.member(name))

    def shows(self, name: str, value: Any) -> bool:
        """Tell whether it shows a member with a value."""
        member = self._members.get(name)
        return self.is_open if member is None else member.takes(value)

    def _part(self, name: str, schema: Schema) -> Projection:
        if name not in self._parts:
            examples = self._example if isinstance(self._example, Mapping) else {}
            example = examples.get(name)
            if not name and isinstance(self._example, list):
                example = next(iter(self._example), None)
            self._parts[name] = Projection(schema, example)
        return self._parts[name]
