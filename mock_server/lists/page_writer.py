"""Writing pages: the answer of a list, its records and what it says of a page at their places."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from mock_server.lists.answer_template import (
    ITEMS,
    OWN_PATH,
    Members,
    Nullable,
    absent_value,
    template,
)
from mock_server.lists.convention import Convention
from mock_server.lists.page_links import Links, Target, link_header, links
from mock_server.lists.page_sayings import FROM_START, MISSING
from mock_server.lists.pages import PageInfo
from mock_server.lists.roles import (
    AT_END,
    AT_START,
    FIRST,
    LAST,
    NEXT,
    PREVIOUS,
    RFC_8288,
    TARGETS,
)

# The links of RFC 8288 by the relations that IANA registers, in the order in which they are sent.
_RELATIONS = (("prev", PREVIOUS), ("next", NEXT), ("last", LAST), ("first", FIRST))

_NULL = b"null"
_BOOLEANS = {True: b"true", False: b"false"}
_UNSAID = object()


class PageAnswer(NamedTuple):
    """A list's answer for a page: headers beside the usual ones, and the body."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


class PageWriter:
    """Writes the answers of one list by its convention.

    `has_urls` tells whether it writes URLs, which depend on how the connection was made.
    """

    def __init__(self, convention: Convention, left_out: Collection[str] = ()) -> None:
        """Take the names of query parameters that no URL repeats, since they are credentials."""
        self._convention = convention
        self._left_out = frozenset(left_out)
        self._positions = frozenset(convention.positions)
        self._template = template(convention)
        self._slots = [_Slot(convention, role) for role in (*convention.response, *convention.edge_ids)]
        self._headers = list(convention.headers.items())
        self.has_urls = convention.has_urls

    def write(
        self,
        items: Iterable[bytes],
        info: PageInfo,
        target: Target | None = None,
        own_path: str | None = None,
    ) -> PageAnswer:
        """Return the answer for a page; `items` are its records, encoded as JSON.

        `target` is the URL of the request, which a convention with URLs needs; `own_path` is the path
        of the list, where that has parameters.
        """
        found = None if target is None else links(target, self._positions, self._left_out)
        records = b"[%b]" % b",".join(items)
        values = {ITEMS: records} if own_path is None else {ITEMS: records, OWN_PATH: _dump(own_path)}
        for slot in self._slots:
            value = slot.write(info, found)
            if value is not None:
                values[slot.role] = value
        headers = tuple(self._written_headers(info, found)) if self._headers else ()
        return PageAnswer(headers, records if self._template is None else _fill(self._template, values))

    def _written_headers(self, info: PageInfo, found: Links | None) -> Iterator[tuple[str, str]]:
        for name, what in self._headers:
            if what == RFC_8288:
                text = self._link_header(info, found) if found is not None else ""
            elif what in TARGETS and found is not None:
                text = _url(self._convention, TARGETS[what], info, found) or ""
            else:
                text = _header_text(info.get(what))
            if text:
                yield name, text

    def _link_header(self, info: PageInfo, found: Links) -> str:
        # As GitHub does: no `first` on the first page, no `last` on the last, nor where texts lead on,
        # which only the page before has.
        has_last = self._convention.is_numbered and not info.get(AT_END)
        absent = {LAST: not has_last, FIRST: info.get(AT_START)}
        roles = [(relation, role) for relation, role in _RELATIONS if not absent.get(role)]
        urls = [(relation, _url(self._convention, role, info, found)) for relation, role in roles]
        return link_header([(relation, url) for relation, url in urls if url])


def _fill(members: Members, values: Mapping[str, bytes]) -> bytes:
    """Return an answer; `values` are those of the slots in JSON; one without a value is left out."""
    parts = []
    is_null = isinstance(members, Nullable)
    for name, slot in members:
        if isinstance(slot, str):
            value = values.get(slot)
            if value is not None:
                parts.append(name + value)
                is_null = is_null and value == _NULL
        else:
            parts.append(name + (slot if isinstance(slot, bytes) else _fill(slot, values)))
    return _NULL if is_null else b"{%b}" % b",".join(parts)


class _Slot:
    """A member of the answer that a role fills, and how its values are written."""

    def __init__(self, convention: Convention, role: str) -> None:
        self.role = role
        self._convention = convention
        self._member = convention.member(role)
        self._target = TARGETS.get(role)
        kinds = set(self._member.kinds)
        self._is_text = "string" in kinds and kinds.isdisjoint({"integer", "number", "boolean"})
        self._is_number = "string" not in kinds and not kinds.isdisjoint({"integer", "number"})
        self._absent = absent_value(convention, role, self._member)

    def write(self, info: PageInfo, found: Links | None) -> bytes | None:
        """Return what a page says of the role, in JSON; None where the member is left out."""
        value = info.get(self._target or self.role, _UNSAID)
        if value is _UNSAID:
            return self._absent
        if value is MISSING:
            return None
        if value is None:
            return _NULL
        if self._target is not None and found is not None:
            return self._link(found, value)
        if isinstance(value, str):
            is_number = self._is_number and _is_digits(value)
            return value.encode() if is_number else _dump(value)
        text = _BOOLEANS[value] if isinstance(value, bool) else b"%d" % value
        return b'"%b"' % text if self._is_text else text

    def _link(self, found: Links, value: Any) -> bytes:
        url = _url_to(self._convention, str(self._target), value, found, self._member.is_relative)
        encoded = b'"%b"' % url.encode()
        return b'{"href":%b}' % encoded if self._member.is_href else encoded


def _url(convention: Convention, role: str, info: PageInfo, found: Links) -> str | None:
    """Return the URL of the page that a role leads to; None where there is none."""
    value = info.get(role)
    return None if value is None or value is MISSING else _url_to(convention, role, value, found)


def _url_to(
    convention: Convention, role: str, value: Any, found: Links, is_relative: bool = False
) -> str:
    if value is FROM_START:
        return found.url("", None, is_relative=is_relative)
    if value == "":
        return ""
    return found.url(str(convention.leading(role)), value, is_relative=is_relative)


def _dump(text: str) -> bytes:
    encoded: bytes = orjson.dumps(text)
    return encoded


def _is_digits(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0")


def _header_text(value: Any) -> str:
    """Return a role's value as a header says it; empty for none."""
    if value is None or value is MISSING:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    # A cursor may be the text of any field, and a header holds printable ASCII (RFC 9110 section 5.5).
    text = str(value)
    return text if text.isascii() and text.isprintable() else quote(text)
