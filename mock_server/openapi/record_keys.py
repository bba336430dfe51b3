"""Record keys: the properties by which the records of a collection are told apart."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.openapi.cursor_fields import field_schema
from mock_server.openapi.schema import Schema, members_of

# Properties by which records are told apart where the document does not say which it is. The last is
# often none, and counts where no other is there.
_IDS = ("id", "uuid", "guid", "gid", "sid", "ulid", "_id")
_LAST = "key"


def find_keys(schema: Schema, named: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the properties of a merged schema by which records are told apart, the best first.

    They are the one that `x-fill: id` marks, those that are `named`, e.g. by a path's parameter, and
    those named like ids.
    """
    described = members_of(schema)
    found = [
        name
        for name in (*named, *_IDS)
        if name in described or ("." in name and field_schema(schema, name))
    ]
    if not found and _LAST in described:
        found = [_LAST]
    marked = [name for name, part in described.items() if part.get("x-fill") == "id"]
    return tuple(dict.fromkeys([*marked[:1], *found]))
