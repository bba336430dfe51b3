"""Broken pages: list pages as a faulty server would send them, which a client must survive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from mock_server.lists import cursors, tokens
from mock_server.lists.convention import Convention
from mock_server.lists.page_sayings import EDGE_IDS, FROM_START, MISSING, number_of, page_number
from mock_server.lists.pages import (
    Listing,
    Page,
    PageInfo,
    PageRequest,
    Saying,
    beside,
    cut_page,
    page_info,
)
from mock_server.lists.roles import (
    AFTER,
    AT_END,
    COUNT,
    LAST_URL,
    MORE,
    NEXT,
    NEXT_URL,
    OFFSET,
    PAGE,
    PAGES,
    PREVIOUS,
    PREVIOUS_URL,
    RFC_8288,
    TOKEN,
    TOTAL,
)


class BrokenRequest(NamedTuple):
    """A request for a page that is to be broken; `sayings` are what it says when it is intact.

    `fired_before` is how many faults of the account fired before: it makes the cursors of one broken
    page differ from those of another.
    """

    listing: Listing
    sayings: Sequence[tuple[str, Saying]]
    fired_before: int

    def cut(self, limit: int) -> Page:
        """Return the intact page with another limit."""
        listing = self.listing
        return cut_page(listing.matching, listing.request._replace(limit=limit), listing.order)

    @property
    def direction(self) -> str:
        """Return the direction in which the client goes."""
        return self.listing.request.direction


class PageSent(NamedTuple):
    """A page as it is sent: the positions of its items, the intact page, and what it says besides."""

    positions: Sequence[int]
    page: Page
    info: PageInfo


Breakage = Callable[[BrokenRequest, Page], PageSent]


def break_page(kind: str, request: BrokenRequest) -> PageSent:
    """Return the page that a request asks for, broken as `kind` says, e.g. `repeat-cursor`."""
    return KINDS[kind].breakage(request, request.cut(request.listing.request.limit))


def _with_info(request: BrokenRequest, page: Page, **changed: Any) -> PageSent:
    """Return the page as it is, but for what it says of the roles in `changed`."""
    info = page_info(page, request.listing, request.sayings)
    return PageSent(page.positions, page, {**info, **changed})


def _position_ahead(request: BrokenRequest, page: Page) -> int | None:
    return page.next if request.direction == NEXT else page.previous


def _repeat_cursor(request: BrokenRequest, page: Page) -> PageSent:
    way = {request.direction: _way_to_itself(request, page)}
    return _with_info(request, page, **way, **_saying_more(request, is_more=True))


def _saying_more(request: BrokenRequest, *, is_more: bool) -> dict[str, bool]:
    """Return what a page says of whether another one follows."""
    said = {MORE: is_more}
    # Where no page says whether it is the last, this alone decides which links a header has.
    if request.listing.convention.says(AT_END):
        said[AT_END] = not is_more
    return said


def _way_to_itself(request: BrokenRequest, page: Page) -> str | int:
    """Return what leads to the page that is asked for."""
    listing = request.listing
    if listing.convention.is_numbered:
        is_page = listing.convention.way == PAGE
        return page_number(page, listing) if is_page else number_of(listing.request.start, listing)
    if listing.request.cursor is not None:
        return listing.request.cursor
    if listing.convention.cursor is not None:
        return FROM_START
    first = page.positions[0] if page.positions else 0
    return listing.text_of(beside(first, -1, listing.order)) or FROM_START


def _empty_cursor(request: BrokenRequest, page: Page) -> PageSent:
    return _with_info(request, page, **{NEXT: ""})


def _null_cursors(request: BrokenRequest, page: Page) -> PageSent:
    return _with_info(request, page, **{NEXT: None, PREVIOUS: None})


def _missing_next(request: BrokenRequest, page: Page) -> PageSent:
    return _with_info(request, page, **{request.direction: MISSING})


def _empty_page(request: BrokenRequest, page: Page) -> PageSent:
    listing = request.listing
    if listing.convention.way == PAGE:
        # What a page leaves out comes on no other one; the last page has no way on.
        return _with_items(request, page, () if page.next is not None else page.positions)
    page = request.cut(0)
    position = _position_ahead(request, page)
    if position is None or listing.convention.way == OFFSET:
        return _with_info(request, page)
    if listing.convention.cursor is not None:
        return _with_info(request, page, **{request.direction: _way_to_itself(request, page)})
    # A variant, since a client may take its own cursor for a repeat, which this page is not.
    variants = tokens.VARIANTS if listing.convention.style == TOKEN else cursors.VARIANTS
    variant = (request.fired_before + 1) % (variants - 1) + 1
    return _with_info(request, page, **{request.direction: listing.text_of(position, variant)})


def _short_page(request: BrokenRequest, page: Page) -> PageSent:
    # At least one item, so that a walk ends even under a script that repeats for ever.
    size = max(len(page.positions) // 2, 1)
    if request.listing.convention.way == PAGE:
        return _with_items(request, page, page.positions[:size])
    return _with_info(request, request.cut(size))


def _duplicate_item(request: BrokenRequest, page: Page) -> PageSent:
    listing = request.listing
    if listing.convention.is_numbered or not listing.convention.is_paged:
        # The last item of the page before, as if a record had been added in front meanwhile.
        start = max(0, page.start - 1)
        return _with_items(request, page, [*listing.matching[start:][:1], *page.positions])
    # One item less besides keeps the page's size, and the next page begins with the item left out.
    shorter = request.cut(max(len(page.positions) - 1, 1))
    return _with_items(request, shorter, [*shorter.positions[:1], *shorter.positions])


def _repeat_page(request: BrokenRequest, page: Page) -> PageSent:
    """Return the page before in place of the one that is asked for, as if the request were not read."""
    matching, limit = request.listing.matching, request.listing.request.limit
    if not page.positions:
        return _with_info(request, page)
    if request.direction == NEXT:
        before = matching[max(0, page.start - limit) : page.start]
    else:
        before = matching[page.stop : page.stop + limit]
    return _with_items(request, page, before)


def _with_items(request: BrokenRequest, page: Page, positions: Sequence[int]) -> PageSent:
    """Return the page as it is, but for its items, which are those at `positions`."""
    listing, shown = request.listing, page._replace(positions=positions)
    edges = {role: EDGE_IDS[role](shown, listing) for role in listing.convention.edge_ids}
    sent = _with_info(request, page, **edges, **{COUNT: len(positions)})
    return PageSent(positions, page, sent.info)


def _wrong_total(request: BrokenRequest, page: Page) -> PageSent:
    return _with_info(request, page, **{TOTAL: page.total + 1})


def _wrong_more(request: BrokenRequest, page: Page) -> PageSent:
    is_last = _position_ahead(request, page) is None
    return _with_info(request, page, **_saying_more(request, is_more=is_last))


def _wrong_pages(request: BrokenRequest, page: Page) -> PageSent:
    sent = _with_info(request, page)
    return PageSent(sent.positions, page, {**sent.info, PAGES: sent.info.get(PAGES, 0) + 1})


def _expired_cursor(request: BrokenRequest, page: Page) -> PageSent:
    position = _position_ahead(request, page)
    if position is None or not request.listing.convention.goes(request.direction):
        return _with_info(request, page)
    return _with_info(request, page, **{request.direction: _expired(request.listing, position)})


def _expired(listing: Listing, position: int) -> str:
    if listing.convention.style == TOKEN:
        return tokens.encode_expired(listing.collection, listing.bound_to, position)
    return cursors.encode_expired(listing.collection, position)


def _leads(convention: Convention) -> bool:
    """Tell whether pages say what leads on from them."""
    return convention.says(NEXT, NEXT_URL, RFC_8288)


def _is_opaque(convention: Convention) -> bool:
    return _leads(convention) and convention.way == AFTER and convention.cursor is None


def _is_known_to_go_on(convention: Convention) -> bool:
    """Tell whether a page says that more follow, however many records it holds itself."""
    tells = (MORE, AT_END, TOTAL, PAGES, LAST_URL)
    return convention.is_paged and (_leads(convention) or convention.says(*tells))


class Kind(NamedTuple):
    """A kind of broken page: how a page is broken, and which conventions have such pages.

    `is_first` says whether the first page can be broken so.
    """

    breakage: Breakage
    plays: Callable[[Convention], bool]
    is_first: bool = True


KINDS: dict[str, Kind] = {
    "repeat-cursor": Kind(_repeat_cursor, _leads),
    "empty-cursor": Kind(_empty_cursor, lambda c: c.says(NEXT, NEXT_URL, is_header=False)),
    "null-cursors": Kind(
        _null_cursors,
        lambda c: c.says(NEXT, PREVIOUS, NEXT_URL, PREVIOUS_URL, is_header=False),
    ),
    "empty-page": Kind(_empty_page, _is_known_to_go_on),
    "short-page": Kind(_short_page, lambda c: c.is_paged),
    "duplicate-item": Kind(_duplicate_item, lambda _: True),
    "wrong-total": Kind(_wrong_total, lambda c: c.says(TOTAL)),
    "expired-cursor": Kind(_expired_cursor, _is_opaque),
    "missing-next": Kind(_missing_next, _leads),
    "repeat-page": Kind(_repeat_page, lambda c: c.is_paged, is_first=False),
    "wrong-more": Kind(_wrong_more, lambda c: c.says(MORE, AT_END)),
    "wrong-pages": Kind(_wrong_pages, lambda c: c.says(PAGES)),
}


def kinds_of(convention: Convention) -> frozenset[str]:
    """Return the kinds of broken pages that a list can play."""
    return frozenset(name for name, kind in KINDS.items() if kind.plays(convention))


def breaks(kind: str, convention: Convention, request: PageRequest) -> bool:
    """Tell whether the page that a request asks for can be broken as `kind` says."""
    known = KINDS[kind]
    return known.plays(convention) and (known.is_first or not request.is_first)
