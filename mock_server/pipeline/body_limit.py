"""The body limit: how large bodies may be, one and all together, and how long one may take to arrive."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial

from mock_server.errors import HeadersTooLarge, PayloadTooLarge, RequestTimeout, ServiceUnavailable
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.server.head_limit import HEAD_LIMIT

# How long a body may take to arrive.
BODY_SECONDS = 30.0

# How long a client is asked to wait where all bodies together are too large.
_WAIT_SECONDS = 1


@dataclass(slots=True)
class Arrival:
    """What has arrived of one body: its size in bytes, and its content until it is whole."""

    size: int = 0
    content: bytearray = field(default_factory=bytearray)


class BodiesUnderWay:
    """The bodies of all requests that have not ended: their bytes, and how many they may be.

    Both pipelines share one. A body counts from its first byte until its request has ended.
    """

    def __init__(self, limit: int) -> None:
        self.held = 0
        self._limit = limit

    def add(self, arrival: Arrival, piece: bytes) -> None:
        """Add a piece to a body; raise ServiceUnavailable where all would be too large with it."""
        if self.held + len(piece) > self._limit:
            raise ServiceUnavailable(
                f"The bodies of all requests under way would be larger than the {self._limit:,} bytes "
                f"that --max-bodies allows; send again in {_WAIT_SECONDS} s, or raise that limit.",
                _WAIT_SECONDS,
            )
        self.held += len(piece)
        arrival.size += len(piece)
        arrival.content += piece

    def remove(self, arrival: Arrival) -> None:
        """Give back the bytes of a request that has ended."""
        self.held -= arrival.size


class BodyLimit:
    """ASGI middleware that refuses bodies that are too large or slow, and passes on whole ones only.

    It refuses too large headers as well, since the server lets them pass if they came in one piece.
    """

    def __init__(
        self,
        app: AsgiApp,
        size: int,
        flag: str,
        under_way: BodiesUnderWay,
        *,
        reads_anonymous: bool = True,
    ) -> None:
        """Let bodies of `size` bytes pass; `flag` names the setting, e.g. `--max-body`.

        Without `reads_anonymous`, the body of a request without valid credentials is not read.
        """
        self._app = app
        self._size = size
        self._flag = flag
        self._under_way = under_way
        self._reads_anonymous = reads_anonymous

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        headers = exchange.request.headers
        if headers.size > HEAD_LIMIT:
            raise HeadersTooLarge(HEAD_LIMIT)
        length = headers.texts.get("content-length")
        has_body = (length is not None and length != "0") or "transfer-encoding" in headers.texts
        if not has_body or not (self._reads_anonymous or exchange.request.client_id):
            await self._app(scope, _no_body, send)
            return
        arrival = Arrival()
        try:
            self._check_length(length)
            connection = exchange.request.connection
            if not connection.has_whole_body:
                # Most clients send the head by itself, and the body at once after it.
                await asyncio.sleep(0)
            # The time is not watched, which takes a while itself, where there is nothing to wait for.
            receive_all = self._receive_all if connection.has_whole_body else self._receive_in_time
            if await receive_all(receive, arrival):
                body = exchange.request.body = bytes(arrival.content)
                arrival.content.clear()
                await self._app(scope, partial(_whole_body, body), send)
        finally:
            self._under_way.remove(arrival)

    def _check_length(self, length: str | None) -> None:
        if length is not None and length.isdigit():
            # 18 digits are enough to exceed any limit; Python refuses to read thousands.
            self._check_size(int(length.lstrip("0")[:18] or "0"))

    async def _receive_in_time(self, receive: Receive, arrival: Arrival) -> bool:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._receive_all(receive, arrival)
        except TimeoutError:
            raise RequestTimeout(BODY_SECONDS) from None

    async def _receive_all(self, receive: Receive, arrival: Arrival) -> bool:
        """Receive the body; return whether it is whole, and not cut off by its client."""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False  # So the client gets no answer.
            piece = message.get("body", b"")
            self._check_size(arrival.size + len(piece))
            self._under_way.add(arrival, piece)
            if not message.get("more_body", False):
                return True

    def _check_size(self, length: int) -> None:
        if length > self._size:
            raise PayloadTooLarge(self._size, self._flag)


async def _whole_body(body: bytes) -> Message:
    return {"type": "http.request", "body": body, "more_body": False}


_no_body = partial(_whole_body, b"")
