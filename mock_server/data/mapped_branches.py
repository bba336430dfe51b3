"""Schemas that a discriminator maps values to, as the branches of the schema that has it."""

from __future__ import annotations

from typing import Any

from mock_server.openapi.chosen_branch import as_named, mapping_of


def with_mapped(schema: dict[str, Any], described: Any) -> dict[str, Any]:
    """Return a merged schema with the schemas that its discriminator maps values to as branches.

    With `oneOf` or `anyOf`, these are branches already. A mapped schema that has the discriminator from
    the schema that it extends gets no branches, but its own name as the discriminator's value.
    `described` is the schema before it was merged.
    """
    mapping = mapping_of(schema)
    if "oneOf" in schema or "anyOf" in schema or not mapping:
        return schema
    named = as_named(schema, described)
    if named is not schema:
        return named
    distinct = {id(each): each for each in mapping.values()}
    return {**schema, "anyOf": list(distinct.values())}
