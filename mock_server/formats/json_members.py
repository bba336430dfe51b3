"""Which values of JSON have the members of another: what a test wants of a body that was sent."""

from __future__ import annotations

from mock_server.formats.json import Json


def includes(value: Json, wanted: Json) -> bool:
    """Tell whether a value has everything that is wanted of it, and maybe more.

    An object has the wanted members, each of which includes what is wanted of it; an array has as many
    items, each likewise in its place; anything else is equal, by value as in JSON: 1 and 1.0 are, 1 and
    true are not. E.g. `{"a": 1, "b": [{"c": 2, "d": 3}]}` includes `{"b": [{"c": 2.0}]}`.
    """
    waiting = [(value, wanted)]
    while waiting:
        own, other = waiting.pop()
        if isinstance(other, dict):
            if not isinstance(own, dict) or not all(name in own for name in other):
                return False
            waiting += [(own[name], part) for name, part in other.items()]
        elif isinstance(other, list):
            if not isinstance(own, list) or len(own) != len(other):
                return False
            waiting += zip(own, other, strict=True)
        elif isinstance(own, bool) is not isinstance(other, bool) or own != other:
            return False
    return True
