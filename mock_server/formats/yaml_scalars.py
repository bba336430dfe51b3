"""The values of YAML's scalars, by the core schema of YAML 1.2."""

from __future__ import annotations

import re
import sys
from typing import Any

from mock_server.formats.json import DIGIT_LIMIT, Json, Unreadable, parse_finite
from mock_server.shown_text import quote

# YAML 1.2.2 section 10.3.2. In each row: the kind of a plain scalar, and its pattern.
_CORE_SCHEMA = (
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE")),
    ("int", re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")),
    ("float", re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")),
    ("null", re.compile(r"~|null|Null|NULL|")),
)
# What a scalar of another kind than `str` begins with.
_FIRSTS = frozenset("-+.0123456789tTfFnN~")

# What the tags of the core schema begin with.
TAG = "tag:yaml.org,2002:"


def read_scalar(event: Any) -> Json:
    """Return the value of a scalar by its tag, or by the core schema; raise Unreadable."""
    text = event.value
    kind = _kind(text) if event.implicit[0] else (event.tag or "!").removeprefix(TAG)
    try:
        match kind:
            case "str" | "!":
                return text
            case "int":
                return _integer(text, event)
            case "float":
                return parse_finite(text)
            case "bool":
                return text.lower() == "true"
            case "null":
                return None
    except ValueError:
        raise Unreadable(f"{quote(text)} is not {kind}", "quote it", line_of(event)) from None
    raise unknown_tag(event)


def _integer(text: str, event: Any) -> int:
    if len(text) <= DIGIT_LIMIT:
        number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if abs(number) <= sys.float_info.max:
            return number
    raise Unreadable(f"{quote(text)} has more than {DIGIT_LIMIT} digits", "quote it", line_of(event))


def _kind(text: str) -> str:
    """Return the kind of a plain scalar, e.g. `int`; `str` for what the core schema does not name."""
    # Most scalars are decided by these two, which are much faster than the patterns.
    if text and text[0] not in _FIRSTS:
        return "str"
    if text.isascii() and text.isdigit():
        return "int"
    return next((kind for kind, pattern in _CORE_SCHEMA if pattern.fullmatch(text)), "str")


def unknown_tag(event: Any) -> Unreadable:
    """Return the error for a tag that is not of the core schema."""
    return Unreadable(f"the tag {quote(event.tag)} is not understood", "remove the tag", line_of(event))


def line_of(event: Any) -> int:
    """Return the line, from 1, on which an event of the parser begins."""
    return int(event.start_mark.line) + 1
