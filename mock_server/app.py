"""The application: composes a pipeline of wrappers for the mocked API and one for the control API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from mock_server.control import control_document, event_stream
from mock_server.control.call import Context
from mock_server.control.control_document import control_operations
from mock_server.control.event_stream import EventStreams
from mock_server.openapi import error_shape, mounting
from mock_server.openapi.document import Document
from mock_server.openapi.error_shape import ErrorShape
from mock_server.openapi.operations import Operation
from mock_server.openapi.route_hints import Routes
from mock_server.pipeline import idempotency
from mock_server.pipeline.access_logging import AccessLogging
from mock_server.pipeline.admission import Admission
from mock_server.pipeline.body_limit import BodiesUnderWay, BodyLimit
from mock_server.pipeline.calling_account import ActingAccount, CallingAccount
from mock_server.pipeline.compiled import Compiled
from mock_server.pipeline.connexion_parts import (
    Backend,
    Connexion,
    ExceptionMiddleware,
    RequestValidationMiddleware,
    SecurityMiddleware,
)
from mock_server.pipeline.cors import cors, cors_of_paths
from mock_server.pipeline.credentials import Credentials, Unchallenged
from mock_server.pipeline.error_rendering import (
    add_error_handlers,
    flask_response,
    render,
    render_refusal,
)
from mock_server.pipeline.fault_injection import FaultInjection
from mock_server.pipeline.host_check import HostCheck
from mock_server.pipeline.landing import Landing
from mock_server.pipeline.latency import Delaying
from mock_server.pipeline.operation_rates import rate_finder
from mock_server.pipeline.recorder import Facts, Recorder
from mock_server.pipeline.response_cache import ResponseCache, headers_read
from mock_server.pipeline.routing import (
    ControlRouting,
    Preparation,
    RequestValidators,
    RouteResolver,
    Routing,
    UnparsedQuery,
    route_name,
)
from mock_server.pipeline.streaming import Streaming
from mock_server.pipeline.version_header import VersionHeaders
from mock_server.pipeline.walk_tracking import WalkTracking
from mock_server.pipeline.worker_turns import WorkerTurns
from mock_server.sandbox import chaos
from mock_server.sandbox.fault_checks import page_faults
from mock_server.sandbox.sandbox import SandboxState
from mock_server.served_operations import (
    ServedOperation,
    body_secrets,
    control_calls,
    control_workers,
    coverables,
    example_workers,
    mocked_operations,
    needs,
)
from mock_server.server.access_log import AccessLog, Shown
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.server.lingering_close import Refusal
from mock_server.settings import CONTROL_PATH, Settings, is_below

Wrapper = Callable[[AsgiApp], AsgiApp]


class Shared(NamedTuple):
    """What is bounded for a whole server, whatever document it serves meanwhile."""

    bodies: BodiesUnderWay
    streams: EventStreams


class Parts(NamedTuple):
    """The parts that both pipelines share."""

    document: Document
    sandbox: SandboxState
    settings: Settings
    credentials: Credentials
    routes: Routes
    shared: Shared


def build(
    document: Document, sandbox: SandboxState, settings: Settings, log: AccessLog | None = None
) -> AsgiApp:
    """Return the ASGI application that serves a document from a sandbox, and the control API beside it.

    `log` is None for no access log.
    """
    return with_log(compose(document, sandbox, settings), log)


def with_log(application: Application, log: AccessLog | None) -> AsgiApp:
    """Return the application with an access log, or as it is where that is None."""
    health_path = control_document.path_of("health")
    return application if log is None else AccessLogging(application, log, health_path)


class Application:
    """The pipelines of the mocked API and of the control API, as one ASGI application.

    `root` answers `/`. `show` returns what of a request may be shown. `shared` outlives it where
    another document is served in its place.
    """

    def __init__(self, mock: AsgiApp, root: AsgiApp, control: AsgiApp, parts: Parts) -> None:
        self._mock, self._root, self._control = mock, root, control
        self.show: Callable[[Scope], Shown] = parts.credentials.show
        self.shared = parts.shared
        self._shape = parts.document.error_shape

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        path = scope["path"]
        if path.startswith(CONTROL_PATH) and is_below(path, CONTROL_PATH):
            return self._control(scope, receive, send)
        return (self._root if path == "/" else self._mock)(scope, receive, send)

    def describe_refusal(self, refusal: Refusal) -> tuple[str, bytes]:
        """Return the media type and the body of what refuses a request that no pipeline gets.

        Calls of the control API have its shape, whatever the document says of errors.
        """
        path = refusal.url.partition(b"?")[0].decode("latin-1")
        shape = error_shape.BUILT_IN if is_below(path, CONTROL_PATH) else self._shape
        return render_refusal(refusal, shape)

    def become(self, other: Application) -> None:
        """Answer with the pipelines of another one from now on; requests under way go on in these."""
        self._mock, self._root, self._control = other._mock, other._root, other._control
        self.show, self._shape = other.show, other._shape


def compose(
    document: Document, sandbox: SandboxState, settings: Settings, before: Application | None = None
) -> Application:
    """Return the application without an access log.

    Where it is to take the place of another one, `before`, that one's bodies and streams count on.
    """
    chaos.require_playable(settings.chaos, page_faults(document.operations))
    credentials = Credentials(settings.credentials, document)
    routes = Routes([*document.operations, *control_operations()])
    shared = (
        before.shared if before else Shared(BodiesUnderWay(settings.max_bodies), EventStreams(sandbox))
    )
    parts = Parts(document, sandbox, settings, credentials, routes, shared)
    mock, control = _mock_pipeline(parts), _control_pipeline(parts)
    return Application(mock, mock if routes.has("/") else Landing(mock), control, parts)


def _mock_pipeline(parts: Parts) -> AsgiApp:
    """Return the pipeline of the mocked API; a request passes the wrappers in the order listed here."""
    document, sandbox, settings = parts.document, parts.sandbox, parts.settings
    secrets = body_secrets(document)
    served = mocked_operations(document, sandbox, settings, secrets)
    keyed = idempotency.rules_of(document)
    rates = rate_finder(document) if settings.rate_limit else None
    outer: list[Wrapper] = [
        partial(
            Recorder,
            sandbox=sandbox,
            credentials=parts.credentials,
            facts=Facts(coverables(document), secrets, rates),
            versions=VersionHeaders(document.version_rules),
        ),
        *([partial(Delaying, latency=settings.latency, seed=settings.seed)] if settings.latency else []),
        *_crossing(parts),
        partial(ResponseCache, sandbox=sandbox, read=headers_read(document, settings)),
    ]
    inner: list[Any] = [
        ExceptionMiddleware,
        partial(BodyLimit, size=settings.max_body, flag="--max-body", under_way=parts.shared.bodies),
        Routing,
        Admission,
        partial(Preparation, needs=needs(served)),
        RequestValidationMiddleware,
        WalkTracking,
        *([partial(idempotency.IdempotencyKeys, sandbox=sandbox, rules=keyed)] if keyed else []),
        partial(FaultInjection, sandbox=sandbox, render=partial(render, shape=document.error_shape)),
        *([partial(idempotency.AnswerKeeping, sandbox=sandbox)] if keyed else []),
    ]
    workers = example_workers(document)
    connexion = _new_connexion(inner, parts.routes, document.error_shape, workers)
    spec = mounting.routing_document(document.effective, document.operations)
    _mount(connexion, spec, served)
    return _apply_wrappers(_with_stack(connexion), outer)


def _crossing(parts: Parts) -> list[Wrapper]:
    """Return the wrapper for calls from pages of other origins; empty where none are allowed."""
    origins = parts.settings.cors_origin
    return [partial(cors, origins=origins, methods=parts.routes.methods)] if origins else []


def _control_pipeline(parts: Parts) -> AsgiApp:
    """Return the pipeline of the control API, which serves the inspector's page too."""
    sandbox, settings = parts.sandbox, parts.settings
    documents = [control_document.path_of(each) for each in control_document.DOCUMENTS]
    calling = partial(CallingAccount, credentials=parts.credentials, accounts=sandbox.accounts)
    outer: list[Wrapper] = [calling]
    workers = control_workers()
    if settings.cors_origin:
        outer.insert(0, partial(cors_of_paths, origins=settings.cors_origin, paths=documents))
    inner: list[Any] = [
        ExceptionMiddleware,
        partial(HostCheck, allowed=settings.allow_host),
        ControlRouting,
        SecurityMiddleware,
        partial(
            BodyLimit,
            size=settings.max_control_body,
            flag="--max-control-body",
            under_way=parts.shared.bodies,
            # What needs no credentials takes no body.
            reads_anonymous=False,
        ),
        RequestValidationMiddleware,
        partial(ActingAccount, accounts=sandbox.accounts),
        partial(
            Streaming,
            path=control_document.path_of("streamEvents"),
            headers=event_stream.HEADERS,
            pieces=parts.shared.streams.events,
        ),
        partial(WorkerTurns, workers=workers),
    ]
    connexion = _new_connexion(inner, parts.routes, error_shape.BUILT_IN, workers)
    spec = mounting.routing_document(control_document.spec(), control_operations(), CONTROL_PATH)
    control_document.add_security(spec, is_checked=bool(settings.credentials))
    served = control_calls(Context(sandbox, parts.document))
    _mount(connexion, spec, served, CONTROL_PATH)
    return _apply_wrappers(_with_stack(connexion), outer)


