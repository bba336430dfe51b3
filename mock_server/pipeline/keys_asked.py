"""Keys asked for: which requests came before, so that nothing is kept of those that come once."""

from __future__ import annotations

from collections.abc import Hashable

# How many keys are remembered, in about 70 kB. The cache holds some hundred answers: what comes back
# after more requests than these would fall out of it before it came a third time.
REMEMBERED = 1_000


class KeysAsked:
    """The keys of the newest requests, a hash of each; all are forgotten when there are too many.

    Where two keys have one hash, the second counts as asked for, and its answer is kept early.
    """

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def add(self, key: Hashable) -> bool:
        """Add a key; return whether it is new."""
        hashed = hash(key)
        if hashed in self._hashes:
            return False
        if len(self._hashes) >= REMEMBERED:
            self._hashes.clear()
        self._hashes.add(hashed)
        return True
