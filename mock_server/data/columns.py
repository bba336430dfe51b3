"""Columns: the values of fields of records, as queries write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from mock_server.data.records import value_of
from mock_server.formats import json_output, numbers
from mock_server.lists.filters import Cell

# Stands in a record's JSON for the id of the account that reads it; JSON never holds a raw NUL.
ACCOUNT_ID_PLACEHOLDER = b"\0"


def encode(value: Any) -> bytes:
    """Return a record, or a value of one, as JSON with a placeholder for each account id."""
    encoded = json_output.dump(value, _placeholder, orjson.OPT_PASSTHROUGH_SUBCLASS)
    # A copy, since orjson's result occupies a buffer of 4 kB even for a record of 500 bytes.
    return bytes(memoryview(encoded))


def _placeholder(_own_account: Any) -> Any:
    return orjson.Fragment(b'"' + ACCOUNT_ID_PLACEHOLDER + b'"')


class Columns(dict[str, list[Cell]]):
    """The columns of records by field; one that another version filters by is found when asked for.

    `several` are the fields of which some record may have several values.
    """

    __slots__ = ("_encoded", "_hidden", "several")

    def __init__(
        self,
        known: dict[str, list[Cell]],
        several: frozenset[str],
        encoded: list[bytes],
        hidden: list[Mapping[str, Any]] | None,
    ) -> None:
        super().__init__(known)
        self.several, self._encoded, self._hidden = several, encoded, hidden

    def __missing__(self, field: str) -> list[Cell]:
        shown = [orjson.loads(each.replace(ACCOUNT_ID_PLACEHOLDER, b"")) for each in self._encoded]
        self[field] = column = column_of(field, shown, self._hidden)
        self.several |= {field} if has_several(column) else frozenset()
        return column


def texts_of(cell: Cell) -> Sequence[str | None]:
    """Return the values that a record has in a field; one None for no value."""
    return cell if isinstance(cell, tuple) else (cell,)


def column_of(
    field: str, shown: Sequence[Any], hidden: Sequence[Mapping[str, Any]] | None
) -> list[Cell]:
    """Return the values of a field in records, and in what is hidden of them."""
    column = [_cell(value_of(each, field)) for each in shown]
    if hidden is None or None not in column:
        return column
    return list(map(partial(_or_hidden, field), column, hidden))


def has_several(column: Iterable[Cell]) -> bool:
    """Tell whether some record of a column may have several values."""
    return tuple in set(map(type, column))


def texts_in(record: Any, field: str) -> list[str]:
    """Return the values of a field of a record, as queries write them; none for no value."""
    return [text for text in texts_of(_cell(value_of(record, field))) if text is not None]


def _or_hidden(field: str, cell: Cell, hidden: Mapping[str, Any]) -> Cell:
    return _cell(value_of(hidden, field)) if cell is None and hidden else cell


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return tuple([_query_text(each) for each in value if each is not None])
    return _query_text(value)


def _query_text(value: Any) -> str:
    """Return a value as a query writes it, e.g. `true`, or `10` for 10.0."""
    if isinstance(value, str):
        return value
    return numbers.plain_text(value) if numbers.is_number(value) else encode(value).decode()
