"""Limits: how large a request may be, and how long it may take to arrive."""

from __future__ import annotations

import asyncio

from mock_server.bridge import AsgiApp, Message, Receive, Scope, Send
from mock_server.errors import HeadersTooLarge, PayloadTooLarge, RequestTimeout

HEAD_LIMIT = 64 * 1024
BODY_SECONDS = 30.0


class Limits:
    """A wrapper that refuses what is too large, and hands on a body only when it is whole.

    The body comes first, whatever the path: 413 goes before 404.
    """

    def __init__(self, app: AsgiApp, max_body: int) -> None:
        self._app = app
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope["headers"]
        # Each takes a colon, a space and the end of the line beside its name and value.
        if sum([len(name) + len(value) + 4 for name, value in headers]) > HEAD_LIMIT:
            raise HeadersTooLarge(HEAD_LIMIT)
        body = await self._read(headers, receive)
        if body is None:
            return  # The client left; nobody would read an answer.

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    async def _read(self, headers: list[tuple[bytes, bytes]], receive: Receive) -> bytes | None:
        announced = [(n, v) for n, v in headers if n in (b"content-length", b"transfer-encoding")]
        for name, value in announced:
            if name == b"content-length" and value.isdigit() and self._exceeds(value):
                raise PayloadTooLarge(self._max_body)
        if not announced or announced == [(b"content-length", b"0")]:
            return b""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._whole(receive)
        except TimeoutError:
            raise RequestTimeout(BODY_SECONDS) from None

    def _exceeds(self, length: bytes) -> bool:
        # Compared by digits first: Python refuses to read numbers of thousands of them.
        digits = length.lstrip(b"0")
        return len(digits) > 18 or int(digits or b"0") > self._max_body

    async def _whole(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._max_body:
                raise PayloadTooLarge(self._max_body)
            if not message.get("more_body", False):
                return bytes(body)
