"""Disposal: frees what nobody needs any more piece by piece, so that no request waits for all of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator

from mock_server.data.chunk import Chunk
from mock_server.data.collection import Collection

# Seconds between two pieces, e.g. 500 records: an answer takes several turns of the event loop.
_PAUSE = 0.002


class Disposal:
    """What is to be freed: a piece now and then, between which the event loop does all else."""

    def __init__(self) -> None:
        self._waiting: deque[Iterator[None]] = deque()

    def add(self, pieces: Iterator[None]) -> None:
        """Take an iterator of which each step frees a piece; without an event loop, do it at once."""
        self._waiting.append(pieces)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            while self._free_piece():
                pass
            return
        if len(self._waiting) == 1:
            loop.call_later(_PAUSE, self._go_on, loop)

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._free_piece():
            loop.call_later(_PAUSE, self._go_on, loop)

    def _free_piece(self) -> bool:
        """Free the next piece; tell whether there may be others."""
        for _ in self._waiting[0]:
            return True
        self._waiting.popleft()
        return bool(self._waiting)


def free_chunks(collections: Iterable[Collection]) -> Iterator[None]:
    """Return what frees collections that only the caller has; a step takes about 0.1 ms."""
    return _free([chunk for collection in collections for chunk in collection.chunks])


def _free(chunks: list[Chunk]) -> Iterator[None]:
    while chunks:
        chunks.pop()
        yield
