"""Streaming: which requests it answers, and the messages that it sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from mock_server.errors import InvalidRequest, Violation
from mock_server.formats.headers import read_headers
from mock_server.lists.filters import Filter
from mock_server.lists.pages import PageRequest
from mock_server.openapi.request_validation import Arguments
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Request
from mock_server.pipeline.streaming import Streaming
from mock_server.server.asgi import Message, Receive, Scope, Send

HEADERS = {"Content-Type": "text/plain"}
PASSED_ON: Message = {"type": "passed on"}


def arguments(*violations: Violation) -> Arguments:
    unfiltered: frozenset[Filter] = frozenset()
    page = PageRequest(1)
    return Arguments(page, unfiltered, unfiltered, None, frozenset(), {}, {}, violations=violations)


class Stream:
    """A streaming wrapper of `/events`, and the messages that it has sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.is_closed = False
        self.app = Streaming(self._pass_on, "/events", HEADERS, self._pieces)

    async def _pass_on(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send(PASSED_ON)

    async def _pieces(self, exchange: Exchange) -> AsyncGenerator[bytes, None]:
        try:
            yield b"for "
            yield exchange.request.body
        finally:
            self.is_closed = True

    async def _receive(self) -> Message:
        return {}

    async def _send(self, message: Message) -> None:
        if message.get("body") == b"lost":
            raise ConnectionError
        self.messages.append(message)

    def ask(self, method: str, path: str, found: Arguments, body: bytes = b"me") -> None:
        nobody: Any = None
        request = Request(0, nobody, read_headers(()), body=body, arguments=found)
        scope = {"path": path, "method": method, EXCHANGE: Exchange(request)}
        asyncio.run(self.app(scope, self._receive, self._send))


def test_get_is_answered_piece_by_piece() -> None:
    stream = Stream()
    stream.ask("GET", "/events", arguments())
    body = "http.response.body"
    assert stream.messages == [
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]},
        {"type": body, "body": b"for ", "more_body": True},
        {"type": body, "body": b"me", "more_body": True},
        {"type": body, "body": b""},
    ]


@pytest.mark.parametrize(("method", "path"), [("HEAD", "/events"), ("GET", "/events/"), ("GET", "/")])
def test_other_requests_are_passed_on(method: str, path: str) -> None:
    stream = Stream()
    stream.ask(method, path, arguments())
    assert stream.messages == [PASSED_ON]


def test_a_request_with_violations_is_refused_before_the_response_starts() -> None:
    stream = Stream()
    with pytest.raises(InvalidRequest):
        stream.ask("GET", "/events", arguments(Violation("unknown", "leave it out.", "since")))
    assert stream.messages == []


def test_the_generator_is_closed_when_sending_fails() -> None:
    stream = Stream()
    with pytest.raises(ConnectionError):
        stream.ask("GET", "/events", arguments(), b"lost")
    assert stream.is_closed
