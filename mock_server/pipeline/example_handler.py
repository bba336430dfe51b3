"""The handler of what no shape tells: it answers with the document's example, or by the schema.

It runs in a worker thread, since making the first answer may take a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.data.answers import NO_ANSWER, ExampleAnswer
from mock_server.data.collection import fill_account_id
from mock_server.data.columns import encode
from mock_server.data.file_bytes import example_bytes
from mock_server.openapi.operations import Operation
from mock_server.openapi.responses import file_type
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.list_handler import Handler
from mock_server.pipeline.wsgi_bridge import Response, current_scope, empty_response

# The name of the thread that makes the answers.
WORKER = "examples"


def handler(operation: Operation, described: Mapping[str, Any]) -> Handler:
    """Return the handler of an operation; `described` is what the document says of it.

    Where the document describes no answer in JSON, it is a small file of the type that it names, or that
    an overlay does, and has no body for types of which no file is known.
    """
    answer: ExampleAnswer | None = None
    is_file = file_type(described, operation.effect.status) is not None

    def respond(**path_parameters: object) -> Response:
        nonlocal answer
        if answer is None:
            # At the first request, since a document may have a thousand operations.
            answer = ExampleAnswer(operation.template, described, operation.effect.status)
        value = answer.with_path(operation.path_values(path_parameters))
        status = int(operation.effect.status)
        if value is NO_ANSWER:
            return _file(operation.answer_type, status) if is_file else empty_response(status)
        exchange: Exchange = current_scope()[EXCHANGE]
        body = fill_account_id(encode(value), exchange.request.acting_account.own_id)
        return Response(body, status=status, content_type=operation.answer_type)

    return respond


def _file(media_type: str, status: int) -> Response:
    return Response(example_bytes(media_type) or b"", status=status, content_type=media_type)
