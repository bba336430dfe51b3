"""The sentences about values that a schema does not admit: what was sent, and what to send."""

from __future__ import annotations

import json
from typing import Any, Protocol

from mock_server.errors import Violation
from mock_server.formats.json import DIGIT_LIMIT
from mock_server.formats.numbers import INTEGER, NUMBER
from mock_server.formats.source_file import pointer
from mock_server.openapi.patterns import GivenUp
from mock_server.openapi.schema import Schema, branches_of, items_of, kinds_of
from mock_server.openapi.value_texts import dump_start
from mock_server.shown_text import did_you_mean, printable, quote

_NOUNS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "'true' or 'false'",
    "string": "a text",
    "object": "an object in JSON",
    "null": "empty",
}

# What these formats of whole numbers leave out (OpenAPI 3.0, Data Types).
_BITS = {"int32": "of at most 32 bits", "int64": "of at most 64 bits"}


class Subject(Protocol):
    """What a sentence is about: a parameter, or a member of one."""

    @property
    def name(self) -> str:
        """Its name as it is sent, e.g. `filter[status]`."""

    @property
    def required(self) -> bool:
        """Whether it must be sent."""

    @property
    def is_secret(self) -> bool:
        """Whether its value may be a credential."""


def show(subject: Subject, text: str) -> str:
    """Return a text that was sent, quoted, unless it may be a credential."""
    return "What may be a secret" if subject.is_secret else quote(text)


def type_violation(subject: Subject, schema: Schema, text: str) -> Violation:
    """Return the violation of a text that stands for no value of the schema's types."""
    return Violation(
        "type", _sentence(subject, text, allowed(schema) + _hint(schema, text)), subject.name
    )


def keyword_violation(subject: Subject, schema: Schema, error: Any, text: str) -> Violation:
    """Return the violation of a keyword of the schema, e.g. `maximum`; `error` is jsonschema's."""
    keyword, value = error.validator, error.validator_value
    if keyword == "enum" and "enum" in schema:
        wanted = f"{allowed(schema)}{did_you_mean(text, _options(schema))}"
        return Violation("enum", _sentence(subject, text, wanted), subject.name)
    if keyword in ("minimum", "maximum"):
        return Violation("range", _sentence(subject, text, allowed(schema)), subject.name)
    if keyword in ("oneOf", "anyOf", "type") or (keyword == "format" and value in _BITS):
        return Violation(keyword, _sentence(subject, text, allowed(schema)), subject.name)
    how = "that does not fit" if keyword == "not" else f"with {keyword}"
    wanted = f"{allowed(schema)} {how} {_show_value(value)}"
    return Violation(keyword, _sentence(subject, text, wanted), subject.name)


def inner_violation(subject: Subject, error: Any, text: str) -> Violation:
    """Return the violation of a part of a value in JSON; `error` is jsonschema's."""
    sent = f"{show(subject, text)} was sent for '{subject.name}', in which"
    where = printable(pointer(tuple(error.absolute_path)))
    wanted = f"{error.validator} {_show_value(error.validator_value)}"
    return Violation(
        error.validator, f"{sent} {where} does not satisfy {wanted}; correct it.", subject.name
    )


def given_up_violation(subject: Subject, given_up: GivenUp) -> Violation:
    """Return the violation of a text of which nobody knows whether it is right, e.g. in time."""
    sent = f"{show(subject, given_up.text)} was sent for '{subject.name}', and {given_up.message}"
    return Violation(given_up.CODE, f"{sent}; {given_up.REMEDY}.", subject.name)


def array_violation(subject: Subject, schema: Schema, keyword: str, count: int) -> Violation:
    """Return the violation of a keyword about an array as a whole; `count` is that of its values."""
    values = f"{count} value" + ("" if count == 1 else "s")
    match keyword:
        case "minItems":
            message = f"{values} came for '{subject.name}', which takes at least {schema[keyword]}"
            return Violation(keyword, f"{message}; send more.", subject.name)
        case "maxItems":
            message = f"{values} came for '{subject.name}', which takes at most {schema[keyword]}"
            return Violation(keyword, f"{message}; send fewer.", subject.name)
        case "uniqueItems":
            message = f"a value came more than once for '{subject.name}', which takes each once"
            return Violation(keyword, f"{message}; leave out the others.", subject.name)
        case "oneOf" | "anyOf":
            message = f"{values} came for '{subject.name}', which must be {allowed(schema)}"
            return Violation(keyword, f"{message}; send that.", subject.name)
    message = f"the {values} for '{subject.name}' do not satisfy {keyword}"
    return Violation(
        keyword, f"{message} {_show_value(schema.get(keyword))}; correct them.", subject.name
    )


# The pieces of JSON of a keyword's value that a sentence shows.
_SHOWN = 500


def _show_value(value: Any) -> str:
    """Return the value of a keyword, a text as it is, anything else in JSON."""
    return printable(value if isinstance(value, str) else dump_start(value, _SHOWN))


def _sentence(subject: Subject, text: str, wanted: str) -> str:
    otherwise = "" if subject.required else ", or leave it out"
    sent = f"{show(subject, text)} was sent for '{subject.name}'"
    return f"{sent}, which must be {wanted}; send that{otherwise}."


# The lists within lists, and branches within branches, that a sentence tells apart.
_TOLD = 3


def allowed(schema: Schema, levels: int = _TOLD) -> str:
    """Return what a merged schema allows, e.g. `a whole number from 1 to 100`."""
    if not levels:
        return "a value as the document describes it"
    branches = branches_of(schema)
    if branches and "type" not in schema and "enum" not in schema:
        return " or ".join(dict.fromkeys(allowed(branch, levels - 1) for branch in branches[:10]))
    if "enum" in schema:
        return f"one of {', '.join(_options(schema)[:20])}"
    kind = next(iter(kinds_of(schema)), "string")
    if kind == "array":
        return f"a list of values, each {allowed(items_of(schema), levels - 1)}"
    noun = f"{_NOUNS.get(kind, f'of type {kind}')}{_bounds(schema)}"
    return (
        f"{noun} {_BITS[schema['format']]}" if noun == _NOUNS["integer"] and _is_sized(schema) else noun
    )


def _is_sized(schema: Schema) -> bool:
    return schema.get("format") in _BITS


def _options(schema: Schema) -> list[str]:
    values = [value for value in schema["enum"] if value not in ("", None)]
    return [value if isinstance(value, str) else json.dumps(value) for value in values]


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    exclusive = (schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum"))
    if True in exclusive:
        lower = [] if low is None else [f"{'above' if exclusive[0] else 'of at least'} {low}"]
        upper = [] if high is None else [f"{'below' if exclusive[1] else 'of at most'} {high}"]
        return f" {' and '.join(lower + upper)}"
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" of at least {low}"
    return "" if high is None else f" of at most {high}"


def _hint(schema: Schema, text: str) -> str:
    """Return how a number must be spelled, where the text is one that is spelled otherwise; else ""."""
    kinds = kinds_of(schema)
    if not {"integer", "number"} & set(kinds):
        return ""
    if len(text) > DIGIT_LIMIT and INTEGER.fullmatch(text[:DIGIT_LIMIT]):
        return f", in at most {DIGIT_LIMIT} digits"
    if NUMBER.fullmatch(text):
        return ", in digits alone, without point or exponent" if "integer" in kinds else ", not so large"
    if NUMBER.fullmatch(text.strip(" +")):
        return ", without spaces or a plus sign, which a query takes for a space"
    return ""
