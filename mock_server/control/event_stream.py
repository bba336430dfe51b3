"""The event stream: an account's journal as it grows, in server-sent events.

Each stream polls the journal, so that recording a request takes no longer while somebody listens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson

from mock_server.pipeline.exchange import Exchange
from mock_server.sandbox.journal import Entry, Journal, as_json
from mock_server.sandbox.sandbox import SandboxState

# The response headers of GET and HEAD. The last one keeps nginx from holding events back.
HEADERS: Mapping[str, str] = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}

_POLL_SECONDS = 0.2

# The most requests in one event, and in one poll but the first.
_BATCH = 100

# The most requests that wait for a later poll; of more, only the newest are sent.
_BACKLOG = 1_000

# Proxies and clients close a connection on which nothing comes for long. A line that begins with a colon
# is a comment (https://html.spec.whatwg.org/multipage/server-sent-events.html).
_HEART_BEAT_SECONDS = 15.0
_HEART_BEAT = b":\n\n"


async def events(sandbox: SandboxState, exchange: Exchange) -> AsyncGenerator[bytes, None]:
    """Yield the events of the account of an exchange, until its client leaves or the server stops.

    A heart beat is yielded when there was no event for 15 seconds.
    """
    request = exchange.request
    feed, connection = Feed(sandbox, request.acting_account.key), request.connection
    last = time.monotonic()
    while not (connection.is_abandoned or connection.is_interrupted):
        for event in feed.read():
            yield event
            await asyncio.sleep(0)  # Between two events, other requests have their turn.
            last = time.monotonic()
        if time.monotonic() - last >= _HEART_BEAT_SECONDS:
            yield _HEART_BEAT
            last = time.monotonic()
        await connection.pause(_POLL_SECONDS, until_abandoned=True)


class Feed:
    """The part of an account's journal that one stream has not sent yet.

    Reading is no use of the account, so that it can be evicted and made anew between two polls.
    """

    def __init__(self, sandbox: SandboxState, key: str) -> None:
        """Begin before the first entry of the account with this key."""
        self._sandbox = sandbox
        self._key = key
        # The violation log of the journal that was read last; a journal that is cleared has a new one.
        # The feed itself stands for none, as None stands for the missing log of a missing account.
        self._violation_log: object = self
        # Whether there has been no account so far. Its making voids nothing that was sent.
        self._is_awaiting = False
        self._recorded = 0
        self._under_way: dict[str, Entry] = {}

    def read(self) -> Iterator[bytes]:
        """Yield the events since the last call.

        `begin` voids all events before it: the journal is another one, or was cleared. `requests` holds
        entries that are new, or have ended since they were sent.
        """
        account = self._sandbox.accounts.find(self._key)
        journal = None if account is None else account.journal
        most = _BATCH
        log = None if journal is None else journal.violation_log
        if self._is_awaiting and log is not None:
            self._violation_log, self._is_awaiting = log, False
        if log is not self._violation_log:
            self._is_awaiting = self._violation_log is self and log is None
            self._violation_log, self._recorded = log, 0
            self._under_way.clear()
            most = _BACKLOG
            yield _event("begin", {"epoch": None if account is None else account.epoch})
        if journal is not None and (journal.recorded != self._recorded or self._under_way):
            yield from self._requests(journal, most)

    def _requests(self, journal: Journal, most: int) -> Iterator[bytes]:
        """Yield the `requests` events with the entries that ended and at most `most` new ones."""
        number = min(journal.recorded - self._recorded, _BACKLOG)
        waiting = list(islice(reversed(journal.entries), number))[::-1]
        new = waiting[:most]
        self._recorded = journal.recorded - len(waiting) + len(new)
        entries = [*self._take_ended(), *new]
        self._under_way |= {entry.id: entry for entry in new if entry.duration is None}
        counts = {"recorded": journal.recorded, "dropped": journal.dropped}
        # A journal that keeps no entries gets one event with the counts and no items.
        for start in range(0, len(entries) or min(number, 1), _BATCH):
            batch = entries[start : start + _BATCH]
            yield _event("requests", {"items": as_json(batch), **counts})

    def _take_ended(self) -> Sequence[Entry]:
        """Return the entries that were sent under way and have ended since, and watch them no more."""
        ended = [entry for entry in self._under_way.values() if entry.duration is not None]
        self._under_way = {
            key: entry
            for key, entry in self._under_way.items()
            if entry.duration is None and entry.is_kept
        }
        return ended


def _event(name: str, data: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))
