"""Parameters, compiled: what the values sent for one mean, or everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from typing import Any
from urllib.parse import quote_plus

from openapi_schema_validator import OAS30Validator, oas30_format_checker

from mock_server.errors import Violation, hint, quote, shown
from mock_server.formats import query_string
from mock_server.lists import cursors, filters
from mock_server.openapi.operations import Operation, Parameter
from mock_server.openapi.schema import Schema, item_schema

# A request may make thousands of mistakes; nobody reads more than the first of them.
LISTED = 100

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}

_NOUNS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "'true' or 'false'",
    "string": "a text",
}


EXPIRED_CURSOR = "expiredCursor"

# A reader turns the wire forms of a parameter's values into an argument, or says what is wrong.
Reader = Callable[[Sequence[str]], tuple[Any, list[Violation]]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A parameter with its reader, and the argument that stands for it where it is not sent."""

    parameter: Parameter
    reader: Reader
    default: Any

    def read(self, wires: Sequence[str], found: dict[str, Any]) -> Iterator[Violation]:
        """The violations of the values sent; what a valid one means is put into `found`."""
        name = self.parameter.name
        if not wires:
            if self.parameter.required:
                message = f"'{name}' is required in the {self.parameter.location}; send it."
                yield Violation("required", message, name)
            return
        if len(wires) > 1 and not self.parameter.repeatable:
            message = f"'{name}' was sent {len(wires)} times, but has a single value; send it once."
            yield Violation("repeated", message, name)
        argument, violations = self.reader(wires)
        found[name] = argument
        yield from violations


def compiled(parameter: Parameter, operation: Operation) -> Compiled:
    """The parameter of an operation, ready to read values."""
    reader = _reader(parameter, operation)
    default = parameter.schema.get("default")
    if parameter.filters and default is not None:
        default, _ = reader([quote_plus(str(default))])
    return Compiled(parameter, reader, default)


def _reader(parameter: Parameter, operation: Operation) -> Reader:
    rule = parameter.filters
    if rule is not None and rule.match == "any-of":
        schema = operation.record_schema["properties"][rule.field]
        field_schema = {key: schema[key] for key in ("type", "enum") if key in schema}
        return partial(_read_any_of, rule.field, _checks(parameter, field_schema))
    if rule is not None:
        return partial(_read_contains, _scalar(parameter), rule.field)
    if parameter in operation.at("query") and parameter.name in operation.cursor_parameters:
        return partial(_read_single, partial(_check_cursor, parameter.name, str(operation.collection)))
    if parameter.schema.get("type") == "array":
        return partial(_read_list, _checks(parameter, item_schema(parameter.schema)))
    return partial(_read_single, _scalar(parameter))


def _read_any_of(field: str, check: Check, wires: Sequence[str]) -> tuple[Any, list[Violation]]:
    wanted, split = filters.any_of(field, wires)
    return wanted, _collect(check, split)


def _read_contains(check: Check, field: str, wires: Sequence[str]) -> tuple[Any, list[Violation]]:
    return filters.contains(field, wires[0]), _collect(check, map(query_string.decode, wires))


def _read_list(check: Check, wires: Sequence[str]) -> tuple[Any, list[Violation]]:
    values = [value for wire in wires for value in query_string.decode_list(wire)[0]]
    return values, _collect(check, values)


def _read_single(check: Check, wires: Sequence[str]) -> tuple[Any, list[Violation]]:
    argument, _ = check(query_string.decode(wires[0]))
    return argument, _collect(check, map(query_string.decode, wires))


# A check gives the value of a text, and the violation where it is not allowed.
Check = Callable[[str], tuple[Any, Violation | None]]


def _collect(check: Check, texts: Iterable[str]) -> list[Violation]:
    distinct = list(dict.fromkeys(texts))
    found = (check(text)[1] for text in distinct)
    return list(islice((violation for violation in found if violation), LISTED))


