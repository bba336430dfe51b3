"""Reading the query of a URL: names are decoded at once, values stay raw, as they were sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, unquote_plus

Query = dict[str, list[str]]


def parse(query_string: bytes) -> Query:
    """Return the raw values of each name in the order sent: `{"a": ["1", "%2C"]}` for `a=1&a=%2C`.

    A name without `=` has an empty value (URL standard, application/x-www-form-urlencoded parsing).
    """
    result: Query = {}
    for pair in query_string.decode("latin-1").split("&"):
        if pair:
            name, _, value = pair.partition("=")
            result.setdefault(decode(name), []).append(value)
    return result


def decode(raw_value: str) -> str:
    """Decode a value once: `+` becomes a space, and bytes that are not UTF-8 become U+FFFD."""
    return unquote_plus(raw_value) if "%" in raw_value or "+" in raw_value else raw_value


def decode_list(raw_value: str) -> tuple[list[str], list[str]]:
    """Return the values of a comma-separated list, and the values of a second reading, if it has one.

    Clients encode such a list once (all of it, or each value) or twice; docs/api_facts.md has the
    table. `a%2Cb` alone is ambiguous, and gives `(["a", "b"], ["a,b"])`. Empty values are left out.
    """
    if "," in raw_value:
        # A literal comma separates, so an encoded one beside it belongs to a value.
        return _decode_again(decode(piece) for piece in raw_value.split(",")), []
    once = decode(raw_value)
    values = _decode_again(once.split(","))
    ambiguous = values and "," in once and "%2c" not in once.lower()
    return values, [unquote(once)] if ambiguous else []


def _decode_again(pieces: Iterable[str]) -> list[str]:
    return [unquote(piece) for piece in pieces if piece]


def includes(sent: Query, wanted: Mapping[str, Any]) -> bool:
    """Return whether a query has every wanted parameter, with exactly its value or list of values.

    Values are compared decoded, e.g. `{"limit": 5}` with `limit=5`, `{"a": ["x", "y"]}` with `a=x&a=y`.
    """
    return all(_texts(value) == list(map(decode, sent.get(name, ()))) for name, value in wanted.items())


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return [value if isinstance(value, str) else json.dumps(value)]
