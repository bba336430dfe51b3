"""Reading the query of a URL: names are decoded at once, values stay raw, as they were sent."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
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


def without(query: bytes, names: Collection[str]) -> bytes:
    """Return a raw query without the values under some names, e.g. `limit=2` for `api_key=a&limit=2`."""
    return b"&".join([piece for piece in query.split(b"&") if not _has_name(piece, names)])


def _has_name(piece: bytes, names: Collection[str]) -> bool:
    return decode(piece.partition(b"=")[0].decode("latin-1")) in names


def split_list(raw_value: str, decoded: str) -> tuple[list[str], list[str]]:
    """Return the values of a comma-separated list, and those of its second reading where it has one.

    `decoded` is the raw value decoded once. Clients encode such a list once, as a whole or each value,
    or twice: docs/api_facts.md has the table. `a%2Cb` alone is ambiguous: two values, or one value that
    holds a comma, e.g. `(["a", "b"], ["a,b"])`. Empty values drop out.
    """
    if "," in raw_value:
        # A literal comma separates, so an encoded one beside it belongs to a value.
        return [unquote(decode(piece)) for piece in raw_value.split(",") if piece], []
    if "," not in decoded:
        return ([unquote(decoded)] if decoded else []), []
    values = [unquote(piece) for piece in decoded.split(",") if piece]
    is_ambiguous = values and "%2c" not in decoded.lower()
    return values, [unquote(decoded)] if is_ambiguous else []


def includes(sent: Query, wanted: Mapping[str, Any]) -> bool:
    """Tell whether a query has every parameter that is wanted, with the value or the list of values.

    Values are compared decoded, e.g. `{"limit": 5}` with `limit=5`, `{"a": ["x", "y"]}` with `a=x&a=y`.
    """
    decoded = {name: [decode(raw_value) for raw_value in sent.get(name, ())] for name in wanted}
    return includes_decoded(decoded, wanted)


def includes_decoded(decoded: Mapping[str, Sequence[str]], wanted: Mapping[str, Any]) -> bool:
    """Tell the same of a query whose values are decoded."""
    return all(_texts(value) == list(decoded.get(name, ())) for name, value in wanted.items())


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return [value if isinstance(value, str) else json.dumps(value)]
