"""Schemas of the document: reading what this server needs of them, and the extension `x-fill`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mock_server.formats.source_file import Place

# What `x-fill` may say of a property: which value a record gets that was given none.
FILLS = ("id", "account", "timestamp", "parent-id")

Schema = Mapping[str, Any]


class DocumentError(Exception):
    """The document describes something that cannot be served.

    `place` is where it stands, e.g. `("paths", "/things", "get")`, `remedy` what its author can do.
    """

    def __init__(self, place: Place, message: str, remedy: str) -> None:
        super().__init__(message)
        self.place, self.message, self.remedy = place, message, remedy


def merge_all_of(schema: Any) -> dict[str, Any]:
    """Return the schema with the parts of its `allOf` merged into it; `{}` for what is no schema.

    Properties and required names add up. Of any other keyword, the schema's own value counts.
    """
    result = dict(schema) if isinstance(schema, dict) else {}
    for part in map(merge_all_of, result.pop("allOf", ())):
        properties = {**result.get("properties", {}), **part.get("properties", {})}
        required = [*result.get("required", ()), *part.get("required", ())]
        result = {**part, **result}
        result |= {"properties": properties} if properties else {}
        result |= {"required": required} if required else {}
    return result


def item_schema(schema: Schema) -> Schema:
    """Return the schema of an array's items; `{}` where the array's schema has none."""
    items: Schema = schema.get("items", {})
    return items


def check_schema(schema: Schema, place: Place) -> None:
    """Raise DocumentError for an `x-fill` or a `pattern` that is not understood, at any depth."""
    fill = schema.get("x-fill")
    if fill is not None and fill not in FILLS:
        message = f"'{fill}' is nothing that a property can be given (x-fill)"
        raise DocumentError(place, message, f"use one of {', '.join(FILLS)}")
    try:
        re.compile(schema.get("pattern", ""))
    except re.error as error:
        message = f"the pattern '{schema['pattern'][:60]}' is not understood ({error})"
        raise DocumentError(place, message, "remove it with an overlay") from None
    for name, part in schema.get("properties", {}).items():
        check_schema(part, (*place, name))
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            check_schema(schema[keyword], (*place, keyword))
