"""The examples that a document gives of an answer in JSON, and of the records of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.openapi.responses import find_json, find_response
from mock_server.openapi.schema import Schema, property_schema
from mock_server.openapi.schema_merging import merge_all_of


def answer_examples(operation: Mapping[str, Any], status: str) -> list[Any]:
    """Return the examples of an operation's answer: of its media type, else of its schema."""
    described = _media_type(operation, status)
    if described is None:
        return []
    schema = merge_all_of(described.get("schema"))
    return media_examples(described) or ([schema["example"]] if "example" in schema else [])


def media_examples(described: Mapping[str, Any]) -> list[Any]:
    """Return the examples that a media type has itself."""
    if "example" in described:
        return [described["example"]]
    named = described.get("examples")
    found = named.values() if isinstance(named, Mapping) else ()
    return [each["value"] for each in found if isinstance(each, Mapping) and "value" in each]


def record_examples(operation: Mapping[str, Any], status: str, items: Sequence[str]) -> list[Any]:
    """Return the examples of a list's records, which lie at the place `items` of its answer.

    They come from the answer's examples, else from that of the array.
    """
    found: list[Any] = []
    for example in answer_examples(operation, status):
        records = _at(example, items)
        found += records if isinstance(records, list) else []
    described = _media_type(operation, status)
    if found or described is None:
        return found
    schema: Schema = merge_all_of(described.get("schema"))
    for name in items:
        schema = property_schema(schema, name)
    example = schema.get("example")
    return list(example) if isinstance(example, list) else []


def _media_type(operation: Mapping[str, Any], status: str) -> Mapping[str, Any] | None:
    """Return what the document says of an answer in JSON; None where it describes none."""
    key = find_response(operation, status)
    if key is None:
        return None
    content = operation["responses"][key].get("content", {})
    media_type = find_json(content)
    return None if media_type is None else content[media_type]


def _at(value: Any, place: Sequence[str]) -> Any:
    for name in place:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
