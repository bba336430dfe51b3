"""The convention of cursors in the query and an envelope in the body, which lists are found by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mock_server.lists.convention import WHOLE, Convention
from mock_server.lists.roles import AFTER, BEFORE, CURSOR, LIMIT, NEXT, NONE, PREVIOUS, TOTAL

_ITEMS, _PAGINATION = ("items", "pagination")

# The real API's default limit is unknown (docs/api_facts.md).
CURSOR_ENVELOPE = Convention(
    style=CURSOR,
    items=(_ITEMS,),
    request={LIMIT: "limit", AFTER: "after", BEFORE: "before"},
    response={
        NEXT: (_PAGINATION, "after"),
        PREVIOUS: (_PAGINATION, "before"),
        TOTAL: (_PAGINATION, "totalResultSize"),
    },
)


def items_schema(schema: Any) -> Any | None:
    """Return the schema of a list's items; None where the schema is not that of a page."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    items, pagination = properties.get(_ITEMS), properties.get(_PAGINATION)
    if not (isinstance(items, dict) and isinstance(pagination, dict)):
        return None
    if items.get("type") != "array" or pagination.get("type", "object") != "object":
        return None
    return items.get("items", {})


def fit(schema: Any, taken: Iterable[str]) -> Convention:
    """Return the convention of an answer with this schema, and of query parameters with these names."""
    names = set(taken)
    own = CURSOR_ENVELOPE
    request = {role: name for role, name in own.request.items() if name in names}
    described = schema.get("properties", {}).get(_PAGINATION, {}).get("properties")
    lost = {role for role, way in ((NEXT, AFTER), (PREVIOUS, BEFORE)) if way not in request}
    response = {
        role: place
        for role, place in own.response.items()
        if (not described or place[-1] in described) and role not in lost
    }
    if NEXT not in response:
        return replace(own, style=NONE, request={}, response=response, default_limit=WHOLE)
    return replace(own, request=request, response=response)
