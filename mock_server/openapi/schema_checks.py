"""Checks of a document's schemas for what this server does not understand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi.patterns import InvalidPattern, compile_pattern
from mock_server.openapi.schema import FILLS, LISTS_OF_PARTS, PARTS, DocumentError, Schema
from mock_server.shown_text import quote


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
        message = f"the pattern {quote(pattern)} is not understood (by ECMA-262: {error})"
        raise DocumentError((*place, "pattern"), message, _removal(pattern)) from None
    for step, part in _parts(schema):
        check_schema(part, (*place, *step))


def _parts(schema: Schema) -> Iterator[tuple[Place, Any]]:
    """Yield the schemas directly within a schema, each with its place in it."""
    for key in sorted(LISTS_OF_PARTS & schema.keys()):
        yield from (((key, number), part) for number, part in enumerate(schema[key]))
    yield from (((key,), schema[key]) for key in sorted(PARTS & schema.keys()))
    yield from ((("properties", name), part) for name, part in schema.get("properties", {}).items())


def _removal(pattern: str) -> str:
    """Return how an overlay removes a pattern, wherever the document has it, also by reference."""
    target = f"$..[?@.pattern == {json.dumps(pattern)}].pattern"
    return f"remove it with an overlay: target: {target}, remove: true"
