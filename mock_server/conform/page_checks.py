"""Checks of any list that is read in pages, by a limit and by cursors.

Each raises Failed or Undecidable, or returns where it passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

from mock_server.conform.list_page import ListPage, PageWalk
from mock_server.conform.list_under_test import ListUnderTest, query_part
from mock_server.conform.requirements import Failed, Undecidable, require_schema
from mock_server.lists.roles import NEXT, PREVIOUS

_INVENTED = "no-such-cursor"


def answers(tested: ListUnderTest) -> None:
    """Check that the first page is a list, in JSON that is called JSON; all else rests on it."""
    tested.page()


def schema(tested: ListUnderTest) -> None:
    """Check that pages keep to the document's schema, which may leave fields unnamed."""
    described = tested.schema(200)
    if described is None:
        raise Undecidable("the document has no schema for 200")
    for page in (tested.page(), tested.page(tested.limit_query(tested.largest_limit))):
        require_schema(page.reply, described, "the schema")


# The limit


def limit_default(tested: ListUnderTest) -> None:
    """Check that a page has by default as many items as the document says."""
    default = int(tested.limit.schema["default"])
    page = tested.page()
    wanted = min(default, _total(page))
    if len(page.items) != wanted:
        message = f"by the default of {default}, {wanted} items must come, but {len(page.items)} came"
        raise Failed(message, page.reply)


def limit_obeyed(tested: ListUnderTest) -> None:
    """Check that no page has more items than the limit, by the smallest, by 2 and by the largest."""
    for limit in (int(tested.limit.schema["minimum"]), 2, tested.largest_limit):
        page = tested.page(tested.limit_query(limit))
        if len(page.items) > limit:
            raise Failed(f"at most {limit} items must come, but {len(page.items)} came", page.reply)


def limit_bounds(tested: ListUnderTest) -> None:
    """Check that a limit beyond the document's bounds is refused by name."""
    bounds = tested.limit.schema
    for limit in (bounds["minimum"] - 1, -1):
        _require_refused_limits(tested, limit)
    if "maximum" not in bounds:
        raise Undecidable("the document gives the limit no maximum; those below the minimum are refused")
    _require_refused_limits(tested, bounds["maximum"] + 1)


def limit_type(tested: ListUnderTest) -> None:
    """Check that a limit that is no whole number is refused by name."""
    for limit in ("many", "1.5"):
        _require_refused_limits(tested, limit)


def limit_repeated(tested: ListUnderTest) -> None:
    """Check that a second limit is refused by name (docs/api_facts.md, the truth table)."""
    _require_refused_limits(tested, 1, 2)


def _require_refused_limits(tested: ListUnderTest, *limits: int | str) -> None:
    """Raise Failed unless the limits, sent in one query, are refused by the parameter's name."""
    name = tested.limit.name
    tested.require_refusal(*map(tested.limit_query, limits), names=[name])


# The walk


def walk_ends(tested: ListUnderTest) -> None:
    """Check that the cursors lead from page to page to an end, and are all accepted."""
    tested.forward_walk.require_end()


def walk_once(tested: ListUnderTest) -> None:
    """Check that no item comes twice."""
    found: set[str] = set()
    for page in tested.forward_walk.pages:
        for identity in tested.identities(page.items):
            if identity in found:
                raise Failed(f"the walk brings the item {identity[:60]} again", page.reply)
            found.add(identity)
    # A walk that breaks off leaves the rest open.
    _ = tested.whole_walk


def walk_full(tested: ListUnderTest) -> None:
    """Check that all pages but the last are full, and that the last has an item if the list has any."""
    pages, limit = tested.forward_walk.pages, tested.walk_limit
    for page in pages[:-1]:
        if len(page.items) != limit:
            wanted = f"a page that is not the last must have {limit} items"
            raise Failed(f"{wanted}, but it has {len(page.items)}", page.reply)
    if not 0 < len(tested.whole_walk.pages[-1].items) <= limit and pages[-1].total != 0:
        message = f"the last page must have 1 to {limit} items, but it has {len(pages[-1].items)}"
        raise Failed(message, pages[-1].reply)


def walk_total(tested: ListUnderTest) -> None:
    """Check that the total is the same on every page, and is the number of items on all of them."""
    total = _total(tested.page())
    for page in tested.forward_walk.pages:
        if page.total != total:
            raise Failed(f"the total was {total} before, and is {page.total} here", page.reply)
    items = set(tested.identities(tested.whole_walk.items))
    if len(items) != total:
        message = f"the total is {total}, but all pages together have {len(items)} items"
        raise Failed(message, tested.whole_walk.pages[-1].reply)


def _total(page: ListPage) -> int:
    """Return the page's total; raise Undecidable where the document describes none."""
    if page.total is None:
        raise Undecidable("the document describes no total")
    return page.total


def walk_backward(tested: ListUnderTest) -> None:
    """Check that the way back from the last page leads through the same pages in reverse."""
    _require_given(tested, PREVIOUS)
    _ = tested.records
    pages = tested.whole_walk.pages
    wanted = [tested.identities(page.items) for page in pages[:-1]]
    walk = _walk_back(tested, pages)
    walk.require_end()
    found = [tested.identities(page.items) for page in reversed(walk.pages)]
    if list(chain(*found)) != list(chain(*wanted)):
        message = "the way back must bring the items of the way forward in reverse"
        raise Failed(f"{message}, but they are others, or in another order", walk.pages[-1].reply)
    # Where pages are not full, which walk-full finds, it means nothing at which item they begin.
    if found != wanted and {len(page) for page in wanted} == {tested.walk_limit}:
        message = f"the way back must take {len(wanted)} pages as the way forward"
        raise Failed(f"{message}, but takes {len(found)}", walk.pages[-1].reply)


