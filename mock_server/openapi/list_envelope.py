"""Envelopes: the members of a list's answer that say nothing of its pages, and are the same on each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.lists import roles
from mock_server.lists.answer_template import OwnPath
from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.lists.convention import Place as AnswerPlace
from mock_server.openapi.list_answers import Answer, alternatives
from mock_server.openapi.list_requests import Asked
from mock_server.openapi.object_members import named_members
from mock_server.openapi.schema import Schema, admits_null, kinds_of, property_schema
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.schema_merging import merge_all_of

# How many objects deep a member that must be there is filled.
_DEPTH = 6

# Roles that differ from page to page: what the answer's example says of them is true of one page alone.
_VARYING = (
    roles.NEXT, roles.PREVIOUS, roles.MORE, *roles.URLS, roles.PAGE, roles.OFFSET, roles.COUNT,
    *roles.ENDINGS,
)  # fmt: skip

_TEXTS = {
    "date-time": "2024-01-01T00:00:00Z",
    "date": "2024-01-01",
    "time": "00:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "user@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}

_LITERAL = re.compile(r"\^?((?:[^\\^$.*+?()[\]{}|]|\\[^A-Za-z0-9])+)\$?")

_PAGE_URL = re.compile(r"(https?://|/)\S*\?")

# Stands for no value at all, since null is one.
_NOTHING: Any = object()


def constants(answer: Answer, taken: set[AnswerPlace], asked: Asked) -> Mapping[str, Any]:
    """Return the members that no role fills, e.g. `{"object": "list"}`.

    They have the only value of their enum, their default or their example. A member without such a value
    is left out, or where its object requires it given one that its schema admits.
    """
    return _constants(answer.schema, (), taken, asked)


def _constants(
    schema: Schema, place: AnswerPlace, taken: set[AnswerPlace], asked: Asked
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    required = schema.get("required", ())
    for name, part in named_members(schema).items():
        here = (*place, name)
        if here in taken:
            continue
        merged = merge_all_of(part)
        if any(each[: len(here)] == here for each in taken):
            inner = next((a.schema for a in alternatives(merged) if "properties" in a.schema), merged)
            found[name] = _constants(inner, here, taken, asked)
            continue
        value = _constant(name, merged, here, asked, is_required=name in required)
        if value is not _NOTHING:
            found[name] = value
    return found


def _constant(name: str, schema: Schema, place: AnswerPlace, asked: Asked, *, is_required: bool) -> Any:
    if is_marked(schema, WRITE_ONLY):
        return _NOTHING
    if len(schema.get("enum", ())) == 1:
        return schema["enum"][0]
    is_telling = _varies(place) or plain(name) in built_in().other_arrays
    if not is_telling:
        for value in _documented(schema):
            if _is_valid(value, schema):
                return _own(name, value, asked)
    if not is_required:
        return _NOTHING
    example = _NOTHING if is_telling else asked.example_at(place)
    if example is not None and example is not _NOTHING and _is_valid(example, schema):
        return _own(name, example, asked)
    plainest = {k: v for k, v in schema.items() if k not in ("default", "example")}
    return _own(name, _valid_value(name, plainest if is_telling else schema, asked, 0), asked)


def _own(name: str, value: Any, asked: Asked) -> Any:
    """Return a value of a member; one that is the list's own path with made-up ids is marked so."""
    is_named = plain(name) in built_in().names["own_urls"] and isinstance(value, str)
    if not is_named or "{" not in asked.path:
        return value
    pattern = re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(asked.path))
    return OwnPath(value) if re.fullmatch(pattern, value) else value


def _varies(place: AnswerPlace) -> bool:
    known, names = built_in(), tuple(map(plain, place[-2:]))
    if names[-1] in known.names["page_urls"]:
        return True
    words = {names[-1], ".".join(names)}
    if names[-1] in known.containers and names[-1] not in known.names["same_objects"]:
        return True
    return any(not words.isdisjoint(known.response[role]) for role in _VARYING)


def _documented(schema: Schema) -> Iterator[Any]:
    for keyword in ("default", "example"):
        value = schema.get(keyword, _NOTHING)
        # A URL with a query is that of one page alone.
        if value is not _NOTHING and not (isinstance(value, str) and _PAGE_URL.match(value)):
            yield value


def _is_valid(value: Any, schema: Schema) -> bool:
    try:
        return CompiledSchema(schema, WRITE_ONLY, is_closed=False).is_valid(value)
    except RecursionError:
        return False


def _valid_value(name: str, schema: Schema, asked: Asked, depth: int) -> Any:
    """Return a value that a schema admits, the plainest one; _NOTHING where none is found."""
    if admits_null(schema) and _is_valid(None, schema):
        return None
    for branch in alternatives(schema):
        for value in _values(name, branch.schema, asked, depth):
            if _is_valid(value, schema):
                return value
    return _NOTHING


def _values(name: str, schema: Schema, asked: Asked, depth: int) -> Iterator[Any]:
    """Yield values that may do for a schema without alternatives, the best first."""
    yield from schema.get("enum", ())
    if plain(name) not in built_in().other_arrays:
        yield from _documented(schema)
    kinds = kinds_of(schema) or ("object",)
    for kind in kinds:
        match kind:
            case "string":
                yield from _texts(name, schema, asked)
            case "integer" | "number":
                yield from _numbers(schema)
            case "boolean":
                yield plain(name) in built_in().names["successes"]
                yield True
            case "array":
                yield []
                if depth < _DEPTH:
                    item = _valid_value(name, merge_all_of(schema.get("items", {})), asked, depth + 1)
                    yield [item] * int(schema.get("minItems", 1))
            case "object":
                if depth < _DEPTH:
                    yield _object(schema, asked, depth)


def _object(schema: Schema, asked: Asked, depth: int) -> dict[str, Any]:
    values = {
        name: _valid_value(name, property_schema(schema, name), asked, depth + 1)
        for name in schema.get("required", ())
        if not is_marked(property_schema(schema, name), WRITE_ONLY)
    }
    return {name: value for name, value in values.items() if value is not _NOTHING}


def _texts(name: str, schema: Schema, asked: Asked) -> Iterator[str]:
    path = re.sub(r"[{}]", "", asked.path)
    if plain(name) in built_in().names["own_urls"]:
        yield path
    literal = _LITERAL.fullmatch(str(schema.get("pattern", "")))
    if literal is not None:
        yield literal[1].replace("\\", "")
    yield _TEXTS.get(str(schema.get("format")), "")
    shortest = schema.get("minLength", 1)
    yield "x" * int(shortest) if isinstance(shortest, int) and shortest < 10_000 else "x"
    yield path


def _numbers(schema: Schema) -> Iterator[int]:
    low = schema.get("minimum", 0)
    whole = int(low) if isinstance(low, int | float) and abs(low) < 10**15 else 0
    yield from (0, whole, whole + 1)
    step = schema.get("multipleOf")
    if isinstance(step, int) and step > 0:
        yield -(-whole // step) * step
    high = schema.get("maximum")
    if isinstance(high, int):
        yield high
