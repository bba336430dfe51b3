"""The recorder: opens an exchange for every request, and closes it with the answer's status.

Every request of the mocked API is journaled, whatever comes of it: in the account that valid
credentials name, else in that of the requests without one. Calls of the control API are not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from mock_server.errors import Unauthorized
from mock_server.formats.headers import Headers, header_value, with_added
from mock_server.pipeline.basic_auth import Credentials
from mock_server.pipeline.body_limit import BODY
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Tally
from mock_server.pipeline.wsgi_bridge import routed
from mock_server.sandbox.journal import Entry
from mock_server.sandbox.sandbox import Sandbox
from mock_server.sandbox.violation_log import in_short
from mock_server.server.access_log import AccessLog, Line, request_target
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.server.connection import CONNECTION
from mock_server.settings import ANONYMOUS, CONTROL_PATH, is_below
from mock_server.verdict.coverage import Coverable, Tried


class Recorder:
    """The outermost wrapper."""

    def __init__(
        self,
        app: AsgiApp,
        sandbox: Sandbox,
        credentials: Credentials,
        coverables: Mapping[str, Coverable],
        log: AccessLog | None,
    ) -> None:
        """`coverables` are the operations of the document, by the names that routing gives them."""
        self._app = app
        self._coverables = coverables
        self._sandbox = sandbox
        self._credentials = credentials
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = scope[EXCHANGE] = self._open(scope)
        status: int | None = None

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": with_added(message["headers"], _own(exchange))}
            if exchange.entry is not None and exchange.entry.is_kept:
                self._sandbox.transcripts.hear(exchange.entry.id, scope.get(BODY, b""), message)
            # Before the client has all of the answer, so that it finds it in the journal then.
            if exchange.step.cut or not (message["type"].endswith("start") or message.get("more_body")):
                self._close(exchange, scope, status)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._close(exchange, scope, status)
            if self._log is not None:
                shown = request_target(scope["raw_path"], scope["query_string"])
                duration = time.perf_counter() - exchange.began
                self._log.add(Line(scope["method"], shown, status, duration))

    def _close(self, exchange: Exchange, scope: Scope, status: int | None) -> None:
        if exchange.is_open:
            exchange.close(status, exchange.tally or self._tally(exchange, scope, status))

    def _tally(self, exchange: Exchange, scope: Scope, status: int | None) -> Tally:
        coverable = self._coverables.get(routed(scope))
        if coverable is None:
            return Tally(None, ())
        tried = _tried(exchange, status, scope["headers"])
        return Tally(coverable.operation_id, tuple(coverable.covered_by(tried)))

    def _open(self, scope: Scope) -> Exchange:
        client_id, refusal = None, None
        try:
            client_id = self._credentials.client_id(header_value(scope["headers"], b"authorization"))
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


def _tried(exchange: Exchange, status: int | None, headers: Headers) -> Tried:
    first, last = exchange.place or (None, None)
    arguments = exchange.valid.arguments if exchange.valid is not None else None
    return Tried(
        sent=arguments.query if arguments is not None else {},
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in headers},
        status=None if exchange.fault else str(status),
        answered=arguments is not None,
        version=arguments.version if arguments is not None else None,
        first=first,
        last=last,
    )


def _own(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    entry = exchange.entry
    if entry is not None:
        own = [(b"X-Mock-Request-Id", entry.id.encode())]
        if entry.violations or entry.warnings:
            own.append((b"X-Mock-Violations", in_short(entry.violations, entry.warnings).encode()))
        return own
    if exchange.account is not None:
        return [(b"X-Mock-Account-Epoch", exchange.account.epoch.encode())]
    return []