def _check_cursor(name: str, collection: str, text: str) -> tuple[Any, Violation | None]:
    try:
        return cursors.decode(collection, text), None
    except cursors.ExpiredCursor:
        message = (
            f"{quote(text)} was a cursor for '{name}', but has expired; "
            "start again from the first page, without a cursor."
        )
        return None, Violation(EXPIRED_CURSOR, message, name)
    except cursors.UnknownCursor:
        message = (
            f"{quote(text)} is no cursor for '{name}'; send one that a page's pagination gave, "
            "unchanged, or leave it out for the first page."
        )
        return None, Violation("unknownCursor", message, name)


def _scalar(parameter: Parameter) -> Check:
    return _checks(parameter, parameter.schema)


def _checks(parameter: Parameter, schema: Schema) -> Check:
    """The check of one value by a schema: its type first, then all else that the schema says."""
    relevant = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
    validator = OAS30Validator(relevant, format_checker=oas30_format_checker)
    kind = str(schema.get("type", "string"))

    @_remembered
    def check(text: str) -> tuple[Any, Violation | None]:
        try:
            value = _parse(kind, text)
        except ValueError:
            return None, _mistyped(parameter, schema, kind, text)
        if len(relevant) > 1 or "type" not in relevant:
            for error in validator.iter_errors(value):
                return value, _violation(parameter, schema, error.validator, text)
        return value, None

    return check


def _remembered(check: Check) -> Check:
    """The check, with what it found of the texts that come again and again, e.g. limits."""
    known = lru_cache(maxsize=256)(check)
    return lambda text: known(text) if len(text) <= _REMEMBERED_LENGTH else check(text)


_REMEMBERED_LENGTH = 100
_ANNOTATIONS = {"default", "description", "example", "title", "deprecated", "x-fill", "nullable"}


def _parse(kind: str, text: str) -> Any:
    match kind:
        case "integer":
            if _INTEGER.fullmatch(text) is None:
                raise ValueError(text)
            return int(text)
        case "number":
            if _NUMBER.fullmatch(text) is None:
                raise ValueError(text)
            return float(text)
        case "boolean":
            if text not in _BOOLEANS:
                raise ValueError(text)
            return _BOOLEANS[text]
    return text


def _mistyped(parameter: Parameter, schema: Schema, kind: str, text: str) -> Violation:
    return Violation("type", _sentence(parameter, text, _allowed(schema, kind)), parameter.name)


def _violation(parameter: Parameter, schema: Schema, keyword: str, text: str) -> Violation:
    """The violation of a schema's keyword, e.g. `maximum` or `enum`."""
    kind = str(schema.get("type", "string"))
    if keyword == "enum":
        allowed = [str(value) for value in schema["enum"] if value != ""]
        wanted = f"one of {', '.join(allowed[:20])}{hint(text, allowed)}"
        return Violation("enum", _sentence(parameter, text, wanted), parameter.name)
    if keyword in ("minimum", "maximum"):
        return Violation("range", _sentence(parameter, text, _allowed(schema, kind)), parameter.name)
    wanted = f"{_allowed(schema, kind)} with {keyword} {shown(str(schema.get(keyword)))}"
    return Violation(keyword, _sentence(parameter, text, wanted), parameter.name)


def _sentence(parameter: Parameter, text: str, wanted: str) -> str:
    otherwise = "" if parameter.required else ", or leave it out"
    return (
        f"{quote(text)} was sent for '{parameter.name}', which must be {wanted}; send that{otherwise}."
    )


def _allowed(schema: Schema, kind: str) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    noun = _NOUNS.get(kind, f"of type {kind}")
    exclusive = (schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum"))
    if True in exclusive:
        lower = [] if low is None else [f"{'above' if exclusive[0] else 'of at least'} {low}"]
        upper = [] if high is None else [f"{'below' if exclusive[1] else 'of at most'} {high}"]
        return f"{noun} {' and '.join(lower + upper)}"
    if low is not None and high is not None:
        return f"{noun} from {low} to {high}"
    if low is not None:
        return f"{noun} of at least {low}"
    if high is not None:
        return f"{noun} of at most {high}"
    return f"{noun} of at most 18 digits" if kind == "integer" else noun
