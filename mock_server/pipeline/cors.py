"""CORS: the origins whose pages may call the mocked API from a browser."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.middleware.cors import CORSMiddleware

from mock_server.server.asgi import AsgiApp


def cors(app: AsgiApp, origins: Iterable[str]) -> AsgiApp:
    """Return the application in Starlette's CORS middleware; `*` among the origins stands for any."""
    wrapped: AsgiApp = CORSMiddleware(
        app,
        allow_origins=list(origins),
        allow_methods=["GET", "HEAD", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=["*"],
    )
    return wrapped
