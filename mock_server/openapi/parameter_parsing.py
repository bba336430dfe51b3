"""Parameter parsing: turns the values sent for a parameter into an argument, or into violations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from typing import Any, NamedTuple

from mock_server.errors import Violation, did_you_mean, printable, quote
from mock_server.formats.query_string import decode, split_list
from mock_server.lists import cursors
from mock_server.lists.filters import AnyOf, Contains, Filter
from mock_server.openapi.operations import Operation, Parameter
from mock_server.openapi.patterns import PatternTimeout
from mock_server.openapi.schema import Schema, item_schema
from mock_server.openapi.schema_validators import FORMATS, ParameterValidator

# The most violations of one request; a request may make thousands of mistakes.
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


class SentValue(NamedTuple):
    """One value that was sent for a parameter, before and after decoding.

    `texts` are the values in it, several for a comma-separated list. Of an ambiguous list such as
    `a%2Cb`, `texts` are `["a", "b"]`, and `second_reading` is `["a,b"]`.
    """

    raw_value: str
    decoded: str
    texts: Sequence[str]
    second_reading: Sequence[str] = ()


class Sent(NamedTuple):
    """The values sent for a query parameter, and the filter that they ask for, None if none."""

    values: tuple[SentValue, ...]
    filter: Filter | None = None


# A reader returns the argument for the values sent, and their violations.
Reader = Callable[[Sequence[SentValue]], tuple[Any, list[Violation]]]


@dataclass(frozen=True, slots=True)
class CompiledParameter:
    """A parameter with its reader, and the argument where it is not sent."""

    parameter: Parameter
    is_list: bool
    reader: Reader
    default: Any

    def values_of(self, raw_values: Sequence[str]) -> tuple[SentValue, ...]:
        """Return the raw values of a query, decoded."""
        return tuple([_sent_value(raw_value, is_list=self.is_list) for raw_value in raw_values])

    def value_of(self, text: str) -> SentValue:
        """Return the value of a text that is not percent-encoded, e.g. that of a header."""
        return SentValue(text, text, split_list("", text)[0] if self.is_list else (text,))

    def read(self, sent: Sequence[SentValue], arguments: dict[str, Any]) -> Iterator[Violation]:
        """Yield the violations of the values sent, and put their argument into `arguments`, by name."""
        name = self.parameter.name
        if not sent:
            if self.parameter.required:
                message = f"'{name}' is required in the {self.parameter.location}; send it."
                yield Violation("required", message, name)
            return
        if len(sent) > 1 and not self.parameter.repeatable:
            message = f"'{name}' was sent {len(sent)} times, but has a single value; send it once."
            yield Violation("repeated", message, name)
        argument, violations = self.reader(sent)
        arguments[name] = argument
        yield from violations


def _sent_value(raw_value: str, *, is_list: bool) -> SentValue:
    decoded = decode(raw_value) if "%" in raw_value or "+" in raw_value else raw_value
    if not is_list:
        return SentValue(raw_value, decoded, (decoded,))
    return SentValue(raw_value, decoded, *split_list(raw_value, decoded))


def unknown_values(raw_values: Sequence[str]) -> tuple[SentValue, ...]:
    """Return the raw values of a parameter that the document does not describe, decoded."""
    return tuple([_sent_value(raw_value, is_list=False) for raw_value in raw_values])


def compile_parameter(parameter: Parameter, operation: Operation) -> CompiledParameter:
    """Return the parameter of an operation with its reader and default."""
    rule = parameter.filters
    is_list = rule.match == "any-of" if rule is not None else parameter.schema.get("type") == "array"
    if parameter.name in operation.cursor_parameters and parameter.location == "query":
        is_list = False
    reader = _reader(parameter, operation)
    default = parameter.schema.get("default")
    if rule is not None and default is not None:
        text = str(default)
        values = split_list("", text)[0] if is_list else [text]
        default, _ = reader([SentValue(text, text, values)])
    return CompiledParameter(parameter, is_list, reader, default)


def _reader(parameter: Parameter, operation: Operation) -> Reader:
    rule = parameter.filters
    if rule is not None and rule.match == "any-of":
        schema = operation.record_schema["properties"][rule.field]
        field_schema = {key: schema[key] for key in ("type", "enum") if key in schema}
        return partial(_read_any_of, rule.field, _value_check(parameter, field_schema))
    if rule is not None:
        return partial(_read_contains, _value_check(parameter, parameter.schema), rule.field)
    if parameter in operation.at("query") and parameter.name in operation.cursor_parameters:
        return partial(_read_single, partial(_check_cursor, parameter.name, str(operation.collection)))
    if parameter.schema.get("type") == "array":
        return partial(_read_list, _value_check(parameter, item_schema(parameter.schema)))
    return partial(_read_single, _value_check(parameter, parameter.schema))


def _read_any_of(field: str, check: Check, sent: Sequence[SentValue]) -> tuple[Any, list[Violation]]:
    texts = [text for value in sent for text in value.texts]
    # Both readings of an ambiguous list match records; only its split values are checked.
    whole = [text for value in sent for text in value.second_reading]
    return AnyOf(field, frozenset(texts + whole)) if texts else None, _collect(check, texts)


def _read_contains(check: Check, field: str, sent: Sequence[SentValue]) -> tuple[Any, list[Violation]]:
    text = sent[0].decoded
    wanted = Contains(field, text.casefold()) if text else None
    return wanted, _collect(check, [value.decoded for value in sent])


def _read_list(check: Check, sent: Sequence[SentValue]) -> tuple[Any, list[Violation]]:
    texts = [text for value in sent for text in value.texts]
    return texts, _collect(check, texts)


def _read_single(check: Check, sent: Sequence[SentValue]) -> tuple[Any, list[Violation]]:
    argument, violation = check(sent[0].decoded)
    if len(sent) == 1:
        return argument, [violation] if violation else []
    return argument, _collect(check, [value.decoded for value in sent])


# A check returns the value of a text, and its violation or None.
Check = Callable[[str], tuple[Any, Violation | None]]


def _collect(check: Check, texts: Iterable[str]) -> list[Violation]:
    distinct = list(dict.fromkeys(texts))
    found = (check(text)[1] for text in distinct)
    violations: list[Violation] = []
    for violation in islice((violation for violation in found if violation), LISTED):
        violations.append(violation)
        if violation.code == PatternTimeout.CODE:
            # Each further one could take as long.
            break
    return violations


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


def _value_check(parameter: Parameter, schema: Schema) -> Check:
    """Return the check of one value by a schema: its type first, then its other keywords."""
    relevant = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
    validator = ParameterValidator(relevant, format_checker=FORMATS)
    kind = str(schema.get("type", "string"))

    @_cached
    def check(text: str) -> tuple[Any, Violation | None]:
        try:
            value = _parse(kind, text)
        except ValueError:
            return None, _type_violation(parameter, schema, kind, text)
        if len(relevant) > 1 or "type" not in relevant:
            try:
                error = next(validator.iter_errors(value), None)
            except PatternTimeout as timeout:
                return value, _timeout_violation(parameter, timeout)
            if error is not None:
                return value, _violation(parameter, schema, error.validator, text)
        return value, None

    return check


def _cached(check: Check) -> Check:
    """Return the check with a cache, since the same short texts come again and again, e.g. limits."""
    known = lru_cache(maxsize=256)(check)
    return lambda text: known(text) if len(text) <= _LONGEST_CACHED else check(text)


_LONGEST_CACHED = 100
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


def _type_violation(parameter: Parameter, schema: Schema, kind: str, text: str) -> Violation:
    return Violation("type", _sentence(parameter, text, _allowed(schema, kind)), parameter.name)


def _violation(parameter: Parameter, schema: Schema, keyword: str, text: str) -> Violation:
    """Return the violation of a schema's keyword, e.g. `maximum` or `enum`."""
    kind = str(schema.get("type", "string"))
    if keyword == "enum":
        allowed = [str(value) for value in schema["enum"] if value != ""]
        wanted = f"one of {', '.join(allowed[:20])}{did_you_mean(text, allowed)}"
        return Violation("enum", _sentence(parameter, text, wanted), parameter.name)
    if keyword in ("minimum", "maximum"):
        return Violation("range", _sentence(parameter, text, _allowed(schema, kind)), parameter.name)
    wanted = f"{_allowed(schema, kind)} with {keyword} {printable(str(schema.get(keyword)))}"
    return Violation(keyword, _sentence(parameter, text, wanted), parameter.name)


def _timeout_violation(parameter: Parameter, timeout: PatternTimeout) -> Violation:
    message = f"{quote(timeout.text)} was sent for '{parameter.name}', and {timeout.message}"
    return Violation(timeout.CODE, f"{message}; {timeout.REMEDY}.", parameter.name)


def _sentence(parameter: Parameter, text: str, wanted: str) -> str:
    otherwise = "" if parameter.required else ", or leave it out"
    return (
        f"{quote(text)} was sent for '{parameter.name}', which must be {wanted}; send that{otherwise}."
    )


def _allowed(schema: Schema, kind: str) -> str:
    """Return what a schema allows, e.g. `a whole number from 1 to 100`."""
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
