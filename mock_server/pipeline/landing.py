"""The landing: leads a browser to the inspector, from `/` too where the document does not have it."""

from __future__ import annotations

from mock_server.errors import Moved
from mock_server.formats import media_types
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.settings import CONTROL_PATH

_HEADERS = [
    (b"location", f"{CONTROL_PATH}/".encode()),
    # Another client gets 404 there, and another document may serve the path.
    (b"vary", b"Accept"),
    (b"cache-control", b"no-store"),
    (b"content-length", b"0"),
]


class Landing:
    """ASGI middleware around the mocked API, for requests of `/`; what it answers is not journaled."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in ("GET", "HEAD") and _is_for_a_person(scope):
            await send({"type": "http.response.start", "status": 302, "headers": [*_HEADERS]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, receive, send)


class ControlLanding:
    """ASGI middleware before routing: leads from the path of the control API to the inspector's page."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == CONTROL_PATH:
            # The links of the page are relative to a folder, also behind a proxy that adds a prefix.
            raise Moved(f".{CONTROL_PATH}/")
        await self._app(scope, receive, send)


def _is_for_a_person(scope: Scope) -> bool:
    """Tell whether a request asks for a page by name: clients of an API send `*/*` at most."""
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return media_types.names(accept.decode("latin-1"), "text/html")
