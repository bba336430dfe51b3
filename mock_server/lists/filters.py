"""Filters: what a query parameter asks of a field of the records."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

# The records' values of a filtered field as texts; None for a record without one.
Column = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Contains:
    """The field holds a text, which is casefolded here, somewhere and in whatever case."""

    repeatable: ClassVar[bool] = False
    field: str
    text: str

    @property
    def size(self) -> int:
        """Return about how many bytes it holds in memory."""
        return sys.getsizeof(self.text)

    def matches(self, column: Column, places: Sequence[int]) -> list[int]:
        """Return those of the places at which the column holds the text."""
        text = self.text
        return [p for p in places if (value := column[p]) is not None and text in value.casefold()]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field is exactly one of the values."""

    repeatable: ClassVar[bool] = True
    field: str
    values: frozenset[str]

    @property
    def size(self) -> int:
        """Return about how many bytes it holds in memory."""
        return sum(map(sys.getsizeof, self.values)) + 100 * len(self.values)

    def matches(self, column: Column, places: Sequence[int]) -> list[int]:
        """Return those of the places at which the column has one of the values."""
        values = self.values
        return [p for p in places if column[p] in values]


Filter = Contains | AnyOf

# The ways to match that an overlay can name with `x-filter`.
MATCHES: dict[str, type[Filter]] = {"contains": Contains, "any-of": AnyOf}
