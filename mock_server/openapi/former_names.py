"""Former names: what the members of a record were called in older versions, as `x-was` says."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cached_property
from typing import Any

from mock_server.openapi.schema import Schema, items_of, member_of, members_of
from mock_server.openapi.schema_merging import merge_all_of

_WAS = "x-was"


class Lineage:
    """The schemas of a value in several versions, from the one that it is kept in to ever older ones.

    Those of its parts are found when they are needed, since a schema may contain itself.
    """

    def __init__(self, schemas: Sequence[Schema]) -> None:
        self._schemas = tuple(merge_all_of(each) for each in schemas)
        self._parts: dict[str | None, Lineage] = {}

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        """The names that each member had, from the one under which it is kept to the oldest."""
        if not self._schemas:
            return {}
        found = {}
        for name in members_of(self._schemas[0]):
            names = [name]
            for schema in self._schemas:
                was = member_of(schema, names[-1]).get(_WAS)
                if isinstance(was, str):
                    names.append(was)
            found[name] = tuple(names)
        return found

    def kept_names(self, members: Container[str]) -> dict[str, str]:
        """Return the names under which members of an older schema are kept, where they differ.

        `members` are the names in the older schema; e.g. `{"label": "name"}` where `name` was `label`.
        """
        return {
            former: name
            for name, names in self._names.items()
            if name not in members
            for former in names[1:]
            if former in members
        }

    def member(self, name: str) -> Lineage:
        """Return the lineage of a member, by the name under which it is kept."""
        if name not in self._parts:
            names = self._names.get(name, (name,))
            found = [_first(schema, names) for schema in self._schemas]
            self._parts[name] = Lineage([each for each in found if each])
        return self._parts[name]

    @property
    def items(self) -> Lineage:
        """Return the lineage of the items of a list."""
        if None not in self._parts:
            found = [items_of(schema) for schema in self._schemas]
            self._parts[None] = Lineage([each for each in found if each])
        return self._parts[None]


def _first(schema: Schema, names: Sequence[str]) -> Schema:
    """Return the schema of the member that has one of some names; `{}` where there is none."""
    return next(filter(None, (member_of(schema, name) for name in names)), {})


# Of what is kept in its own shape.
NO_LINEAGE = Lineage(())


def lineage_of(schemas: Sequence[Schema]) -> Lineage:
    """Return the lineage of some schemas, NO_LINEAGE for none."""
    return Lineage(schemas) if schemas else NO_LINEAGE


class BodyShape:
    """The shape of an operation's bodies, and the names under which their members are kept."""

    def __init__(self, schema: Schema, lineage: Lineage = NO_LINEAGE) -> None:
        """Take the merged schema of the body, and the lineage of the records that it changes."""
        self._schema, self._lineage = schema, lineage
        members = members_of(schema)
        names = lineage.kept_names(members)
        # The names under which the members of a body are kept, by their own.
        self.names = {name: names.get(name, name) for name in members}

    def kept(self, body: Any) -> Any:
        """Return what a body says, with the names under which its members are kept."""
        return body if self._lineage is NO_LINEAGE else _kept_value(body, self._schema, self._lineage)


def _kept_value(value: Any, schema: Schema, lineage: Lineage) -> Any:
    """Return a value sent by an older schema, with the names under which its members are kept."""
    if isinstance(value, list):
        items = merge_all_of(items_of(schema))
        return [_kept_value(item, items, lineage.items) for item in value]
    if not isinstance(value, dict):
        return value
    members = members_of(schema)
    names = lineage.kept_names(members)
    kept = {}
    for name, part in value.items():
        own = str(names.get(name, name))
        kept[own] = _kept_value(part, merge_all_of(members.get(name, {})), lineage.member(own))
    return kept


def kept_field(field: str, schema: Schema, lineage: Lineage) -> str:
    """Return where a field of an older schema is kept; of `customer.id`, each step for itself."""
    steps: list[str] = []
    for step in field.split("."):
        members = members_of(schema)
        kept = lineage.kept_names(members).get(step, step)
        schema, lineage = merge_all_of(members.get(step, {})), lineage.member(kept)
        steps.append(kept)
    return ".".join(steps)
