"""Checks of a document's schemas for what this server does not understand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi.patterns import InvalidPattern, compile_pattern
from mock_server.openapi.schema import (
    FILLS,
    LISTS_OF_PARTS,
    PARTS,
    TIMES,
    DocumentError,
    Schema,
    admits_time,
)
from mock_server.shown_text import quote

# The keywords that hold schemas, those of 3.1 too.
_LISTS = LISTS_OF_PARTS | {"prefixItems"}
_PARTS = PARTS | {
    "contains", "else", "if", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"
}  # fmt: skip
_BY_NAME = {"properties", "patternProperties", "dependentSchemas"}


class SchemaChecks:
    """The checks of a document's schemas, each looked into once, since many operations share them.

    `unread` are the patterns that are not understood; they say nothing of values.
    """

    def __init__(self) -> None:
        self.unread: list[DocumentError] = []
        self._known: dict[int, Any] = {}

    def check(self, schema: Any, place: Place) -> None:
        """Raise DocumentError for an `x-fill` that is not understood, at any depth."""
        waiting = [(schema, place)]
        while waiting:
            part, here = waiting.pop()
            if isinstance(part, Mapping) and id(part) not in self._known:
                # Kept, since another schema could have its identity later.
                self._known[id(part)] = part
                self.unread += _unread(part, here)
                _check_fill(part, here)
                waiting += [(inner, (*here, *step)) for step, inner in reversed(list(_parts(part)))]

    def take_unread(self) -> list[DocumentError]:
        """Return the patterns that were found since the last call."""
        taken, self.unread = self.unread, []
        return taken


def _check_fill(schema: Schema, place: Place) -> None:
    if "x-fill" in schema and schema["x-fill"] not in FILLS:
        message = f"'{schema['x-fill']}' is nothing that a property can be given (x-fill)"
        raise DocumentError((*place, "x-fill"), message, f"use one of {', '.join(FILLS)}")
    if schema.get("x-fill") in TIMES and not admits_time(schema):
        message = "it is neither a text nor a number, as a time is"
        raise DocumentError((*place, "x-fill"), message, "remove it, or mark another property")


def _unread(schema: Schema, place: Place) -> Iterator[DocumentError]:
    for pattern, here in _patterns(schema, place):
        try:
            compile_pattern(pattern)
        except InvalidPattern as error:
            message = f"the pattern {quote(pattern)} is not understood (by ECMA-262: {error})"
            yield DocumentError(here, message, _removal(pattern))


def _patterns(schema: Schema, place: Place) -> Iterator[tuple[str, Place]]:
    if isinstance(schema.get("pattern"), str):
        yield schema["pattern"], (*place, "pattern")
    for pattern in schema.get("patternProperties", ()):
        yield pattern, (*place, "patternProperties", pattern)


def _parts(schema: Schema) -> Iterator[tuple[Place, Any]]:
    """Yield the schemas directly within a schema, each with its place in it."""
    for keyword in _LISTS & schema.keys():
        if isinstance(schema[keyword], list):
            yield from (((keyword, number), part) for number, part in enumerate(schema[keyword]))
    yield from (((keyword,), schema[keyword]) for keyword in _PARTS & schema.keys())
    for keyword in _BY_NAME & schema.keys():
        if isinstance(schema[keyword], Mapping):
            yield from (((keyword, name), part) for name, part in schema[keyword].items())


def _removal(pattern: str) -> str:
    """Return how an overlay removes a pattern, wherever the document has it, also by reference."""
    target = f"$..[?@.pattern == {json.dumps(pattern)}].pattern"
    return f"remove it with an overlay: target: {target}, remove: true"
