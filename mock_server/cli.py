"""The command line: `mock-server serve`, `check`, `generate`, `report` and `conform`."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mock_server import __version__
from mock_server.errors import CannotServe
from mock_server.formats import atomic_file
from mock_server.settings import (
    FAIL_ON,
    SETTINGS,
    Settings,
    base_url,
    credentials,
    request_rate,
)

if TYPE_CHECKING:
    from mock_server.openapi.document import Document
    from mock_server.sandbox.sandbox import SandboxState

FALLS_SHORT, REFUSED = 1, 2


def _options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command options for these settings, or for all."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for setting in reversed([s for s in SETTINGS if not names or s.name in names]):
            option = click.option(
                setting.flag, setting.name, metavar=setting.metavar or None,
                help=setting.help + " Repeatable; the variable is split at spaces." * setting.repeatable,
                is_flag=setting.parse is None, type=setting.parse and _parser(setting.parse),
                multiple=setting.repeatable, envvar=list(setting.variables), show_envvar=True,
                default=setting.default, show_default=setting.shown or setting.parse is not None,
            )  # fmt: skip
            command = option(command)
        return command

    return decorate


def _parser(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return a parser for click, which shows the sentence of a ValueError; a default stays as it is."""

    def convert(value: Any) -> Any:
        try:
            return parse(value) if isinstance(value, str) else value
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


