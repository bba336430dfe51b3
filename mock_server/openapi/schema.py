"""Schemas of the document: reading what this server needs of them, and the extension `x-fill`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi.patterns import InvalidPattern, compile_pattern

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


def is_marked(schema: Schema, keyword: str) -> bool:
    """Return whether a property's schema, or a part of its `allOf`, has e.g. `writeOnly: true`."""
    return schema.get(keyword) is True or (
        "allOf" in schema and merge_all_of(schema).get(keyword) is True
    )


def allow_absence(schema: Any, keyword: str, names: frozenset[str] = frozenset()) -> Any:
    """Return the schema in which no member that a keyword marks is required, at any depth.

    `keyword` is `readOnly` or `writeOnly`; `names` are marked members of the object that this is a part
    of, since one part of an `allOf` may require what another describes.
    """
    if not isinstance(schema, Mapping):
        return schema
    properties = merge_all_of(schema).get("properties", {})
    names |= {name for name, part in properties.items() if is_marked(part, keyword)}
    result = dict(schema)
    if names and "required" in schema:
        result["required"] = [name for name in schema["required"] if name not in names]
    for key in _LISTS_OF_PARTS & schema.keys():
        result[key] = [allow_absence(part, keyword, names) for part in schema[key]]
    for key in _PARTS & schema.keys():
        result[key] = allow_absence(schema[key], keyword)
    if "properties" in schema:
        parts = schema["properties"].items()
        result["properties"] = {name: allow_absence(part, keyword) for name, part in parts}
    return result


# The keywords of OpenAPI 3.0 that hold schemas, beside `properties`.
_LISTS_OF_PARTS = {"allOf", "anyOf", "oneOf"}
_PARTS = {"items", "additionalProperties", "not"}


def _parts(schema: Schema) -> Iterator[tuple[Place, Any]]:
    """Yield the schemas directly within a schema, each with its place in it."""
    for key in sorted(_LISTS_OF_PARTS & schema.keys()):
        yield from (((key, number), part) for number, part in enumerate(schema[key]))
    yield from (((key,), schema[key]) for key in sorted(_PARTS & schema.keys()))
    yield from ((("properties", name), part) for name, part in schema.get("properties", {}).items())


def _removal(pattern: str) -> str:
    """Return how an overlay removes a pattern, wherever the document has it, also by reference."""
    target = f"$..[?@.pattern == {json.dumps(pattern)}].pattern"
    return f"remove it with an overlay: target: {target}, remove: true"


def check_schema(schema: Any, place: Place) -> None:
    """Raise DocumentError for an `x-fill` or a `pattern` that is not understood, at any depth."""
    if not isinstance(schema, Mapping):
        return
    fill = schema.get("x-fill")
    if fill is not None and fill not in FILLS:
        message = f"'{fill}' is nothing that a property can be given (x-fill)"
        raise DocumentError(place, message, f"use one of {', '.join(FILLS)}")
    try:
        compile_pattern(schema.get("pattern", ""))
    except InvalidPattern as error:
        pattern = schema["pattern"]
        message = f"the pattern '{pattern[:60]}' is not understood (by ECMA-262: {error})"
        raise DocumentError((*place, "pattern"), message, _removal(pattern)) from None
    for step, part in _parts(schema):
        check_schema(part, (*place, *step))
