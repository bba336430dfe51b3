"""The connection of a request, as scripted faults and event streams use it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
import sys
from collections import deque
from typing import Any, Protocol

# The key of a request's Connection in the extensions of its ASGI scope.
CONNECTION = "mock_server.connection"

# A linger time of 0 seconds; Windows has shorter numbers in the structure than others.
_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Cycle(Protocol):
    """A request and its response: what is used here of uvicorn's RequestResponseCycle."""

    disconnected: bool
    response_complete: bool
    more_body: bool
    keep_alive: bool
    default_headers: list[tuple[bytes, bytes]]
    message_event: asyncio.Event
    logger: logging.Logger


class Connection:
    """A client's connection: the request that runs on it, those that wait, and how it ends.

    `is_abandoned` is whether the client sends no more; it may still wait for the one answer that runs.
    `is_interrupted` is whether the client has left or the server stops, so that no pause lasts.
    `running` is the request that was started last, None before the first.
    """

    def __init__(
        self, transport: asyncio.Transport, waiting: deque[tuple[Any, Any]], unparsed: bytearray
    ) -> None:
        self.transport = transport
        self.is_abandoned = False
        self.running: Cycle | None = None
        self._waiting = waiting
        self._unparsed = unparsed
        self.is_interrupted = False
        self._pause_over = asyncio.Event()
        self._pause_ends_with_input = False

    @property
    def has_whole_body(self) -> bool:
        """Whether all of the body has arrived that the request which is running has."""
        return self.running is not None and not self.running.more_body

    @property
    def is_busy(self) -> bool:
        """Whether a request is being answered or waits for its turn."""
        running = self.running
        unanswered = running is not None and not (running.response_complete or running.disconnected)
        return unanswered or bool(self._waiting)

    async def pause(self, seconds: float, *, until_abandoned: bool = False) -> None:
        """Wait that many seconds, or until the client leaves, the server stops, or `wake` is called.

        With `until_abandoned`, end the wait also when the client sends no more: it may wait for the
        beginning of an answer, but not for the end of one.
        """
        self._pause_ends_with_input = until_abandoned
        if self.is_interrupted or (until_abandoned and self.is_abandoned):
            return
        self._pause_over.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._pause_over.wait()

    def leave_out_date(self) -> None:
        """Send no Date header with the running answer, unless the application sets one."""
        if self.running is not None:
            self.running.default_headers = []

    def hang_up(self) -> None:
        """Close the connection after the bytes already written, even in the middle of an answer."""
        self._give_up_requests()
        self.transport.close()

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self._give_up_requests()
        # A socket closed with a linger time of 0 is reset (SO_LINGER in socket(7)).
        own = self.transport.get_extra_info("socket")
        if sys.platform == "win32":
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        else:
            # That of uvloop takes no options; those of a duplicate of its descriptor are those of both.
            with socket.socket(fileno=os.dup(own.fileno())) as duplicate:
                duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    def end_input(self) -> None:
        """Note that the client sends no more."""
        self.is_abandoned = True
        if self._pause_ends_with_input:
            self.interrupt()

    def wake(self) -> None:
        """End the pause that lasts, if one does."""
        self._pause_over.set()

    def interrupt(self) -> None:
        """End the pause that lasts, and let no other begin."""
        self.is_interrupted = True
        self._pause_over.set()

    def lose(self) -> None:
        """Note that the connection has ended, and give up its requests."""
        self.is_abandoned = True
        self.interrupt()
        self._give_up_requests()
        # The request leads back here by its scope: without this, both stay until the collector runs.
        self.running = None

    def drop_waiting(self) -> None:
        """Forget the requests that wait for their turn, and what has not been parsed."""
        self._waiting.clear()
        self._unparsed.clear()

    def give_up(self, cycle: Cycle) -> None:
        """Drop a request that waits; send `http.disconnect` to the application of one that runs."""
        _disconnect(cycle)
        waiting = [(other, app) for other, app in self._waiting if other is not cycle]
        self._waiting.clear()
        self._waiting.extend(waiting)

    def _give_up_requests(self) -> None:
        self.drop_waiting()
        if self.running is not None:
            _disconnect(self.running)


def _disconnect(cycle: Cycle) -> None:
    cycle.disconnected = True
    cycle.message_event.set()
