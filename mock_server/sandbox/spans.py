"""Spans: which of a list's items a walk by numbers has read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right


class Spans:
    """Ranges of items by their places in the list, e.g. 0 to 20 and 40 to 60; those that meet are one.

    A walk in turn has one range, however long it is.
    """

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []

    def __len__(self) -> int:
        return len(self._starts)

    def __contains__(self, place: int) -> bool:
        number = bisect_right(self._starts, place) - 1
        return number >= 0 and place < self._stops[number]

    def add(self, start: int, stop: int) -> None:
        """Add the items from `start` to before `stop`."""
        if start >= stop:
            return
        first, last = bisect_left(self._stops, start), bisect_right(self._starts, stop)
        if first < last:
            start, stop = min(start, self._starts[first]), max(stop, self._stops[last - 1])
        self._starts[first:last], self._stops[first:last] = [start], [stop]

    def first_gap(self, start: int, stop: int) -> tuple[int, int] | None:
        """Return the first missing range of the items from `start` to before `stop`; None without."""
        place = bisect_right(self._starts, start) - 1
        begin = max(start, self._stops[place]) if place >= 0 else start
        following = self._starts[place + 1] if place + 1 < len(self._starts) else stop
        return (begin, min(following, stop)) if begin < stop else None

    @property
    def start(self) -> int:
        """Return the first item's place, 0 where there is none."""
        return self._starts[0] if self._starts else 0

    @property
    def stop(self) -> int:
        """Return the place after the last item, 0 where there is none."""
        return self._stops[-1] if self._stops else 0
