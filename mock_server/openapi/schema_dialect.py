"""The dialect of OpenAPI 3.0's schemas: the library's keywords, some of them checked otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

from mock_server.formats.numbers import is_multiple, is_number
from mock_server.openapi.bounded_keywords import bound
from mock_server.openapi.openapi_keywords import Check, new_format_checker, validator_class
from mock_server.openapi.patterns import InvalidPattern, Pattern, compile_pattern
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_access import READ_ONLY, WRITE_ONLY, is_marked


def compile_schema(schema: Schema, left_out: str | None = None) -> Any:
    """Return the validator of a schema; its `iter_errors` yields jsonschema's errors of a value.

    `left_out` is the keyword of members that the value must not have: WRITE_ONLY for what an answer
    holds, READ_ONLY for a request's body, None for a parameter.
    """
    return _VALIDATORS[left_out](schema, format_checker=FORMATS)


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


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Schema) -> Iterator[ValidationError]:
    # The library matches by Python's `re`. PatternTimeout passes on: `not` would turn an error around.
    try:
        is_match = not isinstance(value, str) or compile_pattern(pattern).is_in(value)
    except InvalidPattern:
        # `check_schema` refuses it in what is served; elsewhere in a document it says nothing.
        return
    if not is_match:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _properties_without(left_out: str) -> Check:
    """Return the check of `properties` that refuses members whose schema has a keyword.

    The library refuses any value whose schema has it, but it counts for properties alone (OpenAPI 3.0,
    Schema Object).
    """

    def check(
        validator: Any, properties: Mapping[str, Schema], value: Any, _schema: Schema
    ) -> Iterator[ValidationError]:
        if not isinstance(value, dict):
            return
        for name, schema in properties.items():
            if name not in value:
                continue
            if is_marked(schema, left_out):
                yield ValidationError(
                    f"{name!r} is {left_out}",
                    validator=left_out,
                    path=(name,),
                    instance=value[name],
                    schema=schema,
                )
            else:
                yield from validator.descend(value[name], schema, path=name, schema_path=name)

    return check


_CHECKS: Mapping[str, Check] = {
    "multipleOf": _multiple_of,
    "pattern": _pattern,
    "uniqueItems": _unique_items,
}
PARAMETER_VALIDATOR: Any = bound(validator_class((READ_ONLY, WRITE_ONLY), _CHECKS))
_VALIDATORS: Mapping[str | None, Any] = {None: PARAMETER_VALIDATOR} | {
    left_out: bound(
        validator_class((left_out,), {**_CHECKS, "properties": _properties_without(left_out)})
    )
    for left_out in (WRITE_ONLY, READ_ONLY)
}

FORMATS = new_format_checker()


@FORMATS.checks("regex", InvalidPattern)  # type: ignore[untyped-decorator]
def _is_regex(value: object) -> bool:
    """Check the format of a text that is itself a pattern (JSON Schema Validation, section 7.3.8)."""
    return not isinstance(value, str) or bool(Pattern(value))
