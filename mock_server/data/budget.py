"""Budgets: limits on how much memory one kind of thing may take, for all accounts together.

docs/architecture.md lists all budgets, and what each of them drops first.
"""

from __future__ import annotations

from collections.abc import Callable


class Budget:
    """A limit, and how much of it is held, in the unit of its owner: bytes, records or entries.

    The owner adds to `held` what it keeps, and subtracts what it drops. It either calls `shrink` after
    adding, or asks `has_room_for` before.
    """

    def __init__(self, limit: int, drop_oldest: Callable[[], None] | None = None) -> None:
        """Hold at most `limit`; `drop_oldest` drops one thing and subtracts its size, for `shrink`."""
        self.limit = limit
        # A plain attribute, since every request adds to several budgets.
        self.held = 0
        self._drop_oldest = drop_oldest

    def shrink(self) -> None:
        """Drop the oldest things until the rest is within the limit."""
        while self.held > self.limit and self._drop_oldest is not None:
            self._drop_oldest()

    def has_room_for(self, size: int) -> bool:
        """Tell whether `size` more can be held."""
        return self.held + size <= self.limit
