"""Parameters that filter records: how their values are checked, and what their default asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from mock_server.errors import Violation
from mock_server.formats.numbers import is_number, plain_text
from mock_server.lists.filters import AnyOf, Equals
from mock_server.openapi.array_parameters import compile_array_check, compile_reader
from mock_server.openapi.filter_rules import FilterRule
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import (
    Check,
    Reader,
    SentValue,
    compile_check,
    read_any_of,
    read_contains,
    read_single,
)
from mock_server.openapi.parameter_styles import is_split
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import Schema, branches_of, items_of


def compile_filter_reader(parameter: Parameter, rule: FilterRule, operation: Operation) -> Reader:
    """Return the reader of a parameter that filters the records of an operation by a rule."""
    if rule.is_found:
        return _found_filter_reader(parameter, rule)
    if rule.match == "contains":
        return partial(read_contains, compile_check(parameter, parameter.schema), rule.column)
    if rule.match == "equals":
        check = compile_check(parameter, parameter.schema)
        return partial(_read_equal, partial(read_single, check), Equals, rule.column, ())
    checks = tuple(_any_of_checks(parameter, operation.field_schema(rule.field)))
    check_array = compile_array_check(parameter, parameter.schema if is_split(parameter) else {})
    return partial(read_any_of, rule.column, checks, check_array)


def _found_filter_reader(parameter: Parameter, rule: FilterRule) -> Reader:
    """Return the reader of a parameter that filters by the document's own words.

    Its values are those that its own schema admits, and its default asks for nothing.
    """
    default = parameter.schema.get("default")
    values = [] if default is None else _listed(default)
    kind = AnyOf if rule.match == "any-of" else Equals
    reader = compile_reader(parameter, parameter.schema)
    return partial(_read_equal, reader, kind, rule.column, tuple(sorted(map(_text_of, values))))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _read_equal(
    reader: Reader, kind: type[AnyOf], field: str, default: Sequence[str], sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    """Return the filter for the values that were sent, None for an empty text or the default."""
    _, violations = reader(sent)
    texts = [text for value in sent for _, text in value.named if text]
    whole = [text for value in sent for text in value.second_reading]
    is_default = bool(default) and tuple(sorted(texts)) == tuple(default)
    return None if is_default or not texts else kind(field, frozenset(texts + whole)), violations


def _any_of_checks(parameter: Parameter, field: Schema) -> Iterator[Check]:
    """Yield the checks of a value by the types and enums of the field, and by the parameter's schema."""
    yield compile_check(parameter, _types_and_enums(field))
    if is_split(parameter):
        yield compile_check(parameter, items_of(parameter.schema))
    elif "enum" in parameter.schema:
        yield compile_check(parameter, _types_and_enums(parameter.schema))


# The branches within branches whose types and enums are looked at.
_LEVELS = 5


def _types_and_enums(schema: Schema, levels: int = _LEVELS) -> Schema:
    """Return what a merged schema says of types and enums: a filter may ask for what no record has."""
    kept = {key: schema[key] for key in ("type", "enum") if key in schema}
    branches = branches_of(schema) if levels else []
    parts = [_types_and_enums(branch, levels - 1) for branch in branches]
    return kept | ({"anyOf": parts} if parts else {})


def filter_default(default: Any, reader: Reader, *, is_list: bool) -> Any:
    """Return the filter that a default asks for."""
    values = default if isinstance(default, list) else [default]
    texts = list(map(_text_of, values))
    if is_list and not isinstance(default, list):
        texts = [text for text in texts[0].split(",") if text]
    sent = SentValue(",".join(texts), ",".join(texts), texts, named=[("", text) for text in texts])
    return reader([sent])[0]


def _text_of(value: Any) -> str:
    """Return a value as a query writes it, e.g. `true`, or `10` for 10.0."""
    if isinstance(value, str):
        return value
    return plain_text(value) if is_number(value) else json.dumps(value)
