"""The built-in schemes, and what published APIs call the parts of their lists (schemes.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.formats import shipped_yaml
from mock_server.lists.scheme import Scheme
from mock_server.lists.scheme_reading import read_scheme

FILE = Path(str(files(__package__) / "schemes.yaml"))

# Characters by which the names of the same part differ, e.g. `page_size` and `pageSize`.
_IGNORED = str.maketrans("", "", "_-$@ ")

Words = tuple[str, ...]


class Family(NamedTuple):
    """A built-in scheme with names by the dozen.

    - `request`, `response`: the roles that an operation must have, with the words that may name each
    - `cursor`: whether a field of the records is the cursor
    - `integer`: whether what says the position must be a whole number
    """

    style: str
    request: Mapping[str, Words]
    response: Mapping[str, Words]
    headers: Mapping[str, str] = MappingProxyType({})
    cursor: bool = False
    integer: bool = False
    first: int | None = None


class BuiltIn(NamedTuple):
    """What the data file says.

    - `request`, `response`, `headers`: the words for each role, the first of several that is there
    - `schemes`: whole schemes and families, the most particular first
    - `containers`, `envelopes`: objects of an answer that tell of its pages, and that hold the records
    - `records`: names of the array that has the records
    - `other_arrays`, `other_members`: what may stand beside it
    - `cursor_fields`: fields of the records whose value may be the cursor
    - `names`: names that mean something of their own, by what they mean
    """

    request: Mapping[str, Words]
    response: Mapping[str, Words]
    headers: Mapping[str, Words]
    schemes: tuple[Scheme | Family, ...]
    containers: frozenset[str]
    envelopes: frozenset[str]
    records: Words
    other_arrays: frozenset[str]
    other_members: frozenset[str]
    cursor_fields: Words
    names: Mapping[str, frozenset[str]]


@cache
def built_in() -> BuiltIn:
    """Return what the data file says, read once."""
    data: Any = shipped_yaml.load(FILE)
    request, response = _words(data["request"]), _words(data["response"])
    return BuiltIn(
        request=request,
        response=response,
        headers=_words(data["headers"]),
        schemes=tuple(_scheme(each, request, response) for each in data["schemes"]),
        containers=frozenset(data["containers"]),
        envelopes=frozenset(data["envelopes"]),
        records=tuple(data["records"]),
        other_arrays=frozenset(data["beside"]["arrays"]),
        other_members=frozenset(data["beside"]["members"]),
        cursor_fields=tuple(data["cursors"]),
        names={kind: frozenset(words) for kind, words in data["names"].items()},
    )


def plain(name: str) -> str:
    """Return a name as the data file has it, e.g. `pagesize` for `page_size` and `pageSize`."""
    return name.translate(_IGNORED).lower()


def _words(by_role: Mapping[str, list[str]]) -> dict[str, Words]:
    return {role: tuple(words) for role, words in by_role.items()}


def _scheme(
    value: Mapping[str, Any], request: Mapping[str, Words], response: Mapping[str, Words]
) -> Scheme | Family:
    """Return an entry of the data file: a whole scheme, if its roles have one name each."""
    asked, answered = value.get("request", {}), value.get("response", {})
    if any(isinstance(name, str) for name in [*asked.values(), *answered.values()]):
        return read_scheme(value)
    return Family(
        style=value["style"],
        request={role: request[role] if w is True else tuple(w) for role, w in asked.items()},
        response={role: response[role] if w is True else tuple(w) for role, w in answered.items()},
        headers=value.get("headers", {}),
        cursor=value.get("cursor", False),
        integer=value.get("integer", False),
        first=value.get("first"),
    )
