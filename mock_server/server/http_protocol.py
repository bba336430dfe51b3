"""The HTTP/1.1 protocol: uvicorn's, with the bounds that it leaves open.

A connection takes no more memory or time than one request is worth: a request's head has a limit in
bytes and seconds, pipelined requests are parsed a few at a time, and a client that does not read is cut
off. A small request that arrives whole on a kept connection calls `joined_writes` alone of this package.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mock_server.server import head_limit, notices
from mock_server.server.connection import CONNECTION, Connection
from mock_server.server.head_limit import HEAD_LIMIT
from mock_server.server.joined_writes import join_writes
from mock_server.server.lingering_close import LingeringClose, Refusal, TlsAlert, close_without_body
from mock_server.server.notices import Notices
from mock_server.server.timer import Timer

# uvicorn warns of what clients send, which a mock server expects; only errors of this server are logged.
logger = logging.getLogger("mock_server.protocol")
logger.setLevel(logging.ERROR)

# Takes the error that uvicorn logs for a request that is cut off when the server stops.
_silent = logging.getLogger("mock_server.silent")
_silent.disabled = True

# How long a client may leave an answer unread.
STUCK_SECONDS = 30.0

# How long the rest of a body may take to arrive when its request has been answered.
BODY_SECONDS = 30.0

# Bytes that are parsed at once: the shortest request has 18, so that at most 230 requests wait.
_PIECE = 4096


class _RequestParser(HttpToolsProtocol):
    """What the parser calls: the head and the body of one request after the other."""

    connection: Connection

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whether a request has begun and is not complete, and whether its head is.
        self._begun = self._in_body = False
        self._head_bytes = self._body_bytes = self._framing_bytes = 0
        # What has arrived and is not parsed yet.
        self._unparsed = bytearray()
        self._deadline = Timer(self.loop)

    def on_message_begin(self) -> None:
        self._unset_keepalive_if_required()
        self._begun = True
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self.connection}  # type: ignore[dict-item]

    def on_header(self, name: bytes, value: bytes) -> None:
        # Trailers come here too, and must not count as headers (RFC 9110 section 6.5.1).
        if not self._in_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        names = [name for name, _ in self.headers]
        if names.count(b"host") != 1 or b"transfer-encoding" in names:
            head_limit.check_framing(self.parser.get_http_version(), self.headers)
        if self.parser.should_upgrade():
            head_limit.check_method(self.parser.get_method())
            return  # `_decline_upgrade` has the head parsed again.
        if self._deadline.handle is not None:
            self._deadline.stop()
        if self.expect_100_continue and self.parser.get_http_version() == "1.0":
            self.expect_100_continue = False  # RFC 9110 section 10.1.1
        super().on_headers_complete()
        self._in_body = True
        self._body_bytes = self._framing_bytes = 0

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        if self._deadline.handle is not None:
            self._deadline.stop()
        super().on_message_complete()
        self._begun = self._in_body = False
        self._head_bytes = 0

    def _decline_upgrade(self, rest: bytes) -> None:
        """Go on with a request that offers an upgrade as if it did not (RFC 9110 section 7.8).

        The parser takes what follows such a head, `rest`, for another protocol. So a new one is fed the
        head without the offer, and then the rest.
        """
        self._unparsed[:0] = rest
        offered, version = self.headers, self.parser.get_http_version()
        head = head_limit.without_upgrade(self.parser.get_method(), self.url, version, offered)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # As uvicorn sets it.
        self.parser.feed_data(head)
        self.headers[:] = offered


class Protocol(_RequestParser):
    """One connection; its requests are answered one after the other."""

    lingering_close: LingeringClose

    def __init__(self, *args: Any, written: Notices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._notices = written
        # A suite that runs this server in a thread may have configured uvicorn's loggers for its own.
        self.logger = logger
        self.access_log = False
        # What to answer after the requests before it; nothing more is parsed then.
        self._refusal: Refusal | TlsAlert | None = None
        self._stuck_timer = Timer(self.loop)

    # Called by the transport and the server

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport, tcp: asyncio.Transport | None = None
    ) -> None:
        """Begin; `tcp` is what carries a transport that is encrypted, None for one that is not."""
        self._raw = join_writes(transport, self.loop)
        self._tcp = tcp or self._raw
        self._is_encrypted = tcp is not None
        self.connection = Connection(self._raw, self.pipeline, self._unparsed)
        super().connection_made(_Transport(self._raw, self))  # type: ignore[arg-type]
        self.lingering_close = LingeringClose(
            self.connection, self.loop, self._deadline, self.flow.resume_reading, self.app
        )
        self._deadline.start(head_limit.HEAD_SECONDS, self._refuse_late_head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stuck_timer.stop()
        self.lingering_close.stop()
        self.connection.lose()
        # After a reset uvicorn leaves its timer, which would keep this object alive.
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        if self._is_encrypted:  # That of TLS is large, and leads here too.
            self._raw.set_protocol(asyncio.Protocol())
            self._raw = self.connection.transport = self._tcp
            self.transport.write = self._tcp.write  # type: ignore[method-assign]
        # They lead back here: without this, the last request stays until the collector runs.
        self.scope = self.cycle = None  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self.lingering_close.is_closing:
            self.lingering_close.discard_input()
        else:
            self._unparsed += data
            self._feed()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Return whether to keep the connection, to answer what the client sent before it ended."""
        self.connection.end_input()
        if not self._unparsed:
            self._abandon_incomplete()
        is_awaited = self.connection.is_busy or bool(self._unparsed)
        # With TLS, a client that ends its side has ended the connection.
        return is_awaited and not self.lingering_close.is_closing and not self._is_encrypted

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck_timer.start(STUCK_SECONDS, self._raw.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stuck_timer.stop()

    def shutdown(self) -> None:
        """Complete the answer that runs, if there is one, and close."""
        self.connection.drop_waiting()
        self.lingering_close.at_once = True
        self.connection.interrupt()
        running = self.connection.running
        if running is not None and self.connection.is_busy:
            running.keep_alive = False
        else:
            self._raw.close()

    @property
    def is_gone(self) -> bool:
        """Whether the connection is closed but for what its client has to say to that."""
        buffered = self._raw.get_write_buffer_size() + self._tcp.get_write_buffer_size()
        return self._is_encrypted and self._raw.is_closing() and not buffered

    def cut_off(self) -> None:
        """Abort the connection, without an error in the log for the answer that runs."""
        if self.connection.running is not None:
            self.connection.running.logger = _silent
        self._raw.abort()

    # Feeding the parser

    def _feed(self) -> None:
        """Parse what has arrived, until a request has to wait for the answer to another."""
        while self._unparsed and not self.pipeline and self._refusal is None:
            piece = bytes(self._unparsed[:_PIECE])
            del self._unparsed[:_PIECE]
            self._parse(piece)
        if self._unparsed:
            self.flow.pause_reading()
        elif self.connection.is_abandoned:
            self._abandon_incomplete()

    def _parse(self, piece: bytes) -> None:
        self._head_bytes += len(piece)
        self._framing_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline_upgrade(piece[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            url = self.url if self._begun else b""
            self._refuse(head_limit.refuse_unparsable(error, url, piece))
        else:
            if self._begun or self._head_bytes > HEAD_LIMIT:
                self._check_incomplete()

    def _check_incomplete(self) -> None:
        """Refuse an incomplete request that is too large; limit the time for the rest of its head."""
        if self._in_body:
            if head_limit.exceeds_framing_limit(self._framing_bytes, self._body_bytes):
                self._refuse(head_limit.HEADERS_TOO_LARGE)
        elif self._head_bytes > HEAD_LIMIT:
            self._refuse(head_limit.refuse_long_head(self.headers if self._begun else None))
        elif self._deadline.handle is None:
            self._deadline.start(head_limit.HEAD_SECONDS, self._refuse_late_head)

    def _refuse_late_head(self) -> None:
        if self._begun:
            self._refuse(head_limit.TOO_SLOW)
        else:
            self._raw.close()

    def _refuse(self, refusal: Refusal | TlsAlert) -> None:
        """End the connection with a refusal, after the answers to all requests before."""
        if refusal is head_limit.TLS_SPOKEN:
            self._notices.add(notices.TLS_ON_PLAIN_PORT)
        self._refusal = refusal.of(self.url if self._begun else b"")
        self._unparsed.clear()
        self._abandon_incomplete()
        if not self.connection.is_busy:
            self.lingering_close.refuse(self._refusal)

    def _abandon_incomplete(self) -> None:
        """Give up the request whose body is incomplete and will stay so, if there is one."""
        if self._in_body:
            self.connection.give_up(self.cycle)

    # Called by requests

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self.connection.running = cycle
        if cycle.waiting_for_100_continue:
            app = close_without_body(cycle, app)
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self._refusal is not None and not self.connection.is_busy:
            self.lingering_close.refuse(self._refusal)
            return
        self._feed()
        if self._begun:
            # uvicorn has started its timer for an idle connection, which this one is not.
            self._unset_keepalive_if_required()
        if self._in_body and self.cycle.response_complete:
            self._deadline.start(BODY_SECONDS, self._raw.close)
        if self.connection.is_abandoned and not self.connection.is_busy:
            self._raw.close()


class _Transport:
    """The transport that uvicorn gets: it closes by a lingering close."""

    def __init__(self, transport: asyncio.Transport, protocol: Protocol) -> None:
        self.write = transport.write
        self._protocol = protocol

    def __getattr__(self, name: str) -> Any:
        return getattr(self._protocol._raw, name)

    def close(self) -> None:
        self._protocol.lingering_close.close(is_sending=self._protocol._begun)

    def is_closing(self) -> bool:
        return self._protocol.lingering_close.is_closing or self._protocol._raw.is_closing()
