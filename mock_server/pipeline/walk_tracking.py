"""Walk tracking: finds what a valid request asks for, its walk, and the warnings about it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from mock_server.data.relations import joined
from mock_server.errors import Violation
from mock_server.formats.secret_texts import HIDDEN, hide_text
from mock_server.lists.filters import After, AnyOf, Before, Present
from mock_server.lists.roles import PAGE
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import LISTED
from mock_server.openapi.request_validation import Arguments
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Matching, Meaning, Recording, Request
from mock_server.sandbox.walk import ListRequest
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.verdict import client_warnings

# Warnings about these filters need no search, so the handler searches, unless a fault answers instead.
_SEARCHED_LATER = {AnyOf, Before, After, Present}


class WalkTracking:
    """ASGI middleware after validation; for a cached answer, `ResponseCache` calls `track` instead."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        request = exchange.request
        track(exchange, _meaning(request, scope["path"] if scope["method"] == "GET" else None))
        await self._app(scope, receive, send)


def _meaning(request: Request, path: str | None) -> Meaning:
    """Return what a valid request asks for; search the records if a warning depends on the result.

    `path` is that of a request that reads, None for any other.
    """
    operation, arguments = request.operation, request.arguments
    if operation is None or arguments is None:
        raise LookupError("validation lets no request pass without its arguments")
    if operation.collection is None:
        return Meaning(operation, arguments, None, arguments.warnings)
    account = request.acting_account
    collection = account.collections[operation.collection]
    if arguments.wanted:
        wanted = joined(arguments.wanted, account.collections, account.own_id)
        arguments = request.arguments = arguments._replace(wanted=wanted)
    positions = None
    if arguments.filters and not _SEARCHED_LATER.issuperset(map(type, arguments.filters)):
        positions = collection.matching(arguments.wanted)
        request.matching = Matching(collection, positions)
    found: Iterable[Violation] = ()
    if arguments.sent:
        found = client_warnings.of_values(operation, arguments, collection, positions, account.own_id)
    warnings = (*arguments.warnings, *islice(found, LISTED))
    listed = None if path is None else _list_request(operation, arguments, path)
    return Meaning(operation, arguments, listed, warnings)


def _list_request(operation: Operation, arguments: Arguments, path: str) -> ListRequest:
    sent = arguments.sent
    texts = [
        (name, ",".join([value.decoded for value in sent[name].values]))
        for name in operation.choosing_parameters
        if name in sent
    ]
    page, way = arguments.page, operation.convention.way
    is_backward = page.previous is not None
    if way is None or not operation.convention.is_numbered:
        # The lists of several parents may take the same cursors.
        scope = path if "{" in operation.template else ""
        return ListRequest(
            operation.id,
            arguments.bound,
            tuple(texts),
            page.cursor,
            is_backward,
            scope,
            onward=operation.convention.onward,
        )
    name = operation.convention.request[way]
    is_named = page.cursor is None and name in sent
    return ListRequest(
        operation.id,
        arguments.bound,
        tuple(texts),
        page.cursor,
        is_backward,
        scope=path,
        start=page.start,
        limit=page.limit if way == PAGE else None,
        first=sent[name].values[0].decoded if is_named else None,
        onward=operation.convention.onward,
    )


def track(exchange: Exchange, meaning: Meaning) -> None:
    """Add a valid request to its walk, and its violations and warnings to the journal."""
    exchange.request.meaning = meaning
    record = exchange.record
    if record is None:
        return
    violations, warnings = meaning.arguments.violations, meaning.warnings
    if meaning.listed is not None and record.entry.is_kept:
        _join_walk(exchange, record, meaning.listed)
    if record.attempt is not None:
        walk_warnings = client_warnings.of_walk(meaning.operation, record.attempt, meaning.arguments)
        warnings = (*warnings, *walk_warnings)
    if violations or warnings:
        record.journal.add_violations(record.entry, violations, warnings)


def _join_walk(exchange: Exchange, record: Recording, listed: ListRequest) -> None:
    entry, journal = record.entry, record.journal
    if HIDDEN in entry.query:
        shown = tuple([(name, hide_text(text, entry.secrets)) for name, text in listed.filter_texts])
        listed = listed._replace(filter_texts=shown)
    record.walks = journal.walks
    attempt = record.attempt = entry.attempt = record.walks.join(listed)
    attempt.walk.last_request = entry.id
    attempt.has_left = exchange.request.has_left
    if listed.filters:
        texts = sum([len(name) + len(text) for name, text in listed.filter_texts])
        journal.grow(entry, texts + sum([wanted.size for wanted in listed.filters]))
