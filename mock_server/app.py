"""The application: everything composed, one visible list of wrappers, one renderer of errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from mock_server import inspector
from mock_server.control.event_stream import Events
from mock_server.control.request_body import Body
from mock_server.control.router import Control
from mock_server.data import starting_data
from mock_server.errors import ApiError, CannotServe, InternalError, Problem
from mock_server.formats import source_file
from mock_server.openapi import mounting, operations, references
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation
from mock_server.openapi.request_validation import JSON_TYPE, Validator
from mock_server.openapi.route_hints import Routes
from mock_server.pipeline import list_handler
from mock_server.pipeline.admission import Gate
from mock_server.pipeline.basic_auth import Credentials
from mock_server.pipeline.body_limit import Limits
from mock_server.pipeline.connexion_parts import (
    Backend,
    Basic,
    ByRoute,
    CompiledParameters,
    ConnexionMiddleware,
    ConnexionRequest,
    ConnexionResponse,
    ExceptionMiddleware,
    InvalidSpecification,
    RawQuery,
    RequestValidationMiddleware,
    Routing,
    SecurityMiddleware,
    Unchallenged,
    rendered,
    route_name,
)
from mock_server.pipeline.cors import Cors
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.fault_injection import Faults
from mock_server.pipeline.host_check import Hosts
from mock_server.pipeline.recorder import Recorder
from mock_server.pipeline.response_cache import Replay
from mock_server.pipeline.version_header import Versioned, Versions
from mock_server.sandbox.sandbox import Sandbox
from mock_server.server.access_log import AccessLog
from mock_server.server.asgi import AsgiApp
from mock_server.settings import CONTROL_PATH, Settings
from mock_server.verdict import coverage

logger = logging.getLogger("mock_server")


def build(
    document: Document, sandbox: Sandbox, settings: Settings, log: AccessLog | None = None
) -> AsgiApp:
    """The ASGI application that serves a document from a sandbox, and the control API beside it.

    Raises CannotServe if Connexion refuses the document.
    """
    credentials = Credentials(settings.credentials, document.realm)
    by_route = {
        route_name(o.method, o.route): coverable
        for o, coverable in zip(document.operations, coverage.coverables(document), strict=True)
    }
    spared = CONTROL_PATH
    # Outermost first: what a request passes on its way in.
    wrappers: list[Callable[[AsgiApp], AsgiApp]] = [
        partial(Recorder, sandbox=sandbox, credentials=credentials, coverables=by_route, log=log),
        partial(Replay, sandbox=sandbox, described=document.header_parameters),
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
    by_name = {route_name(o.method, o.route): o for o in document.operations}
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
            partial(Events, sandbox=sandbox, path=_stream(described)),
            partial(Faults, sandbox=sandbox, operations=by_name),
        ],
        uri_parser_class=RawQuery,
    )
    _add_errors(connexion, Routes([*document.operations, *described]))
    records = settings.on_violation == "record"
    mocked = [
        Served(o, list_handler.handler(o, sandbox), Validator(o, strict=settings.strict, defers=records))
        for o in document.operations
    ]
    controls = [
        Served(
            o,
            inspector.HANDLERS.get(o.id) or control.handler(o, bodies[o.id]),
            Validator(o, strict=True, defers=True, media_types=_media_types(control_spec, o)),
        )
        for o in described
    ]
    try:
        mounted = mounting.routing_document(document.effective, document.operations)
        _add_api(connexion, mounted, mocked, Basic)
        mounted = mounting.routing_document(control_spec, described, CONTROL_PATH)
        _add_api(connexion, mounted, controls, Unchallenged, CONTROL_PATH)
        # Now, and not at the first request: what is wrong with a document must stop the start.
        connexion.app, connexion.middleware_stack = connexion._build_middleware_stack()
    except InvalidSpecification as error:
        problem = Problem(document.file, str(error).splitlines()[0], "correct it there")
        raise CannotServe([problem]) from None
    return connexion


@cache
def _control_spec() -> dict[str, Any]:
    """The control API's own document, which nobody changes."""
    path = Path(str(files("mock_server.spec") / "control.yaml"))
    source = source_file.read(path)
    return references.resolve(source, path, source.data)


def _workers(control_spec: dict[str, Any], described: Iterable[Operation]) -> dict[str, str]:
    """The worker of each operation that has one, by the names that routing gives to operations."""
    specs = {
        route_name(o.method, o.route): control_spec["paths"][o.template][o.method.lower()]
        for o in described
    }
    return {name: spec["x-worker"] for name, spec in specs.items() if "x-worker" in spec}


def _stream(described: Iterable[Operation]) -> str:
    """The path of the stream of events."""
    return next(o.path for o in described if o.id == "streamEvents")


def _media_types(control_spec: dict[str, Any], operation: Operation) -> Iterable[str]:
    """The media types that a call is answered with; its errors are JSON all the same."""
    responses = control_spec["paths"][operation.template][operation.method.lower()]["responses"]
    return next(iter(responses.values())).get("content") or (JSON_TYPE,)


@dataclass(frozen=True, slots=True)
class Served:
    """An operation, what answers its requests, and what checks them before."""

    operation: Operation
    handler: Callable[..., Any]
    validator: Validator

    @property
    def name(self) -> str:
        return route_name(self.operation.method, self.operation.route)


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
    status, headers, body = rendered(error)
    return ConnexionResponse(status_code=status, body=body, headers=headers)
