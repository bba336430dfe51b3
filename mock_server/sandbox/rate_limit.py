"""The rate limit: a number of requests within a sliding window of seconds."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from mock_server.formats.timestamps import SECOND
from mock_server.settings import RateLimit


class Quota(NamedTuple):
    """What a rate limit leaves to an account.

    Of `limit` requests, `remaining` may still come. After `reset` whole seconds, one more may come than
    now; 0 where all of them may. `is_exceeded` is whether this request is one too many. `rule` says the
    limit in words, e.g. `5 requests in 10 s`.
    """

    limit: int
    remaining: int
    reset: int
    is_exceeded: bool = False
    rule: str = ""


class Window:
    """The moments of the requests of one account that count for its rate limit.

    A refused request does not count, so that a client that retries too early waits no longer than
    `Retry-After` told it.
    """

    def __init__(self, limit: RateLimit, operation: str | None = None) -> None:
        """Take a limit, and the id of the operation whose own it is; None for that of the account."""
        self._limit = limit
        of = "" if operation is None else f" for {operation}"
        self._rule = (
            f"{limit.requests:,} request{'' if limit.requests == 1 else 's'} in {limit.seconds} s{of}"
        )
        self._span = limit.seconds * SECOND
        self._counted: deque[int] = deque()

    def take(self, now: int) -> Quota:
        """Count a request at a moment, in microseconds since 1970, unless it is one too many."""
        self._forget(now)
        is_exceeded = len(self._counted) >= self._limit.requests
        if not is_exceeded:
            self._counted.append(now)
        return self._quota(now, is_exceeded)

    def look(self, now: int) -> Quota:
        """Return what is left at a moment, and count nothing."""
        self._forget(now)
        return self._quota(now, is_exceeded=False)

    def _forget(self, now: int) -> None:
        counted = self._counted
        while counted and counted[0] <= now - self._span:
            counted.popleft()
        while counted and counted[-1] > now:
            counted.pop()  # These requests came before the clock was set back.

    def _quota(self, now: int, is_exceeded: bool) -> Quota:
        counted, limit = self._counted, self._limit.requests
        # Rounded up, so that a client that waits so long does not come too early.
        reset = -((now - self._span - counted[0]) // SECOND) if counted else 0
        return Quota(limit, limit - len(counted), reset, is_exceeded, self._rule)
