"""Compiling parameters: chooses how a parameter is decoded, read and checked."""

from __future__ import annotations

from functools import partial

from mock_server.lists.roles import LIMIT
from mock_server.openapi.array_parameters import compile_reader
from mock_server.openapi.compiled_parameter import CompiledParameter
from mock_server.openapi.filter_parameters import compile_filter_reader, filter_default
from mock_server.openapi.object_parameters import ObjectReader, read_json, read_object_or_other
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import (
    Reader,
    compile_check,
    decode_number_or_text,
    read_single,
)
from mock_server.openapi.parameter_styles import choose_decoder, is_split
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.position_checks import opaque_check
from mock_server.openapi.schema import NUMBERS, Schema, items_of, kinds_of, without_objects
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.sort_reading import compile_sort_reader


def compile_parameter(parameter: Parameter, operation: Operation) -> CompiledParameter:
    """Return the parameter of an operation with its decoder, its reader and its default."""
    rule = parameter.filters
    is_given = rule is not None and not rule.is_found
    is_list = rule.is_list if rule is not None and is_given else is_split(parameter)
    if _is_cursor(parameter, operation):
        is_list = False
    kinds = kinds_of(_value_schema(parameter, operation))
    is_untyped = rule is not None and rule.is_list and not kinds
    is_numeric = is_untyped or not NUMBERS.isdisjoint(kinds)
    decoder = choose_decoder(parameter, is_list=is_list, is_numeric=is_numeric)
    if rule is not None and is_numeric and (is_untyped or "string" in kinds):
        decoder = partial(decode_number_or_text, decoder)
    reader = _reader(parameter, operation)
    default = parameter.schema.get("default")
    if rule is not None and rule.is_found:
        default = None
    elif default is not None and (rule is not None or parameter.name in operation.sort_parameters):
        default = filter_default(default, reader, is_list=is_list)
    return CompiledParameter(parameter, decoder, reader, default)


def _is_cursor(parameter: Parameter, operation: Operation) -> bool:
    return parameter.location == "query" and parameter.name in operation.cursor_parameters


def _value_schema(parameter: Parameter, operation: Operation) -> Schema:
    """Return the schema of a single value: of the field that it filters, of an item, or its own."""
    if parameter.filters is not None:
        return operation.values_schema(parameter.filters.field)
    return items_of(parameter.schema) if is_split(parameter) else parameter.schema


def _reader(parameter: Parameter, operation: Operation) -> Reader:
    if parameter.filters is not None:
        return compile_filter_reader(parameter, parameter.filters, operation)
    return compile_sort_reader(parameter, operation) or _plain_reader(parameter, operation)


def _plain_reader(parameter: Parameter, operation: Operation) -> Reader:
    if _is_cursor(parameter, operation) and operation.convention.cursor is None:
        return partial(read_single, opaque_check(parameter.name, operation))
    if parameter.style == "content":
        return _content_reader(parameter)
    if _is_limit(parameter, operation):
        return compile_reader(parameter, _bounded(parameter.schema, operation))
    if not parameter.is_object:
        return compile_reader(parameter, parameter.schema)
    return _object_reader(parameter)


def _is_limit(parameter: Parameter, operation: Operation) -> bool:
    is_read = parameter.location == "query" and operation.collection is not None
    return is_read and operation.convention.role_of(parameter.name) == LIMIT


def _bounded(schema: Schema, operation: Operation) -> Schema:
    """Return the schema of a limit with the greatest one that is served, where it names none."""
    if operation.convention.clamps or "maximum" in schema:
        return schema
    return {**schema, "maximum": max(operation.convention.maximum_limit, schema.get("minimum", 1))}


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
