"""Access logging: adds a line to the access log for each request of either API."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from mock_server.server.access_log import AccessLog, Line, Shown, request_target
from mock_server.server.asgi import Message, Receive, Scope, Send
from mock_server.server.lingering_close import Refusal


class Showing(Protocol):
    """An ASGI application that knows how a request may be shown, e.g. with `api_key=***`.

    It also describes what refuses a request that it does not get.
    """

    show: Callable[[Scope], Shown]

    def describe_refusal(self, refusal: Refusal) -> tuple[str, bytes]: ...

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]: ...


class AccessLogging:
    """ASGI middleware around both pipelines, there only if an access log is written.

    Successful health checks leave no line: an orchestrator sends one every few seconds, for ever.
    """

    def __init__(self, app: Showing, log: AccessLog, health_path: str) -> None:
        self._app = app
        self.describe_refusal = app.describe_refusal
        self._log = log
        self._health_path = health_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        # Later, the scope has no keys any more.
        shown = self._app.show(scope)
        status: int | None = None

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            if status != 200 or scope["path"] != self._health_path:
                target = request_target(shown.path, shown.query)
                self._log.add(Line(scope["method"], target, status, time.perf_counter() - start))
