"""The application as a server runs it: the pipelines of the mocked API and of the control API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from mock_server.control.event_stream import EventStreams
from mock_server.openapi import error_shape
from mock_server.openapi.document import Document
from mock_server.openapi.route_hints import Routes
from mock_server.pipeline.body_limit import BodiesUnderWay
from mock_server.pipeline.credentials import Credentials
from mock_server.pipeline.error_rendering import render_refusal
from mock_server.pipeline.version_choice import OlderVersion
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server.access_log import Shown
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.server.lingering_close import Refusal
from mock_server.settings import CONTROL_PATH, Settings, is_below
from mock_server.stack import Stack


class Shared(NamedTuple):
    """What is bounded for a whole server, whatever document it serves meanwhile."""

    bodies: BodiesUnderWay
    streams: EventStreams


class Parts(NamedTuple):
    """The parts that both pipelines share."""

    document: Document
    sandbox: SandboxState
    settings: Settings
    credentials: Credentials
    routes: Routes
    shared: Shared
    stack: Stack
    older: tuple[OlderVersion, ...] = ()


class Application:
    """The pipelines of the mocked API and of the control API, as one ASGI application.

    `root` answers `/`. `show` returns what of a request may be shown. `shared` outlives it where
    another document is served in its place.
    """

    def __init__(self, mock: AsgiApp, root: AsgiApp, control: AsgiApp, parts: Parts) -> None:
        self._mock, self._root, self._control = mock, root, control
        self.show: Callable[[Scope], Shown] = parts.credentials.show
        self.shared = parts.shared
        self._shape = parts.document.error_shape

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path = scope["path"]
        if path.startswith(CONTROL_PATH) and is_below(path, CONTROL_PATH):
            return self._control(scope, receive, send)
        return (self._root if path == "/" else self._mock)(scope, receive, send)

    def describe_refusal(self, refusal: Refusal) -> tuple[str, bytes]:
        """Return the media type and the body of what refuses a request that no pipeline gets.

        Calls of the control API have its shape, whatever the document says of errors.
        """
        path = refusal.url.partition(b"?")[0].decode("latin-1")
        shape = error_shape.BUILT_IN if is_below(path, CONTROL_PATH) else self._shape
        return render_refusal(refusal, shape)

    def become(self, other: Application) -> None:
        """Answer with the pipelines of another one from now on; requests under way go on in these."""
        self._mock, self._root, self._control = other._mock, other._root, other._control
        self.show, self._shape = other.show, other._shape
