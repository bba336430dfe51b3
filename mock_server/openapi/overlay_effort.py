"""The effort that applying an overlay may take: the time of its JSONPaths, and the values that it adds.

A path such as `$..[?$..x]` visits all values once for each value, and an update of every value doubles
the document each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import thread_time

from mock_server.formats.json import DEPTH_LIMIT, Json

# The processor time of all JSONPaths of an overlay, in seconds: so much, and more for each value of the
# document. A path with one `..` takes about a fifth of the latter.
_SECONDS = 2.0
_SECONDS_PER_VALUE = 20e-6

# The values that a JSONPath visits between two looks at the clock, which take longer than the visits.
_VISITS = 64

# The values that all updates and copies may add to the document, and as many again as it has itself.
ADDED = 200_000


class TooMuch(Exception):
    """The effort is used up; the message says on what."""


class Effort:
    """What is left of the effort for one overlay and document."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._end = thread_time() + _SECONDS
        self._is_extended = False
        self._visits = 0
        self._left = ADDED
        self._is_doubled = False

    def add(self, value: Json, depths: Sequence[int]) -> None:
        """Count the values of an update at places of these depths; raise TooMuch for too many."""
        size, height = _measure(value, self._left)
        if size * len(depths) > self._left and not self._is_doubled:
            self._is_doubled = True
            self._left += _count_values(self._document)
            size, height = _measure(value, self._left)
        self._left -= size * len(depths)
        if self._left < 0:
            raise TooMuch(f"the overlay adds more than {ADDED:,} values, and more than the document has")
        if max(depths) + height > DEPTH_LIMIT:
            raise TooMuch(f"with it the document is nested more than {DEPTH_LIMIT} levels deep")

    def check(self) -> None:
        """Count a visit of a value; raise TooMuch where the time is used up."""
        self._visits += 1
        if self._visits % _VISITS or thread_time() <= self._end:
            return
        if self._is_extended:
            raise TooMuch("the overlay's targets take too long to find")
        # Only now, since counting takes its time too.
        self._is_extended = True
        self._end = thread_time() + _SECONDS_PER_VALUE * _count_values(self._document)


def _measure(value: Json, limit: int) -> tuple[int, int]:
    """Return the number of values in a value, itself included, and of the levels in it.

    It counts no further than one level beyond the limit.
    """
    level, count, height = [value], 1, 0
    while level and count <= limit:
        level = [part for each in level for part in _parts(each)]
        count += len(level)
        height += 1
    return count, height


def _count_values(document: Json) -> int:
    """Return the number of values in a document, those that several of its parts share once."""
    level, count = [document], 0
    seen: set[int] = set()
    while level:
        count += len(level)
        containers = {id(each): each for each in level if isinstance(each, dict | list)}
        fresh = [each for key, each in containers.items() if key not in seen]
        seen |= containers.keys()
        level = [part for each in fresh for part in _parts(each)]
    return count


def _parts(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
