"""The handlers of the mocked document: one for each operation, by its shape."""

from __future__ import annotations

from collections.abc import Callable

import flask

from mock_server import pages
from mock_server.bridge import SCOPE
from mock_server.errors import NotServed
from mock_server.operations import Operation
from mock_server.sandbox import Sandbox
from mock_server.validation import ARGUMENTS, Arguments

Handler = Callable[..., flask.Response]

JSON = "application/json; charset=utf-8"


def handler(operation: Operation, sandbox: Sandbox) -> Handler:
    """The handler of an operation; one that is no list raises NotServed."""
    if operation.collection is None:
        return _not_served(operation.id)
    return _list(operation.collection, sandbox)


def _list(name: str, sandbox: Sandbox) -> Handler:
    def respond(**_path_parameters: object) -> flask.Response:
        arguments: Arguments = flask.request.environ[SCOPE][ARGUMENTS]
        collection = sandbox.collection(name)
        matching = collection.matching(arguments.filters)
        page = pages.assemble(matching, arguments.limit, arguments.after, arguments.before)
        return flask.Response(pages.render(page, name, collection.encoded), content_type=JSON)

    return respond


def _not_served(operation_id: str) -> Handler:
    def refuse(**_path_parameters: object) -> flask.Response:
        raise NotServed(operation_id)

    return refuse
