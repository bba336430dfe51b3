"""The lines of a drafted overlay: values of YAML on one line, comments, and names of operations."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from mock_server.openapi.operations import Operation
from mock_server.shown_text import printable

# Texts that YAML reads as texts without quotation marks.
_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_.$/-]*", re.ASCII)
_NO_TEXTS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
# What a text without quotation marks can't hold, or what folding it into lines loses.
_UNPLAIN = re.compile(r": | #|  |[^ -~]")

_WIDTH = 100
_NO_BREAK = "\N{NO-BREAK SPACE}"


def flow(value: Any) -> str:
    """Return a value as YAML on one line, e.g. `{limit: limit, after: starting_after}`."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{flow(name)}: {flow(part)}' for name, part in value.items())}}}"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXTS:
        return value
    return json.dumps(value, ensure_ascii=False)


def quoted(text: str) -> str:
    """Return a text as a string literal of a JSONPath (RFC 9535 section 2.3.1)."""
    escaped = json.dumps(text)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{escaped}'"


def sentence(text: str) -> Iterator[str]:
    """Yield a sentence as comments, one space behind the `#`."""
    yield from (f"  # {line}" for line in _wrapped(text))


def action(target: str, *update: str) -> Iterator[str]:
    """Yield an action as comments: its target, and the lines of its update."""
    if _UNPLAIN.search(target):
        yield f"  # - target: {flow(target)}"
    elif len(target) <= _WIDTH:
        yield f"  # - target: {target}"
    else:
        yield "  # - target: >-"
        yield from (f"  #     {line}" for line in _wrapped(target))
    if len(update) == 1 and update[0].startswith("{"):
        first, *others = wrapped_flow(f"update: {update[0]}")
        yield f"  #   {first}"
        yield from (f"  #   {line}" for line in others)
    else:
        yield "  #   update:"
        yield from (f"  #     {line}" for line in update)


def wrapped_flow(text: str) -> list[str]:
    """Return a member whose value is YAML on one line in lines, none of which ends after a name."""
    lines = _wrapped(text.replace(": ", f":{_NO_BREAK}"), "  ")
    return [line.replace(_NO_BREAK, " ") for line in lines]


def _wrapped(text: str, indent: str = "") -> list[str]:
    """Return a text in lines that end at single blanks, as YAML joins them again."""
    return textwrap.wrap(
        text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def paths_of(operations: Sequence[Operation]) -> str:
    """Return the path of the first operation, and how many more there are."""
    first, more = printable(operations[0].path, _WIDTH), len(operations) - 1
    return f"{first}{f' and {more} more' if more else ''}"


def name_some(names: Sequence[str], most: int) -> str:
    """Return the first names, and how many more there are."""
    shown = ", ".join(printable(name, _WIDTH) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
