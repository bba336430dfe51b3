"""The protocol: uvicorn's HTTP/1.1 with the bounds that it leaves open.

A connection can't take more memory or time than one request is worth: its head has a limit in size
and seconds, pipelined requests are parsed a few at a time, and a client that does not read is cut
off. Whatever is refused, the client gets to read why: a connection that closes before all was read
would be reset, so it is closed for writing, and what still comes is read and thrown away for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from mock_server.errors import HeadersTooLarge
from mock_server.server.connection import CONNECTION
from mock_server.server.head_limit import HEAD_LIMIT
from mock_server.server.timer import Timer

# Of what clients send uvicorn warns, which is no news here; errors of this server are.
logger = logging.getLogger("mock_server.protocol")
logger.setLevel(logging.ERROR)

# For what is cut off when the server stops, whose traceback would tell nobody anything.
_silent = logging.getLogger("mock_server.silent")
_silent.disabled = True

HEAD_SECONDS = 30.0
STUCK_SECONDS = 30.0
# After the last word to a client: how long without a byte from it, and how long in all.
LINGER_SECONDS = 2.0
LINGER_SECONDS_IN_ALL = 30.0

# What is parsed at once: the shortest requests have 18 bytes, so that at most 230 of them wait.
_PIECE = 4096

_TOO_LONG = f"The URL is longer than {HEAD_LIMIT:,} bytes; send a shorter one."
_TOO_LARGE = HeadersTooLarge(HEAD_LIMIT).message
_TOO_SLOW = f"The request's head did not arrive within {HEAD_SECONDS:g} seconds."
_MALFORMED = "Invalid HTTP request received."


class Protocol(HttpToolsProtocol):
    """One connection; requests are answered one after the other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever runs this server in a thread has loggers of uvicorn for servers of their own.
        self.logger = logger
        self.access_log = False
        self._unfed = bytearray()
        self._running: RequestResponseCycle | None = None
        self._begun = False
        self._in_body = False
        self._head_bytes = self._body_bytes = self._framing_bytes = 0
        self._refusal: tuple[int, str] | None = None
        # The client will send no more; what it sends is thrown away, until the end or altogether;
        # the server is about to stop.
        self._ended = self._mute = self._deaf = self._leaving = False
        # Set when what is being answered need not be waited for: the client has left, the server stops.
        self._interrupted = asyncio.Event()
        self._stalls = False
        self._timer = Timer(self.loop)
        self._linger_timer = Timer(self.loop)
        self._stuck_timer = Timer(self.loop)

    # The transport's side

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._raw = transport
        super().connection_made(_Transport(transport, self))  # type: ignore[arg-type]
        self._timer.start(HEAD_SECONDS, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._timer, self._linger_timer, self._stuck_timer):
            timer.stop()
        self._ended = True
        self._interrupted.set()
        self._forsake()
        # uvicorn leaves the timer, and with it all of this, to connections that were reset.
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        # They lead back here, so that the last request would stay until the collector comes.
        self.scope = self.cycle = self._running = None  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            self._linger_timer.start(LINGER_SECONDS, self._raw.close)
        if self._deaf or self._mute:
            return
        self._unfed += data
        self._feed()

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client will send no more; what it sent whole is answered all the same."""
        self._ended = True
        if self._stalls:
            self._interrupted.set()
        if not self._unfed:
            self._abandon_incomplete()
        return not self._deaf and (self._is_busy() or bool(self._unfed))

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck_timer.start(STUCK_SECONDS, self._raw.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stuck_timer.stop()

    def shutdown(self) -> None:
        """Answer what is being answered, and close."""
        self._drop_waiting()
        self._leaving = True
        self._interrupted.set()
        if self._running is not None and self._is_busy():
            self._running.keep_alive = False
        else:
            self._raw.close()

    def cut_off(self) -> None:
        """Stop answering, without a word."""
        if self._running is not None:
            self._running.logger = _silent
        self._raw.abort()

    # Feeding the parser

    def _feed(self) -> None:
        """Parse what has arrived, as long as no parsed request waits for another."""
        while self._unfed and not self.pipeline and not self._deaf and self._refusal is None:
            piece = bytes(self._unfed[:_PIECE])
            del self._unfed[:_PIECE]
            self._parse(piece)
        if self._unfed:
            self.flow.pause_reading()
        elif self._ended:
            self._abandon_incomplete()

    def _parse(self, piece: bytes) -> None:
        self._head_bytes += len(piece)
        self._framing_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline_upgrade(piece[upgrade.args[0] :])
        except httptools.HttpParserError:
            # The parser calls a URL invalid that is longer than it can count.
            too_long = self._begun and len(self.url) >= HEAD_LIMIT
            self.refuse(*((414, _TOO_LONG) if too_long else (400, _MALFORMED)))
        else:
            self._check_bounds()

    def _decline_upgrade(self, rest: bytes) -> None:
        """Nothing is upgraded here: what follows is the next request, unless it is a body.

        The parser does not read the body of a request that asks for an upgrade.
        """
        announced = (b"content-length", b"transfer-encoding")
        if any(name in announced and value != b"0" for name, value in self.headers):
            self.cycle.keep_alive = False
            self._mute = True
            self._unfed.clear()
        else:
            self._unfed[:0] = rest

    def _check_bounds(self) -> None:
        if self._in_body:
            # Chunk headers and trailers; a chunk of one byte has five more bytes around it.
            if self._framing_bytes > HEAD_LIMIT + 8 * self._body_bytes:
                self.refuse(431, _TOO_LARGE)
        elif self._head_bytes > HEAD_LIMIT:
            if not self._begun:
                self.refuse(400, _MALFORMED)
            else:
                self.refuse(*((431, _TOO_LARGE) if self.headers else (414, _TOO_LONG)))
        elif self._begun and not self._timer.runs:
            self._timer.start(HEAD_SECONDS, self._head_is_late)

    # The parser's side

    def on_message_begin(self) -> None:
        self._unset_keepalive_if_required()
        self._begun = True
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self}  # type: ignore[dict-item]

    def on_header(self, name: bytes, value: bytes) -> None:
        # After the head come trailers, which must not count as headers (RFC 9110 section 6.5.1).
        if not self._in_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._timer.stop()
        super().on_headers_complete()
        self._in_body = True
        self._body_bytes = self._framing_bytes = 0

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._begun = self._in_body = False
        self._head_bytes = 0

    # The requests' side

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self._refusal is not None and not self._is_busy():
            self._write_refusal(*self._refusal)
            return
        self._feed()
        if self._begun:
            # uvicorn has just armed the timer for an idle connection, which this one is not.
            self._unset_keepalive_if_required()
        if self._ended and not self._deaf and not self._is_busy():
            self._raw.close()

    def _is_busy(self) -> bool:
        running = self._running
        unanswered = running is not None and not (running.response_complete or running.disconnected)
        return unanswered or bool(self.pipeline)

    # Scripted faults

    @property
    def is_abandoned(self) -> bool:
        return self._ended

    @property
    def is_interrupted(self) -> bool:
        return self._interrupted.is_set()

    async def pause(self, seconds: float, *, until_abandoned: bool = False) -> None:
        """Wait, but no longer than the client stays and the server is not told to stop.

        A client that sends no more may still wait for an answer, but not for the end of one.
        """
        self._stalls = until_abandoned
        if until_abandoned and self._ended:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._interrupted.wait()

    def leave_out_date(self) -> None:
        """Send no Date header with the answer but one that it has itself."""
        if self._running is not None:
            self._running.default_headers = []

    def hang_up(self) -> None:
        """End the connection behind what was written, in the middle of an answer or not."""
        self._forsake()
        self._raw.close()

    def reset(self) -> None:
        """End the connection with a reset."""
        self._forsake()
        descriptor = os.dup(self._raw.get_extra_info("socket").fileno())
        with socket.socket(fileno=descriptor) as duplicate:
            # Closed without lingering, so that the system resets it; uvloop's socket can't be told.
            duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._raw.abort()

    def _forsake(self) -> None:
        self._drop_waiting()
        if self._running is not None:
            _abandon(self._running)

    # Ends

    def refuse(self, status: int, message: str) -> None:
        """Answer in plain text what can't be answered otherwise, after all that came before it."""
        self._refusal = (status, message)
        self._unfed.clear()
        self._abandon_incomplete()
        if not self._is_busy():
            self._write_refusal(status, message)

    def _write_refusal(self, status: int, message: str) -> None:
        body = message.encode()
        self._raw.write(
            STATUS_LINE[status] + b"content-type: text/plain; charset=utf-8\r\n"
            b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body
        )
        self._go_deaf()

    def close(self) -> None:
        """Close after a last response; what the client has still to send is let come first."""
        if self._leaving:
            self._raw.close()
        elif not self._deaf:
            self._go_deaf()

    @property
    def is_deaf(self) -> bool:
        return self._deaf

    def _go_deaf(self) -> None:
        self._deaf = True
        self._drop_waiting()
        if self._ended or not self._raw.can_write_eof():
            self._raw.close()
            return
        self._raw.write_eof()
        self.flow.resume_reading()
        self._timer.start(LINGER_SECONDS_IN_ALL, self._raw.close)
        self._linger_timer.start(LINGER_SECONDS, self._raw.close)

    def _head_is_late(self) -> None:
        if self._begun:
            self.refuse(408, _TOO_SLOW)
        else:
            self._raw.close()

    def _abandon_incomplete(self) -> None:
        """Give up a request whose body will never be whole."""
        if self._in_body:
            _abandon(self.cycle)
            waiting = [(cycle, app) for cycle, app in self.pipeline if cycle is not self.cycle]
            self.pipeline.clear()
            self.pipeline.extend(waiting)

    def _drop_waiting(self) -> None:
        self.pipeline.clear()
        self._unfed.clear()


def _abandon(cycle: RequestResponseCycle) -> None:
    """What an application that waits for a body or sends an answer takes for a client that left."""
    cycle.disconnected = True
    cycle.message_event.set()


class _Transport:
    """The transport as uvicorn sees it: its close is the protocol's."""

    def __init__(self, transport: asyncio.Transport, protocol: Protocol) -> None:
        self._transport = transport
        self._protocol = protocol

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def close(self) -> None:
        self._protocol.close()

    def is_closing(self) -> bool:
        return self._protocol.is_deaf or self._transport.is_closing()
