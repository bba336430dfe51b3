"""The body limit: how large a request's body may be, and how long it may take to arrive."""

from __future__ import annotations

import asyncio

from mock_server.errors import HeadersTooLarge, PayloadTooLarge, RequestTimeout
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.server.head_limit import HEAD_LIMIT

# How long a body may take to arrive.
BODY_SECONDS = 30.0


class BodyLimit:
    """ASGI middleware that refuses bodies that are too large or slow, and passes on whole ones only.

    It refuses too large headers as well, since the server lets them pass if they came in one piece.
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
            return  # The client has left, so it gets no answer.
        exchange.request.body = body

        async def receive_body() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_body, send)

    async def _read(self, length: str | None, receive: Receive) -> bytes | None:
        """Return the body, or None where the client left before it was whole."""
        if length is not None and length.isdigit():
            # 18 digits are enough to exceed any limit; Python refuses to read thousands.
            self._check_size(int(length.lstrip("0")[:18] or "0"))
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._receive_all(receive)
        except TimeoutError:
            raise RequestTimeout(BODY_SECONDS) from None

    async def _receive_all(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            self._check_size(len(body))
            if not message.get("more_body", False):
                return bytes(body)

    def _check_size(self, length: int) -> None:
        if length > self._size:
            raise PayloadTooLarge(self._size, self._flag)


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
