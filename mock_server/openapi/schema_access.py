"""Members that only requests, or only answers, have: `writeOnly` and `readOnly` of OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_merging import all_parts

READ_ONLY = "readOnly"
WRITE_ONLY = "writeOnly"


def is_marked(schema: Schema, keyword: str) -> bool:
    """Return whether a property's schema, or a part of its `allOf`, has e.g. `writeOnly: true`."""
    if not isinstance(schema, dict):
        return False
    if "allOf" not in schema or keyword in schema:
        return schema.get(keyword) is True
    said = (part[keyword] for part in all_parts(schema) if keyword in part)
    return next(said, None) is True


def marked_members(schemas: Iterable[Schema], keywords: Iterable[str]) -> frozenset[str]:
    """Return the names of the properties that one of the keywords marks.

    `schemas` are those of one object: one part of an `allOf` may require what another describes.
    """
    wanted = tuple(keywords)
    return frozenset(
        name
        for schema in schemas
        for each in all_parts(schema)
        for name, part in each.get("properties", {}).items()
        if any(is_marked(part, keyword) for keyword in wanted)
    )
