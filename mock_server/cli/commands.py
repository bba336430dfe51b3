"""The commands, each with its options and its help."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from mock_server import __version__
from mock_server.cli import checking, conforming, serving
from mock_server.cli.options import (
    FALLS_SHORT,
    REFUSED,
    Commands,
    Group,
    complete_file,
    load_document,
    missing_parameter,
    options,
    parser,
    progress,
    refusals,
    say_written,
    show_errors,
)
from mock_server.formats import atomic_file
from mock_server.setting_parsers import base_url, credentials, request_rate
from mock_server.settings import REPORT_FORMATS, Settings, Standard, causes

# What a command trusts that calls a server.
ca_option = click.option(
    "--ca", metavar="FILE", type=Path, shell_complete=complete_file, envvar="MOCK_SERVER_CA",
    show_envvar=True,
    help="Certificate to trust with https://, in PEM; without it, those of the system.",
)  # fmt: skip


@click.group(
    cls=Commands,
    help="A local sandbox of an API: it serves an OpenAPI document, keeps records, and names mistakes.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="mock-server")
def cli() -> None:
    """Hold the commands."""


@cli.command()
@options()
def serve(**values: Any) -> None:
    """Serve the document until SIGTERM or Ctrl-C."""
    settings = Settings(**values)
    if settings.watch and not (settings.fixtures or settings.document or settings.overlay):
        raise click.UsageError(
            "--watch needs --fixtures, --document or --overlay: what is built in does not change."
        )
    standard = (settings.fail_on, settings.fail_under, settings.fail_under_all)
    if settings.report is None and (settings.report_format, *standard) != (None, *Standard()):
        raise click.UsageError(
            "--report-format, --fail-on, --fail-under and --fail-under-all need --report: nothing is "
            "judged without."
        )
    with serving.starting(0 if settings.report is None else FALLS_SHORT):
        serving.import_server()
        serving.run_server(settings)


@cli.command()
@options("document", "overlay", "base_path", "count", "seed", "fixtures")
@click.option("--effective", is_flag=True, help="Print the effective document instead.")
@click.option("--verbose", is_flag=True, help="Name every operation and every warning, however many.")
@click.option("--warnings-as-errors", is_flag=True, help="Exit with 1 where anything is warned of.")
def check(*, effective: bool, verbose: bool, warnings_as_errors: bool, **values: Any) -> None:
    """Say what would be served, or all that is wrong.

    Everything that is wrong with the document, its overlay and the fixture files is listed with file,
    place and remedy; the exit status is 1 if nothing can be served. What keeps only a part of the
    document from being served is a warning.
    """
    from mock_server import banner

    settings = Settings(**values)
    with refusals(1):
        checked = checking.examine(load_document(settings), settings)
    document = checked.newest
    # The document is a file's text, which no locale changes.
    whole = banner.effective(document).encode() if effective else None
    click.echo(whole or banner.summaries(checked.versions, checked.names(), verbose=verbose), nl=False)
    click.echo(banner.warnings(document, verbose=verbose), nl=False, err=True)
    if warnings_as_errors and document.warnings:
        sys.exit(FALLS_SHORT)


@cli.command()
@click.argument("collections", nargs=-1, metavar="[COLLECTION]...")
@options("document", "overlay", "count", "seed")
@click.option("--out", required=True, metavar="FILE", type=Path, shell_complete=complete_file,
              help="File to write, '-' for standard output: JSON if its name ends in .json, else "
              "YAML.")  # fmt: skip
def generate(collections: tuple[str, ...], out: Path, **values: Any) -> None:
    """Write a fixture file of generated records.

    COLLECTION is the name of one, e.g. usage-metrics; without any, all are written.
    """
    from mock_server.data import fixture_files, starting_data

    settings = Settings(**values)
    # Where the records themselves may go to the terminal, no bar is drawn among them.
    hidden = not sys.stderr.isatty() or atomic_file.descriptor(out) is not None
    with refusals(REFUSED):
        generated = starting_data.generate(load_document(settings), settings, collections)
        total = sum(each.number for each in generated.values())
        records = {name: each.records for name, each in generated.items()}
        with progress(total, hidden=hidden) as advance:
            try:
                fixture_files.write(out, records, on_record=advance)
            except atomic_file.ReaderGone:  # As it is after `| head`.
                sys.exit(1)
    say_written(out, f"Wrote {total:,} record{'' if total == 1 else 's'} to {atomic_file.name(out)}")


@cli.command("overlay")
@options("document", "base_path")
@click.option("--out", default="-", show_default=True, metavar="FILE", type=Path,
              shell_complete=complete_file,
              help="File to write, which must not exist; '-' for standard output.")  # fmt: skip
def begin_overlay(out: Path, **values: Any) -> None:
    """Write the overlay that a person would begin with.

    It has the schemes by which lists page, x-filter lines for parameters without effect, and the shape
    of the document's errors: what is sure as it stands, the rest as comments. An overlay that lies
    beside the document is not read for it.
    """
    from mock_server.openapi import document, overlay_draft

    if atomic_file.descriptor(out) is None and out.is_file():
        message = f"{out} exists, and what a person has written is not replaced; name another file."
        raise click.ClickException(message)
    settings = Settings(**values)
    paths = settings.documents or (document.BUILT_IN,)
    if len(paths) > 1:
        raise click.UsageError("An overlay is begun for one document; give --document once.")
    beside = document.overlay_beside(paths[0])
    with refusals(REFUSED):
        text = overlay_draft.draft(load_document(settings, is_alone=True))
        try:
            atomic_file.write(out, [text.encode()])
        except atomic_file.ReaderGone:  # As it is after `| head`.
            sys.exit(1)
    not_read = f" {beside} is not read for it." if beside.exists() else ""
    say_written(out, f"Wrote an overlay to begin with to {atomic_file.name(out)}.{not_read}")


@cli.group(cls=Group)
def schema() -> None:
    """Print the JSON Schema of a kind of file, for editors.

    A running server gives the same at /_mock/schemas/overlay.json and /_mock/schemas/fixtures.json.
    Editors complete and check a file that names one of them in a comment.
    """


@schema.command()
def overlay() -> None:
    """Print the schema of overlays."""
    from mock_server.openapi import overlay_schema

    _print_schema(overlay_schema.schema())


@schema.command()
@options("document", "overlay")
def fixtures(**values: Any) -> None:
    """Print the schema of fixture files for a document."""
    from mock_server.data import fixture_schema, starting_data

    with refusals(REFUSED):
        document = load_document(Settings(**values))
    _print_schema(fixture_schema.schema(document.name, starting_data.schemas(document).values()))


def _print_schema(found: Any) -> None:
    click.echo(json.dumps(found, indent=2, ensure_ascii=False).encode())


@cli.command()
@click.argument("url")
@click.option("--credentials", type=parser(credentials), metavar="ID:SECRET",
              help="Judge the account with this client id, or of this token.")  # fmt: skip
@click.option("--account", type=click.Choice(["*", "anonymous"]), help="Judge all accounts, as without "
              "--credentials, or the requests without a valid one.")  # fmt: skip
@ca_option
@options("fail_on", "fail_under", "fail_under_all", "allow_empty")
@click.option("--format", "--report-format", "form", type=click.Choice(REPORT_FORMATS),
              default="text", show_default=True, help="How to print it.")  # fmt: skip
def report(
    url: str, credentials: str | None, account: str | None, ca: Path | None, form: str, **values: Any
) -> None:
    """Print the verdict of a running server.

    URL is its root, e.g. http://127.0.0.1:8080. The exit status is 1 if it falls short, and 2 if it
    can't be had.
    """
    from mock_server.client import NoReport, report_of
    from mock_server.report import writer

    fail_on = causes(values["fail_on"], allow_empty=values["allow_empty"])
    with show_errors(NoReport):
        least = {name: values[name] for name in ("fail_under", "fail_under_all")}
        found = report_of(url, credentials, account, fail_on, ca=ca, **least)
    click.echo(writer.render(found, form), nl=False)  # Bytes, which no locale changes.
    if not found["passed"]:
        sys.exit(FALLS_SHORT)


@cli.command()
@click.argument("url", type=parser(base_url), required=False)
@click.option("--credentials", type=parser(credentials), metavar="ID:SECRET",
              envvar="MOCK_SERVER_CONFORM_CREDENTIALS", show_envvar=True,
              help="Client id and secret, or token, to send; a URL needs them.")  # fmt: skip
@click.option("--rate", type=parser(request_rate), metavar="N", default="2", show_default=True,
              help="Requests to send in a second, at most.")  # fmt: skip
@click.option("--compare", nargs=2, type=Path, shell_complete=complete_file,
              metavar="BEFORE.json NOW.json",
              help="In place of a URL: what changed between two runs that --json printed.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of lines.")
@click.option("--write", "writes", is_flag=True,
              help="Create, change and remove records too; what is made is removed again.")  # fmt: skip
@ca_option
@options("document", "overlay")
def conform(
    url: str | None,
    credentials: str | None,
    rate: float,
    compare: tuple[Path, Path] | None,
    *,
    as_json: bool,
    **values: Any,
) -> None:
    """Prove that an API behaves like the real thing.

    URL is its base URL, of this server or of any other. It is only read from, unless --write is given,
    and its data should not change meanwhile. For each check, a line says whether it passed, failed, or
    is undecidable with these data; the exit status is 1 if any failed, or with --compare, if anything
    changed.
    """
    if compare is not None and url is not None:
        raise click.UsageError("--compare reads two files and asks no server; leave the URL out.")
    if compare is not None:
        conforming.compare(*compare, as_json=as_json)
        return
    if url is None or credentials is None:
        raise missing_parameter("url" if url is None else "credentials")
    from mock_server.conform.http_probe import HttpProbe

    ca, writes = values.pop("ca"), values.pop("writes")
    with refusals(REFUSED):
        document = load_document(Settings(**values))
    probe = partial(HttpProbe, url, credentials, rate, ca, document.security.offered)
    conforming.run(document, probe, as_json=as_json, writes=writes)
