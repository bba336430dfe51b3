"""CORS: the origins whose pages may call the mocked API, and read the documents, from a browser."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Iterable

from starlette.middleware.cors import CORSMiddleware

from mock_server.server.asgi import AsgiApp, Receive, Scope, Send


def cors_of_paths(app: AsgiApp, origins: Iterable[str], paths: Collection[str]) -> AsgiApp:
    """Return the application with `cors` for some paths, and as it is for all others."""
    wrapped = cors(app, origins)

    def dispatch(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return (wrapped if scope["path"] in paths else app)(scope, receive, send)

    return dispatch


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
