"""Validators of JSON values by schemas of OpenAPI 3.0: of answers, request bodies and parameters.

The library's are corrected: patterns are those of ECMA-262 instead of Python's, and `readOnly` and
`writeOnly` count for properties alone, as the specification says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from openapi_schema_validator import (
    OAS30ReadValidator,
    OAS30Validator,
    OAS30WriteValidator,
    oas30_format_checker,
)

from mock_server.openapi.patterns import InvalidPattern, Pattern, compile_pattern
from mock_server.openapi.schema import Schema, is_marked

# A keyword's check: the validator, the keyword's value, the JSON value, and the schema.
_Check = Callable[[Any, Any, Any, Schema], Iterator[ValidationError]]

FORMATS = FormatChecker()
FORMATS.checkers = dict(oas30_format_checker.checkers)


@FORMATS.checks("regex", InvalidPattern)  # type: ignore[untyped-decorator]
def _is_regex(instance: object) -> bool:
    """Check the format of a text that is itself a pattern (JSON Schema, section 7.3.8)."""
    return not isinstance(instance, str) or bool(Pattern(instance))


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Schema) -> Iterator[ValidationError]:
    """Check a text by a pattern; raise PatternTimeout, since `not` would turn an error around."""
    if validator.is_type(instance, "string") and not compile_pattern(pattern).is_in(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _properties_without(keyword: str) -> _Check:
    """Return the check of `properties` that refuses members whose schema has the keyword."""

    def check(
        validator: Any, properties: Mapping[str, Schema], instance: Any, _schema: Schema
    ) -> Iterator[ValidationError]:
        if not validator.is_type(instance, "object"):
            return
        for name, schema in properties.items():
            if name not in instance:
                continue
            if is_marked(schema, keyword):
                yield ValidationError(
                    f"{name!r} is {keyword}",
                    validator=keyword,
                    path=(name,),
                    instance=instance[name],
                    schema=schema,
                )
            else:
                yield from validator.descend(instance[name], schema, path=name, schema_path=name)

    return check


def _ignored(_validator: Any, _value: Any, _instance: Any, _schema: Schema) -> Iterator[ValidationError]:
    yield from ()


# Checks parameters.
ParameterValidator: Any = extend(OAS30Validator, {"pattern": _pattern})
# Checks what an answer holds, which has no `writeOnly` member, even if that is required.
AnswerValidator: Any = extend(
    OAS30ReadValidator,
    {"pattern": _pattern, "properties": _properties_without("writeOnly"), "writeOnly": _ignored},
)
# Checks the body of a request, which has no `readOnly` member, even if that is required.
BodyValidator: Any = extend(
    OAS30WriteValidator,
    {"pattern": _pattern, "properties": _properties_without("readOnly"), "readOnly": _ignored},
)
