"""Checks of scripted faults: what is wrong with a script that its schema can't describe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from mock_server.errors import Violation
from mock_server.lists import broken_pages
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import TOKEN
from mock_server.shown_text import quote

# Headers that no step may set, and why. The first say where a body ends (RFC 9112 section 6), the others
# are about one connection (RFC 9110 sections 7.6.1 and 11.7).
_FRAMING = "is set by the server; leave it out (a body is cut short by 'cut')"
_HOP_BY_HOP = "is about the connection, which the server keeps or, for 'cut', breaks; leave it out"
_RESERVED = {
    **dict.fromkeys(("content-length", "transfer-encoding", "trailer"), _FRAMING),
    **dict.fromkeys(("connection", "keep-alive", "proxy-connection", "te", "upgrade"), _HOP_BY_HOP),
    **dict.fromkeys(("proxy-authenticate", "proxy-authentication-info"), _HOP_BY_HOP),
    "proxy-authorization": _HOP_BY_HOP,
}

T = TypeVar("T")


def page_faults(operations: Iterable[Operation]) -> dict[str, frozenset[str]]:
    """Return the kinds of broken pages that each operation can play, by its id; none without pages."""
    found: dict[str, frozenset[str]] = {}
    for o in operations:
        own = broken_pages.kinds_of(o.convention) if o.collection is not None else frozenset[str]()
        found[o.id] = found.get(o.id, frozenset()) | own
    return found


def playable(page_faults: Mapping[str, frozenset[str]], operation: str | None = None) -> frozenset[str]:
    """Return the kinds of broken pages that an operation can play, or any of them where that is None.

    `page_faults` are those of each operation of the document, by its id; none where it has no pages.
    """
    if operation is not None and operation in page_faults:
        return page_faults[operation]
    return frozenset().union(*page_faults.values())


def violations(body: Any, page_faults: Mapping[str, frozenset[str]]) -> Iterator[Violation]:
    """Yield the violations in a body of `addFault` that its schema in control.yaml can't describe.

    `page_faults` is as for `playable`; the operation is named by its id.
    """
    operation = _member(body, "operation", str)
    kinds = playable(page_faults, operation)
    if _member(_member(body, "when", dict), "page", int) == 1:
        # No page comes before the first of a walk.
        kinds = frozenset(kind for kind in kinds if broken_pages.KINDS[kind].is_first)
    for number, step in enumerate(_member(body, "script", list) or ()):
        yield from step_violations(step, f"/script/{number}", kinds, operation)


def counts_pages(body: Any) -> bool:
    """Tell whether a body of `addFault` asks for a fault of a certain page within its walk."""
    return _member(_member(body, "when", dict), "page", int) is not None


def _member(value: Any, name: str, kind: type[T]) -> T | None:
    member = value.get(name) if isinstance(value, dict) else None
    return member if isinstance(member, kind) else None


def page_violations(
    step: Any, place: str, kinds: frozenset[str], operation: str | None = None
) -> Iterator[Violation]:
    """Yield the violation of a step whose broken page none of the operations that it may meet can play.

    `kinds` are those that they can play, `operation` is the only one that it may meet, or None.
    """
    kind = _member(step, "page", str)
    if kind is None or kind in kinds:
        return
    if operation is not None and not kinds:
        message = f"{quote(kind)} is for pages, but the operation is no list; leave it out."
        yield Violation("notAList", message, place)
    elif kind in broken_pages.KINDS:
        whose = "no list of the document has" if operation is None else f"{operation} does not have"
        can = [name for name in broken_pages.KINDS if name in kinds]
        remedy = f"send one of {', '.join(can)}" if can else "leave it out"
        message = f"{quote(kind)} is of pages that {whose}; {remedy}."
        yield Violation("notPlayable", message, place)


def step_violations(
    step: Any, place: str, kinds: frozenset[str], operation: str | None = None
) -> Iterator[Violation]:
    """Yield the violations in a step that its schema in control.yaml can't describe.

    `place` is the JSON pointer to it; `kinds` and `operation` are as for `page_violations`.
    """
    yield from page_violations(step, f"{place}/page", kinds, operation)
    headers = _member(step, "headers", dict) or {}
    spellings: dict[str, str] = {}
    for name, value in headers.items():
        first = spellings.setdefault(name.lower(), name)
        if first != name:
            message = f"{quote(name)} is the same header as {quote(first)}; send one of them."
            yield Violation("repeated", message, f"{place}/headers/{_escape_pointer(name)}")
        elif name.lower() in _RESERVED:
            message = f"{quote(name)} {_RESERVED[name.lower()]}."
            yield Violation("reserved", message, f"{place}/headers/{_escape_pointer(name)}")
        elif isinstance(value, str) and not _is_header(name, value):
            sent = quote(f"{name}: {value}")
            message = f"{sent} is no header; send letters, digits and dashes, and Latin-1."
            yield Violation("pattern", message, f"{place}/headers/{_escape_pointer(name)}")


def _escape_pointer(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _is_header(name: str, value: str) -> bool:
    is_printable = all(" " <= c <= "~" or "\xa0" <= c <= "\xff" for c in value)
    return TOKEN.fullmatch(name) is not None and is_printable
