"""Texts that stand for values of a type: in queries, headers, paths and forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_server.formats import json
from mock_server.formats.json import Unreadable
from mock_server.formats.numbers import INTEGER, parse_number
from mock_server.openapi.schema import Schema, kinds_of


def value_of_text(schema: Schema, text: str) -> Any:
    """Return what a text stands for by a merged schema; the text itself where it is of no type of it."""
    for kind in types_in_order(schema, kinds_of(schema)):
        try:
            return parse(kind, text)
        except ValueError:
            continue
    return text


def types_in_order(schema: Schema, kinds: Sequence[str]) -> list[str]:
    """Return the types in the order in which they are tried, the ones with fewest texts first."""
    wanted = set(kinds) or {"string"}
    # An empty text or `null` is a text like any other, unless the schema lists the texts and null.
    if schema.get("nullable") is True and ("string" not in wanted or None in schema.get("enum", ())):
        wanted.add("null")
    order = ("null", "boolean", "integer", "number", "array", "object", "string")
    return [kind for kind in order if kind in wanted] + sorted(wanted.difference(order))


_BOOLEANS = {"true": True, "false": False}
_CONTAINERS = {"array": list, "object": dict}


def parse(kind: str, text: str) -> Any:
    """Return the value of a type that a text stands for; raise ValueError where it stands for none."""
    match kind:
        case "integer":
            if INTEGER.fullmatch(text) is None:
                raise ValueError(text)
            return int(text)
        case "number":
            return parse_number(text)
        case "boolean":
            if text not in _BOOLEANS:
                raise ValueError(text)
            return _BOOLEANS[text]
        case "null":
            if text not in ("", "null"):
                raise ValueError(text)
            return None
        case "array" | "object":
            return _parse_json(text, _CONTAINERS[kind])
    return text


def _parse_json(text: str, wanted: type) -> Any:
    try:
        value = json.load(text)
    except Unreadable:
        raise ValueError(text) from None
    if not isinstance(value, wanted):
        raise ValueError(text)
    return value
