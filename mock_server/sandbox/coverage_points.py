"""Coverage points: what there is to try of an operation, and which request tried it first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """Something to try: an operation's id, a group such as `bounds`, and a name such as `limit=1`."""

    operation: str
    group: str
    name: str


Covered = dict[Point, str]


def cover(covered: Covered, points: Mapping[Point, str]) -> None:
    """Add points to those covered; of two requests, the first keeps it."""
    for point, request in points.items():
        covered[point] = min(covered.get(point, request), request, key=int)
