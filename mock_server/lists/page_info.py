"""What a page says beside its records, by role, whatever the style of its list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_server.lists import cursors, tokens
from mock_server.lists.convention import Convention
from mock_server.lists.pages import Page, PageRequest
from mock_server.lists.roles import (
    AT_END,
    AT_START,
    COUNT,
    FIRST,
    LAST,
    LIMIT,
    MORE,
    NEXT,
    OFFSET,
    PAGE,
    PAGES,
    PREVIOUS,
    TOKEN,
    TOTAL,
)


class _Text(str):
    """A text that stands for itself alone, and is compared by identity."""

    __slots__ = ()


# Leads to the first page: no parameter for a position need be sent.
FROM_START = _Text("")
# Is left out of the answer, whatever the scheme and the schema say.
MISSING = _Text("")

# By role, what a page says; of an absent role the answer has what is there at the end of a list, and of
# None it has null.
PageInfo = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """The list that a page is cut from, as one request sees it.

    - `collection`: the name of the collection
    - `matching`: the positions that match the filters, ascending
    - `request`: the page that is asked for
    - `bound_to`: the `tokens.binding` of the filters, for tokens only
    - `value_at`: returns the text of the cursor's field at a position, for such cursors only
    """

    convention: Convention
    collection: str
    matching: Sequence[int]
    request: PageRequest
    bound_to: bytes = tokens.UNFILTERED
    value_at: Callable[[int], str | None] = field(default=lambda _position: None)

    @property
    def is_numbered(self) -> bool:
        """Tell whether numbers lead to pages, and no text."""
        return self.convention.way in (PAGE, OFFSET)

    def text_of(self, position: int, variant: int = 0) -> str | None:
        """Return what is sent for the place after or before a position; None where nothing can be.

        Variants give other texts for the same place, where texts are opaque.
        """
        if self.convention.cursor is not None:
            return self.value_at(position)
        if self.convention.style == TOKEN:
            return tokens.encode(self.collection, self.bound_to, position, variant)
        return cursors.encode(self.collection, position, variant)

    def expired_text_of(self, position: int) -> str:
        """Return an opaque text for a place that is refused as expired."""
        if self.convention.style == TOKEN:
            return tokens.encode_expired(self.collection, self.bound_to, position)
        return cursors.encode_expired(self.collection, position)

    def number_of(self, start: int) -> int:
        """Return what is sent for the page after `start` items: its number, or the offset."""
        if self.convention.way == OFFSET:
            return start
        return start // max(1, self.request.limit) + self.convention.first


def page_info(page: Page, listing: Listing, wanted: frozenset[str]) -> dict[str, Any]:
    """Return what an intact page says of the roles in `wanted`, and always where it leads to."""
    info: dict[str, Any] = {}
    if listing.is_numbered:
        _add_numbers(info, page, listing)
    else:
        _add_texts(info, page, listing)
    for role in wanted:
        if role in _SAYINGS:
            info[role] = _SAYINGS[role](page, listing)
    if FIRST in wanted:
        _add_ends(info, page, listing)
    return info


def _add_texts(info: dict[str, Any], page: Page, listing: Listing) -> None:
    for direction, position in ((NEXT, page.next), (PREVIOUS, page.previous)):
        if position is not None and listing.convention.goes(direction):
            text = listing.text_of(position)
            if text is not None:
                info[direction] = text


def _add_numbers(info: dict[str, Any], page: Page, listing: Listing) -> None:
    limit = max(1, listing.request.limit)
    if page.next is not None:
        info[NEXT] = listing.number_of(
            page.stop if listing.convention.way == OFFSET else page.start + limit
        )
    if page.previous is not None:
        # Beyond the end, `start` is the number of all items, and the last page is the one before.
        start = -(-page.start // limit) * limit if listing.convention.way == PAGE else page.start
        info[PREVIOUS] = listing.number_of(max(0, start - limit))


def _total(page: Page, listing: Listing) -> int:
    # What is given whole is all that there is, for a client.
    return page.total if listing.convention.is_paged else len(page.positions)


def _pages(page: Page, listing: Listing) -> int:
    limit = listing.request.limit
    needed = -(-page.total // limit) if limit and listing.convention.is_paged else min(page.total, 1)
    least = listing.convention.member(PAGES).minimum
    return needed if least is None else max(needed, int(least))


def _page_number(page: Page, listing: Listing) -> int:
    sent = listing.request.page
    if sent is not None:
        return sent
    return page.start // max(1, listing.request.limit) + listing.convention.first


def _offset(page: Page, listing: Listing) -> int:
    # A number of any size may have been sent for a page beyond the end.
    return min(max(page.start, listing.request.start), 2**53)


def _more(page: Page, listing: Listing) -> bool:
    ahead = page.next if listing.request.direction == NEXT else page.previous
    return ahead is not None and listing.convention.goes(listing.request.direction)


_SAYINGS: dict[str, Callable[[Page, Listing], Any]] = {
    TOTAL: _total,
    COUNT: lambda page, _listing: len(page.positions),
    MORE: _more,
    PAGE: _page_number,
    PAGES: _pages,
    LIMIT: lambda _page, listing: listing.request.limit,
    OFFSET: _offset,
}


def _add_ends(info: dict[str, Any], page: Page, listing: Listing) -> None:
    """Add what leads to the first and to the last page."""
    info[AT_START], info[AT_END] = page.previous is None, page.next is None
    start = max(0, -(-page.total // max(1, listing.request.limit)) - 1) * listing.request.limit
    if listing.is_numbered:
        info[FIRST], info[LAST] = listing.number_of(0), listing.number_of(start)
        return
    info[FIRST] = FROM_START
    if not start or not listing.convention.goes(NEXT):
        info[LAST] = FROM_START
    elif (text := listing.text_of(listing.matching[start - 1])) is not None:
        info[LAST] = text
