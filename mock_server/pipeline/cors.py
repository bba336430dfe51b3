"""CORS: which origins browsers may call the mocked API from."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.middleware.cors import CORSMiddleware

from mock_server.server.asgi import AsgiApp


def cors(app: AsgiApp, origins: Iterable[str]) -> AsgiApp:
    """Wrap an application in Starlette's CORS; `*` among the origins stands for any."""
    wrapped: AsgiApp = CORSMiddleware(
        app,
        allow_origins=list(origins),
        allow_methods=["GET", "HEAD", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=["*"],
    )
    return wrapped
