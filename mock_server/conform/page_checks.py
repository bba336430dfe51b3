"""Checks of any list that is read in pages, whatever leads from page to page.

Each raises Failed or Undecidable, or returns where it passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from mock_server.conform.list_page import ListPage, PageWalk
from mock_server.conform.list_under_test import ALIKE, ListUnderTest
from mock_server.conform.requirements import TELL_VALUE, Failed, Undecidable, require_schema
from mock_server.conform.ways import (
    Query,
    Step,
    id_at_end,
    onward,
    position,
)
from mock_server.lists.roles import PREVIOUS, PREVIOUS_URL

# What a server may answer where a parameter has a value that it does not know.
_UNKNOWN = (400, 403, 404, 409, 410, 422)


def answers(tested: ListUnderTest) -> None:
    """Check that the first page is a list, in JSON that is called JSON; all else rests on it."""
    reply, uncertain = tested.ask(), tested.filling.uncertain
    if uncertain and reply.status in _UNKNOWN:
        sent = ", ".join(uncertain)
        raise Undecidable(f"{reply.status} came, maybe for the value of {sent}; {TELL_VALUE}")
    tested.page()


def schema(tested: ListUnderTest) -> None:
    """Check that pages keep to the document's schema, which may leave fields unnamed."""
    described = tested.schema(200)
    if described is None:
        raise Undecidable("the document has no schema for 200")
    pages = [tested.page()]
    if tested.convention.is_paged:
        pages.append(tested.page(tested.limit_query(tested.largest_limit)))
    for page in pages:
        require_schema(page.reply, described, "the schema")


# The limit


def limit_default(tested: ListUnderTest) -> None:
    """Check that a page has by default as many items as the document says."""
    default = int(tested.limit.schema["default"])
    page = tested.page()
    wanted = min(default, len(tested.whole_walk.items) if page.total is None else page.total)
    if len(page.items) != wanted:
        message = f"by the default of {default}, {wanted} items must come, but {len(page.items)} came"
        raise Failed(message, page.reply)


def limit_obeyed(tested: ListUnderTest) -> None:
    """Check that no page has more items than the limit, by the smallest, by 2 and by the largest."""
    for limit in map(tested.fit_limit, (0, 2, tested.largest_limit)):
        page = tested.page(tested.limit_query(limit))
        if len(page.items) > limit:
            raise Failed(f"at most {limit} items must come, but {len(page.items)} came", page.reply)


def limit_bounds(tested: ListUnderTest) -> None:
    """Check that a limit beyond the document's bounds is refused by name."""
    bounds = tested.limit.schema
    for limit in (bounds["minimum"] - 1, -1):
        _require_refused_limits(tested, limit)
    if tested.convention.clamps:
        largest = tested.largest_limit
        page = tested.page(tested.limit_query(largest + 1))
        if len(page.items) > largest:
            message = f"at most {largest} items must come, but {len(page.items)} came"
            raise Failed(message, page.reply)
    elif "maximum" in bounds:
        # Without one, the document bounds the limit from below only.
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
    """Check that each page leads to the next one, as far as an end."""
    tested.forward_walk.require_end()


def walk_once(tested: ListUnderTest) -> None:
    """Check that no item comes twice."""
    found: set[str] = set()
    for page in tested.forward_walk.pages:
        for identity in tested.identities(page.items):
            if identity in found:
                if not tested.tells_items_apart:
                    raise Undecidable(ALIKE)
                raise Failed(f"the walk brings the item {identity[:60]} again", page.reply)
            found.add(identity)
    # A walk that breaks off leaves the rest open.
    _ = tested.whole_walk


def walk_full(tested: ListUnderTest) -> None:
    """Check that all pages but the last are full, and that the last has an item if the list has any."""
    pages, limit = tested.forward_walk.pages, tested.page_size
    for page in pages[:-1]:
        if len(page.items) != limit:
            wanted = f"a page that is not the last must have {limit} items"
            raise Failed(f"{wanted}, but it has {len(page.items)}", page.reply)
    is_empty = len(pages) == 1 and not pages[0].items and pages[0].total in (None, 0)
    if not is_empty and not 0 < len(tested.whole_walk.pages[-1].items) <= limit:
        message = f"the last page must have 1 to {limit} items, but it has {len(pages[-1].items)}"
        raise Failed(message, pages[-1].reply)


def walk_total(tested: ListUnderTest) -> None:
    """Check that the total is the same on every page, and is the number of items on all of them."""
    total = _total(tested.page())
    for page in tested.forward_walk.pages:
        if page.total != total:
            raise Failed(f"the total was {total} before, and is {page.total} here", page.reply)
    items = tested.identities(tested.whole_walk.items)
    number = len(set(items) if tested.tells_items_apart else items)
    if number != total:
        message = f"the total is {total}, but all pages together have {number} items"
        raise Failed(message, tested.whole_walk.pages[-1].reply)


def _total(page: ListPage) -> int:
    """Return the page's total; raise Undecidable where the document describes none."""
    if page.total is None:
        raise Undecidable("the document describes no total")
    return page.total


def walk_backward(tested: ListUnderTest) -> None:
    """Check that the way back from the last page leads through the same pages in reverse."""
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
    if found != wanted and {len(page) for page in wanted} == {tested.page_size}:
        message = f"the way back must take {len(wanted)} pages as the way forward"
        raise Failed(f"{message}, but takes {len(found)}", walk.pages[-1].reply)


def _walk_back(tested: ListUnderTest, pages: Sequence[ListPage]) -> PageWalk:
    """Return the walk back from the last of several pages."""
    if len(pages) < 2:
        raise Undecidable("there is a single page")
    size = tested.limit_query(tested.walk_limit)
    convention = tested.convention
    if convention.cursor is not None and not tested.gives(PREVIOUS):
        # Nothing but the record itself tells what comes before it.
        text = id_at_end(convention, pages[-1], PREVIOUS)
        start: Query | None = (size, position(convention, PREVIOUS, text))
    else:
        start = onward(convention, Step(pages, (size,), tested.walk_limit, PREVIOUS))
    if start is None:
        word = convention.name_of(PREVIOUS if tested.gives(PREVIOUS) else PREVIOUS_URL)
        raise Failed(f"the last page must have a cursor in '{word}'", pages[-1].reply)
    return tested.walk(limit=tested.walk_limit, direction=PREVIOUS, start=start)
