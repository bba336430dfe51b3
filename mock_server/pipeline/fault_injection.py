"""Fault injection: plays the steps of scripted faults, what `Prefer` asks for, and chaos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from mock_server.errors import ApiError, ScriptedError
from mock_server.lists import broken_pages
from mock_server.openapi.effects import CHANGES
from mock_server.openapi.operations import Operation
from mock_server.pipeline import prefer_header
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Meaning, Outcome
from mock_server.pipeline.prefer_header import Preferences
from mock_server.sandbox.faults import Asked, Step, error_type
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.server.connection import Connection

# How long a stalled answer keeps its connection open.
STALL_SECONDS = 60.0

# The journal's name for the fault that a request asked for itself, with `Prefer`.
PREFER = "prefer"

# Its name for what an account's chaos does.
CHAOS = "chaos"

# Their answers have no Content-Length; that of a 205 is 0 (RFC 9110 section 15.3.6).
_WITHOUT_LENGTH = (204, 304)

# What a request that would change something seems to have met, where its answer is cut before that.
_UNAVAILABLE = 503

# Returns the status, the headers and the body of an error's answer.
Render = Callable[[ApiError], tuple[int, Mapping[str, str], bytes]]


class FaultInjection:
    """ASGI middleware after walk tracking: the first matching fault, else `Prefer`, else chaos."""

    def __init__(self, app: AsgiApp, sandbox: SandboxState, render: Render) -> None:
        """Take what writes the errors of the document, for answers that are cut."""
        self._app = app
        self._sandbox = sandbox
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        meaning = exchange.request.meaning
        if meaning is not None and exchange.request.acting_account.faults.live:
            self._take_step(exchange, meaning)
        if meaning is not None and not exchange.outcome.fault:
            header = exchange.request.headers.texts.get("prefer")
            if header is not None:
                _apply_preferences(exchange, prefer_header.read(header), meaning.operation)
        if meaning is not None and exchange.request.acting_account.chaos and not exchange.outcome.fault:
            _apply_chaos(exchange, meaning)
        if exchange.outcome.fault:
            await self._play(exchange, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _take_step(self, exchange: Exchange, meaning: Meaning) -> None:
        account, attempt = exchange.request.acting_account, exchange.record and exchange.record.attempt
        page = attempt.page if attempt else None
        decoded: dict[str, list[str]] = {}
        for value in [value for sent in meaning.arguments.sent.values() for value in sent.values]:
            decoded.setdefault(value.key, []).append(value.decoded)
        body, plays = meaning.arguments.body, partial(_plays, meaning)
        taken = self._sandbox.take_step(account, Asked(meaning.operation.id, page, decoded, body, plays))
        if taken is not None:
            fault, step = taken
            _apply(exchange, fault.id, step, fired_before=account.faults.fired - 1)

    async def _play(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        step, connection = exchange.outcome.step, exchange.request.connection
        app = await self._carry_out(exchange, scope, receive) if step.after else self._app
        if step.delay:
            await exchange.request.delay(step.delay)
        if step.cut == "reset":
            connection.reset()
        elif step.status is not None:
            await _send_scripted_answer(step, exchange.outcome, send)
        elif step.cut is not None:
            if not step.after and _changes(exchange.request.meaning):
                app = partial(self._refuse, exchange.outcome)
            await app(scope, receive, _CUTS[step.cut](connection, send))
        else:
            await app(scope, receive, _with_headers(step, send) if step.headers else send)

    async def _carry_out(self, exchange: Exchange, scope: Scope, receive: Receive) -> AsgiApp:
        """Have a request carried out; return an application that only sends its answer."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        if exchange.record is not None:
            # Now, since the answer may wait for a minute.
            exchange.record.entry.change = exchange.outcome.change

        async def send_kept(_scope: Scope, _receive: Receive, send: Send) -> None:
            for message in messages:
                await send(message)

        return send_kept

    async def _refuse(self, outcome: Outcome, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a request that would change something with an error, and change nothing."""
        status, headers, body = self._render(_scripted_error(_UNAVAILABLE, outcome))
        pairs = [*headers.items(), ("Content-Length", str(len(body)))]
        start = {"type": "http.response.start", "status": status, "headers": _encode_headers(pairs)}
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _apply_preferences(exchange: Exchange, preferred: Preferences, operation: Operation) -> None:
    if preferred == Preferences():
        return
    # A list answers 200 by itself.
    status = None if operation.collection is not None and preferred.code == 200 else preferred.code
    headers = (("Preference-Applied", preferred.applied),)
    _apply(exchange, PREFER, Step(status=status, headers=headers, delay=preferred.delay or 0))


def _changes(meaning: Meaning | None) -> bool:
    """Tell whether a request is to change records."""
    return meaning is not None and meaning.operation.effect.kind in CHANGES


def _plays(meaning: Meaning, kind: str) -> bool:
    """Tell whether the page that a request asks for can be broken in a way, e.g. `repeat-cursor`."""
    operation = meaning.operation
    if operation.collection is None:
        return False
    return broken_pages.breaks(kind, operation.convention, meaning.arguments.page)


def _apply_chaos(exchange: Exchange, meaning: Meaning) -> None:
    request, outcome = exchange.request, exchange.outcome
    trouble = outcome.trouble = request.acting_account.next_trouble(
        request.number, partial(_plays, meaning)
    )
    if trouble is not None:
        _apply(exchange, CHAOS, trouble.step, fired_before=trouble.number)
        if exchange.record is not None:
            exchange.record.entry.trouble = trouble


def _apply(exchange: Exchange, fault: str, step: Step, fired_before: int = 0) -> None:
    """Set the fault that applies to a request, in its outcome and in the journal."""
    outcome = exchange.outcome
    outcome.fault, outcome.step, outcome.fired_before = fault, step, fired_before
    if any(name.lower() == "date" for name, _ in step.headers):
        exchange.request.connection.leave_out_date()
    if exchange.record is not None:
        exchange.record.entry.fault, exchange.record.entry.after = fault, step.after


def _with_headers(step: Step, send: Send) -> Send:
    """Return a `send` that adds the step's headers to the answer."""

    async def send_changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *_encode_headers(step.headers)]
        await send(message)

    return send_changed


