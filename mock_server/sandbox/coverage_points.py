"""Coverage points: things to try of an operation, and the request that tried each first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Point(NamedTuple):
    """Something to try: an operation's id, a group such as `bounds`, and a name such as `limit=1`."""

    operation: str
    group: str
    name: str


# The id of the request that tried each point first.
Covered = dict[Point, str]


def cover(covered: Covered, points: Mapping[Point, str]) -> None:
    """Add points to `covered`; a point that is covered by then keeps the earlier request."""
    for point, request in points.items():
        covered[point] = min(covered.get(point, request), request, key=int)
