"""Hostile pages: list pages as a broken server would send them, to break a naive paginator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mock_server.lists import cursors, pages
from mock_server.lists.pages import AFTER, BEFORE, TOTAL, Page, Pagination


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list request asked for: a page of a collection, in words (`cursor`) and in positions.

    `lap` tells it from the hostile pages before, so that their cursors differ.
    """

    collection: str
    matching: Sequence[int]
    limit: int
    after: int | None
    before: int | None
    cursor: str | None
    lap: int

    @property
    def way(self) -> str:
        """The cursor by which the client goes on."""
        return AFTER if self.before is None else BEFORE

    def page(self, limit: int) -> Page:
        return pages.assemble(self.matching, limit, self.after, self.before)


@dataclass(frozen=True, slots=True)
class Served:
    """What is served: the positions, the page that they truly are, and what the envelope says."""

    positions: Sequence[int]
    page: Page
    pagination: Pagination


Disturbance = Callable[[Asked, Page], Served]


def disturb(kind: str, asked: Asked) -> Served:
    """The page asked for, disturbed in one of the ways that KINDS lists."""
    return KINDS[kind](asked, asked.page(asked.limit))


def _saying(asked: Asked, page: Page, **said: str | int | None) -> Served:
    return Served(page.positions, page, pages.pagination(page, asked.collection) | said)


def _repeat_cursor(asked: Asked, page: Page) -> Served:
    again = asked.cursor
    if again is None:
        first = page.positions[0] if page.positions else 0
        again = cursors.encode(asked.collection, first - 1)
    return _saying(asked, page, **{asked.way: again})


def _empty_cursor(asked: Asked, page: Page) -> Served:
    return _saying(asked, page, **{AFTER: ""})


def _null_cursors(asked: Asked, page: Page) -> Served:
    return _saying(asked, page, **{AFTER: None, BEFORE: None})


def _empty_page(asked: Asked, _page: Page) -> Served:
    page = asked.page(0)
    place = page.after if asked.way == AFTER else page.before
    if place is None:
        return _saying(asked, page)
    # Not the cursor asked with: a paginator may take that for a repeat, which this page is not.
    lap = asked.lap % (cursors.LAPS - 1) + 1
    return _saying(asked, page, **{asked.way: cursors.encode(asked.collection, place, lap)})


def _short_page(asked: Asked, page: Page) -> Served:
    # One item stays: without any, a script that runs for ever would never let a walk end.
    return _saying(asked, asked.page(max(len(page.positions) // 2, 1)))


def _duplicate_item(asked: Asked, page: Page) -> Served:
    # One fewer of the others, so that the page keeps its size, and nothing is lost by going on.
    shorter = asked.page(max(len(page.positions) - 1, 1))
    served = _saying(asked, shorter)
    return Served([*shorter.positions[:1], *shorter.positions], shorter, served.pagination)


def _wrong_total(asked: Asked, page: Page) -> Served:
    return _saying(asked, page, **{TOTAL: page.total + 1})


def _expired_cursor(asked: Asked, page: Page) -> Served:
    place = page.after if asked.way == AFTER else page.before
    if place is None:
        return _saying(asked, page)
    return _saying(asked, page, **{asked.way: cursors.expired(asked.collection, place)})


KINDS: dict[str, Disturbance] = {
    "repeat-cursor": _repeat_cursor,
    "empty-cursor": _empty_cursor,
    "null-cursors": _null_cursors,
    "empty-page": _empty_page,
    "short-page": _short_page,
    "duplicate-item": _duplicate_item,
    "wrong-total": _wrong_total,
    "expired-cursor": _expired_cursor,
}
