"""Checks of schema keywords whose work is bounded: what is too large is not looked into.

jsonschema checks every keyword of a schema, also the items of an array that has too many.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_validator import Check, Validator
from mock_server.settings import LISTED

# The keywords that no item of an array has to be looked into for, beside `type`.
_ANNOTATIONS = {"type", "description", "title", "example", "examples", "default", "deprecated"}


def unless_longer(keyword: str, check: Check) -> Check:
    """Return a check that finds nothing in a value with more parts than a keyword of its schema says.

    A value of at most LISTED parts is looked into all the same, so that all its mistakes are named.
    """

    @wraps(check)
    def bounded(validator: Validator, value: Any, instance: Any, schema: Schema) -> Any:
        limit = schema.get(keyword)
        if limit is None or not isinstance(instance, dict | list) or len(instance) <= max(limit, LISTED):
            return check(validator, value, instance, schema)
        return None

    return bounded


def items(validator: Validator, part: Any, instance: Any, schema: Schema) -> Iterator[Any]:
    """Check the items of an array, quickly those of which only the type matters.

    Those that `prefixItems` describes are not among them.
    """
    if not isinstance(instance, list):
        return
    first = len(schema.get("prefixItems", ()))
    is_plain = isinstance(part, dict) and part.keys() <= _ANNOTATIONS
    kind = part.get("type") if is_plain else None
    if is_plain and kind is None:
        return
    for number in range(first, len(instance)):
        item = instance[number]
        if not isinstance(kind, str) or not validator.is_type(item, kind):
            yield from validator.descend(item, part, path=number)
