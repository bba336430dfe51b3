"""The application: composes a pipeline of wrappers for the mocked API and one for the control API."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mock_server.application import Application, Parts, Shared
from mock_server.control import control_document, event_stream
from mock_server.control.call import Context
from mock_server.control.control_document import control_operations
from mock_server.control.event_stream import EventStreams
from mock_server.data import starting_data
from mock_server.openapi import error_shape, mounting
from mock_server.openapi.document import Document
from mock_server.openapi.route_hints import Routes
from mock_server.pipeline import idempotency
from mock_server.pipeline.access_logging import AccessLogging
from mock_server.pipeline.admission import Admission
from mock_server.pipeline.body_limit import BodiesUnderWay, BodyLimit
from mock_server.pipeline.calling_account import ActingAccount, CallingAccount
from mock_server.pipeline.connexion_parts import ExceptionMiddleware, SecurityMiddleware
from mock_server.pipeline.cors import cors, cors_of_paths
from mock_server.pipeline.credentials import Credentials
from mock_server.pipeline.error_rendering import render
from mock_server.pipeline.exchange import Facts
from mock_server.pipeline.fault_injection import FaultInjection
from mock_server.pipeline.host_check import HostCheck
from mock_server.pipeline.landing import ControlLanding, Landing
from mock_server.pipeline.latency import Delaying
from mock_server.pipeline.older_versions import OlderVersionsReady
from mock_server.pipeline.operation_rates import rate_finder
from mock_server.pipeline.recorder import Recorder
from mock_server.pipeline.response_cache import ResponseCache, headers_read
from mock_server.pipeline.routing import PagePreparation, Preparation
from mock_server.pipeline.streaming import Streaming
from mock_server.pipeline.version_choice import OlderVersion, VersionChoice, VersionPipeline
from mock_server.pipeline.version_header import VersionHeaders
from mock_server.pipeline.walk_tracking import WalkTracking
from mock_server.pipeline.worker_turns import WorkerTurns
from mock_server.sandbox import chaos
from mock_server.sandbox.fault_checks import page_faults
from mock_server.sandbox.sandbox import SandboxState
from mock_server.served_operations import (
    body_secrets,
    control_calls,
    control_workers,
    coverables,
    example_workers,
    mocked_operations,
    needs,
)
from mock_server.server.access_log import AccessLog
from mock_server.server.asgi import AsgiApp
from mock_server.settings import CONTROL_PATH, Settings
from mock_server.stack import QUICK, Routed, Stack

Wrapper = Callable[[AsgiApp], AsgiApp]


def build(
    document: Document,
    sandbox: SandboxState,
    settings: Settings,
    log: AccessLog | None = None,
    stack: Stack = QUICK,
) -> AsgiApp:
    """Return the ASGI application that serves a document from a sandbox, and the control API beside it.

    `log` is None for no access log. `stack` is another one in tests alone.
    """
    return with_log(compose(document, sandbox, settings, stack=stack), log)


def with_log(application: Application, log: AccessLog | None) -> AsgiApp:
    """Return the application with an access log, or as it is where that is None."""
    health_path = control_document.path_of("health")
    return application if log is None else AccessLogging(application, log, health_path)


def compose(
    document: Document,
    sandbox: SandboxState,
    settings: Settings,
    before: Application | None = None,
    stack: Stack = QUICK,
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
    parts = Parts(document, sandbox, settings, credentials, routes, shared, stack)
    parts = parts._replace(older=tuple(_older_versions(parts)))
    mock, control = _mock_pipeline(parts), _control_pipeline(parts)
    return Application(mock, mock if routes.has("/") else Landing(mock), control, parts)


def _mock_pipeline(parts: Parts) -> AsgiApp:
    """Return the pipeline of the mocked API; a request passes the wrappers in the order listed here."""
    document, sandbox, settings = parts.document, parts.sandbox, parts.settings
    rates = rate_finder(document) if settings.rate_limit else None
    facts = Facts(coverables(document), body_secrets(document), rates)
    outer: list[Wrapper] = [
        partial(
            Recorder,
            sandbox=sandbox,
            credentials=parts.credentials,
            facts=facts,
            versions=VersionHeaders.of(document),
        ),
        *([partial(Delaying, latency=settings.latency, seed=settings.seed)] if settings.latency else []),
        *_crossing(parts),
        *_choosing_versions(parts),
    ]
    return _apply_wrappers(_version_pipeline(parts, facts), outer)


def _choosing_versions(parts: Parts) -> list[Wrapper]:
    """Return the wrapper that chooses the pipeline by the version; empty where there is only one."""
    document = parts.document
    if not parts.older:
        return []
    headers = VersionHeaders.of(document).names
    return [partial(VersionChoice, headers=headers, older=parts.older, shape=document.error_shape)]


def _older_versions(parts: Parts) -> list[OlderVersion]:
    """Return the older versions of a document, which are compiled when they are asked for."""
    sandbox = parts.sandbox

    def compose_version(older: Document) -> VersionPipeline:
        routes = Routes([*older.operations, *control_operations()])
        own = parts._replace(document=older, routes=routes)
        facts = Facts(coverables(older), body_secrets(older))
        return VersionPipeline(_version_pipeline(own, facts), facts)

    def install(older: Document) -> Callable[[], None]:
        sandbox.add_fields(starting_data.further_fields(older))
        return partial(sandbox.add_older, starting_data.load_older(older, parts.settings))

    return [OlderVersion(each, compose_version, install) for each in parts.document.older]


def _version_pipeline(parts: Parts, facts: Facts) -> AsgiApp:
    """Return what answers the requests of one document: of one version, where there are several."""
    document, sandbox, settings, stack = parts.document, parts.sandbox, parts.settings, parts.stack
    served = mocked_operations(document, sandbox, settings, facts.secrets)
    keyed, needed = idempotency.rules_of(document), needs(served)
    cache = partial(ResponseCache, sandbox=sandbox, read=headers_read(document, settings))
    inner: list[Any] = [
        ExceptionMiddleware,
        partial(BodyLimit, size=settings.max_body, flag="--max-body", under_way=parts.shared.bodies),
        stack.routing,
        Admission,
        partial(Preparation, needs=needed),
        stack.validation,
        partial(PagePreparation, needs=needed),
        WalkTracking,
        *([partial(idempotency.IdempotencyKeys, sandbox=sandbox, rules=keyed)] if keyed else []),
        partial(FaultInjection, sandbox=sandbox, render=partial(render, shape=document.error_shape)),
        *([partial(idempotency.AnswerKeeping, sandbox=sandbox)] if keyed else []),
    ]
    spec = mounting.routing_document(document.effective, document.operations)
    routed = Routed(spec, served, parts.routes, document.error_shape, example_workers(document))
    app = stack.build(inner, routed)
    return cache(app) if stack.caches else app


def _crossing(parts: Parts) -> list[Wrapper]:
    """Return the wrapper for calls from pages of other origins; empty where none are allowed."""
    origins = parts.settings.cors_origin
    return [partial(cors, origins=origins, methods=parts.routes.methods)] if origins else []


def _control_pipeline(parts: Parts) -> AsgiApp:
    """Return the pipeline of the control API, which serves the inspector's page too."""
    sandbox, settings, stack = parts.sandbox, parts.settings, parts.stack
    documents = [control_document.path_of(each) for each in control_document.DOCUMENTS]
    replica, accounts = settings.replica_name, sandbox.accounts
    calling = partial(CallingAccount, credentials=parts.credentials, accounts=accounts, replica=replica)
    outer: list[Wrapper] = [calling]
    workers = control_workers()
    if settings.cors_origin:
        outer.insert(0, partial(cors_of_paths, origins=settings.cors_origin, paths=documents))
    inner: list[Any] = [
        ExceptionMiddleware,
        partial(HostCheck, allowed=settings.allow_host),
        ControlLanding,
        stack.routing,
        SecurityMiddleware,
        partial(
            BodyLimit,
            size=settings.max_control_body,
            flag="--max-control-body",
            under_way=parts.shared.bodies,
            # What needs no credentials takes no body.
            reads_anonymous=False,
        ),
        *_awaiting_older(parts),
        stack.validation,
        partial(ActingAccount, accounts=sandbox.accounts),
        partial(
            Streaming,
            path=control_document.path_of("streamEvents"),
            headers=event_stream.HEADERS,
            pieces=parts.shared.streams.events,
        ),
        partial(WorkerTurns, workers=workers),
    ]
    spec = mounting.routing_document(control_document.spec(), control_operations(), CONTROL_PATH)
    control_document.add_security(spec, is_checked=bool(settings.credentials))
    served = control_calls(Context(sandbox, parts.document, settings))
    routed = Routed(spec, served, parts.routes, error_shape.BUILT_IN, workers, CONTROL_PATH)
    return _apply_wrappers(stack.build(inner, routed), outer)


def _awaiting_older(parts: Parts) -> list[Wrapper]:
    """Return the wrapper for calls about what older documents have; empty where there is none."""
    path_of = control_document.path_of
    always = [path_of(each) for each in ("loadFixtures", "getFixtureSchema")]
    waiting = partial(
        OlderVersionsReady,
        older=parts.older,
        known=parts.document.resources,
        collections=path_of("listRecords").partition("{")[0],
        always=always,
    )
    return [waiting] if parts.older else []


def _apply_wrappers(app: AsgiApp, wrappers: list[Wrapper]) -> AsgiApp:
    for wrapper in reversed(wrappers):
        app = wrapper(app)
    return app
