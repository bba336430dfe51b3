"""Parts: what takes the place of Connexion's own, or of Flask's."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import flask
import orjson
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Router

from mock_server.errors import JSON, ApiError, Moved, NotFound, Unauthorized, quote
from mock_server.openapi.request_validation import Validator
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.wsgi_bridge import SCOPE, Bridge, routed
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.settings import CONTROL_PATH, is_below

with warnings.catch_warnings():
    # Connexion imports Starlette's test client, which warns that it would rather have httpx2.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", UserWarning)
    from connexion.apps.flask import FlaskApi, FlaskASGIApp
    from connexion.exceptions import InvalidSpecification
    from connexion.lifecycle import ConnexionRequest, ConnexionResponse
    from connexion.middleware import ConnexionMiddleware
    from connexion.middleware.exceptions import ExceptionMiddleware
    from connexion.middleware.request_validation import RequestValidationMiddleware
    from connexion.middleware.routing import RoutingMiddleware
    from connexion.middleware.security import SecurityMiddleware
    from connexion.resolver import Resolution, Resolver

# Connexion's own that stay in their places are had from here too, since they are imported so quietly.
__all__ = [
    "Backend",
    "Basic",
    "ByRoute",
    "CompiledParameters",
    "ConnexionMiddleware",
    "ConnexionRequest",
    "ConnexionResponse",
    "ExceptionMiddleware",
    "InvalidSpecification",
    "RawQuery",
    "RequestValidationMiddleware",
    "Routing",
    "SecurityMiddleware",
    "Unchallenged",
    "rendered",
    "route_name",
]


def route_name(method: str, path: str) -> str:
    """What Connexion and Flask know an operation by; Flask's names can't hold dots."""
    return f"{method.upper()} {path}".replace(".", "%2E")


class ByRoute(Resolver):  # type: ignore[misc]
    """Finds handlers by method and path, since an operationId may be missing or mean anything."""

    def __init__(self, prefix: str, handlers: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__()
        self._prefix = prefix
        self._handlers = handlers

    def resolve(self, operation: Any) -> Resolution:
        name = route_name(operation.method, self._prefix + operation.path)
        return Resolution(self._handlers[name], name)


class RawQuery:
    """In place of Connexion's URI parsers, of which it makes one for each request: no parsing."""

    def __init__(self, *_args: Any) -> None:
        pass


class CompiledParameters:
    """What Connexion takes for a ParameterValidator: it hands on to the compiled one."""

    def __init__(self, validators: Mapping[str, Validator]) -> None:
        self._validators = validators

    def validate(self, scope: dict[str, Any]) -> None:
        self._validators[routed(scope)].validate(scope)


class RoutedFlask(flask.Flask):
    """Flask behind Connexion's routing, which has found the operation: nothing is matched again.

    No hooks are registered, so that none are looked for; handlers give a whole response.
    """

    def create_url_adapter(self, _request: Any) -> None:
        return None

    def full_dispatch_request(self) -> flask.Response:
        scope = flask.request.environ[SCOPE]
        handler: Callable[..., Any] = self.view_functions[routed(scope)]
        try:
            response: flask.Response = handler(**scope["path_params"])
        except Exception as error:
            return self.make_response(self.handle_user_exception(error))
        return response

    def do_teardown_request(self, *_error: Any, **_errors: Any) -> None:
        pass

    def do_teardown_appcontext(self, *_error: Any, **_errors: Any) -> None:
        pass


class Backend(FlaskASGIApp):  # type: ignore[misc]
    """Flask at the end of Connexion's stack, inline on the event loop."""

    def __init__(self, import_name: str, workers: Mapping[str, str]) -> None:
        self.app = RoutedFlask(import_name, static_folder=None)
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        self.app.register_error_handler(ApiError, _answered)
        self.asgi_app = Bridge(self.app.wsgi_app, workers)

    def add_api(self, specification: Any, **kwargs: Any) -> None:
        UndecoratedApi(self.app, specification, **kwargs)


class UndecoratedApi(FlaskApi):  # type: ignore[misc]
    """Handlers as they are: Connexion's decorators would be built anew at every request."""

    def __init__(self, app: flask.Flask, specification: Any, **kwargs: Any) -> None:
        self._app = app
        super().__init__(specification, **kwargs)

    def make_operation(self, operation: Any) -> Any:
        self._app.view_functions[operation.operation_id] = operation.function
        return operation.function


class Routing(RoutingMiddleware):  # type: ignore[misc]
    """Connexion's routing without redirects; what no route matches goes no further."""

    def __init__(self, app: AsgiApp) -> None:
        super().__init__(app)
        self.router.redirect_slashes = False
        self.router.default = _not_found

    def add_api(self, specification: Any, **kwargs: Any) -> None:
        super().add_api(specification, **kwargs)
        for route in self.router.routes:
            if isinstance(route, Mount) and isinstance(route.app, Router):
                route.app.redirect_slashes = False
                route.app.default = _not_found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == CONTROL_PATH:
            # The links of the page are relative to a folder, also behind a proxy that adds a prefix.
            raise Moved(f".{CONTROL_PATH}/")
        if is_below(scope["path"], CONTROL_PATH):
            # Names of collections and ids of records may hold anything; their handlers decode them.
            scope["path"] = scope["raw_path"].decode("latin-1")
        # Starlette's patterns end in `$`, which a final newline passes too; and uvicorn has decoded
        # the path, in which an encoded slash is no separator (RFC 3986 section 2.2).
        elif scope["path"].endswith("\n") or b"%2f" in scope["raw_path"].lower():
            shown = quote(scope["path"])
            raise NotFound(f"There is no {shown} here; send it without an encoded slash or line break.")
        await super().__call__(scope, receive, send)


async def _not_found(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise HTTPException(404)


class Basic:
    """A Connexion security handler: the recorder has read the credentials already."""

    @staticmethod
    def refusal(refusal: Unauthorized) -> Unauthorized:
        return refusal

    def get_fn(self, _scheme: Any, _scopes: Any) -> Callable[[ConnexionRequest], dict[str, str]]:
        def check(request: ConnexionRequest) -> dict[str, str]:
            exchange: Exchange = request.scope[EXCHANGE]
            if exchange.refusal is not None:
                raise self.refusal(exchange.refusal)
            return {"sub": str(exchange.client_id)}

        return check


class Unchallenged(Basic):
    """The same for the control API, whose refusal must not open a browser's password dialog."""

    @staticmethod
    def refusal(refusal: Unauthorized) -> Unauthorized:
        return Unauthorized(refusal.message, None)


def _answered(error: ApiError) -> flask.Response:
    """What a handler has raised, rendered while a scripted fault can still get at it."""
    status, headers, body = rendered(error)
    return flask.Response(body, status, headers)


def rendered(error: ApiError) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body that a client is answered with."""
    headers = {"Content-Type": JSON, **{_titled(name): value for name, value in error.headers}}
    return error.status, headers, orjson.dumps(error.as_json())


def _titled(name: str) -> str:
    """A header's name as it is written here, however a script spells it."""
    return "-".join(part.capitalize() for part in name.split("-"))
