"""What a list's request takes: the query's single values, and which of them may say what of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mock_server.lists import cursors, roles
from mock_server.lists.built_in_schemes import Family, Words, built_in, plain
from mock_server.openapi.list_answers import Member
from mock_server.openapi.schema import NUMBERS, Schema, kinds_of
from mock_server.openapi.schema_errors import CompiledSchema

_DATES = {"date", "date-time", "time", "unix-time", "unixtime", "timestamp"}

# A text as ours are, by which a parameter is judged.
_SAMPLE = cursors.encode("", 0)


@dataclass(frozen=True)
class Asked:
    """What a GET operation takes: the schemas of its query's single values, by the names on the wire.

    - `path`: the operation's path, e.g. `/things/{id}`
    - `headers`: the names of the headers that its answer describes
    - `example`: the example of its answer, None where there is none
    """

    path: str
    query: Mapping[str, Schema]
    headers: Sequence[str] = ()
    example: Any = field(default=None, compare=False)

    @cached_property
    def last_word(self) -> str:
        """Return the last part of the path that is no parameter, e.g. `calls` for `/x/calls.json`."""
        words = [part for part in self.path.split("/") if part and not part.startswith("{")]
        return words[-1].partition(".")[0] if words else ""

    @property
    def ends_in_parameter(self) -> bool:
        """Tell whether the path ends in a parameter, as that of one object does."""
        return "}" in self.path.rstrip("/").rpartition("/")[2]

    @cached_property
    def positions(self) -> list[str]:
        """Return the names of parameters that may say where a page begins, by the built-in words."""
        return [name for role in roles.POSITIONS for name in self.candidates(role)]

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Return the plain names of parameters that take numbers alone."""
        return frozenset(plain(name) for name in self.query if self.is_number(name))

    @cached_property
    def _by_plain(self) -> dict[str, str]:
        return {plain(name): name for name in reversed(list(self.query))}

    def candidates(self, role: str, words: Words | None = None) -> list[str]:
        """Return the names of parameters that may have a role, the likeliest first."""
        found = (self._by_plain.get(word) for word in words or built_in().request[role])
        names = [name for name in found if name is not None and _may_ask(role, name, self.query[name])]
        return [name for name in names if not self._begins_range(name)]

    def _begins_range(self, name: str) -> bool:
        """Tell whether a parameter begins a range whose end is another one, e.g. `start` and `end`."""
        names = built_in().names
        is_start = plain(name) in names["range_starts"]
        return is_start and any(plain(other) in names["range_ends"] for other in self.query)

    def choices(self, family: Family, *, is_opaque: bool) -> Iterator[dict[str, str]]:
        """Yield the parameters by role that a family may mean: one for a position, and the limit's."""
        for role in (role for role in family.request if role != roles.LIMIT):
            # What the answer says of the next page is sent back as it came: though it is an offset, the
            # parameter may be described as any text, as one for a cursor.
            described_as = roles.AFTER if roles.NEXT in family.response else role
            for name in self.candidates(described_as, family.request[role]):
                if is_opaque and role == roles.AFTER and not self.takes_text(name):
                    continue
                limit = self._limit(family, name)
                if limit is not None:
                    yield {roles.LIMIT: limit, role: name}
                elif roles.LIMIT not in family.request:
                    yield {role: name}

    def _limit(self, family: Family, position: str) -> str | None:
        """Return the parameter for the limit that goes with one for a position."""
        names = self.candidates(roles.LIMIT, family.request.get(roles.LIMIT))
        names = [name for name in names if name != position]
        if family.style == roles.BY_PAGE:
            # Where both are there, `limit` goes with an offset.
            names.sort(key=lambda name: plain(name) == roles.LIMIT)
        return names[0] if names else None

    def repeated(self, family: Family, request: Mapping[str, str], member: Member) -> str:
        """Return the parameter for the limit whose name a member of the answer has, else the chosen."""
        names = self.candidates(roles.LIMIT, family.request.get(roles.LIMIT))
        said = plain(member.place[-1])
        alike = (name for name in names if plain(name) == said and name not in request.values())
        return next(alike, request[roles.LIMIT])

    def other_limit(self, request: Mapping[str, str]) -> str | None:
        """Return the parameter that can only be a second one for the limit; None without one."""
        if roles.LIMIT not in request:
            return None
        sizes = built_in().names["sizes"]
        others = (name for name in self.candidates(roles.LIMIT) if name not in request.values())
        return next((name for name in others if plain(name) in sizes), None)

    def paired(self, family: Family, place: tuple[str, ...]) -> str:
        """Return the parameter that takes what the answer has at a place: one that is named alike."""
        candidates = self.candidates(roles.AFTER, family.request[roles.AFTER])
        names = [name for name in candidates if self.takes_text(name)]
        said = plain("".join(place[-2:]))
        alike = [name for name in names if plain(name) in said]
        return max(alike, key=len) if alike else names[0]

    def takes_text(self, name: str) -> bool:
        """Tell whether a parameter admits an opaque text."""
        schema = self.query[name]
        kinds = kinds_of(schema)
        if kinds and "string" not in kinds:
            return False
        return CompiledSchema(schema, is_closed=False).is_valid(_SAMPLE)

    def takes_field(self, name: str, schema: Schema) -> bool:
        """Tell whether a parameter admits the value of a field of the records."""
        kinds, own = set(kinds_of(self.query[name])), set(kinds_of(schema)) - {"null"}
        if own & {"object", "array", "boolean"}:
            return False
        is_same = not kinds or not own or bool(kinds & own) or "string" in kinds or _is_digits(schema)
        return is_same and ("enum" in schema) == ("enum" in self.query[name])

    def is_number(self, name: str) -> bool:
        """Tell whether a parameter takes numbers alone."""
        kinds = set(kinds_of(self.query[name]))
        return bool(kinds) and kinds <= NUMBERS

    def example_at(self, place: tuple[str, ...]) -> Any:
        """Return the value at a place of the answer's example; None where it has none."""
        value = self.example
        for name in place:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def example_of(self, member: Member) -> Any:
        """Return the value of a member in the answer's example, or in its own; None for none."""
        value = self.example_at(member.place)
        if value is not None:
            return value
        examples = member.schema.get("examples")
        first = examples[0] if isinstance(examples, list) and examples else None
        return member.schema.get("example", first)

    def first_of_example(self, member: Member | None) -> int:
        """Return the number of the first page: 0 where the example's page has it, else 1."""
        value = None if member is None else self.example_of(member)
        return 0 if value == 0 and not isinstance(value, bool) else 1

    def is_relative(self, member: Member) -> bool | None:
        """Tell whether the example of a member is a URL without a host; None where it has no text."""
        value = self.example_of(member)
        return value.startswith(("/", "?")) if isinstance(value, str) and value else None


def _is_digits(schema: Schema) -> bool:
    """Tell whether a text is that of a whole number, by its pattern."""
    if "pattern" not in schema:
        return False
    compiled = CompiledSchema({"pattern": schema["pattern"]}, is_closed=False)
    return compiled.is_valid("1234567890") and not compiled.is_valid("a1")


def _may_ask(role: str, name: str, schema: Schema) -> bool:
    """Tell whether a parameter with a schema may have a role."""
    kinds = set(kinds_of(schema)) - {"null"}
    if schema.get("format") in _DATES or kinds & {"boolean", "array", "object"}:
        return False
    if role == roles.OFFSET:
        is_number = not kinds or bool(kinds & NUMBERS)
        return is_number or plain(name) in built_in().names["text_offsets"]
    return "enum" not in schema or role == roles.LIMIT