def _walk_back(tested: ListUnderTest, pages: Sequence[ListPage]) -> PageWalk:
    """Return the walk back from the last of several pages."""
    if len(pages) < 2:
        raise Undecidable("there is a single page")
    if not pages[-1].has_cursor(PREVIOUS):
        word = tested.convention.name_of(PREVIOUS)
        raise Failed(f"the last page must have a cursor in '{word}'", pages[-1].reply)
    cursor = pages[-1].cursor(PREVIOUS)
    return tested.walk(limit=tested.walk_limit, direction=PREVIOUS, cursor=cursor)


# Cursors


def cursor_presence(tested: ListUnderTest) -> None:
    """Check that a page has a cursor where it leads to a page, and else none, not even null or empty."""
    for page in tested.forward_walk.pages:
        for direction in (NEXT, PREVIOUS):
            if page.has_cursor(direction):
                page.cursor(direction)
    _require_presence(tested.page(), PREVIOUS, is_wanted=False)
    pages = tested.whole_walk.pages
    for number, page in enumerate(pages, 1):
        # A list that takes no cursor back must give none, since it would lead nowhere.
        _require_presence(page, PREVIOUS, is_wanted=number > 1 and tested.gives(PREVIOUS))
        _require_presence(page, NEXT, is_wanted=number < len(pages))
    page = tested.page(tested.limit_query(tested.largest_limit))
    if len(set(tested.identities(page.items))) == page.total:
        # A page that holds the whole list is the last, too.
        _require_presence(page, NEXT, is_wanted=False)


def _require_presence(page: ListPage, direction: str, *, is_wanted: bool) -> None:
    if page.has_cursor(direction) != is_wanted:
        must = "must have" if is_wanted else "must not have"
        word = page.convention.name_of(direction)
        raise Failed(f"by its place in the list, the page {must} a cursor in '{word}'", page.reply)


def _require_given(tested: ListUnderTest, direction: str) -> None:
    """Raise Undecidable where the document gives the list no cursor in a direction."""
    if not tested.gives(direction):
        word = tested.convention.name_of(direction)
        raise Undecidable(f"the document gives the list no cursor '{word}'")


def cursor_stable(tested: ListUnderTest) -> None:
    """Check that the same request gets the same items and the same cursors."""
    for page in tested.forward_walk.pages[:2]:
        query = page.reply.target.partition("?")[2]
        again = tested.page(query, fresh=True)
        if (again.items, again.pagination) != (page.items, page.pagination):
            raise Failed("the same request was answered with another page before", again.reply)


def cursor_other_limit(tested: ListUnderTest) -> None:
    """Check that a cursor leads to the same place by another page size, so that no item is lost."""
    order = tested.identities(tested.records)
    seams = _seams(tested.whole_walk.pages)
    if not seams:
        raise Undecidable("there is a single page")
    for position, following, preceding in dict.fromkeys((seams[0], seams[-1])):
        for limit in (1, min(tested.walk_limit + 1, tested.largest_limit)):
            size = tested.limit_query(limit)
            ahead = tested.page(size, tested.cursor_query(NEXT, following))
            _require_first_items(tested, ahead, order[position:])
            if preceding is None:
                continue
            back = tested.page(size, tested.cursor_query(PREVIOUS, preceding))
            start = max(0, position - len(back.items))
            _require_first_items(tested, back, order[start:position])


def _require_first_items(tested: ListUnderTest, page: ListPage, wanted: Sequence[str]) -> None:
    """Raise Failed unless the page's items are the first of those wanted."""
    found = tested.identities(page.items)
    if not found or found != wanted[: len(found)]:
        first = wanted[0][:60] if wanted else "none"
        message = f"by the whole walk, the items that come must begin with {first}"
        raise Failed(message, page.reply)


def _seams(pages: Sequence[ListPage]) -> list[tuple[int, str, str | None]]:
    """Return the places between two pages: how many items come before, and the cursors across.

    The first cursor leads on from the earlier page, the second back from the later, where it has one.
    """
    seams: list[tuple[int, str, str | None]] = []
    position = 0
    for page, next_page in pairwise(pages):
        position += len(page.items)
        preceding = next_page.cursor(PREVIOUS) if next_page.has_cursor(PREVIOUS) else None
        seams.append((position, page.cursor(NEXT), preceding))
    return seams


def cursor_invented(tested: ListUnderTest) -> None:
    """Check that a cursor that no page has given is refused by the name of its parameter."""
    for name in tested.operation.cursor_parameters:
        tested.require_refusal(query_part(name, _INVENTED), names=[name])


def cursor_both(tested: ListUnderTest) -> None:
    """Check that both cursors at once are refused by the name of one."""
    _require_given(tested, PREVIOUS)
    for page in tested.forward_walk.pages:
        following, preceding = page.value_of(NEXT), page.value_of(PREVIOUS)
        if following and preceding:
            query = (
                tested.cursor_query(NEXT, str(following)),
                tested.cursor_query(PREVIOUS, str(preceding)),
            )
            return tested.require_refusal(*query, names=tested.convention.cursors)
    raise Undecidable("no page has both cursors")
