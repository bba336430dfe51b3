"""Mistakes of a request that are only recorded: the parameters that they are about count as not sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.openapi.parameter_parsing import SentValue


class Read(NamedTuple):
    """What was read of a request: the arguments, and what was sent in its query and outside of it."""

    arguments: dict[str, Any]
    sent: dict[str, list[SentValue]]
    outside: dict[tuple[str, str], list[SentValue]]


def drop_mistakes(
    wrong: Iterable[tuple[str, str]], read: Read, positions: set[str], defaults: Mapping[str, Any]
) -> None:
    """Take wrong parameters out of what was sent, and give them their defaults.

    `wrong` are their locations and names. A wrong one of those in `positions` drops all of them.
    """
    known: Sequence[tuple[str, str]] = list(wrong)
    names = {name for location, name in known if location == "query"}
    if positions & names:
        names |= positions
    for name in names:
        read.arguments.pop(name, None)
        read.sent.pop(name, None)
        if name in defaults:
            read.arguments[name] = defaults[name]
    for place in known:
        read.outside.pop(place, None)