def _route_name(operation: Operation) -> str:
    return route_name(operation.method, operation.route)


def _new_connexion(
    wrappers: list[Any], routes: Routes, shape: ErrorShape, workers: Mapping[str, str] | None = None
) -> Connexion:
    backend = Backend(__name__, partial(flask_response, shape=shape), workers or {})
    connexion = Connexion(backend, middlewares=wrappers, uri_parser_class=UnparsedQuery)
    add_error_handlers(connexion, routes, shape)
    return connexion


def _mount(
    connexion: Connexion,
    spec: dict[str, Any],
    served: Iterable[ServedOperation],
    prefix: str = "",
) -> None:
    handlers = {_route_name(each.operation): each.handler for each in served}
    sources = {_route_name(each.operation): each.make_validator for each in served}
    references = {_route_name(each.operation): each.references for each in served if each.references}
    validators = RequestValidators(Compiled(sources, lambda make: make()), references)
    connexion.add_api(
        spec,
        resolver=RouteResolver(prefix, handlers),
        # Of the control API alone: admission checks the credentials of the mocked API's requests.
        security_map={"basic": Unchallenged},
        # Connexion calls this for each request, to make a validator.
        validator_map={"parameter": validators.for_request},
    )


def _with_stack(connexion: Connexion) -> AsgiApp:
    """Return the application with its stack of middleware built.

    Connexion by itself builds the stack at the first request, which would wait for it.
    """
    connexion.app, connexion.middleware_stack = connexion._build_middleware_stack()
    app: AsgiApp = connexion
    return app


def _apply_wrappers(app: AsgiApp, wrappers: list[Wrapper]) -> AsgiApp:
    for wrapper in reversed(wrappers):
        app = wrapper(app)
    return app
