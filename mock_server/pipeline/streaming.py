"""Streaming: answers one operation piece by piece, which Flask behind WSGI cannot do here."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import TypeAlias

from mock_server.errors import InvalidRequest
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send

Pieces: TypeAlias = AsyncGenerator[bytes, None]


class Streaming:
    """ASGI middleware behind validation: answers GET requests of one path from an async generator."""

    def __init__(
        self,
        app: AsgiApp,
        path: str,
        headers: Mapping[str, str],
        pieces: Callable[[Exchange], Pieces],
    ) -> None:
        """Answer GET of `path` with `headers`, then with the pieces of the body for its exchange.

        What is raised before the first piece is the answer instead.
        """
        self._app = app
        self._path = path
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != self._path or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        exchange: Exchange = scope[EXCHANGE]
        arguments = exchange.request.arguments
        if arguments is not None and arguments.violations:
            raise InvalidRequest(arguments.violations)
        async with aclosing(self._pieces(exchange)) as pieces:
            first = await anext(pieces, b"")
            await send({"type": "http.response.start", "status": 200, "headers": [*self._headers]})
            await send({"type": "http.response.body", "body": first, "more_body": True})
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
