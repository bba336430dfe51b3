"""Compiling parameters: chooses how a parameter is decoded, read and checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from mock_server.formats.numbers import is_number, plain_text
from mock_server.openapi.array_parameters import compile_array_check, compile_reader
from mock_server.openapi.object_parameters import ObjectReader, read_json, read_object_or_other
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import (
    Check,
    CompiledParameter,
    Reader,
    SentValue,
    check_cursor,
    compile_check,
    read_any_of,
    read_contains,
    read_single,
)
from mock_server.openapi.parameter_styles import choose_decoder, is_split, may_be_number
from mock_server.openapi.parameters import FilterRule, Parameter
from mock_server.openapi.schema import Schema, branches_of, items_of, kinds_of, without_objects
from mock_server.openapi.schema_errors import CompiledSchema


def compile_parameter(parameter: Parameter, operation: Operation) -> CompiledParameter:
    """Return the parameter of an operation with its decoder, its reader and its default."""
    rule = parameter.filters
    is_list = rule.match == "any-of" if rule is not None else is_split(parameter)
    if _is_cursor(parameter, operation):
        is_list = False
    decoder = choose_decoder(
        parameter, is_list=is_list, is_numeric=may_be_number(_value_schema(parameter, operation))
    )
    reader = _reader(parameter, operation)
    default = parameter.schema.get("default")
    if rule is not None and default is not None:
        default = _filter_default(default, reader, is_list=is_list)
    return CompiledParameter(parameter, decoder, reader, default)


def _is_cursor(parameter: Parameter, operation: Operation) -> bool:
    return parameter.location == "query" and parameter.name in operation.cursor_parameters


def _value_schema(parameter: Parameter, operation: Operation) -> Schema:
    """Return the schema of a single value: of the field that it filters, of an item, or its own."""
    if parameter.filters is not None:
        return operation.field_schema(parameter.filters.field)
    return items_of(parameter.schema) if is_split(parameter) else parameter.schema


def _filter_default(default: Any, reader: Reader, *, is_list: bool) -> Any:
    """Return the filter that a default asks for."""
    values = default if isinstance(default, list) else [default]
    texts = [value if isinstance(value, str) else _spell(value) for value in values]
    if is_list and not isinstance(default, list):
        texts = [text for text in texts[0].split(",") if text]
    sent = SentValue(",".join(texts), ",".join(texts), texts, named=[("", text) for text in texts])
    return reader([sent])[0]


def _spell(value: Any) -> str:
    return plain_text(value) if is_number(value) else json.dumps(value)


def _reader(parameter: Parameter, operation: Operation) -> Reader:
    if parameter.filters is not None:
        return _filter_reader(parameter, parameter.filters, operation)
    if _is_cursor(parameter, operation):
        return partial(read_single, partial(check_cursor, parameter.name, str(operation.collection)))
    if parameter.style == "content":
        return _content_reader(parameter)
    if not parameter.is_object:
        return compile_reader(parameter, parameter.schema)
    return _object_reader(parameter)


def _content_reader(parameter: Parameter) -> Reader:
    if parameter.is_json:
        return partial(read_json, parameter, CompiledSchema(parameter.schema, is_closed=False))
    return partial(read_single, compile_check(parameter, _text_schema(parameter.schema)))


def _object_reader(parameter: Parameter) -> Reader:
    members = ObjectReader(parameter)
    others = [kind for kind in parameter.kinds if kind != "object"]
    if not others or not parameter.is_spread:
        return members
    other = compile_reader(parameter, without_objects(parameter.schema), others)
    return partial(read_object_or_other, parameter, members, other)


def _text_schema(schema: Schema) -> Schema:
    """Return the schema of a text in another media type than JSON, where no object can be checked."""
    return schema if {"object", "array"}.isdisjoint(kinds_of(schema)) else {}


def _filter_reader(parameter: Parameter, rule: FilterRule, operation: Operation) -> Reader:
    if rule.match != "any-of":
        return partial(read_contains, compile_check(parameter, parameter.schema), rule.field)
    checks = tuple(_any_of_checks(parameter, operation.field_schema(rule.field)))
    check_array = compile_array_check(parameter, parameter.schema if is_split(parameter) else {})
    return partial(read_any_of, rule.field, checks, check_array)


def _any_of_checks(parameter: Parameter, field: Schema) -> Iterator[Check]:
    """Yield the checks of a value by the types and enums of the field, and by the parameter's schema."""
    yield compile_check(parameter, _types_and_enums(field))
    if is_split(parameter):
        yield compile_check(parameter, items_of(parameter.schema))
    elif "enum" in parameter.schema:
        yield compile_check(parameter, _types_and_enums(parameter.schema))


def _types_and_enums(schema: Schema) -> Schema:
    """Return what a merged schema says of types and enums: a filter may ask for what no record has."""
    kept = {key: schema[key] for key in ("type", "enum") if key in schema}
    branches = [_types_and_enums(branch) for branch in branches_of(schema)]
    return kept | ({"anyOf": branches} if branches else {})
