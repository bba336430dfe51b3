"""The handlers of the mocked API: a list is answered with a page, any other operation with 501."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mock_server.data.collection import fill_account_id
from mock_server.errors import JSON, NotServed
from mock_server.lists.broken_pages import BrokenRequest, PageSent, break_page
from mock_server.lists.pages import NEXT, PREVIOUS, ROLES, PageRequest, cut_page, page_info
from mock_server.openapi.operations import Operation
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Outcome
from mock_server.pipeline.wsgi_bridge import Response, current_scope
from mock_server.sandbox.walk import PageGiven

Handler = Callable[..., Response]


def handler(operation: Operation) -> Handler:
    """Return the handler of an operation; if the operation is no list, its handler raises NotServed."""
    if operation.collection is None:
        return _refusing_handler(operation.id)
    return _list_handler(operation, operation.collection)


def _list_handler(operation: Operation, name: str) -> Handler:
    convention = operation.convention

    def respond(**_path_parameters: object) -> Response:
        exchange: Exchange = current_scope()[EXCHANGE]
        request, outcome = exchange.request, exchange.outcome
        account, arguments = request.acting_account, request.arguments
        if arguments is None:
            raise LookupError("validation lets no request pass without its arguments")
        collection, found = account.collections[name], request.matching
        if found is not None and found.collection is collection:
            matching = found.positions
        else:
            matching = collection.matching(arguments.filters)
        sent = _page(outcome, matching, arguments.page, name)
        if len(operation.roles) < len(ROLES):
            info = {role: value for role, value in sent.info.items() if role in operation.roles}
            sent = replace(sent, info=info)
        outcome.page_given = _page_given(sent, arguments.page)
        outcome.is_first, outcome.is_last = sent.page.previous is None, sent.page.next is None
        answer = convention.write(collection.at(sent.positions), sent.info)
        outcome.page_body = answer.body
        body = fill_account_id(answer.body, account.own_id)
        return Response(body, headers=answer.headers or None, content_type=JSON)

    return respond


def _page(outcome: Outcome, matching: Sequence[int], page_request: PageRequest, name: str) -> PageSent:
    """Return the page that a request asks for, broken where the step of a fault says so."""
    if outcome.step.page is None:
        page = cut_page(matching, page_request)
        return PageSent(page.positions, page, page_info(page, name))
    broken = BrokenRequest(name, matching, page_request, outcome.fired_before)
    return break_page(outcome.step.page, broken)


def _page_given(sent: PageSent, page_request: PageRequest) -> PageGiven:
    ahead = sent.page.next if page_request.previous is None else sent.page.previous
    cursors = (sent.info.get(NEXT), sent.info.get(PREVIOUS))
    sent_cursors = tuple([cursor for cursor in cursors if isinstance(cursor, str) and cursor])
    return PageGiven(len(sent.positions), sent_cursors, ahead is None)


def _refusing_handler(operation_id: str) -> Handler:
    def refuse(**_path_parameters: object) -> Response:
        raise NotServed(operation_id)

    return refuse
