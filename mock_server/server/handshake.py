"""The beginning of a connection to a port that speaks TLS.

The first byte tells whether a client speaks TLS at all, so that one that speaks plain HTTP is told what
to do, and one that sends nothing costs no more than a socket. The handshake itself is the event loop's.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from mock_server.server import notices
from mock_server.server.head_limit import HEAD_SECONDS
from mock_server.server.http_protocol import Protocol
from mock_server.server.lingering_close import LINGER_SECONDS, Refusal
from mock_server.server.notices import Notices
from mock_server.server.timer import Timer
from mock_server.settings import HEALTH_CHECK_AGENT

# How long a handshake may take, and the end of a connection: the client's answer to the close.
HANDSHAKE_SECONDS = 30.0
CLOSE_SECONDS = 30.0

# The first byte of a record of TLS that holds a handshake (RFC 8446 section 5.1).
_HANDSHAKE_RECORD = 0x16

_SPEAK_HTTPS = Refusal(
    400, "This port speaks HTTPS; send the request to a URL that begins with https://."
)

_HEALTH_CHECK = HEALTH_CHECK_AGENT.encode()

# What clients say of a certificate that they do not trust (RFC 8446 section 6.2).
_ABOUT_CERTIFICATE = ("UNKNOWN_CA", "CERTIFICATE")


class Handshake(asyncio.Protocol):
    """A connection until its TLS handshake is complete; its requests are another protocol's then."""

    def __init__(
        self,
        context: ssl.SSLContext,
        new_protocol: Callable[[], Protocol],
        connections: set[Any],
        written: Notices,
        app: object = None,
    ) -> None:
        """Take the server's `connections`, which this one is among, and the `written` notices.

        `app` is the application, which may describe refusals.
        """
        self._context = context
        self._new_protocol = new_protocol
        self._connections = connections
        self._notices = written
        self._app = app
        self._loop = asyncio.get_running_loop()
        self._timer = Timer(self._loop)
        self._unread = b""
        self._is_refused = self._is_stopping = False
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._connections.add(self)
        self._timer.start(HEAD_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._timer.stop()
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        self._unread += data
        if self._task is not None:
            return
        if self._unread[0] == _HANDSHAKE_RECORD:
            self._timer.stop()
            self._transport.pause_reading()
            self._task = self._loop.create_task(self._secure())
        else:
            self._refuse()

    def shutdown(self) -> None:
        """End the connection, because the server stops."""
        self._is_stopping = True
        self._transport.abort()

    def _refuse(self) -> None:
        """Say to one who speaks HTTP what to do, and close."""
        self._is_refused = True
        # All methods of HTTP are words of letters.
        is_http = self._unread[:1].isalpha()
        if _HEALTH_CHECK not in self._unread:
            self._notices.add(notices.HTTP_ON_TLS_PORT if is_http else notices.NOT_TLS)
        if is_http:
            self._transport.write(_SPEAK_HTTPS.render(self._app))
        # What the client still sends is thrown away, so that it can read the answer.
        self._transport.write_eof()
        self._timer.start(LINGER_SECONDS, self._transport.close)

    async def _secure(self) -> None:
        """Let the event loop go on with TLS, and hand the connection over when that is set up."""
        if self._transport.is_closing():
            return
        relay = _Relay()
        starting = self._loop.create_task(
            self._loop.start_tls(
                self._transport,
                relay,
                self._context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=CLOSE_SECONDS,
            )
        )
        # The first step of `start_tls` lets the loop's own protocol begin, and then read, in the turn
        # after it. What was read already comes right behind these, before anything else is read.
        self._loop.call_soon(self._loop.call_soon, self._feed)
        try:
            secured = await starting
        except OSError as error:
            # Its frames lead to the tasks that hold it: they would stay until the collector runs.
            error.__traceback__ = None
            if not self._is_stopping:
                self._notices.add(*_describe(error))
            return
        finally:
            self._connections.discard(self)
        if secured is not None:
            relay.hand_over(secured, self._transport, self._new_protocol())

    def _feed(self) -> None:
        """Give the loop's protocol what was read before it was there."""
        reader: Any = self._transport.get_protocol()
        if reader is self:
            return  # The connection has ended.
        unread, self._unread = memoryview(self._unread), b""
        while unread:
            buffer = memoryview(reader.get_buffer(len(unread)))
            size = min(len(buffer), len(unread))
            buffer[:size] = unread[:size]
            reader.buffer_updated(size)
            unread = unread[size:]


class _Relay(asyncio.Protocol):
    """Keeps what comes between the end of a handshake and the moment when its caller learns of it."""

    def __init__(self) -> None:
        self._received = b""
        self._is_lost = False
        self._protocol: Protocol | None = None

    def data_received(self, data: bytes) -> None:
        self._received += data

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True
        if self._protocol is not None:
            self._protocol.connection_lost(exc)

    def hand_over(self, secured: asyncio.Transport, tcp: asyncio.Transport, protocol: Protocol) -> None:
        """Let a protocol go on with the connection."""
        if self._is_lost:
            return
        self._protocol = protocol
        secured.set_protocol(protocol)
        protocol.connection_made(secured, tcp)
        if self._received:
            protocol.data_received(self._received)


def _describe(error: OSError) -> tuple[str, str]:
    """Return the sort of a notice and its reason, for a handshake that ended with an error."""
    if not isinstance(error, ssl.SSLError):
        # The loop aborts a connection that takes too long, and a client resets or ends others.
        is_slow = "longer than" in str(error)
        return (notices.TOO_SLOW if is_slow else notices.LEFT), ""
    reason = error.reason or ""
    shown = reason.replace("_", " ").lower()
    if "ALERT" in reason and any(word in reason for word in _ABOUT_CERTIFICATE):
        return notices.NOT_TRUSTED, shown
    return notices.FAILED, shown
