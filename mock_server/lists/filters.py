"""Filters: the conditions that query parameters set on fields of the records."""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

# The value of a field as a query writes it; None for no value, several of an array.
Cell = str | tuple[str, ...] | None

# The cells of one field, by record.
Column = Sequence[Any]


class Rows(Protocol):
    """Some records, by their columns; `several` are the fields that may have several values."""

    @property
    def columns(self) -> Mapping[str, Column]: ...

    @property
    def several(self) -> Container[str]: ...

    def having(self, field: str, values: Iterable[str]) -> Sequence[int]:
        """Return the indexes of the records that have one of these values in a field, ascending."""


def values_of(cell: Cell) -> tuple[str, ...]:
    """Return the values that a record has in a field; none for no value."""
    return cell if isinstance(cell, tuple) else () if cell is None else (cell,)


@dataclass(frozen=True, slots=True)
class Contains:
    """The field contains a text, in any case; `text` is casefolded."""

    repeatable: ClassVar[bool] = False
    field: str
    text: str

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return sys.getsizeof(self.text)

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Return those of the indexes `places` at which the field contains the text."""
        column, text = rows.columns[self.field], self.text
        if self.field in rows.several:
            return [p for p in places if any(text in each.casefold() for each in values_of(column[p]))]
        return [p for p in places if (value := column[p]) is not None and text in value.casefold()]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field is equal to one of the values."""

    repeatable: ClassVar[bool] = True
    field: str
    values: frozenset[str]

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return sum(map(sys.getsizeof, self.values)) + 100 * len(self.values)

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Return those of the indexes `places` at which the field has one of the values."""
        found = rows.having(self.field, self.values)
        if len(places) == len(rows.columns[self.field]):
            return found
        return [*filter(set(found).__contains__, places)]


@dataclass(frozen=True, slots=True)
class Equals(AnyOf):
    """The field is equal to a value, in one of the spellings that it may have."""

    repeatable: ClassVar[bool] = False


Filter = Contains | AnyOf

# By the name of `match` in an overlay's `x-filter`.
MATCHES: dict[str, type[Filter]] = {"contains": Contains, "any-of": AnyOf, "equals": Equals}
