"""Walk tracking: what a valid request asks for, its walk, and the warnings about it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from mock_server.errors import Violation
from mock_server.lists.filters import AnyOf
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import LISTED
from mock_server.openapi.request_validation import Arguments
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Matching, Meaning, Record, Request
from mock_server.sandbox.walk import ListRequest
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.verdict import client_warnings

# What these filters look for is known without a search. A search that a fault may make needless waits.
_FOUND_BY_VALUE = {AnyOf}


class WalkTracking:
    """A wrapper behind validation, used alike for a fresh answer and for a cached one, see `track`."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        track(exchange, _meaning(exchange.request, is_read=scope["method"] == "GET"))
        await self._app(scope, receive, send)


def _meaning(request: Request, *, is_read: bool) -> Meaning:
    """Return what a valid request asks for, and find the records where a warning depends on them."""
    operation, arguments = request.operation, request.arguments
    if operation is None or arguments is None:
        raise LookupError("validation lets no request pass without its arguments")
    if operation.collection is None:
        return Meaning(operation, arguments, None, arguments.warnings)
    collection = request.acting.collections[operation.collection]
    positions = None
    if arguments.filters and not _FOUND_BY_VALUE.issuperset(map(type, arguments.filters)):
        positions = collection.matching(arguments.filters)
        request.matching = Matching(collection, positions)
    found: Iterable[Violation] = ()
    if arguments.sent:
        found = client_warnings.of_values(operation, arguments, collection, positions)
    warnings = (*arguments.warnings, *islice(found, LISTED))
    listed = _list_request(operation, arguments) if is_read else None
    return Meaning(operation, arguments, listed, warnings)


def _list_request(operation: Operation, arguments: Arguments) -> ListRequest:
    sent = arguments.sent
    texts = [
        (name, ",".join([value.decoded for value in sent[name].values]))
        for name in operation.filter_parameters
        if name in sent
    ]
    page = arguments.page
    is_backward = page.previous is not None
    return ListRequest(operation.id, arguments.filters, tuple(texts), page.cursor, is_backward)


def track(exchange: Exchange, meaning: Meaning) -> None:
    """Let a valid request take part in its walk, and record what is wrong with it."""
    exchange.request.meaning = meaning
    record = exchange.record
    if record is None:
        return
    violations, warnings = meaning.arguments.violations, meaning.warnings
    if meaning.listed is not None and record.entry.is_kept:
        _join(exchange, record, meaning.listed)
    if record.attempt is not None:
        odd = client_warnings.of_walk(meaning.operation, record.attempt, meaning.arguments)
        warnings = (*warnings, *odd)
    if violations or warnings:
        record.journal.add_violations(record.entry, violations, warnings)


def _join(exchange: Exchange, record: Record, listed: ListRequest) -> None:
    entry, journal = record.entry, record.journal
    record.walks = journal.walks
    attempt = record.attempt = entry.attempt = record.walks.join(listed)
    attempt.walk.last_request = entry.id
    attempt.has_left = exchange.request.has_left
    if listed.filters:
        texts = sum([len(name) + len(text) for name, text in listed.filter_texts])
        journal.grow(entry, texts + sum([wanted.size for wanted in listed.filters]))
