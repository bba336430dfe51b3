"""Broken pages: list pages as a faulty server would send them, to break a naive client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mock_server.lists import cursors
from mock_server.lists.pages import (
    NEXT,
    PREVIOUS,
    TOTAL,
    Page,
    PageInfo,
    PageRequest,
    cut_page,
    page_info,
)


@dataclass(frozen=True, slots=True)
class BrokenRequest:
    """A request for a page that is to be broken.

    `fired_before` is how many faults of the account fired before: it makes the cursors of one broken
    page differ from those of another.
    """

    collection: str
    matching: Sequence[int]
    page: PageRequest
    fired_before: int

    def cut(self, limit: int) -> Page:
        """Return the page that truly is there, of another size."""
        return cut_page(self.matching, replace(self.page, limit=limit))


@dataclass(frozen=True, slots=True)
class PageSent:
    """A page as it is sent: the positions of its items, the page that it truly is, and what it says."""

    positions: Sequence[int]
    page: Page
    info: PageInfo


Breakage = Callable[[BrokenRequest, Page], PageSent]


def break_page(kind: str, asked: BrokenRequest) -> PageSent:
    """Return the page that was asked for, broken in one of the ways of KINDS."""
    return KINDS[kind](asked, asked.cut(asked.page.limit))


def _with_info(asked: BrokenRequest, page: Page, **changed: str | int | None) -> PageSent:
    """Return the page as it is, but for what it says of some roles."""
    return PageSent(page.positions, page, page_info(page, asked.collection) | changed)


def _position_ahead(asked: BrokenRequest, page: Page) -> int | None:
    return page.next if asked.page.direction == NEXT else page.previous


def _repeat_cursor(asked: BrokenRequest, page: Page) -> PageSent:
    again = asked.page.cursor
    if again is None:
        first = page.positions[0] if page.positions else 0
        again = cursors.encode(asked.collection, first - 1)
    return _with_info(asked, page, **{asked.page.direction: again})


def _empty_cursor(asked: BrokenRequest, page: Page) -> PageSent:
    return _with_info(asked, page, **{NEXT: ""})


def _null_cursors(asked: BrokenRequest, page: Page) -> PageSent:
    return _with_info(asked, page, **{NEXT: None, PREVIOUS: None})


def _empty_page(asked: BrokenRequest, _page: Page) -> PageSent:
    page = asked.cut(0)
    position = _position_ahead(asked, page)
    if position is None:
        return _with_info(asked, page)
    # A client may take the cursor that it asked with for a repeat, which this page is not.
    variant = (asked.fired_before + 1) % (cursors.VARIANTS - 1) + 1
    cursor = cursors.encode(asked.collection, position, variant)
    return _with_info(asked, page, **{asked.page.direction: cursor})


def _short_page(asked: BrokenRequest, page: Page) -> PageSent:
    # Without a single item, a script that runs for ever would never let a walk end.
    return _with_info(asked, asked.cut(max(len(page.positions) // 2, 1)))


def _duplicate_item(asked: BrokenRequest, page: Page) -> PageSent:
    # With one fewer of the others the page keeps its size, and a client that goes on loses nothing.
    shorter = asked.cut(max(len(page.positions) - 1, 1))
    sent = _with_info(asked, shorter)
    return PageSent([*shorter.positions[:1], *shorter.positions], shorter, sent.info)


def _wrong_total(asked: BrokenRequest, page: Page) -> PageSent:
    return _with_info(asked, page, **{TOTAL: page.total + 1})


def _expired_cursor(asked: BrokenRequest, page: Page) -> PageSent:
    position = _position_ahead(asked, page)
    if position is None:
        return _with_info(asked, page)
    return _with_info(asked, page, **{asked.page.direction: cursors.expired(asked.collection, position)})


KINDS: dict[str, Breakage] = {
    "repeat-cursor": _repeat_cursor,
    "empty-cursor": _empty_cursor,
    "null-cursors": _null_cursors,
    "empty-page": _empty_page,
    "short-page": _short_page,
    "duplicate-item": _duplicate_item,
    "wrong-total": _wrong_total,
    "expired-cursor": _expired_cursor,
}
