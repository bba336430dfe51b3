"""Filters: the conditions that query parameters set on fields of the records."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

# The values of one field of all records, as texts; None for a record without a value.
Column = Sequence[str | None]


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

    def matches(self, column: Column, places: Sequence[int]) -> list[int]:
        """Return those of the indexes `places` at which the column contains the text."""
        text = self.text
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

    def matches(self, column: Column, places: Sequence[int]) -> list[int]:
        """Return those of the indexes `places` at which the column has one of the values."""
        values = self.values
        return [p for p in places if column[p] in values]


@dataclass(frozen=True, slots=True)
class Equals(AnyOf):
    """The field is equal to a value, in one of the spellings that it may have."""

    repeatable: ClassVar[bool] = False


Filter = Contains | AnyOf

# By the name of `match` in an overlay's `x-filter`.
MATCHES: dict[str, type[Filter]] = {"contains": Contains, "any-of": AnyOf, "equals": Equals}
