"""What the commands share: options for settings, and how problems are printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from mock_server import server_extra
from mock_server.cli import variables
from mock_server.formats import atomic_file
from mock_server.problems import CannotServe
from mock_server.setting_table import SETTINGS, Setting
from mock_server.settings import LISTED, Settings
from mock_server.shown_text import printable

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from mock_server.openapi.document import Document

FALLS_SHORT, REFUSED = 1, 2

# What the help says of settings that are not repeatable, and of those that are, of paths in the end.
_REPEATABLE = (
    "",
    " Repeatable; the variable is split at spaces.",
    " Repeatable; the variable is split at spaces where it names no file, and each of its words does.",
)


class CommandWanted(click.UsageError):
    """No command was given; click before 8.2 shows its help as if it had been asked for."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


class Command(click.Command):
    """A command that says first which environment variables nothing reads.

    It names the extra where packages that it needs are not installed.
    """

    def invoke(self, ctx: click.Context) -> Any:
        for sentence in variables.find_unknown(os.environ):
            click.echo(f"mock-server: {sentence}", err=True)
        otherwise = "run it as {command}" + ctx.command_path.removeprefix("mock-server")
        needed = server_extra.required(f"'{ctx.command_path}'", otherwise)
        with show_errors(server_extra.ServerNotInstalled), needed:
            return super().invoke(ctx)


class Group(click.Group):
    """Commands that belong together."""

    command_class = Command


class Commands(Group):
    """The commands; a first word that begins with `-` is a flag of `serve`, e.g. `--seed 7`.

    So are the flags behind the name of a container's image.
    """

    default_command = "serve"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            raise CommandWanted(ctx.get_help(), ctx)
        own = {name for option in self.get_params(ctx) for name in option.opts}
        is_flag = bool(args) and args[0].startswith("-") and args[0] not in {"-", "--", *own}
        return super().parse_args(ctx, [self.default_command, *args] if is_flag else args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a first word that begins with `-` by the flags of `serve`, too."""
        default = self.commands.get(self.default_command)
        flags = [] if default is None else default.shell_complete(ctx, incomplete)
        own = super().shell_complete(ctx, incomplete)
        known = {item.value for item in own}
        return own + [item for item in flags if item.value not in known and incomplete.startswith("-")]


def complete_file(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Have the shell complete the name of a file, for an option whose value is a path."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


class SettingOption(click.Option):
    """The option of a setting, whose variables are read as `Setting.from_environment` does."""

    def __init__(self, *args: Any, setting: Setting, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._setting = setting

    def get_error_hint(self, ctx: click.Context | None) -> str:  # noqa: ARG002
        # click before 8.2 names no variables.
        variables = ", ".join(f"'{name}'" for name in self._setting.variables)
        return f"'{self._setting.flag}' (env var: {variables})"

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:  # noqa: ARG002
        return self._setting.from_environment(os.environ)

    def value_from_envvar(self, ctx: click.Context) -> Any:
        text = self.resolve_envvar_value(ctx)
        return text if text is None or not self._setting.repeatable else self._setting.split(text)

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        value = super().process_value(ctx, value)
        return self._setting.gather(value) if self._setting.repeatable else value


def options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command options for these settings, or for all."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for setting in reversed([s for s in SETTINGS if not names or s.name in names]):
            option = click.option(
                setting.flag, setting.name, metavar=setting.metavar or None,
                help=setting.help + _REPEATABLE[setting.repeatable + setting.stands_alone],
                is_flag=setting.parse is None, type=setting.parse and parser(setting.parse),
                multiple=setting.repeatable, envvar=list(setting.variables), show_envvar=True,
                default=setting.default, show_default=setting.shown or setting.parse is not None,
                shell_complete=complete_file if setting.is_path else None,
                cls=SettingOption, setting=setting,
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


def missing_parameter(name: str) -> click.MissingParameter:
    """Return the error of a parameter of the running command that is missing, by its Python name."""
    context = click.get_current_context()
    [parameter] = [each for each in context.command.params if each.name == name]
    # An argument that may be absent is shown in brackets otherwise.
    hint = f"'{parameter.human_readable_name}'" if isinstance(parameter, click.Argument) else None
    return click.MissingParameter(ctx=context, param=parameter, param_hint=hint)


@contextmanager
def refusals(status: int) -> Iterator[None]:
    """Print every problem with a file, and exit with a status if there is one."""
    try:
        yield
    except CannotServe as error:
        for problem in error.problems[:LISTED]:
            click.echo(f"mock-server: {problem}", err=True)
        if len(error.problems) >= LISTED:
            click.echo(f"mock-server: Only the first {LISTED:,} problems are listed.", err=True)
        sys.exit(status)


@contextmanager
def show_errors(*errors: type[Exception]) -> Iterator[None]:
    """Print the message of these errors, and exit with REFUSED."""
    try:
        yield
    except errors as error:
        raise click.ClickException(str(error)) from None


def fit_for_terminal(text: str) -> str:
    """Return a text of several lines without characters that would steer a terminal."""
    return "\n".join(printable(line, None) for line in text.split("\n"))


def say_written(path: Path, message: str) -> None:
    """Print a message about a file: on standard error if the file is standard output."""
    with suppress(OSError):  # Whoever read the output may be gone.
        click.echo(printable(message, None), err=atomic_file.is_standard_output(path))


@contextmanager
def progress(total: int, *, hidden: bool) -> Iterator[Callable[[], None]]:
    """Yield what to call for each of `total` records, which moves a bar on standard error."""
    if hidden:
        yield lambda: None
        return
    with click.progressbar(length=total, label="Generating", file=sys.stderr) as bar:
        yield partial(bar.update, 1)


def load_document(settings: Settings, *, is_alone: bool = False) -> Document:
    """Load the document of settings, without the overlay that lies beside it if it `is_alone`."""
    from mock_server.openapi import documents

    return documents.load(settings.documents, settings.overlays, settings.base_path, is_alone=is_alone)