def _encode_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _send_scripted_answer(step: Step, outcome: Outcome, send: Send) -> None:
    """Send the step's status with its body; raise ScriptedError for an error without a body."""
    status = int(step.status or 200)
    # The client gets no page, even where the request has been carried out.
    outcome.page_given = outcome.is_first = outcome.is_last = None
    if step.body is None and status >= 400:
        raise _scripted_error(status, outcome, step.headers)
    body = step.body or b""
    headers = _encode_headers(step.headers)
    if status not in _WITHOUT_LENGTH:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _scripted_error(
    status: int, outcome: Outcome, headers: Sequence[tuple[str, str]] = ()
) -> ScriptedError:
    return ScriptedError(status, error_type(status), _origin(outcome), headers)


def _origin(outcome: Outcome) -> str:
    """Return what has caused an answer, e.g. `A scripted fault (fault-1)`."""
    trouble = outcome.trouble
    if trouble is not None:
        return f"Chaos (for request {trouble.number} of the account)"
    return f"A scripted fault ({outcome.fault})"


def _truncating_send(connection: Connection, send: Send) -> Send:
    async def send_changed(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message["body"]
        await send({**message, "body": body[: len(body) // 2], "more_body": True})
        connection.hang_up()

    return send_changed


def _stalling_send(connection: Connection, send: Send) -> Send:
    async def send_changed(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        await connection.pause(STALL_SECONDS, until_abandoned=True)
        connection.hang_up()

    return send_changed


# By the value of a step's `cut`: returns a `send` that cuts the answer.
_CUTS = {"truncate": _truncating_send, "stall": _stalling_send}
