"""CORS: which origins browsers may call the mocked API from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.middleware.cors import CORSMiddleware

from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.settings import is_below


class Cors:
    """Starlette's CORS as a wrapper; below the spared path its headers are never sent."""

    def __init__(self, app: AsgiApp, origins: Iterable[str], spared: str) -> None:
        self._app = app
        self._spared = spared
        self._cors: Any = CORSMiddleware(
            app,
            allow_origins=list(origins),
            allow_methods=["GET", "HEAD", "OPTIONS"],
            allow_headers=["*"],
            expose_headers=["*"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app if is_below(scope["path"], self._spared) else self._cors
        await app(scope, receive, send)
