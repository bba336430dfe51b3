"""The dialect of OpenAPI 3.0's schemas: the library's validator, with some keywords read otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from openapi_schema_validator import OAS30Validator, oas30_format_checker

from mock_server.formats.numbers import is_multiple, is_number
from mock_server.openapi.bounded_keywords import bound
from mock_server.openapi.schema import Schema


def compile_schema(schema: Schema) -> Any:
    """Return the validator of a schema; its `iter_errors` yields jsonschema's errors of a value."""
    return _Validator(schema, format_checker=oas30_format_checker)


def _multiple_of(_validator: Any, step: Any, value: Any, _schema: Schema) -> Iterator[ValidationError]:
    # The library divides floats, by which 19.99 is no multiple of 0.01.
    if is_number(value) and not is_multiple(value, step):
        yield ValidationError(f"{value!r} is not a multiple of {step}")


def _unique_items(
    _validator: Any, is_wanted: Any, value: Any, _schema: Schema
) -> Iterator[ValidationError]:
    # The library compares each object with each, which takes minutes for a body of some kilobytes.
    if is_wanted and isinstance(value, list) and len(set(map(_identity, value))) < len(value):
        yield ValidationError("it has the same item twice")


def _identity(value: Any) -> str:
    """Return a text that equal values of JSON share: 1 and 1.0 are equal, true and 1 are not."""
    return json.dumps(_without_spellings(value), sort_keys=True)


def _without_spellings(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_spellings(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_spellings(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Validator = bound(
    extend(OAS30Validator, validators={"multipleOf": _multiple_of, "uniqueItems": _unique_items})
)
