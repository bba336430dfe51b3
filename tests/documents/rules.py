"""How a client of each vendor walks through a list: a table of rules, each of one vendor's documentation.

A document of a vendor that the table does not know is walked by what its parameters and members are called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.documents.published import Get, Query

LIMITS = [
    "limit",
    "per_page",
    "page_size",
    "pageSize",
    "PageSize",
    "page[size]",
    "page[limit]",
    "size",
    "count",
    "max_results",
    "maxResults",
    "first",
    "take",
    "top",
    "$top",
    "rows",
    "perPage",
    "itemsPerPage",
    "results_per_page",
    "maxPageSize",
    "max_page_size",
    "resultsPerPage",
    "num_results",
    "rpp",
    "max",
    "hitsPerPage",
    "max-results",
    "pagelen",
]
PAGES = [
    "page",
    "Page",
    "page[number]",
    "pageNumber",
    "page_number",
    "pageNo",
    "pageIndex",
    "page_index",
    "pageNum",
    "p",
]
OFFSETS = [
    "offset",
    "page[offset]",
    "skip",
    "$skip",
    "start",
    "startAt",
    "startIndex",
    "start_index",
    "from",
    "startOffset",
]
TOKENS = [
    "cursor",
    "page_token",
    "pageToken",
    "next_token",
    "nextToken",
    "PageToken",
    "marker",
    "after",
    "continuation",
    "page[after]",
    "continuation_token",
    "continuationToken",
    "start_cursor",
    "next_cursor",
    "nextCursor",
    "page[cursor]",
    "next_page_token",
    "nextPageToken",
    "starting_after",
    "stream_position",
    "scroll_id",
    "page",
    "offset",
    "pagination_token",
    "next",
    "start",
    "page_key",
    "pageKey",
    "token",
    "iterator",
    "page[number]",
    "page_number",
    "pageNumber",
]
# Parts of the names of parameters that take a text from the page before.
_OPAQUE = re.compile("page_?token|bookmark|pagination_?token|next_?token", re.IGNORECASE)
# The names of parameters that say where a page is.
POSITIONS = {*PAGES, *OFFSETS, *TOKENS, "before", "ending_before", "page[before]"}
BACKS = {"after": "before", "starting_after": "ending_before", "page[after]": "page[before]"}
# The last words of members that hold what to send for the next page, or its URL.
NEXTS = [
    "next_page_uri",
    "next_page_url",
    "next_url",
    "nextUrl",
    "nextPageUrl",
    "nextLink",
    "@odata.nextLink",
    "next_cursor",
    "nextCursor",
    "next_page_token",
    "nextPageToken",
    "next_token",
    "nextToken",
    "next_marker",
    "next_stream_position",
    "continuation",
    "continuation_token",
    "continuationToken",
    "end_cursor",
    "endCursor",
    "next_page",
    "nextPage",
    "next.href",
    "next.after",
    "next.starting_after",
    "iterator",
    "cursors.after",
    "after",
    "next",
]
PREVIOUS = {
    "next_page_uri": "previous_page_uri", "next_marker": "prev_marker", "next.href": "prev.href",
    "next_page": "prev_page", "after": "before", "cursors.after": "cursors.before",
    "next_cursor": "prev_cursor",
}  # fmt: skip
MORES = [
    "has_more",
    "hasMore",
    "has_next_page",
    "hasNextPage",
    "has_next",
    "more",
    "more_items_in_collection",
]
TRUTHS = {
    "total": "total_count totalCount total totalResultSize total_items totalItems totalResults total_records "
    "total_entries totalElements itemCount total_seats",
    "pages": "total_pages totalPages pageCount page_count last_page num_pages",
    "page": "current_page page currentPage pageNumber page_number",
    "limit": "limit per_page page_size pageSize perPage",
    "offset": "offset",
    "more": " ".join(MORES),
}


@dataclass(frozen=True)
class Rule:
    """How to get from page to page.

    - `style`: after (an item's field), token, page, offset, url or link (the header)
    - `send`, `back`: the parameters for the position and, for `after`, the way back
    - `item`: its field; `last` and `first`: members that hold that of the last and first item
    - `next`, `previous`: members that hold a token or a URL
    - `fixed`: what else to send
    """

    style: str
    send: str = ""
    back: str = ""
    item: str = ""
    last: str = ""
    first: str = ""
    next: str = ""
    previous: str = ""
    more: str = ""
    fixed: tuple[tuple[str, str], ...] = ()

    def fits(self, get: Get) -> bool:
        """Return whether a GET has the parameter and the members that the rule needs."""
        if not all(get.takes(name) for name in (self.send, self.back) if name):
            return False
        if not all(get.takes(name) for name, _ in self.fixed):
            return False
        return all(path in get.members for path in (self.next, self.more, self.last) if path)

    def __str__(self) -> str:
        words = {"send": self.send, "next": self.next, "item": self.item or self.last}
        return " ".join([self.style, *(f"{word}={each}" for word, each in words.items() if each)])


_BY_PAGE = Rule("page", "page")
VENDORS: dict[str, tuple[Rule, ...]] = {
    # https://docs.stripe.com/api/pagination and /search
    "stripe": (
        Rule("after", "starting_after", "ending_before", item="id", more="has_more"),
        Rule("token", "page", next="next_page", more="has_more"),
    ),
    # https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
    "github": (Rule("link"), _BY_PAGE),
    # https://www.twilio.com/docs/usage/twilios-response#pagination
    "twilio": (
        Rule("url", next="next_page_uri", previous="previous_page_uri"),
        Rule("url", next="meta.next_page_url", previous="meta.previous_page_url"),
        Rule("page", "Page"),
    ),
    # https://developer.box.com/guides/api-calls/pagination/
    "box": (
        Rule("offset", "offset"),
        Rule(
            "token", "marker", next="next_marker", previous="prev_marker", fixed=(("usemarker", "true"),)
        ),
        Rule("token", "marker", next="next_marker", previous="prev_marker"),
        Rule("token", "marker", next="next_marker"),
        Rule("token", "stream_position", next="next_stream_position"),
    ),
    # https://developers.asana.com/docs/pagination
    "asana": (
        Rule("token", "offset", next="next_page.offset"),
        Rule("url", next="next_page.uri"),
        # Three answers describe no token; what leads on from these is a header alone.
        Rule("link"),
    ),
    # https://openmeter.io/docs/api
    "openmeter": (_BY_PAGE, Rule("token", "cursor", next="nextCursor"), Rule("offset", "offset")),
    # https://getlago.com/docs/api-reference/intro
    "lago": (_BY_PAGE,),
    "flexprice": (Rule("offset", "offset"),),
    # https://platform.openai.com/docs/api-reference/
    "openai": (
        Rule("after", "after", "before", last="last_id", first="first_id", more="has_more"),
        Rule("after", "after", last="last_id", more="has_more"),
        Rule("token", "after", next="next", more="has_more"),
        Rule("token", "page", next="next_page", more="has_more"),
        Rule("after", "after", item="id", more="has_more"),
        # https://platform.openai.com/docs/api-reference/responses/get: for streams, not for pages.
    ),
    # Its answer's header x-next names the next page.
    # https://docs.discord.com/developers/reference#snowflakes
    "discord": tuple(
        Rule("after", send, back, item=item, more=more)
        for more in ("", "has_more")
        for send, back in (("after", "before"), ("after", ""), ("before", ""))
        for item in ("id", "user.id", "user_id", "pinned_at")
    ),
    "petstore": (Rule("link"),),
    "2024-": (Rule("token", "after", "before", next="pagination.after", previous="pagination.before"),),
}


def rules_for(document: str, get: Get) -> tuple[Rule, ...]:
    """Return the rules by which a client of a document's vendor may walk a list, the first one first.

    `document` is the name of its file, e.g. `stripe.json`.
    """
    for vendor, rules in VENDORS.items():
        if document.startswith(vendor):
            return tuple(rule for rule in rules if rule.fits(get))
    return tuple(dict.fromkeys(rule for rule in _guessed(get) if rule.fits(get)))


def pages(document: str, get: Get) -> bool:
    """Return whether a list takes a position, or names its next page by a URL or a Link header."""
    named = {each.name for each in get.query if not _is_date(each)}
    if any(map(_OPAQUE.search, named)):
        return True
    if named & (POSITIONS - {"start", "from", "next"}):
        return True
    is_held = "." in (get.items or "") and not str(get.items).startswith("_embedded.")
    if get.items and (get.template.endswith("}") or is_held):
        return False  # It is one thing that has an array.
    has_url = any(rule.style == "url" for rule in rules_for(document, get))
    return has_url or bool({"Link", "link"} & get.answer_headers)


def _is_date(parameter: Query) -> bool:
    """Tell whether a parameter takes a time or a date, as one that filters by time does."""
    return parameter.schema.get("format") in ("date", "date-time")


def takes_number(get: Get, name: str) -> bool:
    """Tell whether a GET has a parameter of this name that may be a number."""
    return get.takes(name) and get.parameter(name).schema.get("type") in (None, "integer", "number")


def _guessed(get: Get) -> Iterator[Rule]:
    by_member = list(_by_members(get))
    yield from by_member
    yield from (Rule("page", name) for name in PAGES if takes_number(get, name))
    yield from (Rule("offset", name) for name in OFFSETS if takes_number(get, name))
    if not by_member or {"Link", "link"} & get.answer_headers:
        yield Rule("link")
    yield from (Rule("after", name, item="id") for name in BACKS)
    # Some describe an offset as a text.
    texts = (name for name in OFFSETS if name not in ("from", "start") and get.takes(name))
    yield from (Rule("offset", name) for name in texts if not takes_number(get, name))


def _by_members(get: Get) -> Iterator[Rule]:
    paths = sorted(get.members, key=lambda path: path.count("."))
    texts = [e.name for e in get.query if _OPAQUE.search(e.name)]
    texts += [
        each.name for each in get.query if each.name in TOKENS and not takes_number(get, each.name)
    ]
    for word in dict.fromkeys([*NEXTS, *texts]):
        for path in paths:
            if path == word or path.endswith(f".{word}"):
                yield from _by_member(get, path, path.removesuffix(word), word)
    more = next((path for word in MORES for path in paths if path.split(".")[-1] == word), "")
    for name, back in BACKS.items():
        if more:
            yield Rule("after", name, back if get.takes(back) else "", item="id", more=more)


def _by_member(get: Get, path: str, prefix: str, word: str) -> Iterator[Rule]:
    back = prefix + PREVIOUS.get(word, "prev" if word == "next" else "previous")
    known = back if back in get.members else ""
    opaque = [each.name for each in get.query if _OPAQUE.search(each.name) and each.name not in TOKENS]
    for name in (*TOKENS, *opaque):
        if get.takes(name):
            way_back = BACKS.get(name, "")
            back = way_back if get.takes(way_back) else ""
            yield Rule("token", name, back, next=path, previous=known)
    yield Rule("url", next=path, previous=known)
