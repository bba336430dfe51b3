"""Parameter parsing: turns the values sent for a parameter into an argument, or into violations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from mock_server.errors import Violation
from mock_server.formats import json
from mock_server.formats.json import Unreadable
from mock_server.formats.numbers import INTEGER, is_number, parse_number, plain_text
from mock_server.formats.query_string import decode
from mock_server.lists.filters import Filter
from mock_server.openapi.schema import Schema, kinds_of
from mock_server.openapi.schema_dialect import compile_schema
from mock_server.openapi.violation_sentences import (
    Subject,
    inner_violation,
    keyword_violation,
    type_violation,
)

# The most violations of one request; a request may make thousands of mistakes.
LISTED = 100


class SentValue(NamedTuple):
    """One value that was sent for a parameter, before and after decoding.

    - `texts`: the values in it, several for a list
    - `second_reading`: `["a,b"]` of an ambiguous list such as `a%2Cb`, whose `texts` are `["a", "b"]`;
      `["1.50"]` where a record may have that text or the number
    - `key`: the name it was sent under, e.g. `filter[status]` for a member of the parameter `filter`
    - `named`: its texts with the names that `Parameter.described` has for them; a number is spelled as
      records spell it, e.g. `(("price", "1.5"),)` for `price=1.50`
    - `flaw`: what is wrong with how it is written, empty for nothing
    """

    raw_value: str
    decoded: str
    texts: Sequence[str]
    second_reading: Sequence[str] = ()
    key: str = ""
    named: Sequence[tuple[str, str]] = ()
    flaw: str = ""


class Sent(NamedTuple):
    """The values sent for a query parameter, and the filter that they ask for, None if none."""

    values: Sequence[SentValue]
    filter: Filter | None = None


# A reader returns the argument for the values sent, and their violations.
Reader = Callable[[Sequence[SentValue]], tuple[Any, list[Violation]]]

# It returns the filter for some values.
Build = Callable[[frozenset[str]], Filter]

# A decoder returns the value for the name and the raw text that were sent.
Decoder = Callable[[str, str], SentValue]


# It returns the texts in a value, and those of its second reading, for the raw and the decoded value.
Splitter = Callable[[str, str], tuple[Sequence[str], Sequence[str]]]


def decode_single(is_numeric: bool, key: str, raw_value: str) -> SentValue:
    """Return the value of a raw text of the query that is a single one."""
    decoded = decode(raw_value) if "%" in raw_value or "+" in raw_value else raw_value
    if is_numeric and not (decoded.isdecimal() and decoded[0] != "0"):
        return SentValue(raw_value, decoded, (decoded,), (), key, ((key, plain_text(decoded)),))
    return SentValue(raw_value, decoded, (decoded,), (), key, ((key, decoded),))


def decode_list(split: Splitter, is_numeric: bool, key: str, raw_value: str) -> SentValue:
    """Return the value of a raw text of the query that is a list."""
    decoded = decode(raw_value)
    texts, second_reading = split(raw_value, decoded)
    return SentValue(raw_value, decoded, texts, second_reading, key, name_texts(key, texts, is_numeric))


def decode_number_or_text(decoder: Decoder, key: str, raw_value: str) -> SentValue:
    """Return the value of a raw text for a field that holds numbers or texts: it may mean either."""
    value = decoder(key, raw_value)
    spelled = zip(value.texts, value.named, strict=True)
    as_sent = [text for text, (_, plain) in spelled if text != plain]
    return value._replace(second_reading=[*value.second_reading, *as_sent])


def name_texts(key: str, texts: Iterable[str], is_numeric: bool) -> tuple[tuple[str, str], ...]:
    """Return the texts under a name, those of numbers as records spell them."""
    return tuple([(key, plain_text(text) if is_numeric else text) for text in texts])


def read_any_of(
    build: Build, checks: Sequence[Check], check_array: ArrayCheck, sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    """Return the filter for any of the values, checked by its field and the parameter's schema."""
    texts = [text for value in sent for text in value.texts]
    wanted = [text for value in sent for _, text in value.named]
    # Both readings of an ambiguous list match records; only its split values are checked.
    whole = [text for value in sent for text in value.second_reading]
    violations = [violation for check in checks for violation in collect_violations(check, texts)]
    violations += check_array(texts)
    return build(frozenset(wanted + whole)) if texts else None, list(dict.fromkeys(violations))


