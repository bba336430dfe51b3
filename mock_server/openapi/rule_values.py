"""Values that an overlay gives to the members of records, and conditions on records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

# A source of values is an object whose first member is one of these words.
NOW, TODAY, EXAMPLE = "now", "today", "example"
BODY, PATH, RECORD, NEXT = "body", "path", "record", "next"
ADD, SUBTRACT, APPEND = "add", "subtract", "append"
SOURCES = (NOW, TODAY, EXAMPLE, BODY, PATH, RECORD, NEXT, ADD, SUBTRACT, APPEND)


# Stands for the texts of values that `as` does not name.
ANY = "*"


class Constant(NamedTuple):
    """A value that is always the same; null goes away where the schema does not admit it."""

    value: Any


class Now(NamedTuple):
    """The time by the account's clock, or its date alone, e.g. `2024-05-02`."""

    is_date: bool = False


@dataclass(frozen=True)
class Example:
    """The value that the document's example of the answer has."""


class From(NamedTuple):
    """A value that stands elsewhere; where there is none, the member stays as it is.

    - `place`: BODY, PATH (a path parameter) or RECORD
    - `name`: its name there, or a path to it, e.g. `customer.id`
    - `choices`: by its text, what each value becomes, e.g. `{"true": "DRAFT"}`, `*` being any other one;
      None for itself
    """

    place: str
    name: str
    choices: Mapping[str, Any] | None = None


class Next(NamedTuple):
    """The next of an account's running numbers, e.g. `SEQ-0042`, for a record that has none."""

    prefix: str


class Added(NamedTuple):
    """A number that is added to the one that stands there, or taken from it."""

    value: Value
    is_subtracted: bool = False


class Appended(NamedTuple):
    """A value that is put behind those of a list."""

    value: Value


class Template(NamedTuple):
    """An object or a list whose parts are values."""

    members: Mapping[str, Value]
    items: tuple[Value, ...] = ()
    is_list: bool = False


Value = Constant | Now | Example | From | Next | Added | Appended | Template


class Condition(NamedTuple):
    """What the members of a record must be: each, by its path, one of these values; null for none."""

    members: Mapping[str, tuple[Any, ...]]


class Refusal(NamedTuple):
    """The error of a request that a record does not admit."""

    status: int
    type: str
    message: str


class Guard(NamedTuple):
    """What a record must be for an operation.

    - `when`: one of these has to hold; empty for any record
    - `match`: the members that have to be equal to a value, e.g. to a version that is sent
    - `cover`: the numbers that have to be at least as great as a value, e.g. as an amount that is sent
    - `otherwise`: None for 409
    """

    when: tuple[Condition, ...] = ()
    match: Mapping[str, From] | None = None
    otherwise: Refusal | None = None
    cover: Mapping[str, From] | None = None

    @property
    def compared(self) -> Iterator[tuple[str, str, From]]:
        """Yield the members that are compared, each behind the word for it and before the value."""
        for word, members in (("match", self.match), ("cover", self.cover)):
            yield from ((word, name, value) for name, value in (members or {}).items())


NO_GUARD = Guard()


def parts_of(value: Value) -> Iterator[Value]:
    """Yield a value and the values that it is made of."""
    yield value
    if isinstance(value, Added | Appended):
        yield from parts_of(value.value)
    elif isinstance(value, Template):
        for part in (*value.members.values(), *value.items):
            yield from parts_of(part)
