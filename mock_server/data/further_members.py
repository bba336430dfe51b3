"""Members of objects beside those that a schema names: by patterns of names, or by any names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.data.branch_choice import ANYTHING, NO_GUIDE, BranchChoice
from mock_server.data.value_plan import Plan, additional, member_schema
from mock_server.openapi.schema import Schema

# The most members that are made, and how often another name is tried for each.
_MEMBERS, _TRIES = 100, 20

# Makes a name by a schema of names; each number gives another one.
MakeName = Callable[[Any, int], str]


def further_members(
    plan: Plan, made: Mapping[str, Any], branches: BranchChoice, make_name: MakeName, *, is_open: bool
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the names, schemas and examples of members that a schema does not name.

    `made` are those that are there; `is_open` tells whether an optional member of a map is made.
    """
    schema, part = plan.schema, additional(plan.schema)
    by_pattern = schema.get("patternProperties", {})
    is_closed = schema.get("additionalProperties") is False
    if is_closed and not by_pattern:
        return
    if plan.guide is not NO_GUIDE:
        if "properties" not in schema or part is not ANYTHING:
            yield from ((name, part, guide) for name, guide in plan.guide.items())
        return
    least = schema.get("minProperties", 0) - len(made)
    is_map = (part is not ANYTHING or bool(by_pattern)) and not schema.get("properties")
    if is_map and is_open:
        least = max(least, 1 - len(made))
    for name in _names(schema, min(least, _MEMBERS), set(made), make_name):
        found = member_schema(branches, schema, name) if by_pattern else None
        if found is not False and not (found is None and is_closed):
            yield name, part if found is None else found, NO_GUIDE


def _names(schema: Schema, count: int, known: set[str], make_name: MakeName) -> Iterator[str]:
    """Yield names that are not known, by the schema of names, or by the patterns in turn."""
    by_pattern = schema.get("patternProperties", {}).items()
    patterns = [{"pattern": pattern} for pattern, part in by_pattern if part is not False]
    described: Sequence[Any] = [schema["propertyNames"]] if "propertyNames" in schema else patterns
    for number in range(max(count, 0) * _TRIES):
        name = make_name(described[number % len(described)], number) if described else f"key{number + 1}"
        if name not in known:
            known.add(name)
            yield name
            count -= 1
        if count <= 0:
            return


def drop_surplus(made: dict[str, Any], schema: Schema) -> None:
    """Leave optional members out, the last first, as long as there are more than `maxProperties`."""
    surplus = len(made) - schema.get("maxProperties", len(made))
    required = schema.get("required", ())
    optional = [name for name in reversed(made) if name not in required]
    for name in optional[: max(surplus, 0)]:
        del made[name]
