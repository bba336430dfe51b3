"""The application: everything composed, one visible list of wrappers, one renderer of errors."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import flask
import orjson
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Router

from mock_server import api, operations, references, sources, starting_data
from mock_server import document as documents
from mock_server.access_log import AccessLog
from mock_server.bodies import Body
from mock_server.bridge import AsgiApp, Bridge, Receive, Scope, Send, is_below
from mock_server.control import Control
from mock_server.cors import Cors
from mock_server.credentials import Credentials
from mock_server.document import Document
from mock_server.errors import (
    JSON,
    ApiError,
    CannotServe,
    InternalError,
    NotFound,
    Problem,
    Unauthorized,
    quote,
)
from mock_server.exchange import EXCHANGE, Exchange
from mock_server.faults import Faults
from mock_server.gate import Gate
from mock_server.hosts import Hosts
from mock_server.limits import Limits
from mock_server.operations import Operation
from mock_server.recorder import Recorder
from mock_server.routes import Routes
from mock_server.sandbox import Sandbox
from mock_server.settings import CONTROL_PATH, Settings
from mock_server.validation import Validator
from mock_server.versions import Versioned, Versions

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

logger = logging.getLogger("mock_server")

Handled = list[tuple[Operation, Callable[..., Any]]]


def build(
    document: Document, sandbox: Sandbox, settings: Settings, log: AccessLog | None = None
) -> AsgiApp:
    """The ASGI application that serves a document from a sandbox, and the control API beside it.

    Raises CannotServe if Connexion refuses the document.
    """
    credentials = Credentials(settings.credentials, document.realm)
    coverables = {
        _name(o.method, o.route): coverable
        for o, coverable in zip(document.operations, document.coverables, strict=True)
    }
    spared = CONTROL_PATH
    # Outermost first: what a request passes on its way in.
    wrappers: list[Callable[[AsgiApp], AsgiApp]] = [
        partial(Recorder, sandbox=sandbox, credentials=credentials, coverables=coverables, log=log),
        partial(Versioned, versions=Versions(document.version_rules), spared=spared),
        *([partial(Cors, origins=settings.cors_origin, spared=spared)] if settings.cors_origin else []),
    ]
    app: AsgiApp = _connexion(document, sandbox, settings)
    for wrapper in reversed(wrappers):
        app = wrapper(app)
    return app


def _connexion(document: Document, sandbox: Sandbox, settings: Settings) -> ConnexionMiddleware:
    control_spec = _control_spec()
    described = [o for o in operations.find(control_spec, None) if isinstance(o, Operation)]
    bodies = {
        o.id: Body(control_spec["paths"][o.template][o.method.lower()], o.method) for o in described
    }
    control = Control(document, sandbox, starting_data.schemas(document))
    by_name = {_name(o.method, o.route): o for o in document.operations}
    connexion = ConnexionMiddleware(
        Backend(__name__, _workers(control_spec, described)),
        # Outermost first, as above.
        middlewares=[
            ExceptionMiddleware,
            partial(Hosts, allowed=settings.allow_host),
            partial(Limits, max_body=settings.max_body, max_control_body=settings.max_control_body),
            Routing,
            SecurityMiddleware,
            partial(Gate, sandbox=sandbox, realm=document.realm),
            RequestValidationMiddleware,
            partial(Faults, sandbox=sandbox, operations=by_name),
        ],
        uri_parser_class=RawQuery,
    )
    _add_errors(connexion, Routes([*document.operations, *described]))
    records = settings.on_violation == "record"
    mocked = [
        Served(o, api.handler(o, sandbox), Validator(o, strict=settings.strict, defers=records))
        for o in document.operations
    ]
    controls = [
        Served(o, control.handler(o, bodies[o.id]), Validator(o, strict=True, defers=True))
        for o in described
    ]
    try:
        _add_api(connexion, document.mounted(), mocked, Basic)
        mounted = documents.mounted(control_spec, described, CONTROL_PATH)
        _add_api(connexion, mounted, controls, Unchallenged, CONTROL_PATH)
        # Now, and not at the first request: what is wrong with a document must stop the start.
        connexion.app, connexion.middleware_stack = connexion._build_middleware_stack()
    except InvalidSpecification as error:
        problem = Problem(document.file, str(error).splitlines()[0], "correct it there")
        raise CannotServe([problem]) from None
    return connexion


def _control_spec() -> dict[str, Any]:
    path = Path(str(files("mock_server.spec") / "control.yaml"))
    source = sources.read(path)
    return references.resolve(source, path, source.data)


def _workers(control_spec: dict[str, Any], described: Iterable[Operation]) -> dict[str, str]:
    """The worker of each operation that has one, by the names that routing gives to operations."""
    specs = {
        _name(o.method, o.route): control_spec["paths"][o.template][o.method.lower()] for o in described
    }
    return {name: spec["x-worker"] for name, spec in specs.items() if "x-worker" in spec}


@dataclass(frozen=True, slots=True)
class Served:
    """An operation, what answers its requests, and what checks them before."""

    operation: Operation
    handler: Callable[..., Any]
    validator: Validator

    @property
    def name(self) -> str:
        return _name(self.operation.method, self.operation.route)


def _add_api(
    connexion: ConnexionMiddleware,
    spec: dict[str, Any],
    served: Iterable[Served],
    basic: type,
    prefix: str = "",
) -> None:
    handlers = {each.name: each.handler for each in served}
    compiled = CompiledParameters({each.name: each.validator for each in served})
    connexion.add_api(
        spec,
        resolver=ByRoute(prefix, handlers),
        security_map={"basic": basic},
        # Connexion makes one for each request; what it gets is always the same.
        validator_map={"parameter": lambda *_args, **_kwargs: compiled},
    )


def _name(method: str, path: str) -> str:
    """What Connexion and Flask know an operation by; Flask's names can't hold dots."""
    return f"{method.upper()} {path}".replace(".", "%2E")


class ByRoute(Resolver):  # type: ignore[misc]
    """Finds handlers by method and path, since an operationId may be missing or mean anything."""

    def __init__(self, prefix: str, handlers: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__()
        self._prefix = prefix
        self._handlers = handlers

    def resolve(self, operation: Any) -> Resolution:
        name = _name(operation.method, self._prefix + operation.path)
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
        routing = scope["extensions"]["connexion_routing"]
        self._validators[routing["operation_id"]].validate(scope)


class Backend(FlaskASGIApp):  # type: ignore[misc]
    """Flask at the end of Connexion's stack, inline on the event loop and without redirects."""

    def __init__(self, import_name: str, workers: Mapping[str, str]) -> None:
        super().__init__(import_name, {"static_folder": None})
        self.app.url_map.merge_slashes = False
        self.app.url_map.strict_slashes = False
        self.app.register_error_handler(ApiError, _answered)
        self.asgi_app = Bridge(self.app.wsgi_app, workers)

    def add_api(self, specification: Any, **kwargs: Any) -> None:
        self.app.register_blueprint(UndecoratedApi(specification, **kwargs).blueprint)


