"""The command line: `mock-server serve`, `check`, `generate`, `report` and `conform`."""

from __future__ import annotations

import gc
import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import click

from mock_server import __version__
from mock_server.errors import CannotServe
from mock_server.formats import atomic_file
from mock_server.settings import FAIL_ON, SETTINGS, Setting, Settings
from mock_server.settings import credentials as pair

if TYPE_CHECKING:
    from mock_server.openapi.document import Document
    from mock_server.sandbox.sandbox import SandboxState

FALLS_SHORT = 1
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
    if settings.report is None and (settings.fail_on, settings.fail_under) != (FAIL_ON, None):
        raise click.UsageError("--fail-on and --fail-under need --report: nothing is judged without.")
    with _starting(0 if settings.report is None else FALLS_SHORT):
        _serve(settings)


@contextmanager
def _starting(status: int) -> Iterator[None]:
    """A quick start, in which nothing is garbage, and which a stop ends with a status."""
    gc.disable()  # `server.run` enables it when requests are answered.
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, lambda *_: os._exit(status)) if main else None
    try:
        yield
    finally:
        gc.enable()
        if main:
            signal.signal(signal.SIGTERM, before)


def _serve(settings: Settings) -> None:
    # Imported here, as everywhere below, so that --help and a wrong flag don't wait for it.
    from mock_server import app
    from mock_server import banner as inventory
    from mock_server.data import fixture_reload, starting_data
    from mock_server.sandbox.sandbox import SandboxState
    from mock_server.server import server
    from mock_server.server.access_log import AccessLog

    with _refusals(REFUSED):
        document = _document(settings)
        if settings.report is not None:
            atomic_file.require(settings.report)
        data = starting_data.load(document, settings)
        sandbox = SandboxState(data.collections, settings)
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
            background=partial(fixture_reload.reload_on_change, document, settings, sandbox.replace)
            if settings.watch
            else None,
        )
    if settings.report is not None:
        _judge(document, sandbox, settings, settings.report)


def _judge(document: Document, sandbox: SandboxState, settings: Settings, path: Path) -> None:
    """Leave a file behind that says how it went, and the verdict as the exit status."""
    from mock_server.report import model, writer
    from mock_server.sandbox.account_pool import ALL
    from mock_server.verdict import coverage, verdict

    found = verdict.report(
        sandbox, coverage.coverables(document), ALL, settings.fail_on, settings.fail_under
    )
    with _refusals(REFUSED):
        writer.write(found, path)
    reasons = "; ".join(found["reasons"])
    said = f"{model.headline(found)}{reasons and f' ({reasons})'}. The report is in {path}"
    with suppress(OSError):  # Who has read the banner may be gone.
        _echo(f"{model.plain(said)}\n".encode())
    if not found["passed"]:
        sys.exit(FALLS_SHORT)


def _echo(content: bytes) -> None:
    """Print UTF-8, whatever the locale."""
    click.echo(content, nl=False)


def _document(settings: Settings) -> Document:
    from mock_server.openapi import document

    path = settings.document or document.BUILT_IN
    return document.load(path, settings.overlay, settings.base_path)


def _listening(settings: Settings) -> socket.socket:
    from mock_server.server import server

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
    from mock_server import app
    from mock_server import banner as inventory
    from mock_server.data import starting_data
    from mock_server.sandbox.sandbox import SandboxState

    settings = Settings(**values)
    with _refusals(1):
        document = _document(settings)
        data = starting_data.load(document, settings)
        app.build(document, SandboxState(data.collections), settings)
    text = inventory.effective(document) if effective else inventory.summary(document, data)
    click.echo(text, nl=False)


@cli.command()
@_options("document", "overlay", "count", "seed")
@click.option("--out", required=True, metavar="FILE",
              help="File to write: JSON if its name ends in .json, else YAML.")  # fmt: skip
