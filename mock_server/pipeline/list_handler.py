"""The handlers of the mocked document: one for each operation, by its shape."""

from __future__ import annotations

from collections.abc import Callable

import flask

from mock_server.data.collection import Collection
from mock_server.data.records import as_seen
from mock_server.errors import JSON, NotServed
from mock_server.lists import broken_pages, pages
from mock_server.lists.broken_pages import Asked, Served
from mock_server.openapi.operations import Operation
from mock_server.openapi.request_validation import ARGUMENTS, Arguments
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.wsgi_bridge import SCOPE
from mock_server.sandbox.sandbox import Sandbox
from mock_server.sandbox.walks import Given

Handler = Callable[..., flask.Response]


def handler(operation: Operation, sandbox: Sandbox) -> Handler:
    """The handler of an operation; one that is no list raises NotServed."""
    if operation.collection is None:
        return _not_served(operation.id)
    return _list(operation.collection, sandbox)


def _list(name: str, sandbox: Sandbox) -> Handler:
    def respond(**_path_parameters: object) -> flask.Response:
        scope = flask.request.environ[SCOPE]
        exchange: Exchange = scope[EXCHANGE]
        arguments: Arguments = scope[ARGUMENTS]
        account = exchange.acting
        collection = sandbox.collection(account, name)
        served = _served(exchange, arguments, collection)
        exchange.given = _given(served, arguments)
        exchange.place = (served.page.before is None, served.page.after is None)
        exchange.page = pages.render(collection.at(served.positions), served.pagination)
        return flask.Response(as_seen(exchange.page, account.own_id), content_type=JSON)

    return respond


def _served(exchange: Exchange, arguments: Arguments, collection: Collection) -> Served:
    """The page asked for, or what a scripted fault makes of it."""
    matching = collection.matching(arguments.filters)
    limit, after, before = arguments.limit, arguments.after, arguments.before
    if exchange.step.page is None:
        page = pages.assemble(matching, limit, after, before)
        return Served(page.positions, page, pages.pagination(page, collection.name))
    cursor = arguments.cursor(pages.AFTER if before is None else pages.BEFORE)
    asked = Asked(collection.name, matching, limit, after, before, cursor, exchange.lap)
    return broken_pages.disturb(exchange.step.page, asked)


def _given(served: Served, arguments: Arguments) -> Given:
    end = served.page.after if arguments.before is None else served.page.before
    cursors = [served.pagination.get(name) for name in (pages.AFTER, pages.BEFORE)]
    given = tuple([cursor for cursor in cursors if isinstance(cursor, str) and cursor])
    return Given(len(served.positions), given, end is None)


def _not_served(operation_id: str) -> Handler:
    def refuse(**_path_parameters: object) -> flask.Response:
        raise NotServed(operation_id)

    return refuse
