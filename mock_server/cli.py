"""The command line: `mock-server serve`, `check` and `generate`."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mock_server import __version__
from mock_server.errors import CannotServe
from mock_server.settings import SETTINGS, Setting, Settings

if TYPE_CHECKING:
    from mock_server.document import Document

REFUSED = 2


class Parsed(click.ParamType[Any]):
    """A type of the settings table."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Options for these settings, or for all; a flag goes before its variable."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for setting in reversed([s for s in SETTINGS if not names or s.name in names]):
            command = _option(setting)(command)
        return command

    return decorate


def _option(setting: Setting) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    common: dict[str, Any] = {
        "help": setting.help + " Repeatable; the variable is split at spaces." * setting.repeatable,
        "envvar": list(setting.variables),
        "show_envvar": True,
        "default": setting.default,
        "show_default": setting.shown or setting.parse is not None,
    }
    if setting.parse is None:
        return click.option(setting.flag, setting.name, is_flag=True, **common)
    return click.option(
        setting.flag,
        setting.name,
        type=Parsed(setting.name, setting.parse),
        metavar=setting.metavar,
        multiple=setting.repeatable,
        **common,
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mock-server")
def cli() -> None:
    """A local sandbox of a usage API: it pages, filters, checks credentials, and names mistakes."""


@cli.command()
@_options()
def serve(**values: Any) -> None:
    """Serve the document until SIGTERM or Ctrl-C."""
    settings = Settings(**values)
    if settings.watch and not settings.fixtures:
        raise click.UsageError("--watch needs --fixtures: generated records do not change.")
    with _starting():
        _serve(settings)


@contextmanager
def _starting() -> Iterator[None]:
    """A quick start, in which nothing is garbage, and which a stop ends without a failure."""
    gc.disable()  # `server.run` enables it when requests are answered.
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, lambda *_: os._exit(0)) if main else None
    try:
        yield
    finally:
        gc.enable()
        if main:
            signal.signal(signal.SIGTERM, before)


def _serve(settings: Settings) -> None:
    # Imported here, as everywhere below, so that --help and a wrong flag don't wait for it.
    from mock_server import app, inventory, server, starting_data, watch
    from mock_server.access_log import AccessLog
    from mock_server.sandbox import Sandbox

    with _refusals(REFUSED):
        document = _document(settings)
        data = starting_data.load(document, settings)
        sandbox = Sandbox(data.collections, settings)
        log = None if settings.quiet else AccessLog(sys.stderr, settings.log_format)
        application = app.build(document, sandbox, settings, log)
        listening = _listening(settings)
    banner = inventory.banner(document, data, settings, server.url(listening))
    with closing(log) if log else nullcontext():
        server.run(
            application,
            listening,
            keep_alive=settings.keep_alive,
            on_ready=partial(click.echo, banner, nl=False),
            background=partial(watch.reload, document, sandbox, settings) if settings.watch else None,
        )


def _document(settings: Settings) -> Document:
    from mock_server import document

    path = settings.document or document.BUILT_IN
    return document.load(path, settings.overlay, settings.base_path)


def _listening(settings: Settings) -> socket.socket:
    from mock_server import server

    try:
        return server.listen(settings.host, settings.port)
    except server.CannotListen as error:
        raise click.ClickException(str(error)) from None


@cli.command()
@_options("document", "overlay", "base_path", "count", "seed", "fixtures")
@click.option("--effective", is_flag=True, help="Print the effective document instead.")
def check(effective: bool, **values: Any) -> None:
    """Say what would be served, or all that is wrong.

    Everything that is wrong with the document, its overlay and the fixture files is listed with file,
    place and remedy; the exit status is 1 then.
    """
    from mock_server import app, inventory, starting_data
    from mock_server.sandbox import Sandbox

    settings = Settings(**values)
    with _refusals(1):
        document = _document(settings)
        data = starting_data.load(document, settings)
        app.build(document, Sandbox(data.collections), settings)
    text = inventory.effective(document) if effective else inventory.summary(document, data)
    click.echo(text, nl=False)


@cli.command()
@_options("document", "overlay", "count", "seed")
@click.option("--out", required=True, metavar="FILE",
              help="File to write: JSON if its name ends in .json, else YAML.")  # fmt: skip
def generate(out: str, **values: Any) -> None:
    """Write a fixture file of generated records."""
    from mock_server import fixture_files, starting_data

    settings = Settings(**values)
    with _refusals(REFUSED):
        document = _document(settings)
        generated = starting_data.generated(document, settings)
        total = settings.count * len(generated)
        terminal = sys.stderr.isatty()
        with click.progressbar(
            length=total, label="Generating", file=sys.stderr, hidden=not terminal
        ) as bar:
            fixture_files.write(Path(out), generated, on_record=lambda: bar.update(1))
    click.echo(f"Wrote {total:,} record{'' if total == 1 else 's'} to {out}")


@contextmanager
def _refusals(status: int) -> Iterator[None]:
    try:
        yield
    except CannotServe as error:
        for problem in error.problems:
            click.echo(f"mock-server: {problem}", err=True)
        sys.exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; gives the exit status."""
    try:
        cli.main(args=argv, prog_name="mock-server", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return REFUSED
    except click.Abort:
        return 130
    except SystemExit as error:
        return int(error.code or 0)
    return 0


def run() -> NoReturn:
    """The console script."""
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Without Python's own clean-up: freeing a million records takes longer than a stop may take.
    os._exit(status)
