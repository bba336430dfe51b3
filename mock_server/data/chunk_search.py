"""Search of chunks: where the records of a collection stand, also those with a value of a field."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from mock_server.data.chunk import POSITION, Chunk
from mock_server.formats import numbers

# The first and the last position at which a value stands; behind each other where it stands nowhere.
Ends = tuple[int, int]


def all_positions(chunks: Sequence[Chunk], field: str, text: str) -> Iterator[int]:
    """Yield the positions of all records with a value in a field, ascending."""
    for chunk in chunks:
        # Looked up here, since a call for each of many chunks would take the most time.
        index = chunk.indexes.get(field) or chunk.index(field)
        if text in index:
            yield from [chunk.positions[place] for place in index[text]]


def first_values(chunks: Sequence[Chunk], field: str, most: int) -> list[str]:
    """Return at most so many values of a field, those of the first records."""
    cells = chain.from_iterable(chunk.columns[field] for chunk in chunks)
    return [cell for cell in islice(cells, most) if isinstance(cell, str)]


def find_ends(chunks: Sequence[Chunk], field: str, text: str) -> Ends | None:
    """Return the first and the last position of a value, or those around the place of a number."""
    found = _first_with(chunks, field, text)
    if found is None:
        return _around_number(chunks, field, text)
    last = next(chunk for chunk in reversed(chunks) if text in chunk.index(field))
    return found[0].positions[found[1][0]], last.positions[last.index(field)[text][-1]]


def _first_with(chunks: Sequence[Chunk], field: str, text: str) -> tuple[Chunk, Sequence[int]] | None:
    """Return the first chunk with a value in a field, and its places there; None where none has it."""
    for chunk in chunks:
        index = chunk.indexes.get(field) or chunk.index(field)
        if text in index:
            return chunk, index[text]
    return None


def _around_number(chunks: Sequence[Chunk], field: str, text: str) -> Ends | None:
    """Return the positions around the place of a number; None where not all records have one."""
    number = numbers.whole_number(text)
    if number is None or any(chunk.greatest(field) is None for chunk in chunks):
        return None
    for chunk in chunks:
        greatest = chunk.greatest(field) or ()
        if greatest[-1] > number:
            position = chunk.positions[bisect_right(greatest, number)]
            return position, position - 1
    last = chunks[-1].positions[-1] if chunks else -1
    return last + 1, last


def positions_of(chunks: Sequence[Chunk], size: int) -> Sequence[int]:
    """Return the positions of all records of chunks, which have `size` records in all, ascending."""
    if not chunks:
        return range(0)
    whole = range(chunks[0].positions[0], chunks[-1].positions[-1] + 1)
    if len(whole) == size:
        return whole
    return array(POSITION, b"".join([chunk.packed for chunk in chunks]))


def encoded_at(
    chunks: Sequence[Chunk], starts: Sequence[int], positions: Iterable[int]
) -> Iterator[bytes]:
    """Yield the records at positions in any order."""
    start = stop = 0
    for position in positions:
        if not start <= position < stop:
            chunk = chunks[bisect_right(starts, position) - 1]
            own, encoded = chunk.positions, chunk.encoded
            start, stop = own[0], own[-1] + 1
            is_range = type(own) is range
        yield encoded[position - start if is_range else bisect_left(own, position)]
