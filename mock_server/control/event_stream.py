"""The event streams: each sends its account's journal as it grows, in server-sent events.

One task watches the journals for all streams, so that a stream costs nothing while nothing comes, and
recording a request takes no longer while somebody listens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from mock_server.control.event_feed import Feed, RenderedEntries
from mock_server.errors import ServiceUnavailable
from mock_server.pipeline.exchange import Exchange
from mock_server.sandbox.sandbox import SandboxState

# The response headers of GET and HEAD. The last one keeps nginx from holding events back.
HEADERS: Mapping[str, str] = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}

# How many streams may be open, of all accounts and of one.
STREAMS = 1_000
ACCOUNT_STREAMS = 100

# How often the journals are looked at: more rarely with many streams, since each change is sent to all.
_POLL_SECONDS = 0.2
_POLL_SECONDS_PER_STREAM = 0.001

# How many streams are woken in one turn of the event loop; other requests have their turn between.
_WOKEN_AT_ONCE = 20

# Proxies and clients close a connection on which nothing comes for long. A line that begins with a colon
# is a comment (https://html.spec.whatwg.org/multipage/server-sent-events.html).
_HEART_BEAT_SECONDS = 15.0
_HEART_BEAT = b":\n\n"


class Listener(Protocol):
    """The connection of a stream, as the task that watches sees it."""

    def wake(self) -> None:
        """End the pause that lasts."""


@dataclass(slots=True)
class Watched:
    """The journal of an account with open streams: as it was seen last, and the connections to wake."""

    seen: tuple[object, int] | None
    listeners: set[Listener] = field(default_factory=set)


class EventStreams:
    """The open streams of all accounts."""

    def __init__(self, sandbox: SandboxState) -> None:
        self._sandbox = sandbox
        self._rendered = RenderedEntries()
        self._watched: dict[str, Watched] = {}
        self._open = 0
        self._task: asyncio.Task[None] | None = None

    async def events(self, exchange: Exchange) -> AsyncGenerator[bytes, None]:
        """Yield the events of the account of an exchange, until its client leaves or the server stops.

        A heart beat is yielded when there was no event for 15 seconds. Raise ServiceUnavailable where
        too many streams are open.
        """
        connection = exchange.request.connection
        last = time.monotonic()
        with self._listening(exchange.request.acting_account.key, connection) as feed:
            while not (connection.is_abandoned or connection.is_interrupted):
                for event in feed.read():
                    yield event
                    await asyncio.sleep(0)  # Between two events, other requests have their turn.
                    last = time.monotonic()
                left = _HEART_BEAT_SECONDS - (time.monotonic() - last)
                if left <= 0:
                    yield _HEART_BEAT
                    left, last = _HEART_BEAT_SECONDS, time.monotonic()
                await connection.pause(_POLL_SECONDS if feed.is_behind else left, until_abandoned=True)

    @contextmanager
    def _listening(self, key: str, connection: Listener) -> Iterator[Feed]:
        self._require_room(key)
        watched = self._watched.setdefault(key, Watched(self._state(key)))
        watched.listeners.add(connection)
        self._open += 1
        self._task = self._task or asyncio.create_task(self._watch())
        try:
            yield Feed(self._sandbox, key, self._rendered)
        finally:
            self._close(key, connection)

    def _require_room(self, key: str) -> None:
        watched = self._watched.get(key)
        if watched is not None and len(watched.listeners) >= ACCOUNT_STREAMS:
            reason = f"This account has {ACCOUNT_STREAMS} event streams open, and may have no more"
        elif self._open >= STREAMS:
            reason = f"{STREAMS:,} event streams are open, and there may be no more"
        else:
            return
        raise ServiceUnavailable(f"{reason}; close one, and ask again.", wait=1)

    def _close(self, key: str, connection: Listener) -> None:
        self._open -= 1
        watched = self._watched[key]
        watched.listeners.discard(connection)
        if not watched.listeners:
            del self._watched[key]
        if not self._open and self._task is not None:
            self._task.cancel()
            self._task = None
            self._rendered.clear()

    def _state(self, key: str) -> tuple[object, int] | None:
        """Return what changes with an account's journal: its log when it is cleared, else a number."""
        account = self._sandbox.accounts.find(key)
        return None if account is None else (account.journal.violation_log, account.journal.changes)

    async def _watch(self) -> None:
        """Wake the streams of each account whose journal has changed, again and again."""
        while True:
            await asyncio.sleep(max(_POLL_SECONDS, self._open * _POLL_SECONDS_PER_STREAM))
            for key, watched in list(self._watched.items()):
                state = self._state(key)
                if state != watched.seen:
                    watched.seen = state
                    await _wake(list(watched.listeners))


async def _wake(listeners: list[Listener]) -> None:
    for number, listener in enumerate(listeners, 1):
        listener.wake()
        if number % _WOKEN_AT_ONCE == 0:
            await asyncio.sleep(0)
