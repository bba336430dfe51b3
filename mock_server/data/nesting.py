"""Nesting: which parent each record of a nested collection belongs to."""

from __future__ import annotations

from hashlib import blake2b
from itertools import accumulate

# How many records consecutive parents have, in a cycle that begins at a place given by a seed.
CYCLE = (3, 1, 4, 2, 5)


class Nesting:
    """How the records of a nested collection are divided among its parents: each has 1 to 5.

    Those of the first parent come first, so that the newest parents have the newest records.
    """

    def __init__(self, parents: int, seed: str) -> None:
        """Take the number of parents, and what tells the collection from others."""
        begin = blake2b(seed.encode(), digest_size=2).digest()[0] % len(CYCLE)
        # The number of records up to each parent of a cycle, and with it.
        self._ends = list(accumulate(CYCLE[begin:] + CYCLE[:begin]))
        rounds, rest = divmod(parents, len(CYCLE))
        # The number of records of all parents.
        self.count = rounds * self._ends[-1] + (self._ends[rest - 1] if rest else 0)

    def parent_of(self, index: int) -> int:
        """Return the number of the parent of the record at an index."""
        rounds, place = divmod(index, self._ends[-1])
        within = sum(end <= place for end in self._ends)
        return rounds * len(CYCLE) + within

    def of_parent(self, number: int) -> range:
        """Return the indexes of the records of a parent, e.g. `range(3, 4)` for the second one."""
        rounds, place = divmod(number, len(CYCLE))
        first = rounds * self._ends[-1]
        begin = self._ends[place - 1] if place else 0
        return range(first + begin, first + self._ends[place])
