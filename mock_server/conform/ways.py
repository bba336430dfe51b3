"""The way from one page of a list to the next, by whatever its document says leads on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from mock_server.conform.list_page import ListPage
from mock_server.conform.requirements import Failed
from mock_server.lists.convention import Convention
from mock_server.lists.roles import (
    AFTER,
    BEFORE,
    MORE,
    NEXT,
    NEXT_URL,
    PAGE,
    PAGES,
    PREVIOUS,
    PREVIOUS_URL,
    RFC_8288,
    TOTAL,
)

# The parts of a query, as they are sent; empty ones are left out.
Query = tuple[str, ...]

_URLS = {NEXT: NEXT_URL, PREVIOUS: PREVIOUS_URL}
_RELATIONS = {NEXT: "next", PREVIOUS: "prev"}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a walk: the pages so far, of `limit` items each, and what every request of it sends."""

    pages: Sequence[ListPage]
    query: Query
    limit: int
    direction: str

    def has_links(self, convention: Convention) -> bool:
        """Tell whether a header of some page has had URLs, so that the last page has none."""
        return has_links(convention) and any(page.links for page in self.pages)


def query_part(name: str, *values: str, separator: str = ",") -> str:
    """Return the part of a query that sends a parameter, e.g. `name=a%20b,c` for two values."""
    return f"{quote(name, safe='')}={separator.join(quote(value, safe='') for value in values)}"


def has_links(convention: Convention) -> bool:
    """Tell whether a header has the URLs of other pages."""
    return convention.says(RFC_8288)


def is_counted_blindly(convention: Convention) -> bool:
    """Tell whether a client goes on without a word of how many pages there are."""
    tells = (NEXT, NEXT_URL, MORE, TOTAL, PAGES)
    is_blind = convention.is_numbered or convention.cursor is not None
    return is_blind and not convention.says(*tells) and not has_links(convention)


def onward(convention: Convention, step: Step) -> Query | None:
    """Return the query of the page beside the last one in a direction; None where there is none.

    Raise Failed where the page says something that leads nowhere.
    """
    page, direction = step.pages[-1], step.direction
    if direction in convention.response:
        given = page.has_cursor(direction)
        text = page.cursor(direction) if given else ""
        return (*step.query, position(convention, direction, text)) if given else None
    if _URLS[direction] in convention.response:
        return by_url(page, _URLS[direction])
    if convention.cursor is not None and (direction == NEXT or BEFORE in convention.request):
        return _by_item(convention, step)
    if convention.is_numbered and direction == NEXT:
        return _by_number(convention, step)
    url = page.links.get(_RELATIONS[direction]) if has_links(convention) else None
    return None if url is None else query_of(page, url)


def position(convention: Convention, direction: str, text: str) -> str:
    """Return the part of a query that asks for the page at a cursor, a token or a number."""
    return query_part(convention.leading(direction) or direction, text)


def by_url(page: ListPage, role: str) -> Query | None:
    """Return the query of the URL that a page has for a role, e.g. NEXT_URL; None where it has none."""
    if not page.has_cursor(role):
        return None
    url = page.value_of(role)
    if isinstance(url, dict):
        url = url.get("href")
    if not isinstance(url, str) or not url:
        word = page.convention.name_of(role)
        raise Failed(f"'{word}' is no URL, and is to be absent where there is no such page", page.reply)
    return query_of(page, url)


def query_of(page: ListPage, url: str) -> Query:
    """Return the query of a URL of the same list; raise Failed where it leads to another path."""
    parts = urlsplit(url)
    asked = page.reply.target.partition("?")[0]
    if parts.path != asked:
        raise Failed(f"the URL {url[:200]} leads to another path than {asked}", page.reply)
    return (parts.query,)


def _by_item(convention: Convention, step: Step) -> Query | None:
    page = step.pages[-1]
    if convention.says(MORE):
        more = page.value_of(MORE)
        if not isinstance(more, bool):
            raise Failed(f"'{convention.name_of(MORE)}' is neither true nor false", page.reply)
    elif step.has_links(convention):
        more = _RELATIONS[step.direction] in page.links
    else:
        more = bool(page.items) and len(page.items) >= step.limit
    if not more:
        return None
    text = id_at_end(convention, page, step.direction)
    return (*step.query, position(convention, step.direction, text))


def id_at_end(convention: Convention, page: ListPage, direction: str) -> str:
    """Return the cursor that a client takes from the last item, or on the way back from the first."""
    if not page.items:
        raise Failed("the page has no items, but more are said to come", page.reply)
    found: Any = page.items[-1 if direction == NEXT else 0]
    for name in str(convention.cursor).split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, str | int):
        raise Failed(f"an item at the end of the page has no '{convention.cursor}'", page.reply)
    return str(found)


def _by_number(convention: Convention, step: Step) -> Query | None:
    if not _has_more(convention, step):
        return None
    number = sum(len(page.items) for page in step.pages)
    if convention.way == PAGE:
        number = convention.first + len(step.pages)
    return (*step.query, position(convention, NEXT, str(number)))


def _has_more(convention: Convention, step: Step) -> bool:
    page = step.pages[-1]
    if isinstance(more := page.value_of(MORE), bool):
        return more
    if type(pages := page.value_of(PAGES)) is int:
        return len(step.pages) < pages
    if page.total is not None:
        return bool(page.items) and sum(len(each.items) for each in step.pages) < page.total
    if step.has_links(convention):
        return _RELATIONS[NEXT] in page.links
    return bool(page.items) and len(page.items) >= step.limit


def has_texts(convention: Convention) -> bool:
    """Tell whether cursors, tokens or ids lead to pages, each sent by its parameter."""
    return convention.way == AFTER and (NEXT in convention.response or convention.cursor is not None)
