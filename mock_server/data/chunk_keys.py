"""Keys of chunks: what the records of a collection are sorted by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from mock_server.data.chunk import Chunk
from mock_server.lists.order_keys import NO_VALUE, Key


def keys_at(chunks: Sequence[Chunk], positions: Sequence[int], field: str) -> list[Key]:
    """Return the order keys of a field of the records at ascending positions."""
    found: list[Key] = []
    start = 0
    for chunk in chunks:
        stop = bisect_right(positions, chunk.positions[-1], start)
        keys = chunk.first_keys(field)
        if stop - start == len(keys):
            found += keys
        else:
            own = chunk.positions
            places = [bisect_left(own, position) for position in positions[start:stop]]
            found += [keys[place] for place in places]
        start = stop
    return found


def key_near(chunks: Sequence[Chunk], starts: Sequence[int], field: str | None, position: int) -> Key:
    """Return the order key of the record at a position, or else of the next one, or else of the last.

    Without a field, the keys are those of a collection whose last record comes first.
    """
    if field is None:
        return 0, -position
    if not chunks:
        return NO_VALUE
    index = max(0, bisect_right(starts, position) - 1)
    place = bisect_left(chunks[index].positions, position)
    if place == len(chunks[index]) and index + 1 < len(chunks):
        index, place = index + 1, 0
    keys = chunks[index].first_keys(field)
    return keys[min(place, len(keys) - 1)]
