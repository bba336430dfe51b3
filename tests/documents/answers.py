"""Whether an answer is valid by the schema that its document has for it, by JSON Schema's own library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker, ValidationError, validators
from jsonschema.exceptions import UnknownType, best_match
from jsonschema.exceptions import _WrappedReferencingError as ReferencingError
from referencing import Registry, Resource

from tests.documents.published import Published

_URN = "urn:published"
_type, _pattern, _required = (
    Draft4Validator.VALIDATORS[keyword] for keyword in ("type", "pattern", "required")
)


def _type_30(validator: Any, types: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Check `type` as OpenAPI 3.0 has it: `nullable` beside it allows null (3.0.3, Schema Object)."""
    if instance is None and schema.get("nullable") is True:
        return
    yield from _type(validator, types, instance, schema)


def _required_30(validator: Any, names: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Check `required` as OpenAPI 3.0 has it: what is `writeOnly` is required of requests alone."""
    described = schema.get("properties", {})
    asked = [n for n in names if not described.get(n, {}).get("writeOnly")]
    yield from _required(validator, asked, instance, schema)


def _pattern_of_python(
    validator: Any, pattern: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    """Check a pattern that Python understands; documents have those of JavaScript too."""
    try:
        re.compile(pattern)
    except (re.error, TypeError):
        return
    yield from _pattern(validator, pattern, instance, schema)


_FORMATS = FormatChecker(["date", "date-time", "email", "ipv4", "ipv6", "uuid"])
_30 = validators.extend(
    Draft4Validator, {"type": _type_30, "pattern": _pattern_of_python, "required": _required_30}
)
_31 = validators.extend(Draft202012Validator, {"pattern": _pattern_of_python})


class Judge:
    """Judges answers by a document's schemas, which it reads lazily."""

    def __init__(self, published: Published) -> None:
        # Without a dialect, nothing is taken for an identifier: 3.0 has none.
        registry: Registry[Any] = Registry().with_resource(_URN, Resource.opaque(published.data))
        self._registry = registry
        self._class = _31 if published.is_31 else _30

    def mistake(self, pointer: str, answer: Any) -> str | None:
        """Return what is wrong with an answer by the schema at a pointer; None where nothing is.

        None is also returned where the schema itself cannot be read.
        """
        schema = {"$ref": f"{_URN}#{pointer}"}
        validator = self._class(schema, registry=self._registry, format_checker=_FORMATS)
        try:
            found = best_match(validator.iter_errors(answer))
        except (TypeError, ReferencingError, UnknownType):
            return None  # The schema itself is wrong, e.g. a bound is a text, or a type is `any`.
        if found is None:
            return None
        message = found.message if len(found.message) < 200 else f"{found.message[:200]}…"
        return f"at {found.json_path}: {message}"
