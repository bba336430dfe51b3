"""The end of a connection: a last answer, and time for the client to read it.

A socket that is closed with unread bytes is reset, and the client may lose the last answer (RFC 9112
section 9.6). So the connection is closed for writing first, and what still comes is thrown away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.server.connection import Connection
from mock_server.server.timer import Timer

# After the last answer: the longest silence of the client, and the longest time in all.
LINGER_SECONDS = 2.0
LINGER_SECONDS_IN_ALL = 30.0


class Refusal(NamedTuple):
    """The answer to a request that cannot be parsed: a status and a sentence for the client.

    `url` is as much of the request's target as was parsed, e.g. `b"/things?limit=1"`.
    """

    status: int
    message: str
    url: bytes = b""

    def of(self, url: bytes) -> Refusal:
        """Return the refusal of a request for this target."""
        return self._replace(url=url)

    def render(self, app: object = None) -> bytes:
        """Return the whole response, which ends the connection.

        It is written as an application describes it, else in plain text.
        """
        describe: DescribeRefusal = getattr(app, "describe_refusal", _describe_as_text)
        media_type, body = describe(self)
        head = (
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n"
            f"content-type: {media_type}\r\n"
            f"connection: close\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


# What an application may have as `describe_refusal`: it returns the media type and the body of one.
DescribeRefusal = Callable[[Refusal], tuple[str, bytes]]


def _describe_as_text(refusal: Refusal) -> tuple[str, bytes]:
    return "text/plain; charset=utf-8", refusal.message.encode()


class TlsAlert:
    """The answer to a client that speaks TLS to a port that does not: an alert that ends it."""

    def of(self, url: bytes) -> TlsAlert:  # noqa: ARG002
        """Return itself, since it is the same for any target."""
        return self

    def render(self, app: object = None) -> bytes:  # noqa: ARG002
        """Return a fatal alert, unexpected_message (RFC 8446 section 6), in a record of TLS."""
        return bytes([21, 3, 1, 0, 2, 2, 10])


class LingeringClose:
    """Closes one connection so that its client can read the last answer.

    `is_closing` is whether the last answer is written; what comes then is thrown away. `at_once` is
    whether not to linger, because the server stops. `deadline` is the timer of the connection, which
    limits the time for a request's head until then. `resume_reading` undoes uvicorn's flow control.
    `app` is the application, which may describe refusals.

    TLS is not closed for writing alone. Where the client may still send, it is left to it to close the
    connection when it has the last answer, which says that it is to be closed.
    """

    def __init__(
        self,
        connection: Connection,
        loop: asyncio.AbstractEventLoop,
        deadline: Timer,
        resume_reading: Callable[[], None],
        app: object,
    ) -> None:
        self.is_closing = False
        self.at_once = False
        self._connection = connection
        self._deadline = deadline
        self._silence = Timer(loop)
        self._resume_reading = resume_reading
        self._app = app

    def refuse(self, refusal: Refusal | TlsAlert) -> None:
        """Write a refusal as the last answer, and close."""
        self._connection.transport.write(refusal.render(self._app))
        self._linger(is_sending=True)

    def close(self, *, is_sending: bool) -> None:
        """Close after the last answer, which is written; the client may still send what it began."""
        if self.at_once:
            self._connection.transport.close()
        elif not self.is_closing:
            self._linger(is_sending)

    def discard_input(self) -> None:
        """Start the limit of silence anew, because the client still sends."""
        self._silence.start(LINGER_SECONDS, self._connection.transport.close)

    def stop(self) -> None:
        """Stop the timers, because the connection has ended."""
        self._deadline.stop()
        self._silence.stop()

    def _linger(self, is_sending: bool) -> None:
        self.is_closing = True
        self._connection.drop_waiting()
        transport = self._connection.transport
        can_write_eof = transport.can_write_eof()
        if self._connection.is_abandoned or not (can_write_eof or is_sending):
            transport.close()
            return
        if can_write_eof:
            transport.write_eof()
        self._resume_reading()
        self._deadline.start(LINGER_SECONDS_IN_ALL, transport.close)
        self._silence.start(LINGER_SECONDS, transport.close)


def close_without_body(cycle: Any, app: AsgiApp) -> AsgiApp:
    """Return an application whose answer ends the connection if the body was not asked for.

    `cycle` is uvicorn's, of a request that announced its body and waits to be asked for it. The client
    may then leave out the body (RFC 9110 section 10.1.1), and what follows could be another request or
    the body.
    """

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_or_close(message: Message) -> None:
            if cycle.waiting_for_100_continue:
                cycle.keep_alive = False
            await send(message)

        await app(scope, receive, send_or_close)

    return run
