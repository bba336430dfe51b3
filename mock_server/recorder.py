"""The recorder: opens an exchange for every request, and closes it with the answer's status.

Every request of the mocked API is journaled, whatever comes of it: in the account that valid
credentials name, else in that of the requests without one. Calls of the control API are not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from mock_server import versions
from mock_server.access_log import AccessLog, Line, target
from mock_server.bridge import AsgiApp, Message, Receive, Scope, Send, is_below, routed
from mock_server.credentials import Credentials
from mock_server.errors import Unauthorized
from mock_server.exchange import CONNECTION, EXCHANGE, Exchange
from mock_server.gate import ANONYMOUS
from mock_server.journal import Entry
from mock_server.sandbox import Sandbox
from mock_server.settings import CONTROL_PATH


class Recorder:
    """The outermost wrapper."""

    def __init__(
        self,
        app: AsgiApp,
        sandbox: Sandbox,
        credentials: Credentials,
        operation_ids: Mapping[str, str],
        log: AccessLog | None,
    ) -> None:
        """`operation_ids` are those of the document, by the names that routing gives to operations."""
        self._app = app
        self._operation_ids = operation_ids
        self._sandbox = sandbox
        self._credentials = credentials
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = scope[EXCHANGE] = self._open(scope)
        own = _own_headers(exchange)
        status: int | None = None

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"]]
                versions.add(message["headers"], own)
            # Before the client has all of the answer, so that it finds it in the journal then.
            if exchange.step.cut or not (message["type"].endswith("start") or message.get("more_body")):
                exchange.close(status, self._operation(scope))
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            exchange.close(status, self._operation(scope))
            if self._log is not None:
                shown = target(scope["raw_path"], scope["query_string"])
                duration = time.perf_counter() - exchange.began
                self._log.add(Line(scope["method"], shown, status, duration))

    def _operation(self, scope: Scope) -> str | None:
        return self._operation_ids.get(routed(scope))

    def _open(self, scope: Scope) -> Exchange:
        client_id, refusal = None, None
        try:
            client_id = self._credentials.client_id(versions.sent(scope["headers"], b"authorization"))
        except Unauthorized as unauthorized:
            refusal = unauthorized
        account = None if client_id is None else self._sandbox.account(client_id)
        exchange = Exchange(account, client_id, refusal, scope["extensions"][CONNECTION])
        if is_below(scope["path"], CONTROL_PATH):
            return exchange
        if account is not None:
            exchange.wait = account.overdrawn()
        entry = Entry(self._sandbox.new_entry_id(), time.time(), scope)
        exchange.open(account or self._sandbox.account(ANONYMOUS), entry)
        return exchange


def _own_headers(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    if exchange.entry is not None:
        return [(b"X-Mock-Request-Id", exchange.entry.id.encode())]
    if exchange.account is not None:
        return [(b"X-Mock-Account-Epoch", exchange.account.epoch.encode())]
    return []