class UndecoratedApi(FlaskApi):  # type: ignore[misc]
    """Handlers as they are: Connexion's decorators would be built anew at every request."""

    def make_operation(self, operation: Any) -> Any:
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


def _add_errors(connexion: ConnexionMiddleware, routes: Routes) -> None:
    """Every error that a client is answered with passes one of these, and `_rendered`."""

    async def known(request: ConnexionRequest, error: ApiError) -> ConnexionResponse:
        exchange: Exchange = request.scope[EXCHANGE]
        exchange.blame(error.blame, getattr(error, "warnings", ()))
        return _rendered(error)

    async def unrouted(request: ConnexionRequest, error: HTTPException) -> ConnexionResponse:
        if error.status_code not in (404, 405):
            return await unexpected(request, error)
        path = request.scope["path"]
        allowed = routes.methods(path)
        if request.method == "OPTIONS" and allowed:
            return ConnexionResponse(status_code=204, headers={"Allow": ", ".join(allowed)})
        return await known(request, routes.refusal(request.method, path))

    async def unexpected(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
        logger.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
        return _rendered(InternalError())

    connexion.add_error_handler(ApiError, known)
    connexion.add_error_handler(HTTPException, unrouted)
    connexion.add_error_handler(Exception, unexpected)


def _rendered(error: ApiError) -> ConnexionResponse:
    status, headers, body = _parts(error)
    return ConnexionResponse(status_code=status, body=body, headers=headers)


def _answered(error: ApiError) -> flask.Response:
    """What a handler has raised, rendered while a scripted fault can still get at it."""
    status, headers, body = _parts(error)
    return flask.Response(body, status, headers)


def _parts(error: ApiError) -> tuple[int, dict[str, str], bytes]:
    headers = {"Content-Type": JSON, **{_titled(name): value for name, value in error.headers}}
    return error.status, headers, orjson.dumps(error.as_json())


def _titled(name: str) -> str:
    """A header's name as it is written here, however a script spells it."""
    return "-".join(part.capitalize() for part in name.split("-"))
