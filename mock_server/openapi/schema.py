"""Schemas: what of OpenAPI's this server reads, and the extension `x-fill` on properties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

FILLS = ("id", "account", "timestamp", "parent-id")

Schema = Mapping[str, Any]
Place = tuple[str | int, ...]


class DocumentError(Exception):
    """The document describes something that cannot be served: where, what, and what to do."""

    def __init__(self, place: Place, message: str, remedy: str) -> None:
        super().__init__(message)
        self.place, self.message, self.remedy = place, message, remedy


def merge_all_of(schema: Any) -> dict[str, Any]:
    """The schema with its `allOf` merge_all_of into it, as far as properties and requirements go."""
    result = dict(schema) if isinstance(schema, dict) else {}
    for part in map(merge_all_of, result.pop("allOf", ())):
        properties = {**result.get("properties", {}), **part.get("properties", {})}
        required = [*result.get("required", ()), *part.get("required", ())]
        result = {**part, **result}
        result |= {"properties": properties} if properties else {}
        result |= {"required": required} if required else {}
    return result


def check_schema(schema: Schema, place: Place) -> None:
    """Raises DocumentError for an `x-fill` or a `pattern` that is not understood, at any depth."""
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
