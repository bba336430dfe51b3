"""What a reset no longer needs is freed piece by piece, and counts until it is."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterator

from mock_server.data.collection import Collection
from mock_server.sandbox.disposal import Disposal, free_chunks


def pieces(done: list[int], number: int) -> Iterator[None]:
    for each in range(number):
        done.append(each)
        yield


def test_without_an_event_loop_everything_is_freed_at_once() -> None:
    done: list[int] = []
    disposal = Disposal()
    disposal.add(pieces(done, 3))
    disposal.add(pieces(done, 2))
    assert done == [0, 1, 2, 0, 1]


def test_on_the_event_loop_one_piece_is_freed_after_the_other() -> None:
    done: list[int] = []

    async def run() -> list[int]:
        disposal = Disposal()
        disposal.add(pieces(done, 3))
        disposal.add(pieces(done, 0))
        disposal.add(pieces(done, 2))
        at_once = done.copy()
        while len(done) < 5:
            await asyncio.sleep(0.001)
        disposal.add(pieces(done, 1))
        while len(done) < 6:
            await asyncio.sleep(0.001)
        return at_once

    assert asyncio.run(run()) == []
    assert done == [0, 1, 2, 0, 1, 0]


class _Tracked(Collection):
    """A collection that can be referred to weakly."""


def test_the_chunks_of_a_collection_are_freed_one_by_one() -> None:
    collection: Collection | None = _Tracked("things", ({"n": n} for n in range(1_100)), ["n"])
    assert collection is not None
    known = weakref.ref(collection)
    freeing = free_chunks([collection])
    collection = None
    assert known() is None
    assert len(list(freeing)) == 3
