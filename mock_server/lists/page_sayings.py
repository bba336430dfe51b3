"""What a page says of each role beside its records, by the style of its list."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.lists.convention import Convention
from mock_server.lists.pages import (
    Listing,
    Page,
    Saying,
    say_next,
    say_previous,
    say_total,
)
from mock_server.lists.roles import (
    AT_END,
    AT_START,
    COUNT,
    FIRST,
    FIRST_RECORD,
    FIRST_URL,
    HAS_PREVIOUS,
    LAST,
    LAST_RECORD,
    LAST_URL,
    LIMIT,
    MORE,
    NEXT,
    OFFSET,
    PAGE,
    PAGES,
    PREVIOUS,
    RFC_8288,
    TOTAL,
)


class _Text(str):
    """A text that is told from equal ones by its identity."""

    __slots__ = ()


# Leads to the first page: no parameter for a position need be sent.
FROM_START = _Text("")
# Is left out of the answer, whatever the scheme and the schema say.
MISSING = _Text("")

# The greatest number that JSON's readers keep exactly (RFC 8259 section 6).
_GREATEST = 2**53 - 1


def sayings(convention: Convention) -> tuple[tuple[str, Saying], ...]:
    """Return what a list's pages say, for `page_info`: always what leads to other pages.

    The texts come before all else, in the order of the answer.
    """
    said = {*convention.response, *convention.headers.values()}
    found: dict[str, Saying] = {}
    if convention.goes(NEXT):
        found[NEXT] = _next_number if convention.is_numbered else say_next
    if convention.goes(PREVIOUS):
        found[PREVIOUS] = _previous_number if convention.is_numbered else say_previous
    found |= {role: say for role, say in _SAYINGS.items() if role in said}
    found |= {role: EDGE_IDS[role] for role in convention.edge_ids}
    if TOTAL in said and not convention.is_paged:
        found[TOTAL] = _count
    if MORE in said and not convention.goes(PREVIOUS):
        found[MORE] = _more_ahead if convention.goes(NEXT) else _no_more
    if not said.isdisjoint({FIRST_URL, LAST_URL, RFC_8288}):
        found |= {FIRST: _first, LAST: _last, AT_START: _is_first, AT_END: _is_last}
    return tuple(found.items())


def number_of(start: int, listing: Listing) -> int:
    """Return what is sent for the page after `start` items: its number, or the offset."""
    if listing.convention.way == OFFSET:
        return start + listing.convention.first
    return start // max(1, listing.request.limit) + listing.convention.first


def page_number(page: Page, listing: Listing) -> int:
    """Return the number of a page: the one that was sent, else the one by its place."""
    sent = listing.request.page
    if sent is not None:
        return sent
    first = listing.convention.first if listing.convention.way == PAGE else 1
    return page.start // max(1, listing.request.limit) + first


def _next_number(page: Page, listing: Listing) -> int | None:
    if page.next is None:
        return None
    is_offset = listing.convention.way == OFFSET
    return number_of(page.stop if is_offset else page.start + listing.request.limit, listing)


def _previous_number(page: Page, listing: Listing) -> int | None:
    if page.previous is None:
        return None
    start, limit = page.start, max(1, listing.request.limit)
    if listing.convention.way == PAGE:
        # Beyond the end, `start` is the number of all items, and the last page is the one before.
        start = -(-start // limit) * limit
    return number_of(max(0, start - limit), listing)


def _pages(page: Page, listing: Listing) -> int:
    limit = listing.request.limit if listing.convention.is_paged else 0
    needed = -(-page.total // limit) if limit else min(page.total, 1)
    least = listing.convention.member(PAGES).minimum
    return needed if least is None else max(needed, int(least))


def _more(page: Page, listing: Listing) -> bool:
    ahead = page.next if listing.request.direction == NEXT else page.previous
    return ahead is not None


def _more_ahead(page: Page, _listing: Listing) -> bool:
    return page.next is not None


def _no_more(_page: Page, _listing: Listing) -> bool:
    return False


def _count(page: Page, _listing: Listing) -> int:
    return len(page.positions)


def _limit(_page: Page, listing: Listing) -> int:
    return listing.request.limit


def _offset(page: Page, listing: Listing) -> int:
    base = listing.convention.first if listing.convention.way == OFFSET else 0
    # A number of any size may have been sent for a page beyond the end.
    return min(max(page.start, listing.request.start) + base, _GREATEST)


def _first(_page: Page, listing: Listing) -> str | int:
    return number_of(0, listing) if listing.convention.is_numbered else FROM_START


def _last(page: Page, listing: Listing) -> str | int | None:
    limit = listing.request.limit
    start = max(0, -(-page.total // max(1, limit)) - 1) * limit
    if listing.convention.is_numbered:
        return number_of(start, listing)
    if not start or not listing.convention.goes(NEXT):
        return FROM_START
    return listing.text_of(listing.matching[start - 1])


def _first_record(page: Page, listing: Listing) -> str | None:
    return listing.text_of(page.positions[0]) if page.positions else None


def _last_record(page: Page, listing: Listing) -> str | None:
    return listing.text_of(page.positions[-1]) if page.positions else None


def _is_first(page: Page, _listing: Listing) -> bool:
    return page.previous is None


def _has_previous(page: Page, _listing: Listing) -> bool:
    return page.previous is not None


def _is_last(page: Page, _listing: Listing) -> bool:
    return page.next is None


# What is said of the records that a page has, and not of where it is.
EDGE_IDS: dict[str, Saying] = {FIRST_RECORD: _first_record, LAST_RECORD: _last_record}

_SAYINGS: dict[str, Saying] = {
    TOTAL: say_total,
    COUNT: _count,
    MORE: _more,
    PAGE: page_number,
    PAGES: _pages,
    LIMIT: _limit,
    OFFSET: _offset,
    AT_START: _is_first,
    AT_END: _is_last,
    HAS_PREVIOUS: _has_previous,
}


# Returns where a client may go on to though the page does not say so.
UnsaidWays = Callable[[Page, Listing], tuple[str | int | None, ...]]


def unsaid_ways(convention: Convention) -> UnsaidWays | None:
    """Return what gives the ways that clients find by themselves; None where pages say all of them.

    A client counts on beyond the last page, and takes the id of the last record though no more are said
    to come.
    """
    if convention.cursor is not None:
        return _ids_at_ends
    return {PAGE: _pages_beside, OFFSET: _offsets_beside}.get(str(convention.way))


def _ids_at_ends(page: Page, listing: Listing) -> tuple[str | None, ...]:
    ends = (*page.positions[:1], *page.positions[-1:])
    return tuple([listing.text_of(position) for position in ends])


def _pages_beside(page: Page, listing: Listing) -> tuple[int, ...]:
    number = page_number(page, listing)
    return tuple([each for each in (number + 1, number - 1) if each >= listing.convention.first])


def _offsets_beside(page: Page, listing: Listing) -> tuple[int, ...]:
    start, limit = listing.request.start, listing.request.limit
    return (start + limit, page.stop, *((max(0, start - limit),) if start else ()))
