"""A page of a list as a server under test has answered it, and the pages of a walk through the list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mock_server.conform.http_probe import Reply
from mock_server.conform.requirements import Failed, read_json
from mock_server.lists.convention import Convention
from mock_server.lists.roles import EMPTY, NULL, OMIT, TOTAL

# A record of a list: an object, or whatever else its schema describes.
Item = Any

# How many items a walk may bring where nothing says how many there are.
MOST_ITEMS = 1_000

_NONE = object()


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list, by the convention that its document describes."""

    reply: Reply
    convention: Convention
    items: list[Item]
    body: Any

    @property
    def pagination(self) -> dict[str, Any]:
        """Return the members beside the items in which the page says anything of itself."""
        found: dict[str, Any] = {}
        for place in self.convention.response.values():
            above = _at(self.body, place[:-1])
            found |= above if isinstance(above, dict) else {}
        if self.convention.items:
            found.pop(self.convention.items[-1], None)
        return found

    @property
    def total(self) -> int | None:
        """Return the number of items on all pages; None where the document describes no total."""
        total = self.value_of(TOTAL)
        return total if type(total) is int else None

    def value_of(self, role: str) -> Any:
        """Return what the page says of a role, e.g. of NEXT its cursor; None where it says nothing.

        What a header says is a text, or a whole number where it is one.
        """
        if role in self.convention.response:
            found = _at(self.body, self.convention.response[role])
            return None if found is _NONE else found
        for name, said in self.convention.headers.items():
            if said == role:
                text = self.reply.header(name)
                return int(text) if text is not None and text.isdecimal() else text
        return None

    def has_cursor(self, role: str) -> bool:
        """Return whether the page says where NEXT, PREVIOUS or a URL leads, even wrongly."""
        if role not in self.convention.response:
            return False
        found = _at(self.body, self.convention.response[role])
        return found is not _NONE and found not in self._ends(role)

    def _ends(self, role: str) -> tuple[Any, ...]:
        """Return the values that say that there is no such page; none of them where it is left out."""
        if self.convention.end == OMIT and not self.convention.member(role).is_required:
            return ()
        return (None, "") if self.convention.end != NULL else (None,)

    def cursor(self, role: str) -> str:
        """Return the text that leads to the NEXT or the PREVIOUS page, which the page must have.

        Raise Failed where it is neither a text nor a number, or is empty.
        """
        cursor = self.value_of(role)
        if type(cursor) is int:
            return str(cursor)
        if not isinstance(cursor, str) or not cursor:
            message = f"'{self.convention.name_of(role)}' is {orjson.dumps(cursor).decode()}"
            wanted = {OMIT: "absent", NULL: "null", EMPTY: "empty"}[self.convention.end]
            raise Failed(f"{message}, but is to be {wanted} where there is no such page", self.reply)
        return cursor

    @property
    def links(self) -> dict[str, str]:
        """Return the URLs of the header Link by their relation (RFC 8288)."""
        return {relation: url for url, relation in _LINK.findall(self.reply.header("link") or "")}


_LINK = re.compile(r'<([^>]*)>\s*;[^,<]*?rel="?([^",;]+)"?')


def _at(body: Any, place: Sequence[str]) -> Any:
    """Return what lies at a place of an answer; `_NONE` where nothing does."""
    for name in place:
        if not isinstance(body, dict) or name not in body:
            return _NONE
        body = body[name]
    return body


def read_page(
    reply: Reply, convention: Convention, *, has_total: bool = True, has_objects: bool = True
) -> ListPage:
    """Return the page that a reply holds by a convention; raise Failed where it holds none.

    `has_total` is whether the document describes a total, which the page must have then, and
    `has_objects` whether its items are objects.
    """
    if reply.status != 200:
        raise Failed(f"a page of the list must come, with 200, but {reply.status} came", reply)
    body = read_json(reply)
    items = _at(body, convention.items)
    of_objects = " of objects" if has_objects else ""
    if not isinstance(items, list) or (has_objects and not all(isinstance(i, dict) for i in items)):
        path = ".".join(convention.items)
        what = f"the body has no array '{path}'" if path else "the body is no array"
        raise Failed(f"{what}{of_objects}", reply)
    page = ListPage(reply, convention, items, body)
    if has_total and page.total is None:
        place, role = convention.response.get(TOTAL, ()), convention.name_of(TOTAL)
        above = f"object '{'.'.join(place[:-1])}' with a " if len(place) > 1 else ""
        where = "the body" if place else "the answer"
        raise Failed(f"{where} has no {above}whole number '{role}'", reply)
    return page


@dataclass(frozen=True, slots=True)
class PageWalk:
    """The pages from one to the last; `failure` is why the walk broke off, None where it did not."""

    pages: Sequence[ListPage]
    failure: Failed | None = None

    @property
    def items(self) -> list[Item]:
        """Return the items of all pages, in their order."""
        return [item for page in self.pages for item in page.items]

    def require_end(self) -> None:
        """Raise Failed where the walk broke off before the last page."""
        if self.failure is not None:
            raise self.failure


def pages_needed(total: int, limit: int) -> int:
    """Return how many pages of at most `limit` items hold `total` items."""
    return -(-total // limit)


def require_progress(pages: Sequence[ListPage], limit: int, direction: str, *, is_new: bool) -> None:
    """Raise Failed where a walk goes in circles, or does not end.

    `is_new` says whether the last page's cursor has led nowhere yet.
    """
    page, number = pages[-1], len(pages)
    what = _way_named(page.convention, direction)
    if not is_new:
        raise Failed(f"page {number} has {what} that has led here already", page.reply)
    if not page.items:
        raise Failed(f"page {number} has no items, but {what}", page.reply)
    # Pages that are too short are left to the check walk-full, as long as they come to an end.
    items = MOST_ITEMS if page.total is None else page.total
    if number > 4 * pages_needed(items, limit) + 10:
        message = f"{number} pages of {limit} did not reach the end of {items} items"
        raise Failed(message, page.reply)


def _way_named(convention: Convention, direction: str) -> str:
    """Return what leads on from a page, in words, e.g. `a cursor in 'after'`."""
    noun = "a number" if convention.is_numbered else "a cursor"
    return f"{noun} in '{convention.name_of(direction)}'"
