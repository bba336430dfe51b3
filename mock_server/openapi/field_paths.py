"""Paths to fields of records: what the schemas say of their values, through arrays of objects too."""

from __future__ import annotations

from mock_server.openapi.open_objects import is_open
from mock_server.openapi.schema import Schema, items_of, kinds_of, member_names, member_of
from mock_server.openapi.schema_merging import merge_all_of


def find_field(record: Schema, path: str) -> Schema | None:
    """Return the merged schema of a field, e.g. `customer.id`; None where a record has none such.

    A member that the schema does not name, but admits, is `{}`.
    """
    if path in member_names(record):
        return merge_all_of(member_of(record, path))
    found = record
    for name in path.split("."):
        found = single_values(found)
        if name in member_names(found):
            found = merge_all_of(member_of(found, name))
        elif found is not record and is_open(found) and not member_names(found):
            return {}
        else:
            return None
    return found


def single_values(schema: Schema) -> Schema:
    """Return the schema of single values: that of an array's items, or of no array."""
    return merge_all_of(items_of(schema)) if "array" in kinds_of(schema) else schema


def holds_objects(schema: Schema) -> bool:
    """Tell whether all values are objects, or arrays of such, which nothing compares."""
    return kinds_of(single_values(schema)) == ("object",)