@click.group(
    help="A local sandbox of a usage API: it pages, filters, checks credentials, and names mistakes.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="mock-server")
def cli() -> None:
    """Hold the commands."""


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


def _serve(settings: Settings) -> None:
    # Imported here, as everywhere below, so that --help and a wrong flag don't wait for it.
    from mock_server import app, banner
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
        with _show_errors(server.CannotListen):
            listening = server.listen(settings.host, settings.port)
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

    found = verdict.report(sandbox, coverables(document), ALL, settings.fail_on, settings.fail_under)
    with _refusals(REFUSED):
        writer.write(found, path)
    _say_written(path, model.outcome(found, atomic_file.name(path)))
    if not found["passed"]:
        sys.exit(FALLS_SHORT)


def _say_written(path: Path, message: str) -> None:
    """Print a message about a file: on standard error if the file is standard output."""
    with suppress(OSError):  # Whoever read the output may be gone.
        click.echo(message.encode("utf-8", "replace"), err=atomic_file.is_standard_output(path))


def _document(settings: Settings) -> Document:
    from mock_server.openapi import document

    return document.load(settings.document or document.BUILT_IN, settings.overlay, settings.base_path)


@cli.command()
@_options("document", "overlay", "base_path", "count", "seed", "fixtures")
@click.option("--effective", is_flag=True, help="Print the effective document instead.")
def check(effective: bool, **values: Any) -> None:
    """Say what would be served, or all that is wrong.

    Everything that is wrong with the document, its overlay and the fixture files is listed with file,
    place and remedy; the exit status is 1 then.
    """
    from mock_server import app, banner
    from mock_server.data import starting_data
    from mock_server.sandbox.sandbox import SandboxState

    settings = Settings(**values)
    with _refusals(1):
        document = _document(settings)
        data = starting_data.load(document, settings)
        app.build(document, SandboxState(data.collections), settings)
    click.echo(banner.effective(document) if effective else banner.summary(document, data), nl=False)


@cli.command()
@_options("document", "overlay", "count", "seed")
@click.option("--out", required=True, metavar="FILE", type=Path,
              help="File to write, '-' for standard output: JSON if its name ends in .json, else "
              "YAML.")  # fmt: skip
def generate(out: Path, **values: Any) -> None:
    """Write a fixture file of generated records."""
    from mock_server.data import fixture_files, starting_data

    settings = Settings(**values)
    # Where the records themselves may go to the terminal, no bar is drawn among them.
    hidden = not sys.stderr.isatty() or atomic_file.descriptor(out) is not None
    with _refusals(REFUSED):
        generated = starting_data.generate(_document(settings), settings)
        total = settings.count * len(generated)
        with click.progressbar(length=total, label="Generating", file=sys.stderr, hidden=hidden) as bar:
            try:
                fixture_files.write(out, generated, on_record=lambda: bar.update(1))
            except atomic_file.ReaderGone:  # As it is after `| head`.
                sys.exit(1)
    _say_written(out, f"Wrote {total:,} record{'' if total == 1 else 's'} to {atomic_file.name(out)}")


@cli.command()
@click.argument("url")
@click.option("--credentials", type=_parser(credentials), metavar="ID:SECRET",
              help="Judge the account with this client id.")  # fmt: skip
@click.option("--account", type=click.Choice(["*", "anonymous"]), help="Judge all accounts, as without "
              "--credentials, or the requests without a valid one.")  # fmt: skip
@_options("fail_on", "fail_under")
@click.option("--format", "form", type=click.Choice(["text", "json", "junit", "markdown", "html"]),
              default="text", show_default=True, help="How to print it.")  # fmt: skip
def report(url: str, credentials: str | None, account: str | None, form: str, **values: Any) -> None:
    """Print the verdict of the server at URL, e.g. http://127.0.0.1:8080.

    The exit status is 1 if it falls short, and 2 if it can't be had.
    """
    from mock_server.client import NoReport, report_of
    from mock_server.report import writer

    with _show_errors(NoReport):
        found = report_of(url, credentials, account, **values)
    click.echo(writer.render(found, form), nl=False)  # Bytes, which no locale changes.
    if not found["passed"]:
        sys.exit(FALLS_SHORT)


@cli.command()
@click.argument("url", type=_parser(base_url))
@click.option("--credentials", type=_parser(credentials), metavar="ID:SECRET",
              required=True, envvar="MOCK_SERVER_CONFORM_CREDENTIALS", show_envvar=True,
              help="Client id and secret to send.")  # fmt: skip
@click.option("--rate", type=_parser(request_rate), metavar="N", default="2", show_default=True,
              help="Requests to send in a second, at most.")  # fmt: skip
@_options("document", "overlay")
def conform(url: str, credentials: str, rate: float, **values: Any) -> None:
    """Prove that an API behaves like the real thing.

    URL is its base URL, of this server or of any other. It is only read from, and its data should not
    change meanwhile. For each check, a line says whether it passed, failed, or is undecidable with these
    data; the exit status is 1 if any failed.
    """
    from mock_server.conform.http_probe import HttpProbe, NoAnswer
    from mock_server.conform.runner import FAILED, Finding, NothingToAsk, format_summary, run_checks

    with _refusals(REFUSED):
        document = _document(Settings(**values))
    findings: list[Finding] = []
    with _show_errors(NoAnswer, NothingToAsk), closing(HttpProbe(url, credentials, rate)) as probe:
        for finding in run_checks(document, probe):
            findings.append(finding)
            click.echo(probe.redact(str(finding)))
    click.echo(f"\n{format_summary(findings, probe)}")
    if any(finding.outcome == FAILED for finding in findings):
        sys.exit(1)


@contextmanager
def _refusals(status: int) -> Iterator[None]:
    """Print every problem with a file, and exit with a status if there is one."""
    try:
        yield
    except CannotServe as error:
        for problem in error.problems:
            click.echo(f"mock-server: {problem}", err=True)
        sys.exit(status)


@contextmanager
def _show_errors(*errors: type[Exception]) -> Iterator[None]:
    """Print the message of these errors, and exit with REFUSED."""
    try:
        yield
    except errors as error:
        raise click.ClickException(str(error)) from None


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, e.g. `["check"]`, or else that of the process; return the exit status."""
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
    """Run the command line of the process, and end the process with its status."""
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):  # It may be closed, or be read no more.
            stream.flush()
    # Without Python's own clean-up: freeing a million records takes longer than a stop may take.
    os._exit(status)
