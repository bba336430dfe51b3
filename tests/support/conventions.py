"""Conventions by which tests page."""

from __future__ import annotations

from mock_server.lists.convention import Convention
from mock_server.lists.roles import AFTER, BEFORE, CURSOR, LIMIT, NEXT, PREVIOUS, TOTAL

# That of the built-in document.
CURSOR_ENVELOPE = Convention(
    style=CURSOR,
    items=("items",),
    request={LIMIT: "limit", AFTER: "after", BEFORE: "before"},
    response={
        NEXT: ("pagination", "after"),
        PREVIOUS: ("pagination", "before"),
        TOTAL: ("pagination", "totalResultSize"),
    },
)
