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
from mock_server.settings import Settings, causes

if TYPE_CHECKING:
    from mock_server.openapi.document import Document
    from mock_server.sandbox.sandbox import SandboxState


_ANY_HOST = (
    "mock-server: --allow-host '*' lets a page of any site call the control API, by a name of that site "
    "that leads here; name the hosts instead."
)


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
    from mock_server.data import fixture_reload, starting_data
    from mock_server.sandbox.sandbox import SandboxState
    from mock_server.server import server
    from mock_server.server.access_log import AccessLog

    with refusals(REFUSED):
        document = load_document(settings)
        if settings.report is not None:
            atomic_file.require(settings.report)
        data = starting_data.load(document, settings)
        sandbox = SandboxState(data.collections, settings)
        log = None if settings.quiet else AccessLog(sys.stderr, settings.log_format)
        application = app.build(document, sandbox, settings, log)
        with show_errors(server.CannotListen):
            listening = server.listen(settings.host, settings.port)
    if "*" in settings.allow_host:
        click.echo(_ANY_HOST, err=True)
    message = banner.ready(document, data, settings, server.url(listening))
    ready = partial(click.echo, message, nl=False)
    reload = partial(fixture_reload.reload_on_change, document, settings, sandbox.replace)
    with closing(log) if log else nullcontext():
        background = reload if settings.watch else None
        server.run(
            application, listening, keep_alive=settings.keep_alive, on_ready=ready, background=background
        )
    if settings.report is not None:
        _judge(document, sandbox, settings, settings.report)


def _judge(document: Document, sandbox: SandboxState, settings: Settings, path: Path) -> None:
    """Write the report of all accounts, and exit with FALLS_SHORT if it does."""
    from mock_server.report import model, writer
    from mock_server.sandbox.account_pool import ALL
    from mock_server.verdict import verdict
    from mock_server.verdict.coverage import coverables

    fail_on = causes(settings.fail_on, allow_empty=settings.allow_empty)
    found = verdict.report(sandbox, coverables(document), ALL, fail_on, settings.fail_under)
    with refusals(REFUSED):
        writer.write(found, path)
    say_written(path, model.outcome(found, atomic_file.name(path)))
    if not found["passed"]:
        sys.exit(FALLS_SHORT)
