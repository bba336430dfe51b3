"""Checks of values by a schema, in the dialect of OpenAPI 3.0 or of what 3.1 has beyond.

Most values are right, and `quick_check` tells that of them. The library that checks all others is loaded
when the first of them comes, which takes a tenth of a start, and 4 MiB.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mock_server.openapi.schema import Schema

if TYPE_CHECKING:
    from mock_server.openapi.schema_validator import Errors, Validator


class SchemaCheck:
    """The check of values by a schema; its `iter_errors` yields jsonschema's errors of a value."""

    def __init__(self, compile_it: Callable[[], Validator]) -> None:
        self._compile = compile_it

    @cached_property
    def _validator(self) -> Validator:
        return self._compile()

    def iter_errors(self, value: Any) -> Errors:
        """Yield what is wrong with a value; raise GivenUp."""
        return self._validator.iter_errors(value)

    def is_valid(self, value: Any) -> bool:
        """Tell whether a value is right; raise GivenUp."""
        return self._validator.is_valid(value)


def compile_schema(
    schema: Schema,
    left_out: str | None = None,
    *,
    is_closed: bool = False,
    is_right: Callable[[Any, Schema], bool] | None = None,
) -> SchemaCheck:
    """Return the check of values by a schema.

    `left_out` is the keyword of members that the value must not have: WRITE_ONLY for what an answer
    holds, READ_ONLY for a request's body, None for a parameter. Where it is closed, an object whose
    schema names properties has no others. What `is_right` by a schema is not checked.
    """

    def compile_it() -> Validator:
        from mock_server.openapi.dialects import dialect
        from mock_server.openapi.schema_validator import Validator

        return Validator(schema, dialect(left_out, is_closed=is_closed), is_right)

    return SchemaCheck(compile_it)
