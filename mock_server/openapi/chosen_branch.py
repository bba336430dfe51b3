"""Which schema the discriminator of another chooses for a value (OpenAPI 3.0, Discriminator Object)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.openapi.schema import Schema


def chosen_schema(schema: Schema, branches: Sequence[Any] | None, value: Any) -> Schema | None:
    """Return the schema that a value's discriminating member names; None where that is not certain.

    It is one of `branches` unless these are None. The mapping has a schema for each value, of which
    `discriminators` wrote the references.
    """
    rule = schema.get("discriminator")
    if not isinstance(rule, Mapping) or not isinstance(value, dict):
        return None
    named, mapping = value.get(rule.get("propertyName")), rule.get("mapping")
    if not isinstance(named, str) or not isinstance(mapping, Mapping):
        return None
    chosen = mapping.get(named)
    if not isinstance(chosen, dict):
        return None
    if branches is None or any(_leads_to(branch, chosen) for branch in branches):
        return chosen
    return None


def unknown_choice(schema: Schema, value: Any) -> tuple[str, list[str]] | None:
    """Return the discriminating member of a value, and what it may be, where it is none of these."""
    rule = schema.get("discriminator")
    mapping = rule.get("mapping") if isinstance(rule, Mapping) else None
    if not isinstance(mapping, Mapping) or not isinstance(value, dict):
        return None
    name = rule.get("propertyName") if isinstance(rule, Mapping) else None
    if not isinstance(value.get(name), str) or value[name] in mapping:
        return None
    return str(name), list(mapping)


def _leads_to(branch: Any, schema: Schema) -> bool:
    """Tell whether a branch is a schema, or refers to it with other keywords beside."""
    if branch is schema:
        return True
    parts = branch.get("allOf", ()) if isinstance(branch, dict) else ()
    return any(part is schema for part in parts)
