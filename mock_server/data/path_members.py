"""Members that show what a request's path names: the customer of the orders at `/customers/7/orders`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from mock_server.data.branch_choice import NO_GUIDE
from mock_server.data.columns import ACCOUNT_ID_PLACEHOLDER
from mock_server.lists.built_in_schemes import plain
from mock_server.openapi.operations import Operation
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_access import WRITE_ONLY
from mock_server.openapi.schema_errors import CompiledSchema

# How JSON writes the placeholder for an account's id, which stands raw in encoded records.
_ESCAPED = b"\\u0000"


def read_member(schema: Schema, text: str) -> Any:
    """Return what a value of a path is as a member; NO_GUIDE where the schema doesn't admit it."""
    if not schema:
        return NO_GUIDE
    compiled = CompiledSchema(schema, WRITE_ONLY)
    readings: list[Any] = [text]
    if text.isascii() and text.isdigit() and len(text) < 16:
        readings.append(int(text))
    return next((each for each in readings if compiled.is_valid(each)), NO_GUIDE)


class PathMembers:
    """The properties of a list's records that are named like parameters of its path.

    Case, `_` and `-` make no difference. What tells records apart, what is filled (`x-fill`), and what a
    parameter filters is none of them.
    """

    def __init__(self, operation: Operation, keys: Iterable[str]) -> None:
        """Take a list, and the fields that tell its records apart."""
        filtered = {name for each in operation.query if each.filters for name in each.filters.fields}
        by_plain = {plain(name): routed for name, routed in operation.path_parameters.items()}
        self._routed: dict[str, tuple[str, Schema]] = {}
        for field in operation.record_schema.get("properties", {}):
            schema = operation.field_schema(field)
            is_own = field in filtered or field in keys or "x-fill" in schema
            if plain(field) in by_plain and not is_own:
                self._routed[field] = by_plain[plain(field)], schema

    def show(self, records: Sequence[bytes], values: Mapping[str, object]) -> Sequence[bytes]:
        """Return encoded records with the values of a path, which are by the names in its route."""
        read = {
            field: read_member(schema, str(values[routed]))
            for field, (routed, schema) in self._routed.items()
            if routed in values
        }
        told = {field: value for field, value in read.items() if value is not NO_GUIDE}
        return [_with(record, told) for record in records] if told else records


def _with(encoded: bytes, told: Mapping[str, Any]) -> bytes:
    if _ESCAPED in encoded:
        return encoded
    record = orjson.loads(encoded.replace(ACCOUNT_ID_PLACEHOLDER, _ESCAPED))
    if not isinstance(record, dict) or told.keys().isdisjoint(record):
        return encoded
    shown = {name: told.get(name, value) for name, value in record.items()}
    return orjson.dumps(shown).replace(_ESCAPED, ACCOUNT_ID_PLACEHOLDER)
