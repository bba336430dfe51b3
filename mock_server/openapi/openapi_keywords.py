"""The keywords and formats of OpenAPI 3.0's schemas, as far as they differ from JSON Schema's draft 4.

OpenAPI 3.0.3, Schema Object: what is not named there is no keyword; `nullable` adds null to a `type`,
and a required property that is readOnly or writeOnly is required in one direction alone.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import create

from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_access import is_marked

# A keyword's check: the validator, the keyword's value, the JSON value, and the schema.
Check = Callable[[Any, Any, Any, Schema], Iterator[ValidationError]]

# Those that mean what they mean in draft 4. A discriminator only hints at what `oneOf` checks.
_AS_IN_DRAFT_4 = (
    "$ref", "additionalProperties", "allOf", "anyOf", "enum", "format", "maxItems", "maxLength",
    "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "not", "oneOf",
    "properties",
)  # fmt: skip


def _type(validator: Any, kind: str, value: Any, schema: Schema) -> Iterator[ValidationError]:
    is_null = value is None and schema.get("nullable") is True
    if not is_null and not validator.is_type(value, kind):
        yield ValidationError(f"{value!r} is not of type {kind!r}")


def _required_but_for(left_out: tuple[str, ...]) -> Check:
    """Return the check of `required` that misses no member whose schema has one of these keywords."""

    def check(validator: Any, names: list[str], value: Any, schema: Schema) -> Iterator[ValidationError]:
        if not validator.is_type(value, "object"):
            return
        properties = schema.get("properties", {})
        for name in names:
            described = properties.get(name, {})
            if name not in value and not any(is_marked(described, keyword) for keyword in left_out):
                yield ValidationError(f"{name!r} is a required property")

    return check


def validator_class(left_out: tuple[str, ...], checks: Mapping[str, Check]) -> Any:
    """Return a class of validators for OpenAPI's keywords, with checks of its own for some of them.

    A required member may be absent if its schema has a keyword of `left_out`, e.g. `("readOnly",)`.
    """
    same = {name: Draft4Validator.VALIDATORS[name] for name in _AS_IN_DRAFT_4}
    own = {"type": _type, "required": _required_but_for(left_out)}
    types = Draft4Validator.TYPE_CHECKER.remove("null")
    return create(Draft4Validator.META_SCHEMA, {**same, **own, **checks}, type_checker=types)


def new_format_checker() -> FormatChecker:
    """Return a checker of the formats of JSON Schema, and of those that OpenAPI adds."""
    formats = FormatChecker()
    # Instead of those of the class, which all of a program share.
    formats.checkers = dict(formats.checkers)
    formats.checks("int32")(_fits_into(32))
    formats.checks("int64")(_fits_into(64))
    formats.checks("byte", binascii.Error)(_is_base64)
    return formats


def _fits_into(bits: int) -> Callable[[object], bool]:
    bound = 1 << (bits - 1)

    def fits(value: object) -> bool:
        return isinstance(value, bool) or not isinstance(value, int) or -bound <= value < bound

    return fits


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    encoded = value.encode()
    return b64encode(b64decode(encoded)) == encoded
