"""The command line: `mock-server serve`, `check`, `generate`, `report`, `conform` and `schema`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO, TextIOWrapper
from typing import NoReturn, cast

import click

from mock_server.cli.commands import cli
from mock_server.cli.options import REFUSED, fit_for_terminal


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, e.g. `["check"]`, or else that of the process; return the exit status."""
    try:
        cli.main(args=argv, prog_name="mock-server", standalone_mode=False)
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)
        click.echo(fit_for_terminal(shown.getvalue()), err=True, nl=False)
        return REFUSED
    except click.Abort:
        return 130
    except SystemExit as error:
        return int(error.code or 0)
    return 0


def run() -> NoReturn:
    """Run the command line of the process, and end the process with its status."""
    for stream in (sys.stdout, sys.stderr):
        # What a console has no character for is written as an escape, e.g. `\\xfc` in the C locale.
        with suppress(AttributeError, ValueError):  # There may be no stream, or one that is closed.
            cast(TextIOWrapper, stream).reconfigure(errors="backslashreplace")
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):  # It may be closed, or be read no more.
            stream.flush()
    # Without Python's own clean-up: freeing a million records takes longer than a stop may take.
    os._exit(status)
