"""Broken pages: list pages as a faulty server would send them, which a client must survive."""

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
        """Return the intact page with another limit."""
        return cut_page(self.matching, replace(self.page, limit=limit))


@dataclass(frozen=True, slots=True)
class PageSent:
    """A page as it is sent: the positions of its items, the intact page, and what it says besides."""

    positions: Sequence[int]
    page: Page
    info: PageInfo


Breakage = Callable[[BrokenRequest, Page], PageSent]


def break_page(kind: str, request: BrokenRequest) -> PageSent:
    """Return the page that a request asks for, broken as `kind` says, e.g. `repeat-cursor`."""
    return KINDS[kind](request, request.cut(request.page.limit))


def _with_info(request: BrokenRequest, page: Page, **changed: str | int | None) -> PageSent:
    """Return the page as it is, but for the cursors and the total in `changed`, by role."""
    return PageSent(page.positions, page, page_info(page, request.collection) | changed)


def _position_ahead(request: BrokenRequest, page: Page) -> int | None:
    return page.next if request.page.direction == NEXT else page.previous


def _repeat_cursor(request: BrokenRequest, page: Page) -> PageSent:
    again = request.page.cursor
    if again is None:
        first = page.positions[0] if page.positions else 0
        again = cursors.encode(request.collection, first - 1)
    return _with_info(request, page, **{request.page.direction: again})


def _empty_cursor(request: BrokenRequest, page: Page) -> PageSent:
    return _with_info(request, page, **{NEXT: ""})


def _null_cursors(request: BrokenRequest, page: Page) -> PageSent:
    return _with_info(request, page, **{NEXT: None, PREVIOUS: None})


def _empty_page(request: BrokenRequest, _page: Page) -> PageSent:
    page = request.cut(0)
    position = _position_ahead(request, page)
    if position is None:
        return _with_info(request, page)
    # A variant, since a client may take its own cursor for a repeat, which this page is not.
    variant = (request.fired_before + 1) % (cursors.VARIANTS - 1) + 1
    cursor = cursors.encode(request.collection, position, variant)
    return _with_info(request, page, **{request.page.direction: cursor})


def _short_page(request: BrokenRequest, page: Page) -> PageSent:
    # At least one item, so that a walk ends even under a script that repeats for ever.
    return _with_info(request, request.cut(max(len(page.positions) // 2, 1)))


def _duplicate_item(request: BrokenRequest, page: Page) -> PageSent:
    # One item less besides keeps the page's size, and the next page begins with the item left out.
    shorter = request.cut(max(len(page.positions) - 1, 1))
    sent = _with_info(request, shorter)
    return PageSent([*shorter.positions[:1], *shorter.positions], shorter, sent.info)


def _wrong_total(request: BrokenRequest, page: Page) -> PageSent:
    return _with_info(request, page, **{TOTAL: page.total + 1})


def _expired_cursor(request: BrokenRequest, page: Page) -> PageSent:
    position = _position_ahead(request, page)
    if position is None:
        return _with_info(request, page)
    cursor = cursors.encode_expired(request.collection, position)
    return _with_info(request, page, **{request.page.direction: cursor})


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
