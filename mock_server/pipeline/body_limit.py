"""Limits: how large a request may be, and how long it may take to arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from mock_server.errors import HeadersTooLarge, PayloadTooLarge, RequestTimeout
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.server.head_limit import HEAD_LIMIT
from mock_server.settings import CONTROL_PATH, is_below

# Where in the ASGI scope a body is that was sent.
BODY = "mock_server.body"

BODY_SECONDS = 30.0


def is_too_large(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether headers are more than a request may have."""
    # Each takes a colon, a space and the end of the line beside its name and value.
    return sum([len(name) + len(value) + 4 for name, value in headers]) > HEAD_LIMIT


class Limits:
    """A wrapper that refuses what is too large, and hands on a body only when it is whole.

    The body comes first, whatever the path: 413 goes before 404.
    """

    def __init__(self, app: AsgiApp, max_body: int, max_control_body: int) -> None:
        self._app = app
        self._body_limit = BodyLimit(max_body, "--max-body")
        self._control_body_limit = BodyLimit(max_control_body, "--max-control-body")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope["headers"]
        if is_too_large(headers):
            raise HeadersTooLarge(HEAD_LIMIT)
        is_control = is_below(scope["path"], CONTROL_PATH)
        limit = self._control_body_limit if is_control else self._body_limit
        body = await _read(limit, headers, receive)
        if body is None:
            return  # The client left; nobody would read an answer.
        if body:
            scope[BODY] = body

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """How many bytes a body may have, and the flag that says so."""

    size: int
    flag: str

    def check(self, length: int) -> None:
        if length > self.size:
            raise PayloadTooLarge(self.size, self.flag)


async def _read(limit: BodyLimit, headers: list[tuple[bytes, bytes]], receive: Receive) -> bytes | None:
    announced = [(n, v) for n, v in headers if n in (b"content-length", b"transfer-encoding")]
    for name, value in announced:
        if name == b"content-length" and value.isdigit():
            # Python refuses to read numbers of thousands of digits.
            limit.check(int(value.lstrip(b"0")[:18] or b"0"))
    if not announced or announced == [(b"content-length", b"0")]:
        return b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _whole(limit, receive)
    except TimeoutError:
        raise RequestTimeout(BODY_SECONDS) from None


async def _whole(limit: BodyLimit, receive: Receive) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        limit.check(len(body))
        if not message.get("more_body", False):
            return bytes(body)
