"""The dialect in which values are checked by schemas: OpenAPI 3.0's, and what 3.1's has beyond.

A document of 3.1 is read as one of 3.0 as far as that has words for it (schema_31.py); in a document of
3.0, the other words are none.
"""

from __future__ import annotations

from mock_server.openapi import keywords_31, openapi_keywords
from mock_server.openapi.bounded_keywords import items, unless_longer
from mock_server.openapi.openapi_keywords import new_format_checker, properties_without
from mock_server.openapi.patterns import InvalidPattern, Pattern
from mock_server.openapi.schema_access import READ_ONLY, WRITE_ONLY
from mock_server.openapi.schema_validator import Check, Dialect

FORMATS = new_format_checker()


@FORMATS.checks("regex", InvalidPattern)  # type: ignore[untyped-decorator]
def _is_regex(value: object) -> bool:
    """Check the format of a text that is itself a pattern (JSON Schema Validation, section 7.3.8)."""
    return not isinstance(value, str) or bool(Pattern(value))


def _make(left_out: str | None, *, is_closed: bool) -> Dialect:
    checks: dict[str, Check] = {**openapi_keywords.CHECKS, **keywords_31.CHECKS}
    if left_out is not None:
        checks["properties"] = properties_without(left_out)
    checks["items"] = unless_longer("maxItems", items)
    checks["properties"] = unless_longer("maxProperties", checks["properties"])
    checks["additionalProperties"] = unless_longer("maxProperties", checks["additionalProperties"])
    absent = (READ_ONLY, WRITE_ONLY) if left_out is None else (left_out,)
    return Dialect(checks, FORMATS, openapi_keywords.is_type, absent, is_closed)


_DIALECTS = {
    (left_out, is_closed): _make(left_out, is_closed=is_closed)
    for left_out in (None, READ_ONLY, WRITE_ONLY)
    for is_closed in (False, True)
}


def dialect(left_out: str | None, *, is_closed: bool) -> Dialect:
    """Return the dialect of a direction, READ_ONLY for requests; None for both."""
    return _DIALECTS[left_out, is_closed]
