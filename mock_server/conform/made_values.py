"""Values for parameters that a list can't be asked for without, by the words of their schemas.

What a server makes of them is left to the checks; a real API may know none of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.data.pattern_texts import make_text
from mock_server.openapi.schema import Schema, alternatives, items_of, kinds_of, members_of, only_values
from mock_server.openapi.schema_dialect import compile_schema

# Parts within parts for which a value is made.
_LEVELS = 5
_FORMATS = {
    "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "date": "2024-05-02",
    "date-time": "2024-05-02T14:26:48Z",
    "time": "14:26:48Z",
    "duration": "P1D",
    "email": "somebody@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/1",
    "url": "https://example.com/1",
    "byte": "MQ==",
}
# Numbers, and texts, that are tried in this order; most APIs count from 1.
_NUMBERS = (1, 2, 10, 100, 1_000, 0, -1)
_TEXTS = ("1", "a1", "abc", "ABC", "US", "example", "0" * 8, "a" * 16, "0" * 24, "0" * 32)


def fits(value: Any, schema: Schema) -> bool:
    """Tell whether a schema admits a value."""
    try:
        return bool(compile_schema(schema).is_valid(value))
    except RecursionError:
        return False


def given_values(parameter: Mapping[str, Any], schema: Schema) -> Iterator[Any]:
    """Yield the values that a document gives a parameter: its examples, and those of its schema."""
    if "example" in parameter:
        yield parameter["example"]
    named = parameter.get("examples")
    for each in named.values() if isinstance(named, dict) else ():
        if isinstance(each, dict) and "value" in each:
            yield each["value"]
    if "example" in schema:
        yield schema["example"]
    listed = schema.get("examples")
    yield from listed if isinstance(listed, list) else ()


def chosen_values(schema: Schema) -> Iterator[Any]:
    """Yield the values that every server of a schema knows: its default, and those of its enum."""
    if schema.get("default") is not None:
        yield schema["default"]
    yield from only_values(schema) or ()


def made_value(schema: Schema, levels: int = _LEVELS) -> Any:
    """Return a value that a merged schema admits, always the same; None where none is found."""
    candidates = (value for each in alternatives(schema) for value in _candidates(each, levels))
    return next((value for value in candidates if value is not None and fits(value, schema)), None)


def _candidates(schema: Schema, levels: int) -> Iterator[Any]:
    yield from chosen_values(schema)
    for kind in kinds_of(schema) or ("string",):
        match kind:
            case "string":
                yield from _texts(schema)
            case "integer" | "number":
                yield from _numbers(schema)
            case "boolean":
                yield True
            case "array" if levels:
                item = made_value(items_of(schema), levels - 1)
                yield [item] * max(1, _bound(schema, "minItems"))
            case "object" if levels:
                members, required = members_of(schema), schema.get("required", ())
                yield {name: made_value(members.get(name, {}), levels - 1) for name in required}


def _texts(schema: Schema) -> Iterator[str]:
    shortest = min(_bound(schema, "minLength"), 1_000)
    if schema.get("format") in _FORMATS:
        yield _FORMATS[str(schema["format"])]
    if isinstance(pattern := schema.get("pattern"), str):
        longest = schema.get("maxLength")
        found = make_text(pattern, random.Random(0).random, shortest, longest)  # noqa: S311
        yield from (found,) if found else ()
    yield from (text.ljust(shortest, "1") for text in _TEXTS)


def _numbers(schema: Schema) -> Iterator[int | float]:
    step = schema.get("multipleOf") or 1
    yield from _NUMBERS
    yield step
    for bound, sign in (("minimum", 1), ("maximum", -1)):
        if isinstance(limit := schema.get(bound), int | float):
            # A bound may be excluded, and no multiple.
            yield from (limit, limit + sign, limit + sign * (step - limit % step))


def _bound(schema: Schema, name: str) -> int:
    found = schema.get(name, 0)
    return found if isinstance(found, int) else 0
