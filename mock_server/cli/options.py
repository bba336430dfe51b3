"""What the commands share: options for settings, and how problems are printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_server.errors import CannotServe
from mock_server.formats import atomic_file
from mock_server.setting_table import SETTINGS
from mock_server.settings import Settings

if TYPE_CHECKING:
    from mock_server.openapi.document import Document

FALLS_SHORT, REFUSED = 1, 2


def options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command options for these settings, or for all."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for setting in reversed([s for s in SETTINGS if not names or s.name in names]):
            option = click.option(
                setting.flag, setting.name, metavar=setting.metavar or None,
                help=setting.help + " Repeatable; the variable is split at spaces." * setting.repeatable,
                is_flag=setting.parse is None, type=setting.parse and parser(setting.parse),
                multiple=setting.repeatable, envvar=list(setting.variables), show_envvar=True,
                default=setting.default, show_default=setting.shown or setting.parse is not None,
            )  # fmt: skip
            command = option(command)
        return command

    return decorate


def parser(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return a parser for click, which shows the sentence of a ValueError; a default stays as it is."""

    def convert(value: Any) -> Any:
        try:
            return parse(value) if isinstance(value, str) else value
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return convert


@contextmanager
def refusals(status: int) -> Iterator[None]:
    """Print every problem with a file, and exit with a status if there is one."""
    try:
        yield
    except CannotServe as error:
        for problem in error.problems:
            click.echo(f"mock-server: {problem}", err=True)
        sys.exit(status)


@contextmanager
def show_errors(*errors: type[Exception]) -> Iterator[None]:
    """Print the message of these errors, and exit with REFUSED."""
    try:
        yield
    except errors as error:
        raise click.ClickException(str(error)) from None


def say_written(path: Path, message: str) -> None:
    """Print a message about a file: on standard error if the file is standard output."""
    with suppress(OSError):  # Whoever read the output may be gone.
        click.echo(message.encode("utf-8", "replace"), err=atomic_file.is_standard_output(path))


def load_document(settings: Settings) -> Document:
    from mock_server.openapi import document

    return document.load(settings.document or document.BUILT_IN, settings.overlay, settings.base_path)
