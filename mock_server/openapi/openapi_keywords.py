"""The keywords and formats of OpenAPI 3.0's schemas, as far as they differ from JSON Schema's draft 4.

OpenAPI 3.0.3, Schema Object: what is not named there is no keyword; `nullable` adds null to a `type`,
and a required property that is readOnly or writeOnly is required in one direction alone.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from mock_server.formats.numbers import is_multiple, is_number
from mock_server.openapi.chosen_branch import chosen_schema, unknown_choice
from mock_server.openapi.object_members import is_additional
from mock_server.openapi.patterns import is_match
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_access import is_marked
from mock_server.openapi.schema_merging import types_of
from mock_server.openapi.schema_validator import Check, Errors, Validator

# Those that mean what they mean in draft 4.
_AS_IN_DRAFT_4 = (
    "allOf", "enum", "format", "maxItems", "maxLength", "maxProperties", "maximum", "minItems",
    "minLength", "minProperties", "minimum", "properties",
)  # fmt: skip

_TYPES = Draft4Validator.TYPE_CHECKER
_KNOWN_TYPES = frozenset(["array", "boolean", "integer", "null", "number", "object", "string"])


def is_type(value: Any, kind: str) -> bool:
    """Tell whether a value is of a type; any value is of one that JSON Schema does not know."""
    return kind not in _KNOWN_TYPES or _TYPES.is_type(value, kind)


def _type(validator: Validator, kinds: Any, value: Any, schema: Schema) -> Errors:
    if value is None and schema.get("nullable") is True:
        return
    if isinstance(kinds, str):
        if not validator.is_type(value, kinds):
            yield ValidationError(f"{value!r} is not of type {kinds!r}")
    elif not any(validator.is_type(value, kind) for kind in types_of(kinds)):
        yield ValidationError(f"{value!r} is of none of the types {', '.join(types_of(kinds))}")


def _required(validator: Validator, names: list[str], value: Any, _schema: Schema) -> Errors:
    if not isinstance(value, dict):
        return
    for name in names:
        if name not in value and not validator.may_miss(name):
            yield ValidationError(f"{name!r} is a required property")


def _additional_properties(validator: Validator, part: Any, value: Any, schema: Schema) -> Errors:
    if not isinstance(value, dict) or part is True:
        return
    extra = [name for name in value if is_additional(schema, name)]
    if part is False and extra:
        names = ", ".join(map(repr, extra))
        yield ValidationError(f"additional properties are not allowed: {names}")
    elif part is not False:
        for name in extra:
            yield from validator.descend(value[name], part, path=name)


def _any_of(validator: Validator, branches: list[Any], value: Any, schema: Schema) -> Errors:
    chosen = chosen_schema(schema, branches, value)
    if chosen is not None:
        yield from validator.descend(value, chosen)
        return
    found: list[ValidationError] = []
    for number, branch in enumerate(branches):
        errors = validator.branch_errors(value, branch, number)
        if not errors:
            return
        found += errors
    yield _fits_none(validator, branches, (value, schema), found)


def _one_of(validator: Validator, branches: list[Any], value: Any, schema: Schema) -> Errors:
    chosen = chosen_schema(schema, branches, value)
    if chosen is not None:
        yield from validator.descend(value, chosen)
        return
    meant = validator.names_of(branches).meant(value) if len(branches) > 1 else None
    if meant is not None:
        yield from validator.descend(value, branches[meant], schema_path=meant)
        return
    found: list[ValidationError] = []
    fitting = 0
    for number, branch in enumerate(branches):
        errors = validator.branch_errors(value, branch, number)
        found += errors
        fitting += not errors
    if not fitting:
        yield _fits_none(validator, branches, (value, schema), found)
    elif fitting > 1:
        yield ValidationError(f"it is valid by {fitting} of the given schemas")


def _fits_none(
    validator: Validator, branches: list[Any], at: tuple[Any, Schema], found: list[ValidationError]
) -> ValidationError:
    """Return the error of a value that no branch admits, with those of the branches.

    `at` is the value, and the schema that has the branches. Where the value says which branch is meant,
    the errors are those of that one.
    """
    value, schema = at
    names = validator.names_of(branches)
    meant = names.meant(value)
    if meant is not None:
        found = [error for error in found if error.schema_path[0] == meant]
    choice = unknown_choice(schema, value) or names.unknown(value)
    if choice is None:
        return ValidationError("it is not valid by any of the given schemas", context=found)
    place, name, known = choice
    return ValidationError(
        f"{name!r} names none of the given schemas",
        validator="enum",
        validator_value=known,
        path=place,
        instance=name,
        schema={"enum": known},
    )


def _discriminator(validator: Validator, _rule: Any, value: Any, schema: Schema) -> Errors:
    # With `oneOf` or `anyOf`, it chooses one of these.
    if "oneOf" not in schema and "anyOf" not in schema:
        chosen = chosen_schema(schema, None, value)
        if chosen is not None:
            yield from validator.descend(value, chosen)


def _not(validator: Validator, part: Any, value: Any, _schema: Schema) -> Errors:
    if validator.admits(value, part):
        yield ValidationError("it is valid by a schema that it must not be valid by")


def _multiple_of(_validator: Validator, step: Any, value: Any, _schema: Schema) -> Errors:
    # The library divides floats, by which 19.99 is no multiple of 0.01.
    if is_number(value) and not is_multiple(value, step):
        yield ValidationError(f"{value!r} is not a multiple of {step}")


def _unique_items(_validator: Validator, is_wanted: Any, value: Any, _schema: Schema) -> Errors:
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


def _pattern(_validator: Validator, pattern: str, value: Any, _schema: Schema) -> Errors:
    # PatternTimeout passes on: `not` would turn an error around.
    if isinstance(value, str) and not is_match(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


CHECKS: Mapping[str, Check] = {
    **{name: Draft4Validator.VALIDATORS[name] for name in _AS_IN_DRAFT_4},
    "additionalProperties": _additional_properties,
    "anyOf": _any_of,
    "discriminator": _discriminator,
    "multipleOf": _multiple_of,
    "not": _not,
    "oneOf": _one_of,
    "pattern": _pattern,
    "required": _required,
    "type": _type,
    "uniqueItems": _unique_items,
}


def properties_without(left_out: str) -> Check:
    """Return the check of `properties` that refuses members whose schema has a keyword.

    The library refuses any value whose schema has it, but it counts for properties alone (OpenAPI 3.0,
    Schema Object).
    """

    def check(
        validator: Validator, properties: Mapping[str, Schema], value: Any, _schema: Schema
    ) -> Errors:
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


def new_format_checker() -> FormatChecker:
    """Return a checker of the formats of JSON Schema, and of those that OpenAPI adds."""
    formats = FormatChecker()
    # Instead of those of the class, which all of a program share.
    formats.checkers = dict(formats.checkers)
    formats.checks("int32")(_fits_into(32))
    formats.checks("int64")(_fits_into(64))
    formats.checks("byte", binascii.Error)(_is_base64)
    formats.checks("time")(_is_time)
    return formats


def _fits_into(bits: int) -> Callable[[object], bool]:
    bound = 1 << (bits - 1)

    def fits(value: object) -> bool:
        return isinstance(value, bool) or not isinstance(value, int) or -bound <= value < bound

    return fits


# `full-time` of RFC 3339, section 5.6, whose offset many APIs leave out; the library admits none.
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)?")


def _is_time(value: object) -> bool:
    return not isinstance(value, str) or (value.isascii() and _TIME.fullmatch(value) is not None)


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    encoded = value.encode()
    return b64encode(b64decode(encoded)) == encoded
