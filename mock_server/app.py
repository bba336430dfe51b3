"""The application: everything composed, in two pipelines of wrappers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from mock_server import inspector
from mock_server.control import control_document, event_stream, router
from mock_server.control.call import Context
from mock_server.control.control_document import control_operations
from mock_server.errors import CannotServe, Problem
from mock_server.openapi import mounting
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation
from mock_server.openapi.request_validation import Validator
from mock_server.openapi.route_hints import Routes
from mock_server.pipeline import list_handler
from mock_server.pipeline.access_logging import AccessLogging
from mock_server.pipeline.admission import Admission
from mock_server.pipeline.basic_auth import Basic, Credentials, Unchallenged
from mock_server.pipeline.body_limit import BodyLimit
from mock_server.pipeline.calling_account import CallingAccount
from mock_server.pipeline.connexion_parts import (
    Backend,
    ConnexionMiddleware,
    ExceptionMiddleware,
    InvalidSpecification,
    RequestValidationMiddleware,
    SecurityMiddleware,
)
from mock_server.pipeline.cors import cors
from mock_server.pipeline.error_rendering import add_error_handlers, flask_response
from mock_server.pipeline.fault_injection import FaultInjection
from mock_server.pipeline.host_check import HostCheck
from mock_server.pipeline.recorder import Recorder
from mock_server.pipeline.response_cache import ResponseCache
from mock_server.pipeline.routing import (
    ByRoute,
    ControlRouting,
    RawQuery,
    RequestValidators,
    Routing,
    route_name,
)
from mock_server.pipeline.streaming import Streaming
from mock_server.pipeline.version_header import VersionHeaders
from mock_server.pipeline.walk_tracking import WalkTracking
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server.access_log import AccessLog
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.settings import CONTROL_PATH, Settings, is_below
from mock_server.verdict.coverage import coverables

Wrapper = Callable[[AsgiApp], AsgiApp]


def build(
    document: Document, sandbox: SandboxState, settings: Settings, log: AccessLog | None = None
) -> AsgiApp:
    """Return the ASGI application that serves a document from a sandbox, and the control API beside it.

    Raise CannotServe where Connexion refuses the document.
    """
    credentials = Credentials(settings.credentials, document.realm)
    routes = Routes([*document.operations, *control_operations()])
    mock = _mock_pipeline(document, sandbox, settings, credentials, routes)
    control = _control_pipeline(document, sandbox, settings, credentials, routes)

    def door(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path = scope["path"]
        is_control = path.startswith(CONTROL_PATH) and is_below(path, CONTROL_PATH)
        return control(scope, receive, send) if is_control else mock(scope, receive, send)

    return door if log is None else AccessLogging(door, log)


def _mock_pipeline(
    document: Document,
    sandbox: SandboxState,
    settings: Settings,
    credentials: Credentials,
    routes: Routes,
) -> AsgiApp:
    """Return the mocked API. Every answer has a version, so that the recorder adds it."""
    names = [route_name(o.method, o.route) for o in document.operations]
    by_name = dict(zip(names, coverables(document), strict=True))
    versions = VersionHeaders(document.version_rules)
    # Outermost first: what a request passes on its way in.
    before: list[Wrapper] = [
        partial(
            Recorder, sandbox=sandbox, credentials=credentials, coverables=by_name, versions=versions
        ),
        *([partial(cors, origins=settings.cors_origin)] if settings.cors_origin else []),
        partial(ResponseCache, sandbox=sandbox, described=document.header_parameters),
    ]
    connexion = ConnexionMiddleware(
        Backend(__name__, flask_response),
        middlewares=[
            ExceptionMiddleware,
            partial(BodyLimit, size=settings.max_body, flag="--max-body"),
            Routing,
            SecurityMiddleware,
            partial(Admission, sandbox=sandbox, realm=document.realm),
            RequestValidationMiddleware,
            WalkTracking,
            partial(FaultInjection, sandbox=sandbox),
        ],
        uri_parser_class=RawQuery,
    )
    records = settings.on_violation == "record"
    served = [
        ServedOperation(o, list_handler.handler(o), Validator(o, strict=settings.strict, defers=records))
        for o in document.operations
    ]
    add_error_handlers(connexion, routes)
    _add_api(
        connexion, mounting.routing_document(document.effective, document.operations), served, Basic
    )
    _finish(connexion, document.file)
    return _wrapped(connexion, before)


def _control_pipeline(
    document: Document,
    sandbox: SandboxState,
    settings: Settings,
    credentials: Credentials,
    routes: Routes,
) -> AsgiApp:
    """Return the control API, and the inspector's page, which consists of some of its calls."""
    before: list[Wrapper] = [partial(CallingAccount, credentials=credentials, accounts=sandbox.accounts)]
    connexion = ConnexionMiddleware(
        Backend(__name__, flask_response, _workers()),
        middlewares=[
            ExceptionMiddleware,
            partial(HostCheck, allowed=settings.allow_host),
            ControlRouting,
            SecurityMiddleware,
            partial(BodyLimit, size=settings.max_control_body, flag="--max-control-body"),
            RequestValidationMiddleware,
            partial(
                Streaming,
                path=control_document.path_of("streamEvents"),
                headers=event_stream.HEADERS,
                pieces=partial(event_stream.events, sandbox),
            ),
        ],
        uri_parser_class=RawQuery,
    )
    handlers = {**inspector.HANDLERS, **router.handlers(Context(sandbox, document))}
    served = [
        ServedOperation(
            o,
            handlers[o.id],
            Validator(o, strict=True, defers=True, media_types=control_document.media_types(o)),
        )
        for o in control_operations()
    ]
    add_error_handlers(connexion, routes)
    mounted = mounting.routing_document(control_document.spec(), control_operations(), CONTROL_PATH)
    _add_api(connexion, mounted, served, Unchallenged, CONTROL_PATH)
    _finish(connexion, "control.yaml")
    return _wrapped(connexion, before)


def _workers() -> dict[str, str]:
    """Return the worker of each operation that has one, by the names that routing gives them."""
    workers = [(o, control_document.worker(o)) for o in control_operations()]
    return {route_name(o.method, o.route): name for o, name in workers if name is not None}


@dataclass(frozen=True, slots=True)
class ServedOperation:
    """An operation, what answers its requests, and what checks them before."""

    operation: Operation
    handler: Callable[..., Any]
    validator: Validator

    @property
    def name(self) -> str:
        """Return the name by which routing knows the operation."""
        return route_name(self.operation.method, self.operation.route)


def _add_api(
    connexion: ConnexionMiddleware,
    spec: dict[str, Any],
    served: Iterable[ServedOperation],
    basic: type,
    prefix: str = "",
) -> None:
    handlers = {each.name: each.handler for each in served}
    validators = RequestValidators({each.name: each.validator for each in served})
    connexion.add_api(
        spec,
        resolver=ByRoute(prefix, handlers),
        security_map={"basic": basic},
        # Connexion makes a validator for each request; it gets the same one always.
        validator_map={"parameter": validators.given},
    )


def _finish(connexion: ConnexionMiddleware, file: str) -> None:
    """Build Connexion's stack now, and not at the first request: a wrong document stops the start."""
    try:
        connexion.app, connexion.middleware_stack = connexion._build_middleware_stack()
    except InvalidSpecification as error:
        problem = Problem(file, str(error).splitlines()[0], "correct it there")
        raise CannotServe([problem]) from None


def _wrapped(app: AsgiApp, wrappers: list[Wrapper]) -> AsgiApp:
    for wrapper in reversed(wrappers):
        app = wrapper(app)
    return app
