"""The coverage points of bodies: their members, and the values and bounds of these.

A member is named by a JSON pointer, in which `*` stands for the items of a list, and for members of any
name: `/lineItems/*/price`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from mock_server.formats.numbers import is_number, plain_text
from mock_server.formats.source_file import pointer
from mock_server.openapi.schema import Schema, alternatives
from mock_server.openapi.schema_access import READ_ONLY, is_marked
from mock_server.openapi.schema_merging import merge_all_of
from mock_server.openapi.secret_members import marks_secret
from mock_server.sandbox.coverage_points import Point

# The most members of one operation's body that count, those of outer objects first, and the most of
# their values and bounds; some published documents have thousands.
_MOST, _MOST_TEXTS = 200, 500

MEMBERS, VALUES, BOUNDS = "members", "values", "bounds"

# What the items of a list, and members of any name, have as a name.
_ANY = "*"

# A group and a name, e.g. `("bounds", "/size=1")`.
Named = tuple[str, str]


@dataclass
class _Spot:
    """A place of bodies: the schemas that describe it, and what there is to try.

    `path` are the schemas around it by their identity, which a recursive one is not looked into again
    within. `point` is that of the member, and `tried` has those of its values by their texts.
    """

    place: tuple[str, ...]
    schemas: list[Any]
    path: frozenset[int]
    inner: dict[str, _Spot] = field(default_factory=dict)
    texts: dict[str, list[Named]] = field(default_factory=dict)
    is_member: bool = True
    point: Point | None = None
    tried: dict[str, list[Point]] = field(default_factory=dict)

    @cached_property
    def name(self) -> str:
        return pointer(self.place)

    @cached_property
    def merged(self) -> list[Schema]:
        """The schemas and their branches, merged."""
        return [each for schema in self.schemas for each in alternatives(merge_all_of(schema))]


class BodyPoints:
    """What there is to try of the bodies by a schema; `names` has all of it."""

    def __init__(self, schema: Schema) -> None:
        self._root = _Spot((), [schema], frozenset([id(schema)]), is_member=False)
        self.names: list[Named] = []
        level = [self._root]
        while level and len(self.names) < _MOST:
            found = [spot for each in level for spot in _spread(each)]
            own = [spot for spot in found if spot.is_member][: _MOST - len(self.names)]
            self.names += [(MEMBERS, spot.name) for spot in own]
            level = found
        self._find_texts()

    def _find_texts(self) -> None:
        counted, first = {name for _, name in self.names}, len(self.names)
        waiting = [self._root]
        while waiting:
            spot = waiting.pop(0)
            waiting += spot.inner.values()
            if spot.name in counted or spot.place[-1:] == (_ANY,):
                for text, named in islice(_texts(spot), _MOST_TEXTS - len(self.names) + first):
                    spot.texts.setdefault(text, []).append(named)
                    self.names.append(named)

    def bind(self, points: Mapping[Named, Point]) -> None:
        """Take the points by their groups and names, which `covered_by` returns."""
        waiting = [self._root]
        while waiting:
            spot = waiting.pop()
            spot.point = points.get((MEMBERS, spot.name)) if spot.is_member else None
            spot.tried = {text: [points[each] for each in own] for text, own in spot.texts.items()}
            waiting += spot.inner.values()

    def covered_by(self, value: Any) -> dict[Point, None]:
        """Return what a body tries, as the keys of a mapping."""
        found: dict[Point, None] = {}
        waiting = [[(value, self._root)]]
        while waiting:
            for part, spot in waiting.pop():
                if spot.point is not None:
                    found[spot.point] = None
                if isinstance(part, dict | list):
                    waiting.append(_within(part, spot))
                elif spot.tried and part is not None:
                    found.update(dict.fromkeys(spot.tried.get(_text(part), ())))
        return found


def _within(part: dict[str, Any] | list[Any], spot: _Spot) -> list[tuple[Any, _Spot]]:
    """Return the members of an object, or the items of a list, that are described, with their spots."""
    inner, other = spot.inner, spot.inner.get(_ANY)
    if isinstance(part, list):
        return [] if other is None else [(item, other) for item in part]
    found = ((member, inner.get(name, other)) for name, member in part.items())
    return [(member, own) for member, own in found if own is not None]


def _spread(spot: _Spot) -> list[_Spot]:
    """Return the members and items that are described within a spot, and put them into it."""
    for each in spot.merged:
        for name, part in each.get("properties", {}).items():
            if not is_marked(part, READ_ONLY):
                _put(spot, name, part)
        for keyword in ("items", "additionalProperties"):
            if isinstance(each.get(keyword), dict):
                _put(spot, _ANY, each[keyword])
    if _ANY in spot.inner:
        spot.inner[_ANY].is_member = False
    return list(spot.inner.values())


def _put(spot: _Spot, name: str, schema: Any) -> None:
    """Add what describes a member; of a schema that is around it, only that the member is there."""
    inner = spot.inner.get(name)
    if inner is None:
        inner = spot.inner[name] = _Spot((*spot.place, name), [], spot.path)
    if id(schema) not in spot.path:
        inner.schemas.append(schema)
        inner.path |= {id(schema)}


def _texts(spot: _Spot) -> Iterator[tuple[str, Named]]:
    """Yield the values that enums name, and the least and the greatest value, unless they are secret."""
    if any(map(marks_secret, spot.merged)):
        return
    found: dict[Named, str] = {}
    for each in spot.merged:
        values = [value for value in each.get("enum", ()) if not isinstance(value, dict | list)]
        found |= {(VALUES, f"{spot.name}={t}"): t for t in map(_text, filter(_is_told, values))}
        for bound, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if is_number(each.get(bound)) and not each.get(flag):
                text = plain_text(each[bound])
                found[BOUNDS, f"{spot.name}={text}"] = text
    yield from ((text, named) for named, text in found.items())


def _is_told(value: Any) -> bool:
    return value not in (None, "")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return plain_text(value) if is_number(value) else json.dumps(value)
