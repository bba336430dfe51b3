"""What a schema says of an object's members: which it names, and whether others say more of them."""

from __future__ import annotations

from typing import Any

from mock_server.openapi.patterns import is_match
from mock_server.openapi.schema import Schema

# By what a schema composes others: each of these names some of the members only.
_COMPOSING = (
    "allOf", "anyOf", "oneOf", "discriminator", "if", "dependentSchemas", "unevaluatedProperties",
)  # fmt: skip


def composes(schema: Schema) -> bool:
    """Tell whether a schema composes others, so that it may have members that it does not name."""
    return any(keyword in schema for keyword in _COMPOSING)


def named_members(schema: Schema) -> dict[str, Any]:
    """Return the schemas of the members that a schema names, or requires and admits."""
    described: dict[str, Any] = dict(schema.get("properties", {}))
    required, rest = schema.get("required"), schema.get("additionalProperties")
    for name in required if isinstance(required, list) and rest is not False else ():
        described.setdefault(name, {})
    return described


def is_additional(schema: Schema, name: str) -> bool:
    """Tell whether a schema describes no member of a name, by itself or by a pattern."""
    if name in schema.get("properties", ()):
        return False
    return not any(is_match(pattern, name) for pattern in schema.get("patternProperties", ()))
