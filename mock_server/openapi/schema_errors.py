"""Flaws: everything in which a JSON value departs from a schema, each with its place and a remedy."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker

from mock_server.openapi.schema import Place, Schema


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where in a value, what is wrong there, and what to do; `keyword` is the schema's, e.g. `enum`."""

    place: Place
    keyword: str
    message: str
    remedy: str


class CompiledSchema:
    """A schema, compiled once; objects that name their properties have no others."""

    def __init__(self, schema: Schema) -> None:
        self._validator = OAS30Validator(_closed(schema), format_checker=oas30_format_checker)

    def flaws(self, value: Any) -> Iterator[Flaw]:
        found = (f for error in self._validator.iter_errors(value) for f in _flaws(error))
        yield from dict.fromkeys(found)


def _closed(schema: Any) -> Any:
    """The schema with every object closed that names its properties, so that a typo is a flaw."""
    if not isinstance(schema, Mapping):
        return schema
    if {"allOf", "anyOf", "oneOf"} & schema.keys():
        return schema
    closed = dict(schema)
    if "properties" in closed:
        closed["properties"] = {n: _closed(p) for n, p in closed["properties"].items()}
        closed.setdefault("additionalProperties", False)
    if "items" in closed:
        closed["items"] = _closed(closed["items"])
    return closed


def _flaws(error: Any) -> Iterator[Flaw]:
    place = tuple(error.absolute_path)
    value, schema, keyword = error.instance, error.schema, error.validator
    match keyword:
        case "additionalProperties" if isinstance(schema.get("properties"), Mapping):
            for name in value:
                if name not in schema["properties"]:
                    yield _unknown_field(place, name, schema["properties"])
        case "required":
            # One error for each missing property, named by jsonschema only in its message.
            name = next(n for n in error.validator_value if error.message.startswith(repr(n)))
            yield Flaw((*place, name), keyword, "the field is missing", "add it")
        case "oneOf" | "anyOf" if error.context:
            for branch_error in _meant(error):
                yield from _flaws(branch_error)
        case _:
            yield Flaw(place, keyword, *_said(value, schema, keyword))


def _said(value: Any, schema: Schema, keyword: str) -> tuple[str, str]:
    """What is wrong with a value by a keyword of its schema, and what to do."""
    match keyword:
        case "enum":
            allowed = ", ".join(map(_option, schema["enum"]))
            return f"{_shown(value)} is not allowed", f"use one of {allowed}"
        case "type" | "format":
            wanted = f"{keyword} {schema[keyword]}"
            return f"{_shown(value)} is not of {wanted}", f"write a value of {wanted}"
        case "not" if "title" in schema["not"]:
            said, _, remedy = schema["not"]["title"].partition("; ")
            return f"it {said}", remedy
        case "minProperties" | "maxProperties" if "properties" in schema:
            count = "one or more" if keyword == "minProperties" else "only one"
            names = ", ".join(schema["properties"])
            return f"it has {len(value)} members", f"send {count} of {names}"
    return f"{_shown(value)} does not satisfy {keyword} {_shown(schema[keyword])}", "correct it"


def _meant(error: Any) -> list[Any]:
    """The errors of the branch that was probably meant: the one that fits but for the least of it."""
    branches: dict[Any, list[Any]] = {}
    for each in error.context:
        branches.setdefault(each.schema_path[0], []).append(each)
    return min(
        branches.values(), key=lambda errors: (any(map(_is_of_another_kind, errors)), len(errors))
    )


def _is_of_another_kind(error: Any) -> bool:
    return error.validator == "type" and not error.path


def _unknown_field(place: Place, name: str, known: Mapping[str, Any]) -> Flaw:
    near = difflib.get_close_matches(name[:100], known, n=1)
    remedy = f"write '{near[0]}'" if near else f"use one of {', '.join(known)}"
    return Flaw((*place, name), "additionalProperties", "the schema does not name this field", remedy)


def _option(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:60] + "…"
