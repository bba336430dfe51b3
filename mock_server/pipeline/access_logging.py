"""Access logging: a line for each request of either API."""

from __future__ import annotations

import time

from mock_server.server.access_log import AccessLog, Line, request_target
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send


class AccessLogging:
    """The outermost wrapper of all, where an access log is written."""

    def __init__(self, app: AsgiApp, log: AccessLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status: int | None = None

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            sent = request_target(scope["raw_path"], scope["query_string"])
            self._log.add(Line(scope["method"], sent, status, time.perf_counter() - began))
