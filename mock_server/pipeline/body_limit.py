"""The limit of bodies: how large one may be, and how long it may take to arrive."""

from __future__ import annotations

import asyncio

from mock_server.errors import HeadersTooLarge, PayloadTooLarge, RequestTimeout
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.server.head_limit import HEAD_LIMIT

BODY_SECONDS = 30.0


class BodyLimit:
    """A wrapper that refuses bodies that are too large, and hands on a body only when it is whole.

    It refuses headers that are too large too, which arrived in one piece with their request.
    """

    def __init__(self, app: AsgiApp, size: int, flag: str) -> None:
        """Let bodies of `size` bytes pass; `flag` names the setting, e.g. `--max-body`."""
        self._app = app
        self._size = size
        self._flag = flag

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        headers = exchange.request.headers
        if headers.size > HEAD_LIMIT:
            raise HeadersTooLarge(HEAD_LIMIT)
        length = headers.texts.get("content-length")
        if (length is None or length == "0") and "transfer-encoding" not in headers.texts:
            await self._app(scope, _no_body, send)
            return
        body = await self._read(length, receive)
        if body is None:
            return  # The client left; nobody would read an answer.
        exchange.request.body = body

        async def receive_whole() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_whole, send)

    async def _read(self, length: str | None, receive: Receive) -> bytes | None:
        """Return the body, or None where the client left before it was whole."""
        if length is not None and length.isdigit():
            # Python refuses to read numbers of thousands of digits.
            self._check(int(length.lstrip("0")[:18] or "0"))
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._whole(receive)
        except TimeoutError:
            raise RequestTimeout(BODY_SECONDS) from None

    async def _whole(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            self._check(len(body))
            if not message.get("more_body", False):
                return bytes(body)

    def _check(self, length: int) -> None:
        if length > self._size:
            raise PayloadTooLarge(self._size, self._flag)


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
