"""The handlers of the operations in control.yaml, by operation id."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, islice
from typing import TypeAlias

from mock_server.control import (
    chaos_calls,
    clock_calls,
    control_document,
    event_stream,
    fault_calls,
    journal_calls,
    record_calls,
    server_calls,
    verdict_calls,
)
from mock_server.control.call import (
    Call,
    Calls,
    Check,
    Context,
    Handler,
    current_call,
    head_response,
    json_response,
)
from mock_server.control.request_body import RequestBody
from mock_server.errors import InvalidRequest
from mock_server.openapi.operations import Operation
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.wsgi_bridge import Response, current_scope
from mock_server.settings import LISTED

FlaskHandler: TypeAlias = Callable[..., Response]

CALLS: Calls = {
    **server_calls.CALLS,
    **record_calls.CALLS,
    **journal_calls.CALLS,
    **verdict_calls.CALLS,
    **fault_calls.CALLS,
    **chaos_calls.CALLS,
    **clock_calls.CALLS,
}


def handlers(context: Context) -> dict[str, FlaskHandler]:
    """Return the handler of each operation of control.yaml, by operation id.

    The operations of the inspector's page are passed over.
    """
    flask_handlers: dict[str, FlaskHandler] = {"streamEvents": _stream_head}
    for operation in control_document.control_operations():
        if operation.id in CALLS:
            body = RequestBody(control_document.operation_object(operation), operation.method)
            flask_handlers[operation.id] = _flask_handler(operation, body, context)
    return flask_handlers


def _flask_handler(operation: Operation, body: RequestBody, context: Context) -> FlaskHandler:
    handler: Handler
    check: Check | None
    handler, check = CALLS[operation.id]

    def handle(**path: str) -> Response:
        # Routing has names of its own for path parameters.
        call = current_call(context, body, operation.path_values(path))
        checked = check(call) if check is not None and not _is_too_large(call) else ()
        violations = list(islice(chain(call.violations, checked), LISTED))
        if violations:
            raise InvalidRequest(violations)
        answer = handler(call)
        return answer if isinstance(answer, Response) else json_response(answer)

    return handle


def _is_too_large(call: Call) -> bool:
    """Return whether a body has more parts than it may; no type of theirs is checked then."""
    return any(violation.code in ("maxItems", "maxProperties") for violation in call.violations)


def _stream_head() -> Response:
    """Answer a HEAD of the event stream, whose GET the pipeline answers (pipeline/streaming.py).

    Raise InvalidRequest where the GET would.
    """
    exchange: Exchange = current_scope()[EXCHANGE]
    arguments = exchange.request.arguments
    if arguments is not None and arguments.violations:
        raise InvalidRequest(arguments.violations)
    return head_response(event_stream.HEADERS)
