"""Filters: the conditions that query parameters set on fields of the records."""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

# The value of a field as a query writes it; None for no value, several of an array.
Cell = str | tuple[str, ...] | None

# The cells of one field, by record.
Column = Sequence[Any]

# What tells a filter from others, the same on every machine: its kind, its field, and its texts.
Canonical = tuple[str, str, tuple[Any, ...]]


class Columns(Protocol):
    """The columns of some records by field; `several` are the fields that may have several values."""

    @property
    def several(self) -> Container[str]: ...

    def __getitem__(self, field: str, /) -> Column: ...


class Rows(Protocol):
    """Some records, by their columns."""

    @property
    def columns(self) -> Columns: ...

    def having(self, field: str, values: Iterable[str]) -> Sequence[int]:
        """Return the indexes of the records that have one of these values in a field, ascending."""

    def keys(self, field: str) -> Sequence[tuple[tuple[int, Any], ...]]:
        """Return the order keys of the values that each record has in a field."""


def values_of(cell: Cell) -> tuple[str, ...]:
    """Return the values that a record has in a field; none for no value."""
    return cell if isinstance(cell, tuple) else () if cell is None else (cell,)


@dataclass(frozen=True, slots=True)
class Contains:
    """The field contains a text, in any case; `text` is casefolded."""

    field: str
    text: str

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return sys.getsizeof(self.text)

    @property
    def canonical(self) -> Canonical:
        """Return what tells it from other filters."""
        return type(self).__name__, self.field, (self.text,)

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Return those of the indexes `places` at which the field contains the text."""
        column, text = rows.columns[self.field], self.text
        if self.field in rows.columns.several:
            return [p for p in places if any(text in each.casefold() for each in values_of(column[p]))]
        return [p for p in places if (value := column[p]) is not None and text in value.casefold()]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field is equal to one of the values, or one of its own values is."""

    field: str
    values: frozenset[str]

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return sum(map(sys.getsizeof, self.values)) + 100 * len(self.values)

    @property
    def canonical(self) -> Canonical:
        """Return what tells it from other filters, its values in the order of texts."""
        return type(self).__name__, self.field, tuple(sorted(self.values))

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Return those of the indexes `places` at which the field has one of the values."""
        found = rows.having(self.field, self.values)
        if len(places) == len(rows.columns[self.field]):
            return found
        return [*filter(set(found).__contains__, places)]


@dataclass(frozen=True, slots=True)
class Equals(AnyOf):
    """The field is equal to a value, in one of the spellings that it may have."""


@dataclass(frozen=True, slots=True)
class Before:
    """The field is a number below another one, or a moment before another one: `limit` is its key."""

    field: str
    limit: tuple[int, Any]

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return 200

    @property
    def canonical(self) -> Canonical:
        """Return what tells it from other filters."""
        return type(self).__name__, self.field, self.limit

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Return those of the indexes `places` at which a value of the field is within the limit."""
        keys = rows.keys(self.field)
        return [p for p in places if any(self._admits(key) for key in keys[p])]

    def _admits(self, key: tuple[int, Any]) -> bool:
        return key[0] == self.limit[0] and key < self.limit


@dataclass(frozen=True, slots=True)
class After(Before):
    """The field is a number above another one, or a moment after another one: `limit` is its key."""

    def _admits(self, key: tuple[int, Any]) -> bool:
        return key[0] == self.limit[0] and key > self.limit


@dataclass(frozen=True, slots=True)
class Present:
    """The field has a value, or none unless `is_wanted`; an empty list is a value."""

    field: str
    is_wanted: bool

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return 100

    @property
    def canonical(self) -> Canonical:
        """Return what tells it from other filters."""
        return type(self).__name__, self.field, (str(self.is_wanted),)

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Return those of the indexes `places` at which the field has a value, or has none."""
        column, is_wanted = rows.columns[self.field], self.is_wanted
        return [p for p in places if (column[p] is not None) == is_wanted]


@dataclass(frozen=True, slots=True)
class NotSet:
    """The field has no value, or is false: what hides a record is not said of it."""

    field: str

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return 100

    @property
    def canonical(self) -> Canonical:
        """Return what tells it from other filters."""
        return type(self).__name__, self.field, ()

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Return those of the indexes `places` at which the field has no value, or is false."""
        column = rows.columns[self.field]
        return [p for p in places if column[p] is None or column[p] == "false"]


@dataclass(frozen=True, slots=True)
class Except:
    """The records that another filter does not find."""

    part: Filter

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return 100 + self.part.size

    @property
    def canonical(self) -> Canonical:
        """Return what tells it from other filters."""
        return type(self).__name__, "", self.part.canonical

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Return those of the indexes `places` at which the other filter finds nothing."""
        found = set(self.part.matches(rows, places))
        return [p for p in places if p not in found]


@dataclass(frozen=True, slots=True)
class Either:
    """The records that one of several filters finds, e.g. by one of several fields."""

    parts: tuple[Filter, ...]

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return 100 + sum([part.size for part in self.parts])

    @property
    def canonical(self) -> Canonical:
        """Return what tells it from other filters."""
        return type(self).__name__, "", tuple(part.canonical for part in self.parts)

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Return those of the indexes `places` at which one of the filters finds the record."""
        return sorted({place for part in self.parts for place in part.matches(rows, places)})


@dataclass(frozen=True, slots=True)
class Related:
    """The records to which one of another collection belongs, e.g. customers by their aliases.

    - `own`, `theirs`: the fields of both that are equal
    - `where`: the values of which the other's fields have one, by their names
    - `part`: the filter that finds the other; None for any

    Before it finds anything, it is made a filter by the values of `own` (`data.relations`).
    """

    collection: str
    own: str
    theirs: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    part: Filter | None

    @property
    def field(self) -> str:
        """Return the field of the records by which it will filter them."""
        return self.own

    @property
    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return 200 + (0 if self.part is None else self.part.size)

    @property
    def canonical(self) -> Canonical:
        """Return what tells it from other filters."""
        part = () if self.part is None else self.part.canonical
        return type(self).__name__, self.own, (self.collection, self.theirs, self.where, part)

    def matches(self, rows: Rows, places: Sequence[int]) -> Sequence[int]:
        """Raise LookupError: the records of the other collection are not known here."""
        del rows, places
        raise LookupError(self.collection)


Filter = Contains | AnyOf | Before | After | Present | NotSet | Except | Either | Related


class Match(NamedTuple):
    """A way to match: whether it takes a list of values, and whether it leaves out what it finds."""

    takes_list: bool = False
    is_negated: bool = False


# By the name of `match` in an overlay's `x-filter`.
MATCHES: dict[str, Match] = {
    "contains": Match(),
    "any-of": Match(takes_list=True),
    "equals": Match(),
    "not-contains": Match(is_negated=True),
    "not-any-of": Match(takes_list=True, is_negated=True),
    "before": Match(),
    "after": Match(),
    "present": Match(),
}

# Those that compare with a limit, by their names.
LIMITS: dict[str, type[Before]] = {"before": Before, "after": After}
