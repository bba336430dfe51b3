"""CORS: the origins whose pages may call the mocked API, and read the documents, from a browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

from starlette.middleware.cors import CORSMiddleware

from mock_server.formats import url_path
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send

_READING = ("GET", "HEAD", "OPTIONS")

# For a path that is not there, so that a page can read the 404.
_ANY = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def cors_of_paths(app: AsgiApp, origins: Iterable[str], paths: Collection[str]) -> AsgiApp:
    """Return the application with CORS for reading some paths, and as it is for all others."""
    wrapped = _cors(app, list(origins), _READING)

    def dispatch(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return (wrapped if scope["path"] in paths else app)(scope, receive, send)

    return dispatch


def cors(app: AsgiApp, origins: Iterable[str], methods: Callable[[str], Sequence[str]]) -> AsgiApp:
    """Return the application with CORS; `*` among the origins stands for any.

    A preflight is told the methods of its path: those that `methods` returns for it, as
    `url_path.decode` gives it. It admits any header.
    """
    allowed = list(origins)
    by_methods: dict[tuple[str, ...], AsgiApp] = {_ANY: _cors(app, allowed, _ANY)}

    def dispatch(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        own: tuple[str, ...] = _ANY
        if scope["method"] == "OPTIONS":
            raw = scope["raw_path"]
            own = tuple(methods(url_path.decode(raw) if b"%" in raw else scope["path"])) or _ANY
        if own not in by_methods:
            by_methods[own] = _cors(app, allowed, own)
        return by_methods[own](scope, receive, send)

    return dispatch


def _cors(app: AsgiApp, origins: list[str], methods: Sequence[str]) -> AsgiApp:
    """Return the application in Starlette's middleware."""
    wrapped: AsgiApp = CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=methods,
        allow_headers=["*"],
        expose_headers=["*"],
    )
    return wrapped
