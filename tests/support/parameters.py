"""Requests checked by parameters that a test describes as a document does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.errors import InvalidRequest, Violation
from mock_server.openapi import operations
from mock_server.openapi.operations import Operation
from mock_server.openapi.request_validation import Arguments, Validator

# The schema of a page of things.
PAGE = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "n": {"type": "number"},
                    "kind": {"allOf": [{"type": "string", "enum": ["A", "B"]}], "description": "k"},
                },
            },
        },
        "pagination": {"type": "object"},
    },
}


def operation(*parameters: Mapping[str, Any], path: str = "/things") -> Operation:
    """Return the operation that has these parameters; it is a list."""
    answer = {"description": "OK", "content": {"application/json": {"schema": PAGE}}}
    get = {"operationId": "listThings", "parameters": list(parameters), "responses": {"200": answer}}
    [found] = operations.find({"paths": {path: {"get": get}}}, None)
    assert isinstance(found, Operation), found
    return found


def query(name: str = "p", *, style: str | None = None, **members: Any) -> dict[str, Any]:
    """Return a parameter of the query; what is no member of a parameter is of its schema."""
    own = ("explode", "required", "content", "allowEmptyValue", "x-filter")
    outer = {key: members.pop(key) for key in own if key in members}
    schema = {} if "content" in outer else {"schema": members}
    styled = {} if style is None else {"style": style}
    return {"name": name, "in": "query", **outer, **styled, **schema}


def validate(
    parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    sent: str = "",
    headers: Mapping[str, str] | None = None,
    **settings: Any,
) -> Arguments:
    """Return what a query and headers ask for; raise InvalidRequest."""
    described = [parameters] if isinstance(parameters, Mapping) else parameters
    validator = Validator(operation(*described), **({"strict": False} | settings))
    return validator.validate(headers or {}, sent.encode(), {})


def violations(
    parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    sent: str = "",
    headers: Mapping[str, str] | None = None,
    **settings: Any,
) -> list[Violation]:
    """Return what is wrong with a query and headers."""
    try:
        validate(parameters, sent, headers, **settings)
    except InvalidRequest as refused:
        return list(refused.violations)
    return []


def codes(*args: Any, **settings: Any) -> list[tuple[str, str]]:
    """Return the key and the code of each violation."""
    return [(violation.key, violation.code) for violation in violations(*args, **settings)]
