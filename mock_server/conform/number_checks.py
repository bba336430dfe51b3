"""Checks of what pages say of themselves, and of pages that numbers lead to.

Each raises Failed or Undecidable, or returns where it passes.
"""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.conform.list_page import ListPage, pages_needed
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.requirements import Failed, Undecidable
from mock_server.conform.ways import by_url, has_links, position, query_of
from mock_server.lists.roles import (
    COUNT,
    FIRST_URL,
    LAST_URL,
    LIMIT,
    MORE,
    NEXT,
    NEXT_URL,
    OFFSET,
    PAGE,
    PAGES,
    PREVIOUS_URL,
)

# The role of the URL that a relation of a header Link has (RFC 8288).
_RELATIONS = {"next": NEXT_URL, "prev": PREVIOUS_URL, "first": FIRST_URL, "last": LAST_URL}


# What pages say


def more_true(tested: ListUnderTest) -> None:
    """Check that a page says that more follow where they do, and only there."""
    pages = tested.whole_walk.pages
    for number, page in enumerate(pages, 1):
        wanted = number < len(pages)
        if page.value_of(MORE) is not wanted:
            word = tested.convention.name_of(MORE)
            message = f"'{word}' must be {str(wanted).lower()} on page {number} of {len(pages)}"
            raise Failed(message, page.reply)


def numbers_true(tested: ListUnderTest) -> None:
    """Check that what pages say of their number, their size and their place is true."""
    pages = tested.whole_walk.pages
    start = 0
    for number, page in enumerate(pages):
        for role, wanted in _wanted_numbers(tested, page, number, start):
            found = page.value_of(role)
            text = str(wanted) if isinstance(found, str) else wanted
            if found is not None and found != text:
                word = tested.convention.name_of(role)
                raise Failed(f"'{word}' must be {wanted}, but is {found!r}", page.reply)
        start += len(page.items)


def _wanted_numbers(
    tested: ListUnderTest, page: ListPage, number: int, start: int
) -> Iterator[tuple[str, int]]:
    yield COUNT, len(page.items)
    yield PAGE, tested.convention.first + number
    yield OFFSET, start
    if tested.convention.is_paged:
        yield LIMIT, tested.page_size
    yield PAGES, len(tested.whole_walk.pages) if tested.records else int(page.value_of(PAGES) or 0)


def urls_lead(tested: ListUnderTest) -> None:
    """Check that the URLs in answers, or in the header Link, lead to the pages that they name."""
    pages = tested.whole_walk.pages
    places = {NEXT_URL: 1, PREVIOUS_URL: -1}
    decided = False
    for number, page in enumerate(pages):
        for role, query in _urls(tested, page):
            target = {FIRST_URL: 0, LAST_URL: len(pages) - 1}.get(role, number + places.get(role, 0))
            wanted = pages[target] if 0 <= target < len(pages) else None
            if wanted is None:
                raise Failed("by its place in the list, the page must have no such URL", page.reply)
            found = tested.page(*query)
            decided = True
            if tested.identities(found.items) != tested.identities(wanted.items):
                message = f"the URL with the query {query[0][:200]} must lead to page {target + 1}"
                raise Failed(f"{message}, but leads to another", page.reply)
    if not decided:
        raise Undecidable("no page has the URL of another")


def _urls(tested: ListUnderTest, page: ListPage) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the roles of a page's URLs with the queries of these."""
    for role in (NEXT_URL, PREVIOUS_URL, FIRST_URL, LAST_URL):
        if role in tested.convention.response and (query := by_url(page, role)) is not None:
            yield role, query
    if has_links(tested.convention):
        for relation, url in page.links.items():
            if relation in _RELATIONS:
                yield _RELATIONS[relation], query_of(page, url)


# Pages that numbers lead to


def _at(tested: ListUnderTest, number: int) -> str:
    """Return the part of a query that asks for a page, or an offset."""
    return position(tested.convention, NEXT, str(number))


def _first(tested: ListUnderTest) -> int:
    return tested.convention.first if tested.convention.way == PAGE else 0


def page_first(tested: ListUnderTest) -> None:
    """Check that the first number leads to the page that comes without one."""
    named = tested.page(_at(tested, _first(tested)))
    if tested.identities(named.items) != tested.identities(tested.page().items):
        raise Failed("the first page must come, as without a number, but another came", named.reply)


def page_again(tested: ListUnderTest) -> None:
    """Check that an earlier number leads back to the page that it led to before."""
    pages = tested.whole_walk.pages
    if len(pages) < 2:
        raise Undecidable("there is a single page")
    size = tested.limit_query(tested.walk_limit)
    start = 0
    for number, page in enumerate(pages[:-1]):
        asked = _first(tested) + (number if tested.convention.way == PAGE else start)
        found = tested.page(size, _at(tested, asked), fresh=number == 0)
        start += len(page.items)
        if tested.identities(found.items) != tested.identities(page.items):
            raise Failed(f"page {number + 1} of the walk must come, but another came", found.reply)


def page_beyond(tested: ListUnderTest) -> None:
    """Check that a number beyond the end gives an empty page, and no error."""
    pages = tested.whole_walk.pages
    beyond = len(tested.whole_walk.items) + tested.page_size
    if tested.convention.way == PAGE:
        beyond = tested.convention.first + len(pages) + 2
    page = tested.page(tested.limit_query(tested.walk_limit), _at(tested, beyond))
    if page.items:
        raise Failed(f"no items must come, but {len(page.items)} came", page.reply)


def page_invalid(tested: ListUnderTest) -> None:
    """Check that a number below the first, and a text, are refused by the parameter's name."""
    name = str(tested.convention.leading(NEXT))
    for text in ("-1", "many"):
        tested.require_refusal(position(tested.convention, NEXT, text), names=[name])


def page_other_limit(tested: ListUnderTest) -> None:
    """Check that pages by another size hold the same items in the same order."""
    order = tested.identities(tested.records)
    limit = tested.fit_limit(tested.walk_limit + 1)
    if pages_needed(len(order), limit) < 2:
        raise Undecidable("there is a single page")
    second = tested.page(tested.limit_query(limit), _at(tested, tested.convention.first + 1))
    if tested.identities(second.items) != order[limit : 2 * limit]:
        message = f"the items {limit + 1} to {2 * limit} of the whole walk must come"
        raise Failed(f"{message}, but others came", second.reply)
