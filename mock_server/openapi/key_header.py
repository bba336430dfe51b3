"""The header of an idempotency key, which an overlay may name although its operation does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.openapi.parameters import TOKEN, Parameter

# How long a key may be where the document does not say it.
_LONGEST = 255


def with_key_header(parameters: Iterable[Parameter], spec: Mapping[str, Any]) -> list[Parameter]:
    """Return the parameters of an operation, that of its idempotency key among them, with a length.

    `spec` is the operation. A rule that is not understood is left to those who read it.
    """
    every, rule = list(parameters), spec.get("x-idempotency")
    name = rule.get("header") if isinstance(rule, dict) else None
    if not isinstance(name, str) or TOKEN.fullmatch(name) is None:
        return every
    header = Parameter(
        name=name, location="header", required=False, schema={"type": "string"}, style="simple"
    )
    if not any(_is_same(each, header) for each in every):
        every.append(header)
    return [_bounded(each) if _is_same(each, header) else each for each in every]


def _is_same(one: Parameter, other: Parameter) -> bool:
    return (one.location, one.name.lower()) == (other.location, other.name.lower())


def _bounded(header: Parameter) -> Parameter:
    return header._replace(schema={"minLength": 1, "maxLength": _LONGEST, **header.schema})
