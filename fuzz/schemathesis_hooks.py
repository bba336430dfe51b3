"""What schemathesis loads beside its configuration, in its own process."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.hook
def filter_query(_context: schemathesis.HookContext, query: dict[str, Any] | None) -> bool:
    """Leave out a query with an empty list, `{"x": []}`: it is sent as nothing, which is no mistake."""
    return query is None or [] not in query.values()
