"""Checking a JSON value by a schema: every flaw, with its place in the value and a remedy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.formats.source_file import Place
from mock_server.openapi.object_members import is_additional
from mock_server.openapi.patterns import GivenUp
from mock_server.openapi.quick_check import QuickCheck
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_access import READ_ONLY, WRITE_ONLY
from mock_server.openapi.schema_dialect import compile_schema
from mock_server.openapi.value_texts import dump_start
from mock_server.shown_text import nearest, printable


class Flaw(NamedTuple):
    """One thing in a value that its schema does not allow.

    `place` is where in the value, e.g. `("parameters", 0, "type")`, `keyword` the keyword of the
    schema that is violated, e.g. `enum`, and `remedy` what to do, e.g. `add it`.
    """

    place: Place
    keyword: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = "".join(f"/{step}" for step in self.place)
        return f"{place and f'at {place}, '}{self.message}"


_EXAMPLES = {"date-time": "2024-05-02T14:26:48Z", "date": "2024-05-02"}


class CompiledSchema:
    """A schema, compiled once; an object whose schema names properties may have no others.

    Unless `is_closed`, it may have others where the schema does not forbid them.
    """

    def __init__(
        self,
        schema: Schema,
        left_out: str | None = None,
        *,
        is_closed: bool = True,
        is_right: Callable[[Any, Schema], bool] | None = None,
    ) -> None:
        """Compile a schema; `left_out` and `is_right` are those of `compile_schema`.

        Without `is_right`, a quick check of its own tells most values that have no flaw.
        """
        self._schema = schema
        self._quick = None if is_right else QuickCheck(left_out)
        self._validator = compile_schema(schema, left_out, is_closed=is_closed, is_right=is_right)

    @classmethod
    def of_answer(cls, schema: Schema) -> CompiledSchema:
        """Compile the schema of a part of an answer; `writeOnly` members are flaws."""
        return cls(schema, WRITE_ONLY)

    @classmethod
    def of_body(cls, schema: Schema) -> CompiledSchema:
        """Compile the schema of a request's body; `readOnly` members are flaws."""
        return cls(schema, READ_ONLY)

    def is_valid(self, value: Any) -> bool:
        """Tell whether a value has no flaw."""
        return next(self.flaws(value), None) is None

    def flaws(self, value: Any) -> Iterator[Flaw]:
        """Yield each flaw once and as soon as it is found, up to one that takes too long to find."""
        if self._is_surely_right(value):
            return
        found = (f for error in self._validator.iter_errors(value) for f in _flaws_of(error))
        known: set[Flaw] = set()
        try:
            for flaw in found:
                if flaw not in known:
                    known.add(flaw)
                    yield flaw
        except GivenUp as given_up:
            message = f"{_format_value(given_up.text)} {given_up.message}"
            yield Flaw((), given_up.CODE, message, given_up.REMEDY)

    def _is_surely_right(self, value: Any) -> bool:
        if self._quick is None:
            return False
        self._quick.begin()
        return self._quick.is_right(value, self._schema)


def _flaws_of(error: Any) -> Iterator[Flaw]:
    """Yield the flaws that one error of jsonschema stands for."""
    place = tuple(error.absolute_path)
    value, schema, keyword = error.instance, error.schema, error.validator
    match keyword:
        case "additionalProperties" if isinstance(schema.get("properties"), Mapping):
            for name in value:
                if is_additional(schema, name):
                    yield _unknown_field(place, name, schema["properties"])
        case "required":
            # One error for each missing property, named by jsonschema only in its message.
            name = next(n for n in error.validator_value if error.message.startswith(repr(n)))
            yield Flaw((*place, name), keyword, "the field is missing", "add it")
        case "oneOf" | "anyOf" if error.context:
            for branch_error in _errors_of_likeliest_branch(error):
                yield from _flaws_of(branch_error)
        case _:
            yield Flaw(place, keyword, *_message_and_remedy(value, schema, keyword))


def _message_and_remedy(value: Any, schema: Schema, keyword: str) -> tuple[str, str]:
    """Return what is wrong with a value that violates a keyword of its schema, and what to do."""
    match keyword:
        case "enum":
            allowed = ", ".join(map(_format_option, schema["enum"]))
            return f"{_format_value(value)} is not allowed", f"use one of {allowed}"
        case "type" | "format":
            named = schema[keyword]
            wanted = f"{keyword} {' or '.join(named) if isinstance(named, list) else named}"
            example = _EXAMPLES.get(str(named), "")
            remedy = f"write a value of {wanted}{example and f', such as {example}'}"
            return f"{_format_value(value)} is not of {wanted}", remedy
        case "writeOnly" | "readOnly":
            where = "answer" if keyword == WRITE_ONLY else "request"
            return f"no {where} has this member ({keyword})", "leave it out"
        case "not" if "title" in schema["not"]:
            # The document words it itself, e.g. `has both; send one of them`.
            message, _, remedy = schema["not"]["title"].partition("; ")
            return f"it {message}", remedy
        case "minProperties" | "maxProperties" if "properties" in schema:
            count = "one or more" if keyword == "minProperties" else "only one"
            names = ", ".join(schema["properties"])
            return f"it has {len(value)} members", f"send {count} of {names}"
    named = keyword
    if schema.get(f"exclusive{keyword.title()}") is True:
        named = f"exclusive{keyword.title()}"
    return (
        f"{_format_value(value)} does not satisfy {named} {_format_value(schema.get(keyword))}",
        "correct it",
    )


def _errors_of_likeliest_branch(error: Any) -> list[Any]:
    """Return the errors of the branch of a `oneOf` or `anyOf` that the author probably meant.

    That is the one with the fewest errors, among those that take a value of this type if any does.
    """
    branches: dict[Any, list[Any]] = {}
    for each in error.context:
        branches.setdefault(each.schema_path[0], []).append(each)
    return min(branches.values(), key=lambda errors: (any(map(_is_of_wrong_type, errors)), len(errors)))


def _is_of_wrong_type(error: Any) -> bool:
    """Return whether the value itself, and not a part of it, is of another type."""
    return error.validator == "type" and not error.path


def _unknown_field(place: Place, name: str, known: Mapping[str, Any]) -> Flaw:
    near = nearest(name, known)
    remedy = f"use one of {', '.join(known)}" if near is None else f"write '{near}'"
    return Flaw((*place, name), "additionalProperties", "the schema does not name this field", remedy)


def _format_option(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _format_value(value: Any) -> str:
    """Return the value in JSON, at most 60 characters of it."""
    return printable(dump_start(value[:100] if isinstance(value, str) else value, 61))
