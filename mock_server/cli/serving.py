"""Serve a document until the process is told to stop, and judge what was sent."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mock_server.cli.options import (
    FALLS_SHORT,
    REFUSED,
    load_document,
    refusals,
    say_written,
    show_errors,
)
from mock_server.formats import atomic_file
from mock_server.settings import Settings, Standard, causes
from mock_server.shown_text import printable

if TYPE_CHECKING:
    from mock_server.openapi.document import Document
    from mock_server.sandbox.sandbox import SandboxState
    from mock_server.server.tls import Tls

# How long a report waits for a reader of its pipe who takes nothing, in seconds.
_PATIENCE = 0.2

# Modules that import many others, from the lowest. In this order, no import is nested deeply in others.
# Where one is, each call that crosses the end of a piece of Python's stack takes a new piece from the
# system, and gives it back: 1,400 times in a start, which is 10 ms.
_FROM_BELOW = (
    "formats.source_file", "openapi.schema_errors", "openapi.list_shapes", "openapi.documents",
    "data.starting_data", "server.server", "pipeline.wsgi_bridge", "pipeline.connexion_parts",
)  # fmt: skip

_ANY_HOST = (
    "mock-server: --allow-host '*' lets a page of any site call the control API, by a name of that site "
    "that leads here; name the hosts instead."
)


def import_server() -> None:
    """Import what a server needs."""
    for name in _FROM_BELOW:
        import_module(f"mock_server.{name}")


@contextmanager
def starting(status: int) -> Iterator[None]:
    """Start without garbage collection, since nothing is garbage yet; SIGTERM exits with a status."""
    gc.disable()  # `server.run` enables it when requests are answered.
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, lambda *_: os._exit(status)) if is_main else None
    try:
        yield
    finally:
        gc.enable()
        if is_main:
            signal.signal(signal.SIGTERM, before)


def run_server(settings: Settings) -> None:
    # Imported here, as everywhere below, so that --help and a wrong flag don't wait for it.
    from mock_server import app, banner
    from mock_server.cli.watching import Files, Watch
    from mock_server.sandbox.sandbox import SandboxState
    from mock_server.server import server, standard_streams, tls
    from mock_server.server.access_log import AccessLog

    with refusals(REFUSED):
        secured = tls.load(settings)
        for path in (settings.report, settings.tls_ca_out):
            if path is not None:
                atomic_file.require(path)
        files = Files(settings, partial(load_document, settings))
        served = files.load()
        sandbox = SandboxState(served.data.collections, settings)
        application = app.compose(served.document, sandbox, settings)
        with show_errors(server.CannotListen):
            listening = server.listen(settings.host, settings.port)
        _write_ca(settings, secured)
    _warn(settings, secured)
    click.echo(banner.warnings(served.document), nl=False, err=True)
    message = banner.ready(served.document, served.data, settings, server.url(listening, secured))
    ready = partial(click.echo, message, nl=False)
    watch = Watch(settings, files, served)
    follow = partial(watch.follow, sandbox, application) if settings.watch else None
    stderr = standard_streams.unlocked(sys.stderr)
    log = None if settings.quiet else AccessLog(stderr, settings.log_format)
    with standard_streams.detached(), closing(log) if log else nullcontext():
        serving = server.HttpServer(
            app.with_log(application, log),
            keep_alive=settings.keep_alive,
            tls=secured,
            on_ready=ready,
            background=follow,
        )
        server.run(serving, listening)
    if settings.report is not None:
        with standard_streams.detached():
            _judge(watch.served.document, sandbox, settings, settings.report)


def _write_ca(settings: Settings, secured: Tls | None) -> None:
    """Write what clients have to trust; only when the port is bound, on which another server may be."""
    if settings.tls_ca_out is not None and secured is not None and secured.ca is not None:
        atomic_file.write(settings.tls_ca_out, [secured.ca])


def _warn(settings: Settings, secured: Tls | None) -> None:
    if secured is not None and secured.warning is not None:
        click.echo(f"mock-server: {printable(secured.warning, None)}", err=True)
    if "*" in settings.allow_host:
        click.echo(_ANY_HOST, err=True)


def _judge(document: Document, sandbox: SandboxState, settings: Settings, path: Path) -> None:
    """Write the report of all accounts, and exit with FALLS_SHORT if it does."""
    from mock_server.report import model, writer
    from mock_server.sandbox.account_pool import ALL
    from mock_server.verdict import verdict
    from mock_server.verdict.coverage import coverables

    fail_on = causes(settings.fail_on, allow_empty=settings.allow_empty)
    standard = Standard(fail_on, settings.fail_under, settings.fail_under_all)
    found = verdict.report(sandbox, coverables(document.compiled), ALL, standard)
    with refusals(REFUSED):
        writer.write(found, path, settings.report_format, _PATIENCE)
    say_written(path, model.outcome(found, atomic_file.name(path)))
    if not found["passed"]:
        sys.exit(FALLS_SHORT)
