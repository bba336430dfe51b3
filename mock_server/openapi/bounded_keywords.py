"""Checks of schema keywords whose work is bounded: what is too large is not looked into.

jsonschema checks every keyword of a schema, also the items of an array that has too many, and collects
all errors of each branch of an `anyOf`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from jsonschema.validators import extend

from mock_server.settings import LISTED

# The most errors of one branch of a `oneOf` or `anyOf` that are looked at.
_BRANCH_ERRORS = 100

# The keywords that no item of an array has to be looked into for, beside `type`.
_ANNOTATIONS = {"type", "description", "title", "example", "default", "deprecated"}

# The check of a keyword: the validator, the keyword's value, the JSON value, and the schema.
_Check = Callable[[Any, Any, Any, Mapping[str, Any]], Iterator[Any]]


def bound(validator: Any) -> Any:
    """Return a class of validators that check as this one, in a time that the value's size bounds."""
    checks: Mapping[str, _Check] = validator.VALIDATORS
    return extend(
        validator,
        {
            "items": _unless_longer("maxItems", _items),
            "properties": _unless_longer("maxProperties", checks["properties"]),
            "additionalProperties": _unless_longer("maxProperties", checks["additionalProperties"]),
            "anyOf": _with_short_branches(checks["anyOf"]),
            "oneOf": _with_short_branches(checks["oneOf"]),
        },
    )


def _unless_longer(keyword: str, check: _Check) -> _Check:
    """Return a check that finds nothing in a value with more parts than a keyword of its schema says.

    A value of at most LISTED parts is looked into all the same, so that all its mistakes are named.
    """

    def bounded(validator: Any, value: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
        limit = schema.get(keyword)
        if limit is None or not isinstance(instance, dict | list) or len(instance) <= max(limit, LISTED):
            yield from check(validator, value, instance, schema) or ()

    return bounded


def _items(validator: Any, items: Any, instance: Any, _schema: Mapping[str, Any]) -> Iterator[Any]:
    """Check the items of an array, quickly those of which only the type matters."""
    if not isinstance(instance, list):
        return
    is_plain = items.keys() <= _ANNOTATIONS
    kind = items.get("type") if is_plain else None
    if is_plain and kind is None:
        return
    for number, item in enumerate(instance):
        if kind is None or not validator.is_type(item, kind):
            yield from validator.descend(item, items, path=number)


def _with_short_branches(check: _Check) -> _Check:
    def bounded(validator: Any, value: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
        yield from check(_ShortValidator(validator), value, instance, schema)

    return bounded


class _ShortValidator:
    """A validator that finds the first errors of a branch only."""

    def __init__(self, validator: Any) -> None:
        self._validator = validator

    def __getattr__(self, name: str) -> Any:
        return getattr(self._validator, name)

    def descend(self, *args: Any, **options: Any) -> Iterator[Any]:
        return islice(self._validator.descend(*args, **options), _BRANCH_ERRORS)
