"""Which schema the discriminator of another chooses for a value, and which value a schema is named by.

OpenAPI 3.0, Discriminator Object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi.schema import Schema, property_schema
from mock_server.openapi.schema_merging import merge_all_of


def chosen_schema(schema: Schema, branches: Sequence[Any] | None, value: Any) -> Schema | None:
    """Return the schema that a value's discriminating member names; None where that is not certain.

    It is one of `branches` unless these are None. The mapping has a schema for each value, of which
    `discriminators` wrote the references.
    """
    mapping = _written_mapping(schema)
    if mapping is None or not isinstance(value, dict):
        return None
    named = value.get(schema["discriminator"].get("propertyName"))
    chosen = mapping.get(named) if isinstance(named, str) else None
    if not isinstance(chosen, dict):
        return None
    if branches is None or any(_leads_to(branch, chosen) for branch in branches):
        return chosen
    return None


def unknown_choice(schema: Schema, value: Any) -> tuple[Place, str, list[str]] | None:
    """Return where the discriminating member is, its text, and what it may be, if that is none of these.

    None for any other value.
    """
    mapping = _written_mapping(schema)
    if mapping is None or not isinstance(value, dict):
        return None
    name = schema["discriminator"].get("propertyName")
    if not isinstance(value.get(name), str) or value[name] in mapping:
        return None
    return (str(name),), value[name], list(mapping)


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
    written = _written_mapping(schema) or {}
    return {value: named for value, named in written.items() if isinstance(named, dict)}


def _written_mapping(schema: Schema) -> Mapping[str, Any] | None:
    rule = schema.get("discriminator")
    mapping = rule.get("mapping") if isinstance(rule, Mapping) else None
    return mapping if isinstance(mapping, Mapping) else None


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
