"""Unmade chunks: the records of a collection, some hundred of them made when one is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from threading import Lock
from typing import Any

from mock_server.data.chunk import SIZE, Chunk


class UnmadeChunk(Chunk):
    """A chunk that knows the positions of its records; all else is made when something of it is read."""

    __slots__ = ("_making",)

    def __init__(self, positions: range, making: Making) -> None:
        self.positions = positions
        self._making = making

    def __len__(self) -> int:
        return len(self.positions)

    def __getattr__(self, name: str) -> Any:
        # Called for slots that nothing is in yet.
        self._making.reach(self.positions[-1])
        return object.__getattribute__(self, name)

    @property
    def is_made(self) -> bool:
        return self._making.has_made(self.positions[-1])

    def fill(self, made: Chunk) -> None:
        """Take the records of a chunk that was made for this one; any thread may read it meanwhile."""
        self._found, self.indexes = made._found, made.indexes
        self.encoded, self.hidden, self.columns = made.encoded, made.hidden, made.columns


class Making:
    """What makes the chunks of a collection one after another, as far as they are asked for.

    None is left out, since a record may depend on those before it. Any thread may call this.
    """

    def __init__(self, records: Iterable[Any], count: int, fields: Iterable[str]) -> None:
        """Take the records, which are `count`, and the fields of which columns are made."""
        self._records: Iterator[Any] = iter(records)
        self._count = count
        self._fields = tuple(fields)
        self._lock = Lock()
        # How many records are made, and whether all are.
        self._made, self.is_done = 0, count == 0
        self.chunks: Sequence[UnmadeChunk] = [
            UnmadeChunk(range(start, min(start + SIZE, count)), self) for start in range(0, count, SIZE)
        ]

    def has_made(self, position: int | None = None) -> bool:
        """Tell whether the records up to a position are made; for None, whether all are."""
        end = self._count if position is None else min(position + 1, self._count)
        return self._made >= end

    def reach(self, position: int | None) -> None:
        """Make the records up to a position, and the rest of its chunk; all records for None."""
        while not self.has_made(position):
            self.make_next()

    def make_next(self) -> None:
        """Make the next chunk that is not made; none where all are."""
        with self._lock:
            if self._made < self._count:
                chunk = self.chunks[self._made // SIZE]
                some = list(islice(self._records, len(chunk)))
                chunk.fill(Chunk.of(some, chunk.positions[0], self._fields))
                self._made += len(chunk)
                self.is_done = self._made == self._count


# For a collection of which no record is left to be made.
ALL_MADE = Making((), 0, ())
