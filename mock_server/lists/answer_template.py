"""The template of a list's answers: which members they have, in which order, and which are constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from mock_server.lists.convention import Convention, Place

# The name of the slot for the records, which have no role.
ITEMS = "items"

# The members of an object: a name as JSON writes it before its value, and the slot, the constant in
# JSON, or the members of an object within.
_Members = list[tuple[bytes, "str | bytes | _Members"]]


class AnswerTemplate:
    """Answers of one convention, prepared once: members in the schema's order, constants encoded."""

    def __init__(self, convention: Convention) -> None:
        slots: dict[Place, str | bytes] = {convention.items: ITEMS}
        for role, place in convention.response.items():
            slots.setdefault(place, role)
        for place, value in _constants(convention.envelope, (), set(_parents(slots))):
            slots.setdefault(place, orjson.dumps(value))
        ranks = {place: rank for rank, place in enumerate(convention.order)}
        for place in [part for slot in slots for part in (*_parents([slot]), slot)]:
            ranks.setdefault(place, len(ranks))
        self._members = _members(slots, ranks) if convention.items else None

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        """Return an answer; `values` are those of the slots in JSON; one without a value is left out."""
        return values[ITEMS] if self._members is None else _fill(self._members, values)


def _fill(members: _Members, values: Mapping[str, bytes]) -> bytes:
    parts = []
    for name, slot in members:
        if isinstance(slot, str):
            value = values.get(slot)
            if value is not None:
                parts.append(name + value)
        else:
            parts.append(name + (slot if isinstance(slot, bytes) else _fill(slot, values)))
    return b"{%b}" % b",".join(parts)


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


def _members(slots: Mapping[Place, str | bytes], ranks: Mapping[Place, int]) -> _Members:
    """Return the members of the outermost object, in the order of their ranks."""

    def rank(place: Place) -> list[int]:
        return [ranks[place[: depth + 1]] for depth in range(len(place))]

    outermost: _Members = []
    objects: dict[Place, _Members] = {(): outermost}
    for place in sorted(slots, key=rank):
        for parent in _parents([place]):
            if parent not in objects:
                objects[parent] = []
                objects[parent[:-1]].append((_name(parent), objects[parent]))
        objects[place[:-1]].append((_name(place), slots[place]))
    return outermost


def _name(place: Place) -> bytes:
    return orjson.dumps(place[-1]) + b":"
