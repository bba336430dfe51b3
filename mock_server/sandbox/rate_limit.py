"""The rate limit: so many requests in so many seconds, over a window that slides."""

from __future__ import annotations

from collections import deque

from mock_server.formats.timestamps import SECOND
from mock_server.settings import RateLimit


class Window:
    """The requests of one account that still count.

    One that the limit refuses does not count, so that what `Retry-After` promised comes true
    whatever the client sends in between.
    """

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._span = limit.seconds * SECOND
        self._counted: deque[int] = deque()

    def take(self, now: int) -> int | None:
        """Count a request at a moment; gives None if it passes, else the seconds until one does."""
        counted = self._counted
        while counted and counted[0] <= now - self._span:
            counted.popleft()
        while counted and counted[-1] > now:
            counted.pop()  # The clock was set back, to before these requests came.
        if len(counted) < self._limit.requests:
            counted.append(now)
            return None
        return -((now - self._span - counted[0]) // SECOND)
