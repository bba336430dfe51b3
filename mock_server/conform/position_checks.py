"""Checks of what leads from page to page: cursors, tokens, ids and numbers.

Each raises Failed or Undecidable, or returns where it passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from mock_server.conform.list_page import ListPage
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.requirements import Failed, Undecidable
from mock_server.conform.ways import id_at_end, position, query_part
from mock_server.lists.roles import NEXT, NEXT_URL, PREVIOUS, PREVIOUS_URL

_INVENTED = "no-such-cursor"


def cursor_presence(tested: ListUnderTest) -> None:
    """Check that a page says what leads to a page, and else what its document has for none."""
    ways = [way for way in (NEXT, NEXT_URL) if way in tested.convention.response]
    ways_back = [way for way in (PREVIOUS, PREVIOUS_URL) if way in tested.convention.response]
    for page in tested.forward_walk.pages:
        for role in (NEXT, PREVIOUS):
            if page.has_cursor(role):
                page.cursor(role)
    _require_presence(tested.page(), ways_back, is_wanted=False)
    pages = tested.whole_walk.pages
    for number, page in enumerate(pages, 1):
        _require_presence(page, ways_back, is_wanted=number > 1)
        _require_presence(page, ways, is_wanted=number < len(pages))
    page = tested.page(tested.limit_query(tested.largest_limit))
    if len(set(tested.identities(page.items))) == page.total:
        # A page that holds the whole list is the last, too.
        _require_presence(page, ways, is_wanted=False)


def _require_presence(page: ListPage, roles: Sequence[str], *, is_wanted: bool) -> None:
    for role in roles:
        if page.has_cursor(role) != is_wanted:
            must = "must have" if is_wanted else "must not have"
            word = page.convention.name_of(role)
            raise Failed(f"by its place in the list, the page {must} a cursor in '{word}'", page.reply)


def cursor_stable(tested: ListUnderTest) -> None:
    """Check that the same request gets the same items and the same cursors."""
    for page in tested.forward_walk.pages[:2]:
        query = page.reply.target.partition("?")[2]
        again = tested.page(query, fresh=True)
        if again.body != page.body:
            raise Failed("the same request was answered with another page before", again.reply)


def cursor_other_limit(tested: ListUnderTest) -> None:
    """Check that a place is the same by another page size, so that no item is lost."""
    order = tested.identities(tested.records)
    seams = _seams(tested)
    if not seams:
        raise Undecidable("there is a single page")
    for start, following, preceding in dict.fromkeys((seams[0], seams[-1])):
        for limit in map(tested.fit_limit, (1, tested.walk_limit + 1)):
            size = tested.limit_query(limit)
            ahead = tested.page(size, position(tested.convention, NEXT, following))
            _require_first_items(tested, ahead, order[start:])
            if preceding is None:
                continue
            back = tested.page(size, position(tested.convention, PREVIOUS, preceding))
            first = max(0, start - len(back.items))
            _require_first_items(tested, back, order[first:start])


def _require_first_items(tested: ListUnderTest, page: ListPage, wanted: Sequence[str]) -> None:
    """Raise Failed unless the page's items are the first of those wanted."""
    found = tested.identities(page.items)
    if not found or found != wanted[: len(found)]:
        first = wanted[0][:60] if wanted else "none"
        message = f"by the whole walk, the items that come must begin with {first}"
        raise Failed(message, page.reply)


def _seams(tested: ListUnderTest) -> list[tuple[int, str, str | None]]:
    """Return the places between two pages: how many items come before, and what is sent for them.

    The first text leads on from the earlier page, the second back from the later, where it has one.
    """
    seams: list[tuple[int, str, str | None]] = []
    start = 0
    for page, next_page in pairwise(tested.whole_walk.pages):
        start += len(page.items)
        if tested.convention.is_numbered:
            seams.append((start, str(start), None))
        else:
            seams.append((start, _text(tested, page, NEXT), _text_back(tested, next_page)))
    return seams


def _text(tested: ListUnderTest, page: ListPage, direction: str) -> str:
    if tested.gives(direction):
        return page.cursor(direction)
    return id_at_end(tested.convention, page, direction)


def _text_back(tested: ListUnderTest, page: ListPage) -> str | None:
    if not tested.convention.goes(PREVIOUS) or (
        tested.gives(PREVIOUS) and not page.has_cursor(PREVIOUS)
    ):
        return None
    return _text(tested, page, PREVIOUS)


def cursor_invented(tested: ListUnderTest) -> None:
    """Check that a cursor that no page has given is refused by the name of its parameter."""
    for name in tested.operation.cursor_parameters:
        tested.require_refusal(query_part(name, _INVENTED), names=[name])


def cursor_both(tested: ListUnderTest) -> None:
    """Check that a cursor forward and one back at once are refused by the name of one."""
    for page in tested.forward_walk.pages[1:-1]:
        following, preceding = _text(tested, page, NEXT), _text_back(tested, page)
        if following and preceding:
            query = (
                position(tested.convention, NEXT, following),
                position(tested.convention, PREVIOUS, preceding),
            )
            return tested.require_refusal(*query, names=tested.convention.cursors)
    raise Undecidable("no page has both cursors")
