"""Idempotency: answers a request that repeats the key of an earlier one as that one was answered.

What a client may repeat is found before fault injection, so that a key counts as used while its first
request waits. The answer is kept within fault injection: a fault after the change leaves it right.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

import orjson

from mock_server.formats import json_output
from mock_server.openapi.actions import Idempotency
from mock_server.openapi.document import Document
from mock_server.openapi.request_body import NO_BODY
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Request
from mock_server.pipeline.routing import route_name
from mock_server.pipeline.wsgi_bridge import operation_of
from mock_server.sandbox.kept_answers import Answer, Key
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.shown_text import quote
from mock_server.state_errors import Conflict, KeyReused

# The key of the ASGI scope that holds what a request repeats.
_REPETITION = "mock_server.repetition"


def rules_of(document: Document) -> dict[str, Idempotency]:
    """Return the rules of the operations that take idempotency keys, by their route names."""
    found = [(each, each.effect.rules.idempotency) for each in document.operations]
    return {route_name(each.method, each.route): rule for each, rule in found if rule is not None}


class Repetition(NamedTuple):
    """A request with a key, what it asks for as a digest, and how long its answer is kept."""

    key: Key
    sent: bytes
    rule: Idempotency


class IdempotencyKeys:
    """ASGI middleware before fault injection: refuses a key that is under way, or was used otherwise."""

    def __init__(self, app: AsgiApp, sandbox: SandboxState, rules: Mapping[str, Idempotency]) -> None:
        """Take the rules of operations by their route names."""
        self._app = app
        self._answers = sandbox.kept_answers
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rule = self._rules.get(operation_of(scope))
        exchange: Exchange = scope[EXCHANGE]
        repetition = None if rule is None else _repetition(exchange.request, rule, scope)
        if repetition is None:
            await self._app(scope, receive, send)
            return
        key, answers = repetition.key, self._answers
        kept = answers.find(key)
        if kept is not None and kept.sent != repetition.sent:
            raise _reused(repetition, kept.entry)
        if kept is None and answers.is_running(key):
            raise _under_way(repetition)
        scope[_REPETITION] = repetition
        if kept is None:
            answers.begin(key, exchange)
        try:
            await self._app(scope, receive, send)
        finally:
            answers.end(key, exchange)


class AnswerKeeping:
    """ASGI middleware within fault injection: sends the answer that is kept for a key, or keeps it."""

    def __init__(self, app: AsgiApp, sandbox: SandboxState) -> None:
        self._app = app
        self._sandbox = sandbox
        self._answers = sandbox.kept_answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        repetition: Repetition | None = scope.get(_REPETITION)
        if repetition is None:
            await self._app(scope, receive, send)
            return
        exchange: Exchange = scope[EXCHANGE]
        kept = self._answers.find(repetition.key)
        if kept is None:
            answer = await _answer_of(self._app, scope, receive)
            self._keep(repetition, exchange, answer)
        else:
            answer = kept.answer
            if exchange.record is not None:
                exchange.record.entry.idempotent = kept.entry
        headers = list(answer.headers)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _keep(self, repetition: Repetition, exchange: Exchange, answer: Answer) -> None:
        """Keep an answer unless it tells of an error, or the account was given up meanwhile."""
        key, record = repetition.key, exchange.record
        is_kept = record is not None and self._sandbox.accounts.has(key.account)
        if is_kept and record is not None and 200 <= answer.status < 300:
            self._answers.keep(key, answer, repetition.sent, record.entry.id, repetition.rule.seconds)
        self._answers.end(key, exchange)


def _repetition(request: Request, rule: Idempotency, scope: Scope) -> Repetition | None:
    """Return what a request may repeat; None where it has no key, or one that breaks its schema."""
    arguments, operation = request.arguments, request.operation
    if arguments is None or operation is None:
        return None
    name = rule.header.lower()
    sent = [values for at, values in arguments.sent_outside.items() if _is_header(at, name)]
    if not sent:
        return None
    key = Key(request.acting_account, operation.id, sent[0][0].decoded)
    return Repetition(key, _digest(request, arguments.body, scope), rule)


def _is_header(place: tuple[str, str], name: str) -> bool:
    return place[0] == "header" and place[1].lower() == name


def _digest(request: Request, body: object, scope: Scope) -> bytes:
    """Return a digest of a request's target and of its body, whatever the order of its members."""
    content = request.body
    if body is not NO_BODY:
        try:
            content = json_output.dump(body, option=orjson.OPT_SORT_KEYS)
        except (orjson.JSONEncodeError, RecursionError):
            content = request.body
    target: bytes = scope["raw_path"] + b"?" + scope["query_string"]
    return blake2b(target + b"\0" + content).digest()


async def _answer_of(app: AsgiApp, scope: Scope, receive: Receive) -> Answer:
    messages: list[Message] = []

    async def collect(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, collect)
    start, *pieces = messages
    return Answer(
        start["status"],
        tuple([(name, value) for name, value in start["headers"]]),
        b"".join([piece.get("body", b"") for piece in pieces]),
    )


def _reused(repetition: Repetition, entry: str) -> KeyReused:
    """Return the error for a key that was sent before with something else."""
    name, key = repetition.rule.header, quote(repetition.key.text)
    return KeyReused(
        f"The {name} {key} was sent before with another body, query or path (request {entry}); send the "
        "same again to repeat that request, or another key for a new one.",
        name,
    )


def _under_way(repetition: Repetition) -> Conflict:
    """Return the error for a key whose first request has no answer yet."""
    name, key = repetition.rule.header, quote(repetition.key.text)
    return Conflict(
        "idempotencyKeyInUse",
        f"The first request with the {name} {key} is still under way; send this one again when that one "
        "has been answered, or has failed.",
        name,
    )
