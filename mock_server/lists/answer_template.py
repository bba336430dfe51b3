"""The template of a list's answers: which members they have, in which order, and which are constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from mock_server.lists.convention import Convention, Member, Place
from mock_server.lists.roles import BY_PAGE, EMPTY, NEXT, NULL, OMIT, PREVIOUS

# The names of the slots for the records, and for the list's own path, which have no role.
ITEMS, OWN_PATH = "items", "ownPath"


class OwnPath(str):
    """A text in an envelope that stands for the path of the list itself, as it was asked for."""

    __slots__ = ()


# The members of an object: a name as JSON writes it before its value, and the slot, the constant in
# JSON, or the members of an object within.
Members = list[tuple[bytes, "str | bytes | Members"]]


class Nullable(list[tuple[bytes, "str | bytes | Members"]]):
    """The members of an object that is null where none of its slots has a value."""


def template(convention: Convention) -> Members | None:
    """Return the members of the answers of a convention, in the schema's order, constants encoded.

    Return None where an answer is the array of its records.
    """
    if not convention.items:
        return None
    slots: dict[Place, str | bytes] = {convention.items: ITEMS}
    for role, place in (*convention.response.items(), *convention.edge_ids.items()):
        slots.setdefault(place, role)
    for place, value in _constants(convention.envelope, (), set(_parents(slots))):
        slots.setdefault(place, OWN_PATH if isinstance(value, OwnPath) else orjson.dumps(value))
    ranks = {place: rank for rank, place in enumerate(convention.order)}
    for place in [part for slot in slots for part in (*_parents([slot]), slot)]:
        ranks.setdefault(place, len(ranks))
    return _members(slots, ranks, convention.nullable)


def _parents(places: Any) -> Iterator[Place]:
    """Yield the places of the objects that hold the places, outermost first."""
    for place in places:
        yield from (place[:depth] for depth in range(1, len(place)))


def _constants(
    envelope: Mapping[str, Any], above: Place, parents: set[Place]
) -> Iterator[tuple[Place, Any]]:
    for name, value in envelope.items():
        place = (*above, name)
        if place in parents:
            yield from _constants(value, place, parents) if isinstance(value, Mapping) else ()
        else:
            yield place, value


def _members(
    slots: Mapping[Place, str | bytes], ranks: Mapping[Place, int], nullable: frozenset[Place]
) -> Members:
    """Return the members of the outermost object, in the order of their ranks."""

    def rank(place: Place) -> list[int]:
        return [ranks[place[: depth + 1]] for depth in range(len(place))]

    outermost: Members = []
    objects: dict[Place, Members] = {(): outermost}
    for place in sorted(slots, key=rank):
        for parent in _parents([place]):
            if parent not in objects:
                objects[parent] = Nullable() if parent in nullable else []
                objects[parent[:-1]].append((_name(parent), objects[parent]))
        objects[place[:-1]].append((_name(place), slots[place]))
    return outermost


def _name(place: Place) -> bytes:
    return orjson.dumps(place[-1]) + b":"


def absent_value(convention: Convention, role: str, member: Member) -> bytes | None:
    """Return what is there where a page says nothing of a role; None where it is left out.

    It is what the scheme says, or, where the schema forbids that, the first that it allows.
    """
    allowed: Mapping[str, bytes | None] = {
        **({} if member.is_required else {OMIT: None}),
        **({NULL: b"null"} if member.is_nullable else {}),
        **({EMPTY: b'""'} if not member.kinds or "string" in member.kinds else {}),
    }
    if convention.end in allowed:
        return allowed[convention.end]
    if allowed:
        return next(iter(allowed.values()))
    # A number that must be there: no page has the number 0 where pages count from 1.
    is_safe = convention.style == BY_PAGE and convention.first == 1 and role in (NEXT, PREVIOUS)
    return b"0" if is_safe else None
