"""Extension homes: the kinds of objects on which each extension of this program means something."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from mock_server.openapi.member_schema import MEMBER_RULES
from mock_server.openapi.reference_places import KINDS_31, SCHEMA
from mock_server.openapi.rule_schema import OPERATION_RULES

# By the extension, the kinds of `reference_places`.
HOMES: Mapping[str, frozenset[str]] = {
    "x-list": frozenset(["document", "operation"]),
    "x-filter": frozenset(["parameter"]),
    "x-fill": frozenset([SCHEMA]),
    "x-version": frozenset(["parameter"]),
    "x-realm": frozenset(["scheme"]),
    "x-error": frozenset(["document"]),
    "x-sort": frozenset(["operation"]),
    "x-hidden": frozenset(["operation"]),
    **dict.fromkeys(OPERATION_RULES, frozenset(["operation"])),
    **dict.fromkeys(MEMBER_RULES, frozenset([SCHEMA])),
}

_NAMES = {
    "document": "the root of the document",
    "operation": "an operation",
    "parameter": "a parameter",
    "scheme": "a security scheme",
    SCHEMA: "a property",
}


def foreign_words(words: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return those of some extensions that mean nothing on an object, by its kind."""
    known = [word for word in words if word in HOMES]
    return {
        kind: frozenset(word for word in known if kind not in HOMES[word])
        for kind, described in KINDS_31.items()
        if not described.has_names
    }


def homes_of(word: str) -> str:
    """Return where an extension means something, e.g. `an operation`."""
    return " or ".join(_NAMES[kind] for kind in sorted(HOMES[word]))


def words_in(updates: Iterable[Any]) -> Iterator[str]:
    """Yield the extensions that parts of a document have, at any depth."""
    waiting = list(updates)
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield from (name for name in part if name in HOMES)
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
