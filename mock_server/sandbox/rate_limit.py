"""The rate limit: a number of requests within a sliding window of seconds."""

from __future__ import annotations

from collections import deque

from mock_server.formats.timestamps import SECOND
from mock_server.settings import RateLimit


class Window:
    """The moments of the requests of one account that count for its rate limit.

    A refused request does not count, so that a client that retries too early waits no longer than
    `Retry-After` told it.
    """

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._span = limit.seconds * SECOND
        self._counted: deque[int] = deque()

    def take(self, now: int) -> int | None:
        """Count a request at a moment, in microseconds since 1970; return None if it passes.

        Otherwise return the whole seconds until a request passes, and count nothing.
        """
        counted = self._counted
        while counted and counted[0] <= now - self._span:
            counted.popleft()
        while counted and counted[-1] > now:
            counted.pop()  # These requests came before the clock was set back.
        if len(counted) < self._limit.requests:
            counted.append(now)
            return None
        return -((now - self._span - counted[0]) // SECOND)
