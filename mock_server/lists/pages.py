"""Pages: what a request asks of a list, the window of positions that it gets, and what leads to others.

How an API writes pages in requests and answers is in `convention`; what else a page says, in
`page_sayings`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.lists import cursors, tokens
from mock_server.lists.convention import WHOLE, Convention
from mock_server.lists.roles import (
    AFTER,
    BEFORE,
    LIMIT,
    NEXT,
    NONE,
    PAGE,
    POSITIONS,
    PREVIOUS,
    TOKEN,
)
from mock_server.lists.sorting import Order


class PageRequest(NamedTuple):
    """A page of at most `limit` items: after the position `next`, before `previous`, or from `start` on.

    Without any it is the first page. `start` counts the items before the page; `page` is the number that
    was sent for it. `cursor` is the text that was sent for its place, None for the first one.
    """

    limit: int
    next: int | None = None
    previous: int | None = None
    cursor: str | None = None
    start: int = 0
    page: int | None = None

    @property
    def direction(self) -> str:
        """Return the role of what a client goes on by: NEXT, or PREVIOUS when going back."""
        return NEXT if self.previous is None else PREVIOUS

    @property
    def is_first(self) -> bool:
        """Tell whether it is the page with which a walk begins."""
        return self.cursor is None


def read_page_request(
    convention: Convention,
    values: Mapping[str, Any],
    texts: Mapping[str, str],
    sent: Container[str] = (),
) -> PageRequest:
    """Return the page that a request's parameters ask for.

    `values` are the parameters' values by name, of cursors the positions; `texts` are those of the
    parameters for positions that were sent, and `sent` the names of all of these.
    """
    request = convention.request
    if convention.style == NONE:
        return PageRequest(WHOLE)
    name = request.get(LIMIT) if convention.other_limit is None else convention.limit_of(sent)
    limit: int = values[name] if name is not None and name in values else convention.default_limit
    if convention.clamps and limit > convention.maximum_limit:
        limit = convention.maximum_limit
    for role in POSITIONS if texts else ():
        name = request.get(role)
        if name is not None and name in texts and values.get(name) is not None:
            return _from(convention, role, values[name], limit, texts[name])
    return PageRequest(limit)


def _from(convention: Convention, role: str, value: int, limit: int, text: str) -> PageRequest:
    if role == AFTER:
        return PageRequest(limit, next=value, cursor=text)
    if role == BEFORE:
        return PageRequest(limit, previous=value, cursor=text)
    if role == PAGE:
        start = max(0, value - convention.first) * limit
        return PageRequest(limit, start=start, page=value, cursor=str(value) if start else None)
    start = max(0, value - convention.first)
    return PageRequest(limit, start=start, cursor=str(value) if start else None)


class Page(NamedTuple):
    """The positions of a page's items, the number of all items, and the positions beside the page.

    `next` and `previous` are None where no page lies in that direction. `start` is how many of all items
    come before the page.
    """

    positions: Sequence[int]
    total: int
    next: int | None
    previous: int | None
    start: int = 0

    @property
    def stop(self) -> int:
        """Return how many of all items come before the page and on it."""
        return self.start + len(self.positions)


def cut_page(matching: Sequence[int], request: PageRequest, order: Order | None = None) -> Page:
    """Return the page that a request asks for of positions, which ascend unless they have an order.

    A place beyond the end gives an empty page with a way back, and a limit of 0 gives one with a way on.
    """
    if request.previous is not None:
        stop = _count_before(matching, request.previous, order)
        start = max(0, stop - request.limit)
    else:
        start = request.start
        if request.next is not None:
            start = _count_before(matching, request.next, order, with_it=True)
        stop = start + request.limit
    positions = matching[start:stop]
    start = min(start, len(matching))
    stop = start + len(positions)
    after = before = None
    # An empty page has no items to take positions from, so it takes those of its neighbours.
    if stop < len(matching):
        after = positions[-1] if positions else beside(matching[stop], -1, order)
    if start > 0:
        before = positions[0] if positions else beside(matching[start - 1], 1, order)
    return Page(positions, len(matching), after, before, start)


def _count_before(
    matching: Sequence[int], place: int, order: Order | None, *, with_it: bool = False
) -> int:
    if order is not None:
        return order.count_before(matching, place, with_it=with_it)
    return bisect_right(matching, place) if with_it else bisect_left(matching, place)


def beside(position: int, step: int, order: Order | None) -> int:
    """Return the place directly before the record at a position, for the step -1, or after it, for 1."""
    return position + step if order is None else order.beside(position, step)


class Listing(NamedTuple):
    """The list that a page is cut from, as one request sees it.

    - `collection`: the name of the collection
    - `matching`: the positions that match the filters, in the order of the list
    - `request`: the page that is asked for
    - `bound_to`: the `tokens.binding` of the filters, for tokens only
    - `value_at`: returns the text of the cursor's field at a position, for such cursors only
    - `order`: the order of a sorted list; None where positions ascend
    """

    convention: Convention
    collection: str
    matching: Sequence[int]
    request: PageRequest
    bound_to: bytes = tokens.UNFILTERED
    value_at: Callable[[int], str | None] = lambda _position: None
    order: Order | None = None

    def text_of(self, position: int, variant: int = 0) -> str | None:
        """Return what is sent for the place after or before a position; None where nothing can be.

        Variants give other texts for the same place, where texts are opaque.
        """
        if self.convention.cursor is not None:
            return self.value_at(position)
        key = "" if self.order is None else self.order.text_of(position)
        if self.convention.style == TOKEN:
            return tokens.encode(self.collection, self.bound_to, position, variant, key)
        return cursors.encode(self.collection, position, variant, key)


def cut(listing: Listing) -> Page:
    """Return the page that a request asks for of a list.

    Where records beside each other have the same cursor, since it is the value of a field, a page ends
    before them or after all of them, if its limit admits that: the cursor of one leads past all.
    """
    page = cut_page(listing.matching, listing.request, listing.order)
    if listing.convention.cursor is None or len(page.positions) < 2:
        return page
    matching, value_at = listing.matching, listing.value_at
    start, stop = page.start, page.stop
    if listing.request.direction == PREVIOUS:
        while 0 < start < stop and value_at(matching[start]) == value_at(matching[start - 1]):
            start += 1
    else:
        while start < stop < page.total and value_at(matching[stop - 1]) == value_at(matching[stop]):
            stop -= 1
    kept = stop - start
    if kept in (0, len(page.positions)):
        return page
    return cut_page(matching, listing.request._replace(limit=kept), listing.order)


# Returns what a page says of one role; None where it says nothing.
Saying = Callable[[Page, Listing], Any]

# By role, what a page says; of an absent role the answer has what is there at the end of a list, and of
# None it has null.
PageInfo = Mapping[str, Any]


def page_info(page: Page, listing: Listing, sayings: Sequence[tuple[str, Saying]]) -> dict[str, Any]:
    """Return what an intact page says of the roles in `sayings`."""
    found = [(role, say(page, listing)) for role, say in sayings]
    return {role: value for role, value in found if value is not None}


def say_next(page: Page, listing: Listing) -> str | None:
    """Return the cursor or the token of the page after this one."""
    return None if page.next is None else listing.text_of(page.next)


def say_previous(page: Page, listing: Listing) -> str | None:
    """Return the cursor of the page before this one."""
    return None if page.previous is None else listing.text_of(page.previous)


def say_total(page: Page, _listing: Listing) -> int:
    """Return the number of all items."""
    return page.total