def generate(out: str, **values: Any) -> None:
    """Write a fixture file of generated records."""
    from mock_server.data import fixture_files, starting_data

    settings = Settings(**values)
    with _refusals(REFUSED):
        document = _document(settings)
        generated = starting_data.generate(document, settings)
        total = settings.count * len(generated)
        terminal = sys.stderr.isatty()
        with click.progressbar(
            length=total, label="Generating", file=sys.stderr, hidden=not terminal
        ) as bar:
            fixture_files.write(Path(out), generated, on_record=lambda: bar.update(1))
    click.echo(f"Wrote {total:,} record{'' if total == 1 else 's'} to {out}")


@cli.command()
@click.argument("url")
@click.option(
    "--credentials",
    type=Parsed("credentials", pair),
    metavar="ID:SECRET",
    help="Judge the account with this client id.",
)
@click.option(
    "--account",
    type=click.Choice(["*", "anonymous"]),
    help="Judge all accounts, as without --credentials, or the requests without a valid one.",
)
@_options("fail_on", "fail_under")
@click.option("--format", "form", type=click.Choice(["text", "json", "junit", "markdown", "html"]),
              default="text", show_default=True, help="How to print it.")  # fmt: skip
def report(url: str, credentials: str | None, account: str | None, form: str, **values: Any) -> None:
    """Print the verdict of the server at URL, e.g. http://127.0.0.1:8080.

    The exit status is 1 if it falls short, and 2 if it can't be had.
    """
    from mock_server import client
    from mock_server.report import writer as reports

    try:
        found = client.report_of(url, credentials, account, **values)
    except client.NoReport as error:
        raise click.ClickException(str(error)) from None
    _echo(reports.rendered(found, form))
    if not found["passed"]:
        sys.exit(FALLS_SHORT)


def _base_url(text: str) -> str:
    """The URL below which an API's paths lie."""
    parts = urlsplit(text)
    if parts.username is not None:
        # The value holds a secret, so the message does not show it.
        raise ValueError("the URL holds credentials; give them by --credentials.")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"'{text[:60]}' is not the base URL of an API, like http://127.0.0.1:8080/api.")
    return text


def _rate(text: str) -> float:
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text, re.ASCII) is None or float(text) == 0:
        raise ValueError(f"'{text[:60]}' is not a number of requests a second, such as 2 or 0.5.")
    return float(text)


@cli.command()
@click.argument("url", type=Parsed("url", _base_url))
@click.option("--credentials", type=Parsed("credentials", pair), metavar="ID:SECRET",
              required=True, envvar="MOCK_SERVER_CONFORM_CREDENTIALS", show_envvar=True,
              help="Client id and secret to send.")  # fmt: skip
@click.option("--rate", type=Parsed("rate", _rate), metavar="N", default="2", show_default=True,
              help="Requests to send in a second, at most.")  # fmt: skip
@_options("document", "overlay")
def conform(url: str, credentials: str, rate: float, **values: Any) -> None:
    """Prove that an API behaves like the real thing.

    URL is its base URL, of this server or of any other. It is only read from, and its data should not
    change meanwhile. For each check, a line says whether it passed, failed, or is undecidable with these
    data; the exit status is 1 if any failed.
    """
    from mock_server.conform import runner
    from mock_server.conform.http_probe import HttpProbe, NoAnswer

    with _refusals(REFUSED):
        document = _document(Settings(**values))
    findings = []
    try:
        with closing(HttpProbe(url, credentials, rate)) as probe:
            for finding in runner.run_checks(document, probe):
                findings.append(finding)
                click.echo(probe.redact(str(finding)))
    except (NoAnswer, runner.NothingToAsk) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"\n{runner.format_summary(findings, probe)}")
    if any(finding.outcome == runner.FAILED for finding in findings):
        sys.exit(1)


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
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # Nobody may be reading it any more.
            stream.flush()
    # Without Python's own clean-up: freeing a million records takes longer than a stop may take.
    os._exit(status)
