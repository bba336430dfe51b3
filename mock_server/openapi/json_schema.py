"""Schemas of OpenAPI 3.0 as JSON Schema of draft-07, which editors read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.openapi.schema import LISTS_OF_PARTS, PARTS, Schema
from mock_server.openapi.schema_access import WRITE_ONLY, allow_absence, is_marked
from mock_server.openapi.schema_errors import close_objects

DRAFT_07 = "http://json-schema.org/draft-07/schema#"

# Keywords that mean the same in both (OpenAPI 3.0, Schema Object). `exclusiveMinimum` is a flag in one
# and a bound in the other; `nullable`, `example` and the markers of access are OpenAPI's alone.
_SAME = frozenset(
    ["default", "description", "enum", "format", "maxItems", "maxLength", "maxProperties", "maximum",
     "minItems", "minLength", "minProperties", "minimum", "multipleOf", "pattern", "required", "title",
     "type", "uniqueItems"]
)  # fmt: skip


def answer_schema(schema: Schema) -> dict[str, Any]:
    """Return the JSON Schema of a part of an answer: what `CompiledSchema.of_answer` finds no flaw in.

    An object whose schema names properties has no others, and `writeOnly` members are not there.
    """
    return dict(_converted(close_objects(allow_absence(schema, WRITE_ONLY))))


def _converted(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    result = {keyword: value for keyword, value in schema.items() if keyword in _SAME}
    for keyword in sorted(LISTS_OF_PARTS & schema.keys()):
        result[keyword] = [_converted(part) for part in schema[keyword]]
    for keyword in sorted(PARTS & schema.keys()):
        result[keyword] = _converted(schema[keyword])
    if "properties" in schema:
        result["properties"] = {name: _property(part) for name, part in schema["properties"].items()}
    if "example" in schema:
        result["examples"] = [schema["example"]]
    if schema.get("nullable") is True and "type" in result:
        result["type"] = [result["type"], "null"]
    for bound, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(flag) is True and bound in result:
            result[flag] = result.pop(bound)
    return result


def _property(schema: Schema) -> dict[str, Any]:
    if is_marked(schema, WRITE_ONLY):
        return {"description": "No answer has this member (writeOnly); leave it out.", "not": {}}
    converted: dict[str, Any] = _converted(schema)
    return converted
