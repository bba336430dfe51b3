"""Projection: a record as the schema of an answer shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.data.blanks import Occasion, fill_required
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
    list: frozenset(["array"]),
    dict: frozenset(["object"]),
    type(None): frozenset(["null"]),
}

# The types of a member's values, and of their items; empty for any.
_Kinds = tuple[frozenset[str], frozenset[str]]
_ANY: _Kinds = (frozenset(), frozenset())


def _kinds(schema: Schema) -> _Kinds:
    merged = merge_all_of(schema)
    return _own_kinds(merged), _own_kinds(merge_all_of(items_of(merged)))


def _own_kinds(schema: Schema) -> frozenset[str]:
    kinds = frozenset(kinds_of(schema))
    admits = bool(kinds) and any(map(admits_null, alternatives(schema)))
    return kinds | {"null"} if admits else kinds


def _is_of(value: Any, kinds: frozenset[str]) -> bool:
    # A text that stands for the reader's account has a type of its own.
    own = _TYPES.get(type(value)) or _TYPES[str]
    return not own.isdisjoint(kinds)


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
            name: part
            for name, part in members_of(self.schema).items()
            if not is_marked(part, WRITE_ONLY)
        }
        self._kinds = {name: _kinds(part) for name, part in self._members.items()}
        self._parts: dict[str, Projection] = {}

    def show(self, record: Any, occasion: Occasion) -> Any:
        """Return a record, or a part of it, as the schema shows it."""
        if isinstance(record, list):
            items = self._part("", item_schema(self.schema))
            return [items.show(item, occasion.member(str(n))) for n, item in enumerate(record)]
        if not isinstance(record, dict):
            return record
        shown = {
            name: self._show_member(name, value, occasion)
            for name, value in record.items()
            if self.shows(name, value)
        }
        filled = fill_required(self.schema, shown, self._example, occasion)
        # In the schema's order, as records that are there from the start.
        return {name: filled[name] for name in self._members if name in filled} | filled

    def shows(self, name: str, value: Any) -> bool:
        """Tell whether it shows a member with a value."""
        return (name in self._members or self.is_open) and self._fits(name, value)

    def _fits(self, name: str, value: Any) -> bool:
        """Tell whether a member's value is of a type that the schema describes, also in a list."""
        kinds, inner = self._kinds.get(name, _ANY)
        if kinds and not _is_of(value, kinds):
            return False
        return not inner or not isinstance(value, list) or all(_is_of(each, inner) for each in value)

    def _show_member(self, name: str, value: Any, occasion: Occasion) -> Any:
        if not isinstance(value, dict | list) or name not in self._members:
            return value
        return self._part(name, self._members[name]).show(value, occasion.member(name))

    def _part(self, name: str, schema: Schema) -> Projection:
        if name not in self._parts:
            examples = self._example if isinstance(self._example, Mapping) else {}
            example = examples.get(name)
            if not name and isinstance(self._example, list):
                example = next(iter(self._example), None)
            self._parts[name] = Projection(schema, example)
        return self._parts[name]
