"""Answers of lists: where their records are, and what else their schemas describe beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from mock_server.lists import roles
from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.lists.convention import Place as AnswerPlace
from mock_server.lists.scheme import AUTO, WHOLE_ANSWER
from mock_server.openapi.chosen_branch import as_named
from mock_server.openapi.object_members import named_members
from mock_server.openapi.schema import Schema, admits_null, kinds_of
from mock_server.openapi.schema_merging import merge_all_of

# How many objects deep an answer tells of its pages.
_DEPTH = 3

# The roles that say where a page is, and those that say how many records or pages there are.
_SAYING_WHERE = (roles.PAGE, roles.PAGES, roles.OFFSET, roles.MORE, roles.NEXT, roles.PREVIOUS)
_SAYING_NUMBERS = (roles.TOTAL, roles.COUNT, roles.LIMIT)

# Alternatives of an answer that are looked at.
_ALTERNATIVES = 20


class Member(NamedTuple):
    """A member of an answer: its place, its merged schema, and whether its object requires it."""

    place: AnswerPlace
    schema: Schema
    is_required: bool

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the types that it may have, null excepted; empty where nothing says so."""
        return tuple(kind for kind in kinds_of(self.schema) if kind != "null")

    @property
    def is_nullable(self) -> bool:
        """Tell whether it may be null."""
        return admits_null(self.schema)


class Items(NamedTuple):
    """The array of an answer that has the records: its place, and its merged schema."""

    place: AnswerPlace
    schema: Schema

    @property
    def record_schema(self) -> Schema:
        """Return the schema of a record, its `allOf` merged, and named as a discriminator says."""
        described = self.schema.get("items", {})
        return as_named(merge_all_of(described), described)


@dataclass(frozen=True)
class Answer:
    """One alternative of an answer's schema, its `allOf` merged; it is read as far as it is asked."""

    schema: Schema

    @cached_property
    def is_array(self) -> bool:
        """Tell whether the answer is an array itself."""
        return "array" in kinds_of(self.schema)

    @cached_property
    def members(self) -> dict[str, Member]:
        """Return the members at the top."""
        return {each.place[0]: each for each in _members(self.schema, ())}

    @cached_property
    def arrays(self) -> list[str]:
        """Return the names of the members that are arrays; without such, of those that may be arrays."""
        found = [name for name, member in self.members.items() if member.kinds == ("array",)]
        return found or [name for name, member in self.members.items() if "array" in member.kinds]

    @cached_property
    def telling(self) -> dict[str, Member]:
        """Return the members that may tell of pages by plain names: `nextcursor` and `meta.nextcursor`.

        A member of `next` and the like has the longer name alone. The first of several counts.
        """
        found: dict[str, Member] = {}
        for member in self.at.values():
            names = tuple(map(plain, member.place[-2:]))
            found.setdefault(".".join(names), member)
            if len(names) == 1 or names[0] not in built_in().names["other_pages"]:
                found.setdefault(names[-1], member)
        return found

    @cached_property
    def at(self) -> dict[AnswerPlace, Member]:
        """Return the members that may tell of pages by their places."""
        return {member.place: member for member in self._telling(self.schema, ())}

    def _telling(self, schema: Schema, place: AnswerPlace) -> Iterator[Member]:
        """Yield the members of an object, and then those of the objects in it."""
        objects = []
        for member in _members(schema, place):
            yield member
            is_envelope = not place and plain(member.place[-1]) in built_in().envelopes
            is_entered = is_envelope or tells_of_pages(member)
            if is_entered and "object" in member.kinds and len(place) < _DEPTH:
                objects.append(member)
        for member in objects:
            for alternative in alternatives(member.schema):
                yield from self._telling(alternative.schema, member.place)

    def find(self, path: str) -> Member | None:
        """Return the member at a path, e.g. `pagination.after`; None where the schema has none.

        A member may have dots in its name. An object that describes no members may have any.
        """
        return _find(self.schema, path, ())

    def find_items(self, path: str, last_word: str) -> Items | None:
        """Return the records at a path that a scheme names; None where the answer has none there.

        `last_word` is that of the operation's path, e.g. `things` for `/things`.
        """
        if path == WHOLE_ANSWER:
            return Items((), _array(self.schema)) if self.is_array else None
        if path == AUTO:
            return self._find_only_array(last_word)
        return _items_at(self.find(path))

    def _find_only_array(self, last_word: str) -> Items | None:
        if self.is_array:
            return Items((), _array(self.schema))
        names = {plain(name): name for name in reversed(self.arrays)}
        likely = [word for word in names if word not in built_in().other_arrays]
        named = [plain(last_word), *(likely if len(likely) == 1 else ()), *built_in().records]
        name = next((names[word] for word in named if word in names), None)
        return None if name is None else _items_at(self.members[name])


