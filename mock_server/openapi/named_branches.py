"""Branches that name themselves: which of a `oneOf` a value means by members that have one value there.

Published documents often have no discriminator, but say `type: {enum: [card]}` in one branch and
`type: {enum: [bank]}` in the other, or the like of a member of a member.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.formats.source_file import Place
from mock_server.openapi.schema_merging import merge_all_of

# The most properties of a branch that are looked at, and the levels of properties of properties.
_PROPERTIES = 200
_LEVELS = 3

_NOTHING = object()


class BranchNames(NamedTuple):
    """What each branch is named by: where a member has one value there, and that value."""

    names: Sequence[Mapping[Place, Any]]

    @classmethod
    def of(cls, branches: Sequence[Any]) -> BranchNames:
        """Return the names of branches, e.g. `{("type",): "card"}` and `{("type",): "bank"}`."""
        return cls([dict(_names_of(branch)) for branch in branches])

    def meant(self, value: Any) -> int | None:
        """Return the number of the branch whose names a value has, and no other; None without one.

        Where the names of several fit, it is the one that most of them fit.
        """
        if not isinstance(value, dict):
            return None
        fits = [_fit(own, value) for own in self.names]
        most = max(fits, default=0)
        return fits.index(most) if most and fits.count(most) == 1 else None

    def unknown(self, value: Any) -> tuple[Place, Any, list[Any]] | None:
        """Return where each branch has a name, the one of a value that is none of them, and all of them.

        None where the value has no such name.
        """
        if not isinstance(value, dict) or len(self.names) < 2:
            return None
        for place in self.names[0]:
            own = _at(value, place)
            if isinstance(own, str) and all(place in names for names in self.names):
                known = [names[place] for names in self.names]
                if own not in known:
                    return place, own, list(dict.fromkeys(known))
        return None


def _names_of(branch: Any) -> Iterator[tuple[Place, Any]]:
    level: list[tuple[Place, Any]] = [((), branch)]
    looked_at = 0
    for _ in range(_LEVELS):
        properties = [
            ((*place, name), merge_all_of(part))
            for place, schema in level
            for name, part in _properties(schema)[: _PROPERTIES - looked_at]
        ]
        looked_at += len(properties)
        for place, schema in properties:
            values = schema.get("enum")
            if isinstance(values, list) and len(values) == 1 and isinstance(values[0], str | int):
                yield place, values[0]
        level = [(place, schema) for place, schema in properties if "properties" in schema]


def _properties(schema: Any) -> list[tuple[str, Any]]:
    found = merge_all_of(schema).get("properties")
    return list(found.items()) if isinstance(found, Mapping) else []


def _at(value: Any, place: Place) -> Any:
    for step in place:
        if not isinstance(value, dict) or step not in value:
            return _NOTHING
        value = value[step]
    return value


def _fit(names: Mapping[Place, Any], value: Mapping[str, Any]) -> int:
    """Return how many names of a branch a value has; 0 where it has one of another branch."""
    found = 0
    for place, name in names.items():
        own = _at(value, place)
        if own is _NOTHING:
            continue
        if isinstance(own, bool) is not isinstance(name, bool) or own != name:
            return 0
        found += 1
    return found
