"""Projection: a record as the schema of an answer shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy, deepcopy
from functools import cached_property
from typing import Any

from mock_server.data.blanks import Occasion, blanks, usual_blanks
from mock_server.data.decimals import rewritten
from mock_server.data.records import OWN_ACCOUNT
from mock_server.openapi.former_names import NO_LINEAGE, Lineage
from mock_server.openapi.open_objects import is_open
from mock_server.openapi.schema import (
    Schema,
    admits_null,
    alternatives,
    branches_of,
    has_branches,
    item_schema,
    items_of,
    kinds_of,
    members_of,
    only_values,
)
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked
from mock_server.openapi.schema_errors import CompiledSchema
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

# Python's types of a member's values, and of their items; empty for any.
_Types = tuple[frozenset[type], frozenset[type]]


def _types(schema: Schema) -> _Types:
    merged = merge_all_of(schema)
    return _own_types(merged), _own_types(merge_all_of(items_of(merged)))


def _own_types(schema: Schema) -> frozenset[type]:
    kinds = set(kinds_of(schema))
    if kinds and any(map(admits_null, alternatives(schema))):
        kinds.add("null")
    return frozenset(each for each, own in _TYPES.items() if not own.isdisjoint(kinds))


def _have_parts(types: frozenset[type], inner: frozenset[type]) -> bool:
    """Tell whether values of these types may have parts that are shown by a schema of their own."""
    has_items = list in types and (not inner or not _CONTAINERS.isdisjoint(inner))
    return not types or dict in types or has_items


def _is_alike(one: Schema, other: Schema) -> bool:
    try:
        return one == other
    except RecursionError:
        # Both contain themselves.
        return False


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
        self._is_own = lineage is NO_LINEAGE
        self.is_open = is_open(self.schema)
        self._described = members_of(self.schema)
        self._members = {
            name: part for name, part in self._described.items() if not is_marked(part, WRITE_ONLY)
        }
        self._types = {name: _types(part) for name, part in self._members.items()}
        # For a quick look at values that have no parts.
        self._plain_types = {name: own - _CONTAINERS for name, (own, _) in self._types.items()}
        self._own_types = _own_types(self.schema)
        self._required = tuple(self.schema.get("required", ()))
        aside = self._described.keys() - self._members.keys()
        self._requires = frozenset(self._required) - aside
        self._kept = lineage.kept_names(self._members)
        self._parts: dict[str, Projection] = {}
        # The members whose values are shown as they are, whatever is in them; and whether all are, and
        # each that is required was shown before.
        self._settled: frozenset[str] = frozenset()
        self._is_settled = False

    def after(self, before: Sequence[Projection]) -> Projection:
        """Return itself for records that others have shown; what one describes alike stays as it is."""
        new = copy(self)
        if self._is_own:
            new._settled = frozenset(n for n in self._members if any(self._agrees(e, n) for e in before))
            required = frozenset(name for each in before for name in each._requires)
            is_whole = len(new._settled) == len(self._members) and not self.is_open
            new._is_settled = is_whole and self._requires <= required
        return new

    def _agrees(self, other: Projection, name: str) -> bool:
        """Tell whether another one shows each value of a member as this one does."""
        types = self._types[name]
        if types != other._types.get(name):
            return False
        return not _have_parts(*types) or _is_alike(self._members[name], other._members[name])

    def show(self, record: Any, occasion: Occasion) -> Any:
        """Return a record, or a part of it, as the schema shows it."""
        if isinstance(record, list):
            return self._show_items(record, occasion)
        if not isinstance(record, dict):
            return record
        if self._is_settled:
            return {n: record[n] for n in self._members if n in record and self.shows(n, record[n])}
        known = self._renamed(record) if self._kept else record
        shown = self._shown_members(known, occasion)
        if not self._is_own:
            shown = {name: value for name, value in shown.items() if self._admits_member(name, value)}
        filled = self._filled(shown, occasion)
        if not self._is_own and self._has_branches and not self._compiled.is_valid(filled):
            return self._in_branch(record, occasion, filled)
        if filled is shown:
            return shown
        return {name: filled[name] for name in self._members if name in filled} | filled

    def _show_items(self, values: list[Any], occasion: Occasion) -> list[Any]:
        if self._is_own and _CONTAINERS.isdisjoint(map(type, values)):
            return values
        items = self._items
        listed = [items.show(item, occasion.member(str(n))) for n, item in enumerate(values)]
        return listed if self._is_own else [item for item in listed if items.admits(item)]

    def _shown_members(self, known: dict[str, Any], occasion: Occasion) -> dict[str, Any]:
        """Return the members that it shows, in the schema's order, as records of the start have them."""
        shown = {}
        for name, plain in self._plain_types.items():
            if name in known:
                value = known[name]
                kind = type(value)
                if kind in plain:
                    shown[name] = value
                elif self.shows(name, value):
                    if kind in _CONTAINERS and name not in self._settled:
                        value = self._member(name).show(value, occasion.member(name))
                    shown[name] = value
                elif (number := self._rewritten(name, value)) is not None:
                    shown[name] = number
        if self.is_open and len(shown) < len(known):
            shown |= {name: value for name, value in known.items() if name not in self._members}
        return shown

    def shows(self, name: str, value: Any) -> bool:
        """Tell whether it shows a member with a value: one of a type that the schema describes.

        The items of a list are of such types, too.
        """
        known = self._types.get(name)
        if known is None:
            return self.is_open
        types, inner = known
        if types and type(value) not in types:
            return False
        return not inner or type(value) is not list or inner.issuperset(map(type, value))

    def _rewritten(self, name: str, value: Any) -> Any:
        """Return a number as a text, or a text as a number, as the schema has it; None for others."""
        part = merge_all_of(self._members[name])
        examples = self._example if isinstance(self._example, Mapping) else {}
        return rewritten(value, kinds_of(part), examples.get(name, part.get("example")))

    def _filled(self, shown: dict[str, Any], occasion: Occasion) -> dict[str, Any]:
        """Return an object with a blank for each member that the schema requires and it lacks."""
        if shown.keys() >= self._requires:
            return shown
        missing = [name for name in self._required if name not in shown]
        usual = {name: deepcopy(self._usual[name]) for name in missing if name in self._usual}
        others = [name for name in missing if name not in usual]
        return shown | usual | blanks(others, self._described, self._example, occasion)

    @cached_property
    def _usual(self) -> Mapping[str, Any]:
        return usual_blanks(self._required, self._described, self._example)

    def _member(self, name: str) -> Projection:
        known = self._parts.get(name)
        if known is not None:
            return known
        lineage = self._lineage.member(self._kept.get(name, name)) if not self._is_own else NO_LINEAGE
        return self._part(name, self._members[name], lineage)

    def _part(self, name: str, schema: Schema, lineage: Lineage) -> Projection:
        if name not in self._parts:
            examples = self._example if isinstance(self._example, Mapping) else {}
            example = examples.get(name)
            if not name and isinstance(self._example, list):
                example = next(iter(self._example), None)
            self._parts[name] = Projection(schema, example, lineage)
        return self._parts[name]

    @cached_property
    def _items(self) -> Projection:
        lineage = NO_LINEAGE if self._is_own else self._lineage.items
        return self._part("", item_schema(self.schema), lineage)

    # What is kept in the shape of another version

    def _renamed(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record with the names that its members have in the version of the schema."""
        own = {former: record[name] for former, name in self._kept.items() if name in record}
        renamed = {*self._kept, *self._kept.values()}
        return {name: value for name, value in record.items() if name not in renamed} | own

    def _admits_member(self, name: str, value: Any) -> bool:
        return name not in self._narrowed or self._member(name).admits(value)

    @cached_property
    def _narrowed(self) -> frozenset[str]:
        """The members of which `admits` says more than `shows`, which looks at the types alone."""
        merged = {name: merge_all_of(part) for name, part in self._members.items()}
        return frozenset(n for n, e in merged.items() if has_branches(e) or only_values(e) is not None)

    def admits(self, value: Any) -> bool:
        """Tell whether the schema admits a value as it was shown."""
        if value is None or not self._has_branches:
            is_of_type = not self._own_types or type(value) in self._own_types
            return is_of_type and (self._values is None or value in self._values)
        return self._compiled.is_valid(value)

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
