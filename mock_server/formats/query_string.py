"""The query of a URL as it was sent: names decoded, values still in their wire form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, unquote_plus

Query = dict[str, list[str]]


def parse(query_string: bytes) -> Query:
    """The values of each name in the order sent, e.g. `b"a=1&a=%2C"` gives `{"a": ["1", "%2C"]}`.

    A name without `=` has an empty value, as in the URL standard's form parser.
    """
    result: Query = {}
    for pair in query_string.decode("latin-1").split("&"):
        if pair:
            name, _, value = pair.partition("=")
            result.setdefault(decode(name), []).append(value)
    return result


def decode(wire: str) -> str:
    """One round of form decoding: `+` is a space, and what is not UTF-8 becomes U+FFFD."""
    return unquote_plus(wire) if "%" in wire or "+" in wire else wire


def decode_list(wire: str) -> tuple[list[str], list[str]]:
    """The values of a comma-separated list, and those of its second reading where it has one.

    Clients encode such a list once (the whole of it, or each value) or twice; API_FACTS has the
    table. `a%2Cb` alone is ambiguous: two values, or one that holds a comma. Empty values drop out.
    """
    if "," in wire:
        # A literal comma separates, so an encoded one beside it belongs to a value.
        return _values(decode(piece) for piece in wire.split(",")), []
    once = decode(wire)
    values = _values(once.split(","))
    ambiguous = values and "," in once and "%2c" not in once.lower()
    return values, [unquote(once)] if ambiguous else []


def _values(pieces: Iterable[str]) -> list[str]:
    return [unquote(piece) for piece in pieces if piece]


def includes(sent: Query, wanted: Mapping[str, Any]) -> bool:
    """Whether a query has every parameter that is wanted, with the value or the list of values.

    Values are compared decoded, e.g. `{"limit": 5}` with `limit=5`, `{"a": ["x", "y"]}` with `a=x&a=y`.
    """
    return all(_texts(value) == list(map(decode, sent.get(name, ()))) for name, value in wanted.items())


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return [value if isinstance(value, str) else json.dumps(value)]
