"""A server in front of the application, which rewrites queries and bodies."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from mock_server.server import server
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.settings import Settings
from tests.support.documents import FIXTURES
from tests.support.servers import build


class Rewriting:
    """An application in front of another: it rewrites the query of a request and the body of an answer.

    `body` takes the status, the query as it was sent, and the body.
    """

    def __init__(
        self,
        inner: AsgiApp,
        query: Callable[[bytes], bytes] = lambda query: query,
        body: Callable[[int, bytes, bytes], bytes] = lambda _status, _query, body: body,
        content_type: bytes | None = None,
    ) -> None:
        self._inner, self._query, self._body = inner, query, body
        self._content_type = content_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = scope["query_string"]
        start: dict[str, Any] = {}
        pieces: list[bytes] = []

        async def rewritten(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            pieces.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = self._body(start["status"], sent, b"".join(pieces))
            kept = [(n, v) for n, v in start["headers"] if n.lower() != b"content-length"]
            if self._content_type:
                kept = [(n, v) for n, v in kept if n.lower() != b"content-type"]
                kept.append((b"content-type", self._content_type))
            kept.append((b"content-length", str(len(body)).encode()))
            await send({**start, "headers": kept})
            await send({"type": "http.response.body", "body": body})

        await self._inner({**scope, "query_string": self._query(sent)}, receive, rewritten)


def rewriting(**rewrites: Any) -> AbstractContextManager[str]:
    """Start a rewriting server of the hand-made metrics; its root URL is what `with` gives."""
    return server.in_thread(Rewriting(_application(), **rewrites))


@functools.cache
def _application() -> AsgiApp:
    """Return the application that all rewriting servers share."""
    built: AsgiApp = build(Settings(fixtures=(FIXTURES,)))
    return built
