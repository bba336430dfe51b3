"""The operation that a call wants requests to be of: named by its id, or as `post /customers`."""

from __future__ import annotations

from collections.abc import Sequence

from mock_server.errors import Violation
from mock_server.openapi.operations import Operation
from mock_server.shown_text import did_you_mean, name_some, quote


def operation_id(operations: Sequence[Operation], name: str) -> str | None:
    """Return the id of the operation that a name means; None where the document has none.

    `POST /customers` and `post /customers` mean the operation of that method and path, whatever its id.
    """
    if any(each.id == name for each in operations):
        return name
    method, _, path = name.partition(" ")
    route = method.upper(), path.strip()
    return next((each.id for each in operations if (each.method, each.template) == route), None)


def unknown_operation(operations: Sequence[Operation], name: str, key: str) -> Violation:
    """Return the violation of a name that means no operation, with the nearest that does."""
    ids = [each.id for each in operations]
    routes = [f"{each.method.lower()} {each.template}" for each in operations]
    near = did_you_mean(name, [*ids, *routes])
    message = f"the document has no operation {quote(name)}{near}"
    return Violation("enum", f"{message}; send one of {name_some(ids)}, or none.", key)
