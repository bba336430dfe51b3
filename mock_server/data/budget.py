"""Budgets: how much memory one kind of thing may hold, of all accounts together.

docs/architecture.md lists all budgets, and what falls out first of each.
"""

from __future__ import annotations

from collections.abc import Callable


class Budget:
    """A limit, and how much of it is held: bytes, records or entries, as its owner counts.

    Whoever holds something adds its size to `held`, and takes it off when it goes. A budget with
    `drop_oldest` is kept by `shrink`; another one is asked with `has_room_for` before.
    """

    def __init__(self, limit: int, drop_oldest: Callable[[], None] | None = None) -> None:
        """Call `drop_oldest` to let go of the oldest thing, which takes its size off `held`."""
        self.limit = limit
        # A plain number: each request adds to several budgets, and seldom exceeds any.
        self.held = 0
        self._drop_oldest = drop_oldest

    def shrink(self) -> None:
        """Drop the oldest things until the rest is within the limit."""
        while self.held > self.limit and self._drop_oldest is not None:
            self._drop_oldest()

    def has_room_for(self, size: int) -> bool:
        """Tell whether so much more can be held."""
        return self.held + size <= self.limit
