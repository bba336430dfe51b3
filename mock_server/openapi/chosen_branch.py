"""Which schema the discriminator of another chooses for a value, and which value a schema is named by.

OpenAPI 3.0, Discriminator Object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.openapi.schema import Schema, property_schema
from mock_server.openapi.schema_merging import merge_all_of


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


def as_named(schema: dict[str, Any], described: Any) -> dict[str, Any]:
    """Return a merged schema with the name that the discriminator of what it extends has for it.

    `described` is the schema before it was merged. Without such a name it is the schema itself.
    """
    if "discriminator" not in schema or "oneOf" in schema or "anyOf" in schema:
        return schema
    member, values = names_of(schema, described)
    if not values or "discriminator" in described:
        return schema
    own = {key: value for key, value in schema.items() if key != "discriminator"}
    return merge_all_of(with_name(own, member, values))


def mapping_of(schema: Schema) -> dict[str, Any]:
    """Return the schema for each value that a discriminator maps; empty without one."""
    rule = schema.get("discriminator")
    mapping = rule.get("mapping") if isinstance(rule, Mapping) else None
    if not isinstance(mapping, Mapping):
        return {}
    return {value: named for value, named in mapping.items() if isinstance(named, dict)}


def names_of(schema: Schema, branch: Any) -> tuple[str, list[str]]:
    """Return the member by which a branch is told, and the values that mean it; none without such."""
    mapping = mapping_of(schema)
    parts = [branch, *(branch.get("allOf", ()) if isinstance(branch, dict) else ())]
    values = [value for value, named in mapping.items() if any(named is part for part in parts)]
    return (str(schema["discriminator"].get("propertyName")), values) if values else ("", [])


def with_name(schema: Schema, member: str, values: Sequence[str]) -> Schema:
    """Return the schema in which a discriminator's member has one of the values that mean it.

    Where nothing else tells which, it is the last: the names of schemas come before what a mapping says.
    """
    if not values:
        return schema
    own = property_schema(schema, member).get("enum")
    admitted = [value for value in values if value in own] if own else list(values[-1:])
    if not admitted:
        return schema
    told = {"properties": {member: {"enum": admitted}}, "required": [member]}
    return {"allOf": [schema, told]}
