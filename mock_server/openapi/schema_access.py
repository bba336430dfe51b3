"""Members that only requests, or only answers, have: `writeOnly` and `readOnly` of OpenAPI 3.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.openapi.schema import LISTS_OF_PARTS, PARTS, Schema, merge_all_of

READ_ONLY = "readOnly"
WRITE_ONLY = "writeOnly"


def is_marked(schema: Schema, keyword: str) -> bool:
    """Return whether a property's schema, or a part of its `allOf`, has e.g. `writeOnly: true`."""
    return schema.get(keyword) is True or (
        "allOf" in schema and merge_all_of(schema).get(keyword) is True
    )


def allow_absence(schema: Any, keyword: str, names: frozenset[str] = frozenset()) -> Any:
    """Return the schema in which no member that a keyword marks is required, at any depth.

    `names` are marked members of the object that this is a part of, since one part of an `allOf` may
    require what another describes.
    """
    if not isinstance(schema, Mapping):
        return schema
    properties = merge_all_of(schema).get("properties", {})
    names |= {name for name, part in properties.items() if is_marked(part, keyword)}
    result = dict(schema)
    if names and "required" in schema:
        result["required"] = [name for name in schema["required"] if name not in names]
    for key in LISTS_OF_PARTS & schema.keys():
        result[key] = [allow_absence(part, keyword, names) for part in schema[key]]
    for key in PARTS & schema.keys():
        result[key] = allow_absence(schema[key], keyword)
    if "properties" in schema:
        parts = schema["properties"].items()
        result["properties"] = {name: allow_absence(part, keyword) for name, part in parts}
    return result
