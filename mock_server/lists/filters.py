"""Filters: what a query parameter asks of a field of the records."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mock_server.formats import query_string

# A record's value of a filtered field as text; None where it has none.
Column = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Contains:
    """The field holds the text, which is casefolded, somewhere, in whatever case."""

    repeatable: ClassVar[bool] = False
    field: str
    text: str

    @property
    def size(self) -> int:
        """Bytes in memory, roughly."""
        return sys.getsizeof(self.text)

    def matches(self, column: Column, positions: Sequence[int]) -> list[int]:
        text = self.text
        return [p for p in positions if (value := column[p]) is not None and text in value.casefold()]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field is exactly one of the values."""

    repeatable: ClassVar[bool] = True
    field: str
    values: frozenset[str]

    @property
    def size(self) -> int:
        return sum(map(sys.getsizeof, self.values)) + 100 * len(self.values)

    def matches(self, column: Column, positions: Sequence[int]) -> list[int]:
        values = self.values
        return [p for p in positions if column[p] in values]


Filter = Contains | AnyOf

MATCHES: dict[str, type[Contains] | type[AnyOf]] = {"contains": Contains, "any-of": AnyOf}


def contains(field: str, wire: str) -> Contains | None:
    """The filter that a value on the wire asks for; None where it is empty and filters nothing."""
    text = query_string.decode(wire)
    return Contains(field, text.casefold()) if text else None


def any_of(field: str, wires: Sequence[str]) -> tuple[AnyOf | None, list[str]]:
    """The filter that the values on the wire ask for, and its values as split at their commas.

    The filter has the second reading of ambiguous lists too (API_FACTS, the truth table); only the
    split values can be mistakes.
    """
    split: list[str] = []
    whole: list[str] = []
    for wire in wires:
        values, second = query_string.decode_list(wire)
        split += values
        whole += second
    return (AnyOf(field, frozenset(split + whole)) if split else None), split
