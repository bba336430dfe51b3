"""The reference of the commands, from their help."""

from __future__ import annotations

from collections.abc import Iterator

import click

from mock_server.cli.commands import cli


def render_commands() -> str:
    """Return a section with the help of each command, as a terminal of 100 columns shows it."""
    return "\n".join(_sections(click.Context(cli, info_name="mock-server")))


def _sections(context: click.Context) -> Iterator[str]:
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        command = group.commands[name]
        inner = click.Context(command, info_name=name, parent=context, terminal_width=100)
        yield f"## {inner.command_path}\n\n```text\n{command.get_help(inner)}\n```\n"
        yield from _sections(inner)