def tells_of_pages(member: Member) -> bool:
    """Tell whether a member tells of pages, as a container by its name, or an object by its members.

    Of these, at least two, and half of all, are named as members that tell of pages are; one says where
    a page is, and not only how many records there are, as a quota may.
    """
    if plain(member.place[-1]) in built_in().containers:
        return True
    names = [plain(name) for name in member.schema.get("properties", {})]
    where = [name for name in names if _says(name, _SAYING_WHERE)]
    telling = [name for name in names if _says(name, (*_SAYING_WHERE, *_SAYING_NUMBERS))]
    return bool(where) and len(telling) > 1 and 2 * len(telling) >= len(names)


def _says(name: str, wanted: Iterable[str]) -> bool:
    """Tell whether a member with a plain name may have one of the roles."""
    return any(name in built_in().response[role] for role in wanted)


def _items_at(member: Member | None) -> Items | None:
    if member is None or "array" not in member.kinds:
        return None
    return Items(member.place, _array(member.schema))


def _array(schema: Schema) -> Schema:
    """Return the alternative of a schema that is an array's."""
    found = (each.schema for each in alternatives(schema) if each.is_array)
    return next(found, schema)


def alternatives(schema: Any, depth: int = _DEPTH) -> list[Answer]:
    """Return the alternatives of an answer: the branches of `oneOf` or `anyOf`, or the schema itself.

    Branches of branches are looked at, to a depth, since a schema may be a branch of its own.
    """
    merged = merge_all_of(schema)
    branches = merged.get("oneOf") or merged.get("anyOf")
    if not branches or not depth:
        return [Answer(merged)]
    rest = {key: value for key, value in merged.items() if key not in ("oneOf", "anyOf")}
    found: list[Answer] = []
    for branch in branches[:_ALTERNATIVES]:
        for each in alternatives({**rest, "allOf": [*rest.get("allOf", ()), branch]}, depth - 1):
            if kinds_of(each.schema) != ("null",):
                found.append(each)
    return found


def _members(schema: Schema, place: AnswerPlace) -> Iterator[Member]:
    required = schema.get("required", ())
    for name, part in named_members(schema).items():
        yield Member((*place, name), merge_all_of(part), name in required)


def _find(schema: Any, path: str, place: AnswerPlace) -> Member | None:
    for alternative in alternatives(schema):
        found = _find_in(alternative.schema, path, place)
        if found is not None:
            return found
    return None


def _find_in(schema: Schema, path: str, place: AnswerPlace) -> Member | None:
    properties = schema.get("properties", {})
    required = schema.get("required", ())
    if path in properties:
        return Member((*place, path), merge_all_of(properties[path]), path in required)
    for name in properties:
        if path.startswith(f"{name}."):
            return _find(properties[name], path[len(name) + 1 :], (*place, name))
    is_object = kinds_of(schema) == ("object",) and not properties
    if place and is_object and schema.get("additionalProperties") is not False:
        rest = schema.get("additionalProperties")
        return Member((*place, *path.split(".")), merge_all_of(rest), is_required=False)
    return None
