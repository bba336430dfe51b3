"""The items of an array by a merged schema: how many there are, and by which schema each is made."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from mock_server.data.branch_choice import ANYTHING, BranchChoice
from mock_server.openapi.schema import Schema, item_schema


def least_items(schema: Schema) -> int:
    """Return the least number of items, with those that `contains` asks for behind `prefixItems`."""
    least: int = schema.get("minItems", 0)
    wanted: int = schema.get("minContains", 1) if "contains" in schema else 0
    return max(least, wanted + len(schema.get("prefixItems", ()))) if wanted else least


def most_items(schema: Schema) -> int:
    """Return the greatest number of items; a very large number for any."""
    most: int = schema.get("maxItems", sys.maxsize)
    is_refused = schema.get("unevaluatedItems") is False and not schema.get("items")
    is_closed = schema.get("items") is False or is_refused
    return min(most, len(schema.get("prefixItems", ()))) if is_closed else most


def schema_of_item(branches: BranchChoice, schema: Schema, number: int, count: int) -> Any:
    """Return the schema of one of `count` items: the last ones are those that `contains` asks for."""
    first = schema.get("prefixItems", ())
    if number < len(first):
        return first[number]
    items = item_schema(schema) or ANYTHING
    if "contains" not in schema:
        return items
    if number >= count - schema.get("minContains", 1):
        return branches.both(items, schema["contains"])
    if "maxContains" in schema:
        return branches.both(items, branches.refused(schema["contains"]))
    return items


def unique_items(items: Iterable[Iterable[Any]]) -> list[Any]:
    """Return of each item's values the first that differs from the items before; nothing for none."""
    found: dict[str, Any] = {}
    for values in items:
        for value in values:
            identity = json.dumps(value, sort_keys=True)
            if identity not in found:
                found[identity] = value
                break
    return list(found.values())
