"""Branches that a discriminator maps values to, and the member by which each is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.openapi.schema import Schema, property_schema
from mock_server.openapi.schema_merging import merge_all_of


def with_mapped(schema: dict[str, Any], described: Any) -> dict[str, Any]:
    """Return a merged schema with the schemas that its discriminator maps values to as branches.

    With `oneOf` or `anyOf`, these are branches already. A mapped schema that has the discriminator from
    the schema that it extends gets no branches, but its own name as the discriminator's value.
    `described` is the schema before it was merged.
    """
    mapping = _mapping(schema)
    if "oneOf" in schema or "anyOf" in schema or not mapping:
        return schema
    member, values = names_of(schema, described)
    if values and "discriminator" not in described:
        own = {key: value for key, value in schema.items() if key != "discriminator"}
        return dict(merge_all_of(with_name(own, member, values)))
    distinct = {id(named): named for named in mapping.values()}
    return {**schema, "anyOf": list(distinct.values())}


def _mapping(schema: Schema) -> dict[str, Any]:
    """Return the schema for each value that a discriminator maps; empty without one."""
    rule = schema.get("discriminator")
    mapping = rule.get("mapping") if isinstance(rule, Mapping) else None
    if not isinstance(mapping, Mapping):
        return {}
    return {value: named for value, named in mapping.items() if isinstance(named, dict)}


def names_of(schema: Schema, branch: Any) -> tuple[str, list[str]]:
    """Return the member by which a branch is told, and the values that mean it; none without such."""
    mapping = _mapping(schema)
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