def read_contains(
    check: Check, build: Callable[[str], Filter], sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    """Return the filter for records that contain the text."""
    text = sent[0].decoded
    wanted = build(text.casefold()) if text else None
    return wanted, collect_violations(check, [value.decoded for value in sent])


def read_single(check: Check, sent: Sequence[SentValue]) -> tuple[Any, list[Violation]]:
    """Return the first of the values, which is the only one unless it was repeated by mistake."""
    argument, violation = check(sent[0].decoded)
    if len(sent) == 1:
        return argument, [violation] if violation else []
    return argument, collect_violations(check, [value.decoded for value in sent])


# A check returns the value of a text, and its violation or None.
Check = Callable[[str], tuple[Any, Violation | None]]

# It yields what is wrong with an array as a whole.
ArrayCheck = Callable[[Sequence[Any]], Iterable[Violation]]


def collect_violations(check: Check, texts: Iterable[str]) -> list[Violation]:
    """Return what is wrong with the texts, LISTED violations at most."""
    distinct = list(dict.fromkeys(texts))
    found = (check(text)[1] for text in distinct)
    return list(islice((violation for violation in found if violation), LISTED))


def compile_check(subject: Subject, schema: Schema, kinds: Sequence[str] | None = None) -> Check:
    """Return the check of a text by a merged schema: the types that it may stand for, then all else.

    `kinds` are those types, in place of all that the schema names. The text is of the first type by
    which it is valid: `5` is a number before it is a text.
    """
    tried = types_in_order(schema, kinds_of(schema) if kinds is None else kinds)
    constraints = {key: value for key, value in schema.items() if constrains(key)}
    if tuple(tried) == (schema.get("type"),):
        # What is read as a value of the only type is of that type.
        del constraints["type"]
    validator = compile_schema(constraints)
    is_right = _quick_check(constraints)

    def check(text: str) -> tuple[Any, Violation | None]:
        refused = None
        for kind in tried:
            try:
                value = parse(kind, text)
            except ValueError:
                continue
            error = None if is_right(value) else next(validator.iter_errors(value), None)
            if error is None:
                return value, None
            refused = refused or (value, error)
        if refused is None:
            return None, type_violation(subject, schema, text)
        value, error = refused
        if error.absolute_path:
            return value, inner_violation(subject, error, text)
        return value, keyword_violation(subject, schema, error, text)

    return check


def _quick_check(constraints: Schema) -> Callable[[Any], bool]:
    """Return a check that tells surely right values of a type, so that most need no validator."""
    keywords = constraints.keys() - {"type", "nullable"}
    low, high = constraints.get("minimum", -math.inf), constraints.get("maximum", math.inf)
    texts = {value for value in constraints.get("enum", ()) if isinstance(value, str)}
    if not keywords:
        return lambda _value: True
    if keywords <= {"minimum", "maximum"} and is_number(low) and is_number(high):
        return lambda value: type(value) is int and low <= value <= high
    return lambda value: keywords == {"enum"} and isinstance(value, str) and value in texts


def types_in_order(schema: Schema, kinds: Sequence[str]) -> list[str]:
    """Return the types in the order in which they are tried, the ones with fewest texts first."""
    wanted = set(kinds) or {"string"}
    # An empty text or `null` is a text like any other, unless the schema lists the texts and null.
    if schema.get("nullable") is True and ("string" not in wanted or None in schema.get("enum", ())):
        wanted.add("null")
    order = ("null", "boolean", "integer", "number", "array", "object", "string")
    return [kind for kind in order if kind in wanted] + sorted(wanted.difference(order))


def constrains(keyword: str) -> bool:
    """Tell whether a keyword of a schema is about values, and not only for people."""
    return keyword not in _ANNOTATIONS and not keyword.startswith("x-")


_ANNOTATIONS = {"default", "description", "example", "title", "deprecated", "xml", "externalDocs"}


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
