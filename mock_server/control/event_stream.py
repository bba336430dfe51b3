"""Events: tells a page what an account's journal records, as server-sent events.

Each stream looks into the journal a few times a second, so that the requests that are recorded there
take no longer for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import orjson

from mock_server.errors import InvalidRequest
from mock_server.openapi.request_validation import ARGUMENTS, Arguments
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.sandbox.journal import Entry, Journal, as_json
from mock_server.sandbox.sandbox import Sandbox
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.server.connection import Connection

HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}

# How often the journal is looked into.
_SECONDS = 0.2

# How many requests are told at a time, at most; others wait for the next time.
_MOST = 100

# How many may wait; of more, only the newest are told.
_MOST_WAITING = 1_000

# Proxies and clients give up a connection on which nothing comes for long.
_HEART_BEAT_SECONDS = 15.0
_HEART_BEAT = b":\n\n"


class Events:
    """A wrapper behind validation that answers one operation, the stream."""

    def __init__(self, app: AsgiApp, sandbox: Sandbox, path: str) -> None:
        """`path` is that of the stream."""
        self._app = app
        self._sandbox = sandbox
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != self._path or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        arguments: Arguments = scope[ARGUMENTS]
        if arguments.violations:
            raise InvalidRequest(arguments.violations)
        exchange: Exchange = scope[EXCHANGE]
        headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _stream(Feed(self._sandbox, exchange.acting.key), exchange.connection, send)
        await send({"type": "http.response.body", "body": b""})


async def _stream(feed: Feed, connection: Connection, send: Send) -> None:
    """Send what is new until the client leaves or the server stops."""
    last = time.monotonic()
    while not (connection.is_abandoned or connection.is_interrupted):
        for event in feed.read():
            await send({"type": "http.response.body", "body": event, "more_body": True})
            await asyncio.sleep(0)  # Between two pieces, requests are answered.
            last = time.monotonic()
        if time.monotonic() - last >= _HEART_BEAT_SECONDS:
            await send({"type": "http.response.body", "body": _HEART_BEAT, "more_body": True})
            last = time.monotonic()
        await connection.pause(_SECONDS, until_abandoned=True)


class Feed:
    """What its reader has not been told yet of an account's journal.

    It does not count as a use of the account, which may be given up and made anew meanwhile.
    """

    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self._sandbox = sandbox
        self._key = key
        # What is new with every journal, and in a journal that was emptied.
        self._beginning: object = self
        self._recorded = 0
        self._under_way: dict[str, Entry] = {}

    def read(self) -> Iterator[bytes]:
        """The events since the last time: `begin` where all that was told is void, and `requests`."""
        account = self._sandbox.known(self._key)
        journal = None if account is None else account.journal
        most = _MOST
        beginning = None if journal is None else journal.ledger
        if beginning is not self._beginning:
            self._beginning, self._recorded = beginning, 0
            self._under_way.clear()
            most = _MOST_WAITING
            yield _event("begin", {"epoch": None if account is None else account.epoch})
        if journal is not None and (journal.recorded != self._recorded or self._under_way):
            yield from self._news(journal, most)

    def _news(self, journal: Journal, most: int) -> Iterator[bytes]:
        number = min(journal.recorded - self._recorded, _MOST_WAITING)
        waiting = list(islice(reversed(journal.entries), number))[::-1]
        new = waiting[:most]
        self._recorded = journal.recorded - len(waiting) + len(new)
        told = [*self._ended(), *new]
        self._under_way |= {entry.id: entry for entry in new if entry.duration is None}
        counts = {"recorded": journal.recorded, "dropped": journal.dropped}
        # The counts are told also where the journal is not kept.
        for start in range(0, len(told) or min(number, 1), _MOST):
            batch = told[start : start + _MOST]
            yield _event("requests", {"items": as_json(batch), **counts})

    def _ended(self) -> Sequence[Entry]:
        """Those that have ended since they were told."""
        ended = [entry for entry in self._under_way.values() if entry.duration is not None]
        self._under_way = {
            key: entry
            for key, entry in self._under_way.items()
            if entry.duration is None and entry.is_kept
        }
        return ended


def _event(name: str, data: dict[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))
