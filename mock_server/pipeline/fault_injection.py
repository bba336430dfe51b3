"""Faults: plays the steps of an account's scripts, and what a request asks for with `Prefer`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from mock_server.errors import ScriptedError
from mock_server.formats import query_string
from mock_server.formats.headers import header_value
from mock_server.lists import pages
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import LISTED
from mock_server.openapi.request_validation import ARGUMENTS, Arguments
from mock_server.pipeline import prefer_header
from mock_server.pipeline.exchange import EXCHANGE, Exchange, ValidRequest
from mock_server.pipeline.prefer_header import Preferences
from mock_server.pipeline.wsgi_bridge import routed
from mock_server.sandbox.faults import Step, error_type
from mock_server.sandbox.sandbox import Sandbox
from mock_server.sandbox.walks import ListRequest
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.settings import CONTROL_PATH, is_below
from mock_server.verdict import client_warnings

STALL_SECONDS = 60.0

# What the journal names where a request has asked for its own fault.
PREFER = "prefer"

_WITHOUT_BODY = (204, 304)


class Faults:
    """A wrapper behind validation: what is to happen to a valid request of the mocked API."""

    def __init__(self, app: AsgiApp, sandbox: Sandbox, operations: Mapping[str, Operation]) -> None:
        """`operations` are those of the document, by the names that routing gives them."""
        self._app = app
        self._sandbox = sandbox
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_below(scope["path"], CONTROL_PATH):
            await self._app(scope, receive, send)
            return
        exchange: Exchange = scope[EXCHANGE]
        operation = self._operations[routed(scope)]
        exchange.proceed(self._valid(exchange, operation, scope))
        page = exchange.attempt.page if exchange.attempt else None
        arguments: Arguments = scope[ARGUMENTS]
        taken = self._sandbox.take_step(exchange.acting, operation.id, page, arguments.query)
        if taken is None:
            preferred = prefer_header.read(header_value(scope["headers"], b"prefer"))
            if preferred != Preferences():
                exchange.meet(PREFER, _preferred_step(preferred, operation))
        else:
            fault, step = taken
            exchange.meet(fault.id, step, lap=exchange.acting.faults.fired)
        await self._play(exchange, scope, receive, send)

    def _valid(self, exchange: Exchange, operation: Operation, scope: Scope) -> ValidRequest:
        arguments: Arguments = scope[ARGUMENTS]
        warnings = list(arguments.warnings)
        if operation.collection is not None and arguments.query:
            collection = self._sandbox.collection(exchange.acting, operation.collection)
            warnings += islice(client_warnings.of_values(operation, arguments, collection), LISTED)
        is_listed = operation.collection is not None and scope["method"] == "GET"
        listed = _list_request(operation, arguments) if is_listed else None
        return ValidRequest(operation, arguments, listed, tuple(warnings))

    async def _play(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        step = exchange.step
        if step.delay:
            await exchange.wait_for(step.delay)
        if step.cut == "reset":
            exchange.connection.reset()
        elif step.status is not None:
            await _answer(step, exchange.fault, send)
        elif step.cut is not None:
            await self._app(scope, receive, _CUTS[step.cut](exchange, send))
        else:
            await self._app(scope, receive, _with_headers(step, send) if step.headers else send)


def _list_request(operation: Operation, arguments: Arguments) -> ListRequest:
    after, before = arguments.cursor(pages.AFTER), arguments.cursor(pages.BEFORE)
    shown = [
        (name, ",".join(map(query_string.decode, arguments.query[name])))
        for name in operation.filter_parameters
        if name in arguments.query
    ]
    return ListRequest(
        operation.id, arguments.filters, tuple(shown), after or before, backward=before is not None
    )


def _preferred_step(preferred: Preferences, operation: Operation) -> Step:
    # A list answers 200 by itself.
    status = None if operation.collection is not None and preferred.code == 200 else preferred.code
    headers = (("Preference-Applied", preferred.applied),)
    return Step(status=status, headers=headers, delay=preferred.delay or 0)


def _with_headers(step: Step, send: Send) -> Send:
    """The answer as it is, with the step's headers."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *_encoded(step.headers)]
        await send(message)

    return sending


def _encoded(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _answer(step: Step, name: str, send: Send) -> None:
    """The status, with the body that was scripted or, of an error, the one that such an error has."""
    status = int(step.status or 200)
    if step.body is None and status >= 400:
        raise ScriptedError(status, error_type(status), name, step.headers)
    body = b"" if status in _WITHOUT_BODY else step.body or b""
    headers = _encoded(step.headers)
    if status not in _WITHOUT_BODY:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _truncating(exchange: Exchange, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message["body"]
        await send({**message, "body": body[: len(body) // 2], "more_body": True})
        exchange.connection.hang_up()

    return sending


def _stalling(exchange: Exchange, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        await exchange.connection.pause(STALL_SECONDS, until_abandoned=True)
        exchange.connection.hang_up()

    return sending


# What comes between an answer and the connection.
_CUTS = {"truncate": _truncating, "stall": _stalling}
