"""Pages: a window on the positions that match, and the vendor's envelope around it.

This module and `errors` alone know the vendor's convention for lists: the query parameters
`limit`, `after` and `before`, and a body of `items` and `pagination`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mock_server.lists import cursors

LIMIT, AFTER, BEFORE = "limit", "after", "before"
TOTAL = "totalResultSize"

Pagination = dict[str, str | int | None]

# Unknown of the real API (API_FACTS: limit); what counts where a document says nothing else.
DEFAULT_LIMIT = 20
MINIMUM_LIMIT = 1


def items_schema(schema: Any) -> Any | None:
    """The schema of a list's items, or None where the schema is not a list's envelope."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    items, pagination = properties.get("items"), properties.get("pagination")
    if not (isinstance(items, dict) and isinstance(pagination, dict)):
        return None
    if items.get("type") != "array" or pagination.get("type", "object") != "object":
        return None
    return items.get("items", {})


def parameter_schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a list's query parameter, with what the convention adds.

    A limit is a whole number of at least 1 whose default lies within its bounds; a cursor has none.
    """
    if name in (AFTER, BEFORE):
        return {key: value for key, value in schema.items() if key != "default"}
    if name != LIMIT:
        return schema
    low = max(MINIMUM_LIMIT, _whole(schema.get("minimum"), MINIMUM_LIMIT))
    high = max(low, _whole(schema.get("maximum"), 10**9))
    default = min(high, max(low, _whole(schema.get("default"), DEFAULT_LIMIT)))
    bounds = {"minimum": low, "default": default} | ({"maximum": high} if "maximum" in schema else {})
    return schema | {"type": "integer"} | bounds


def _whole(value: Any, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float) else otherwise


@dataclass(frozen=True, slots=True)
class Page:
    """The positions on a page, and those that its cursors stand for; None where no page follows."""

    positions: Sequence[int]
    total: int
    after: int | None
    before: int | None


def assemble(
    matching: Sequence[int], limit: int, after: int | None = None, before: int | None = None
) -> Page:
    """The page of at most `limit` positions that follows `after`, or ends before `before`.

    `matching` ascends. A cursor beyond the end gives an empty page with the way back, and so does a
    limit of 0, with the way on.
    """
    if before is not None:
        stop = bisect_left(matching, before)
        start = max(0, stop - limit)
    else:
        start = 0 if after is None else bisect_right(matching, after)
        stop = start + limit
    page = matching[start:stop]
    start = min(start, len(matching))
    stop = start + len(page)
    return Page(
        page,
        len(matching),
        # Of an empty page, the places just before and behind it.
        after=(page[-1] if page else matching[stop] - 1) if stop < len(matching) else None,
        before=(page[0] if page else matching[start - 1] + 1) if start > 0 else None,
    )


def pagination(page: Page, collection: str) -> Pagination:
    """What the envelope says of a page: its cursors where they lead somewhere, and the true total."""
    result: Pagination = {}
    if page.after is not None:
        result[AFTER] = cursors.encode(collection, page.after)
    if page.before is not None:
        result[BEFORE] = cursors.encode(collection, page.before)
    result[TOTAL] = page.total
    return result


def render(items: Iterable[bytes], pagination: Pagination) -> bytes:
    """The body of a list response; items are records in JSON."""
    return b'{"items":[' + b",".join(items) + b'],"pagination":' + orjson.dumps(pagination) + b"}"
