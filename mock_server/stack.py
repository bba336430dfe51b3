"""The stack of a pipeline: its wrappers, the parts of Connexion among them, and Flask behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from mock_server.openapi.error_shape import ErrorShape
from mock_server.openapi.operations import Operation
from mock_server.openapi.route_hints import Routes
from mock_server.pipeline.compiled import Compiled
from mock_server.pipeline.connexion_parts import (
    Backend,
    Connexion,
    RequestValidationMiddleware,
    RoutingMiddleware,
)
from mock_server.pipeline.credentials import Unchallenged
from mock_server.pipeline.error_rendering import add_error_handlers, flask_response
from mock_server.pipeline.routing import RouteResolver, Routing, route_name
from mock_server.pipeline.validation import RequestValidators, Validation
from mock_server.pipeline.wsgi_bridge import Bridge, DirectBridge
from mock_server.served_operations import ServedOperation
from mock_server.server.asgi import AsgiApp


class Routed(NamedTuple):
    """What a stack serves: the document that Connexion routes by, and its operations below `prefix`.

    - `routes`, `shape`: what errors of routing say, and how all errors are written
    - `workers`: the names of threads by the route names of the operations that run in one
    """

    spec: dict[str, Any]
    served: Sequence[ServedOperation]
    routes: Routes
    shape: ErrorShape
    workers: Mapping[str, str]
    prefix: str = ""


class Stack(NamedTuple):
    """The parts of a pipeline that do less than the stock ones in whose place they stand.

    Tests build a server with the stock parts (`tests/support/stock_parts.py`), and compare the two.

    - `routing`: for Connexion's routing by Starlette's routes
    - `validation`: for Connexion's operation around the validator
    - `bridge`: for the whole call of Flask
    - `caches`: whether an equal request gets the answer of the one before
    """

    routing: type[RoutingMiddleware] = Routing
    validation: type[RequestValidationMiddleware] = Validation
    bridge: type[Bridge] = DirectBridge
    caches: bool = True

    def build(self, wrappers: Sequence[Any], routed: Routed) -> AsgiApp:
        """Return the application that passes a request through the wrappers, in order, to Flask."""
        render = partial(flask_response, shape=routed.shape)
        backend = Backend(__name__, render, partial(self.bridge, workers=routed.workers))
        connexion = Connexion(backend, middlewares=list(wrappers))
        add_error_handlers(connexion, routed.routes, routed.shape)
        _mount(connexion, routed)
        # Connexion by itself builds the stack at the first request, which would wait for it.
        connexion.app, connexion.middleware_stack = connexion._build_middleware_stack()
        app: AsgiApp = connexion
        return app


QUICK = Stack()


def _mount(connexion: Connexion, routed: Routed) -> None:
    served = routed.served
    handlers = {_route_name(each.operation): each.handler for each in served}
    sources = {_route_name(each.operation): each.make_validator for each in served}
    references = {_route_name(each.operation): each.references for each in served if each.references}
    validators = RequestValidators(Compiled(sources, lambda make: make()), references)
    connexion.add_api(
        routed.spec,
        resolver=RouteResolver(routed.prefix, handlers),
        # Of the control API alone: admission checks the credentials of the mocked API's requests.
        security_map={"basic": Unchallenged},
        # Connexion calls this to make the validator of an operation.
        validator_map={"parameter": validators.for_request},
    )


def _route_name(operation: Operation) -> str:
    return route_name(operation.method, operation.route)
