"""Every style of list: a walk by its own rule gives each record once, and every page tells the truth."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.lists import cursors, tokens
from mock_server.lists.convention import Convention, Member
from mock_server.lists.page_links import Target
from mock_server.lists.page_sayings import sayings
from mock_server.lists.page_writer import PageWriter
from mock_server.lists.pages import Listing, PageRequest, cut_page, page_info, read_page_request
from mock_server.lists.roles import (
    AFTER,
    AT_END,
    AT_START,
    BEFORE,
    BY_OFFSET,
    BY_PAGE,
    BY_URL,
    COUNT,
    CURSOR,
    EMPTY,
    ENDINGS,
    FIRST_URL,
    HAS_PREVIOUS,
    LAST_URL,
    LIMIT,
    MORE,
    NEXT,
    NEXT_URL,
    NONE,
    NULL,
    OFFSET,
    PAGE,
    PAGES,
    PREVIOUS,
    PREVIOUS_URL,
    RFC_8288,
    TOKEN,
    TOTAL,
)

Query = Mapping[str, str]

# Each page says all that it can.
ALL = {
    role: ("meta", role)
    for role in (NEXT, PREVIOUS, TOTAL, COUNT, MORE, PAGE, PAGES, LIMIT, OFFSET, *ENDINGS)
} | {url: ("links", url) for url in (NEXT_URL, PREVIOUS_URL, FIRST_URL, LAST_URL)}


def convention(style: str, request: dict[str, str], **others: Any) -> Convention:
    made: dict[str, Any] = {"response": ALL, "headers": {"Link": RFC_8288, "X-Total": TOTAL}} | others
    return Convention(style=style, items=("data",), request={LIMIT: "size", **request}, **made)


STYLES = {
    "opaque": convention(CURSOR, {AFTER: "after", BEFORE: "before"}),
    "field": convention(CURSOR, {AFTER: "starting_after", BEFORE: "ending_before"}, cursor="id"),
    "token": convention(TOKEN, {AFTER: "page_token"}),
    "page": convention(BY_PAGE, {PAGE: "page[number]"}),
    "page from 0": convention(BY_PAGE, {PAGE: "p"}, first=0),
    "offset": convention(BY_OFFSET, {OFFSET: "skip"}, first=0),
    "offset from 1": convention(BY_OFFSET, {OFFSET: "startIndex"}, first=1),
    "url": convention(BY_URL, {AFTER: "cursor", BEFORE: "back"}),
    "url with pages": convention(BY_URL, {PAGE: "page"}),
}
styles = pytest.mark.parametrize("style", STYLES)


@dataclass
class Server:
    """A list as a client sees it: a query gives an answer."""

    convention: Convention
    matching: list[int]
    bound_to: bytes = tokens.UNFILTERED

    def __post_init__(self) -> None:
        self.writer, self.sayings = PageWriter(self.convention), sayings(self.convention)

    def value_at(self, position: int) -> str:
        return f"id {position}"

    def listing(self, query: Query) -> Listing:
        known = self.convention
        values: dict[str, Any] = {}
        for name, text in query.items():
            role = known.role_of(name)
            if role not in (AFTER, BEFORE):
                values[name] = int(text)
            elif known.cursor is not None:
                values[name] = int(text.removeprefix("id "))
            elif known.style == TOKEN:
                values[name], bound_to = tokens.decode("things", text)
                assert bound_to == self.bound_to
            else:
                values[name] = cursors.decode("things", text)
        texts = {name: text for name, text in query.items() if name in known.positions}
        request = read_page_request(known, values, texts)
        return Listing(known, "things", self.matching, request, self.bound_to, self.value_at)

    def get(self, query: Query) -> tuple[dict[str, Any], dict[str, str]]:
        listing = self.listing(query)
        page = cut_page(self.matching, listing.request)
        target = Target("http://host:1", "/things", "&".join(f"{k}={v}" for k, v in query.items()))
        items = [b"%d" % position for position in page.positions]
        answer = self.writer.write(items, page_info(page, listing, self.sayings), target)
        return json.loads(answer.body), dict(answer.headers)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


def by_text(server: Server, query: Query, body: Any, _headers: Any) -> Query | None:
    sent = body["meta"].get(NEXT)
    name = server.convention.leading(NEXT)
    return None if sent is None else {**without_position(server, query), str(name): str(sent)}


def by_url(_server: Server, _query: Query, body: Any, _headers: Any) -> Query | None:
    return query_of(body["links"][NEXT_URL]) if NEXT_URL in body["links"] else None


def by_header(_server: Server, _query: Query, _body: Any, headers: Any) -> Query | None:
    found = re.search(r'<([^>]*)>; rel="next"', headers.get("Link", ""))
    return query_of(found[1]) if found else None


def by_more(server: Server, query: Query, body: Any, _headers: Any) -> Query | None:
    """Go on from what the client itself knows, while `more` is true."""
    if not body["meta"][MORE]:
        return None
    known = server.convention
    if known.cursor is not None:
        step = {known.request[AFTER]: server.value_at(body["data"][-1])}
    elif known.way == PAGE:
        step = {known.request[PAGE]: str(int(query.get(known.request[PAGE], known.first)) + 1)}
    elif known.way == OFFSET:
        at = int(query.get(known.request[OFFSET], known.first)) + len(body["data"])
        step = {known.request[OFFSET]: str(at)}
    else:
        return by_text(server, query, body, _headers)
    return {**without_position(server, query), **step}


def without_position(server: Server, query: Query) -> dict[str, str]:
    return {name: text for name, text in query.items() if name not in server.convention.positions}


Rule = Callable[[Server, Query, Any, Any], Query | None]
RULES: dict[str, Rule] = {"text": by_text, "url": by_url, "header": by_header, "more": by_more}


def walk(server: Server, limit: int, rule: Rule) -> Iterator[tuple[Query, Any]]:
    query: Query | None = {"size": str(limit)}
    while query is not None:
        body, headers = server.get(query)
        yield query, body
        query = rule(server, query, body, headers)


few = settings(max_examples=25)
matching = st.sets(st.integers(-5, 60), max_size=30).map(sorted)


@styles
@few
@given(found=matching, limit=st.integers(1, 12), rule=st.sampled_from(sorted(RULES)))
def test_a_walk_gives_every_record_once_in_order_and_each_page_is_true(
    style: str, rule: str, found: list[int], limit: int
) -> None:
    server = Server(STYLES[style], found)
    first, walked = 0 if style == "page from 0" else 1, list[int]()
    pages = -(-len(found) // limit)
    for number, (_, body) in enumerate(walk(server, limit, RULES[rule])):
        said = body["meta"]
        assert said[OFFSET] == len(walked) + (style == "offset from 1")
        walked += body["data"]
        assert (said[TOTAL], said[PAGES], said[LIMIT]) == (len(found), pages, limit)
        assert (said[COUNT], said[PAGE]) == (len(body["data"]), number + first)
        assert said[AT_END] is not said[MORE]
        assert (said[AT_START], said[HAS_PREVIOUS]) == (number == 0, number > 0)
        assert said[MORE] is (len(walked) < len(found)) is (NEXT_URL in body["links"]) is (NEXT in said)
        assert (PREVIOUS_URL in body["links"]) is (number > 0 and style != "token")
    assert walked == found


@pytest.mark.slow
@styles
@few
@given(found=matching, limit=st.integers(1, 12))
def test_the_first_and_last_urls_lead_there_from_anywhere(
    style: str, found: list[int], limit: int
) -> None:
    server = Server(STYLES[style], found)
    pages = [body for _, body in walk(server, limit, by_url)]
    for body in pages:
        assert server.get(query_of(body["links"][FIRST_URL]))[0] == pages[0]
        assert server.get(query_of(body["links"][LAST_URL]))[0]["data"] == pages[-1]["data"]


@pytest.mark.slow
@styles
@few
@given(found=matching, limit=st.integers(1, 12))
def test_backward_a_walk_gives_the_reverse(style: str, found: list[int], limit: int) -> None:
    if style == "token":
        return
    server = Server(STYLES[style], found)
    *_, (_, body) = walk(server, limit, by_url)
    walked = list(body["data"])
    while PREVIOUS_URL in body["links"]:
        body, _ = server.get(query_of(body["links"][PREVIOUS_URL]))
        walked = [*body["data"], *walked]
        # It speaks of the direction walked, and numbers have but one.
        is_back = style in ("opaque", "field", "url")
        assert body["meta"][MORE] is (PREVIOUS_URL in body["links"] if is_back else True)
    assert walked == found


@pytest.mark.slow
@pytest.mark.parametrize("style", ["opaque", "field", "token", "url"])
@few
@given(found=matching, gone=st.sets(st.integers(-5, 60)), limit=st.integers(1, 5))
def test_edits_between_pages_lose_and_repeat_nothing(
    style: str, found: list[int], gone: set[int], limit: int
) -> None:
    server = Server(STYLES[style], found)
    body, headers = server.get({"size": str(limit)})
    following = by_text(server, {"size": str(limit)}, body, headers)
    if following is None:
        return
    # The record that the cursor names stays, since one that was removed is refused.
    server.matching = [p for p in found if p not in gone or p == body["data"][-1]]
    walked = list(body["data"])
    while following is not None:
        body, headers = server.get(following)
        walked += body["data"]
        following = by_text(server, following, body, headers)
    assert walked == found[:limit] + [p for p in server.matching if p > found[limit - 1]]


@pytest.mark.slow
@pytest.mark.parametrize("style", ["page", "page from 0", "offset", "offset from 1", "url with pages"])
@few
@given(found=matching, limit=st.integers(1, 12), number=st.integers(0, 10**30))
def test_beyond_the_end_comes_an_empty_page(
    style: str, found: list[int], limit: int, number: int
) -> None:
    server = Server(STYLES[style], found)
    name = str(server.convention.leading(NEXT))
    body, headers = server.get({"size": str(limit), name: str(number + 61)})
    assert (body["data"], body["meta"][TOTAL], body["meta"][MORE]) == ([], len(found), False)
    assert (PREVIOUS_URL in body["links"]) is bool(found)
    if found:
        back, _ = server.get(query_of(body["links"][PREVIOUS_URL]))
        assert back["data"][-1] == found[-1]
    assert 'rel="next"' not in headers.get("Link", "")


def test_a_list_without_pages_tells_what_it_holds() -> None:
    body, headers = Server(convention(NONE, {}), [1, 2, 3]).get({})
    said = {role: value for role, value in body["meta"].items() if role != LIMIT}
    ends = {AT_START: True, AT_END: True, HAS_PREVIOUS: False}
    assert said == {TOTAL: 3, COUNT: 3, MORE: False, PAGE: 1, PAGES: 1, OFFSET: 0, **ends}
    assert (body["data"], headers) == ([1, 2, 3], {"X-Total": "3"})


# How it is written


def written(made: Convention, query: Query, found: list[int]) -> tuple[bytes, dict[str, str]]:
    server = Server(made, found)
    listing = server.listing(query)
    page = cut_page(found, listing.request)
    text = "&".join(f"{name}={value}" for name, value in query.items())
    items = [b"%d" % position for position in page.positions]
    info = page_info(page, listing, server.sayings)
    answer = server.writer.write(items, info, Target("https://api.test", "/v1/x", text))
    return answer.body, dict(answer.headers)


def test_an_answer_has_its_constants_and_its_members_in_the_order_of_the_schema() -> None:
    made = Convention(
        CURSOR,
        ("result", "data"),
        {AFTER: "after"},
        {MORE: ("has_more",), NEXT: ("result", "paging", "next")},
        envelope={"object": "list", "result": {"url": "/v1/x"}},
        order=(("object",), ("result",), ("result", "url"), ("result", "data"), ("has_more",)),
        default_limit=2,
    )
    body, _ = written(made, {}, [1, 2])
    assert (
        body == b'{"object":"list","result":{"url":"/v1/x","data":[1,2],"paging":{}},"has_more":false}'
    )


@pytest.mark.parametrize(
    ("end", "member", "expected"),
    [
        ("omit", Member(), b'{"data":[]}'),
        ("omit", Member(("string",), is_required=True), b'{"data":[],"next":null}'),
        ("omit", Member(("string",), is_required=True, is_nullable=False), b'{"data":[],"next":""}'),
        (NULL, Member(("string",), is_nullable=True), b'{"data":[],"next":null}'),
        (NULL, Member(("string",), is_nullable=False), b'{"data":[]}'),
        (EMPTY, Member(("string",)), b'{"data":[],"next":""}'),
        (EMPTY, Member(("integer",)), b'{"data":[]}'),
        (NULL, Member(("integer",), is_required=True, is_nullable=False), b'{"data":[],"next":0}'),
    ],
)
def test_at_the_end_stands_what_the_schema_admits(end: str, member: Member, expected: bytes) -> None:
    made = Convention(
        BY_PAGE, ("data",), {PAGE: "page"}, {NEXT: ("next",)}, end=end, members={NEXT: member}
    )
    assert written(made, {}, [])[0] == expected


def test_a_role_is_written_as_its_schema_has_it() -> None:
    members = {
        NEXT: Member(("string",)),
        TOTAL: Member(("string", "null")),
        NEXT_URL: Member(("object",), is_href=True),
        PREVIOUS_URL: Member(("string",), is_relative=True),
    }
    response = {role: (role,) for role in members}
    made = Convention(BY_PAGE, ("d",), {LIMIT: "n", PAGE: "page"}, response, members=members)
    assert json.loads(written(made, {"n": "1", "page": "2"}, [1, 2, 3])[0]) == {
        "d": [2],
        "next": "3",
        "total": "3",
        "nextUrl": {"href": "https://api.test/v1/x?n=1&page=3"},
        "previousUrl": "/v1/x?n=1&page=1",
    }


def test_links_keep_every_parameter_in_its_order_but_credentials() -> None:
    made = Convention(
        BY_PAGE, (), {PAGE: "page[number]"}, {}, headers={"Link": RFC_8288}, default_limit=1
    )
    writer = PageWriter(made, left_out={"api_key"})
    server = Server(made, [1, 2, 3])
    listing = server.listing({"page[number]": "2"})
    page = cut_page(server.matching, listing.request)
    query = "b=1&page%5Bnumber%5D=2&api_key=secret&a=x%20y&&b=2&q=>"
    answer = writer.write([], page_info(page, listing, server.sayings), Target("http://h", "/x", query))

    def url(number: int) -> str:
        return f"<http://h/x?b=1&page%5Bnumber%5D={number}&a=x%20y&b=2&q=%3E>"

    assert dict(answer.headers)["Link"] == (
        f'{url(1)}; rel="prev", {url(3)}; rel="next", {url(3)}; rel="last", {url(1)}; rel="first"'
    )


def test_headers_say_roles_too() -> None:
    made = Convention(
        TOKEN,
        (),
        {LIMIT: "n", AFTER: "t"},
        {},
        headers={"X-Next": NEXT, "X-Pages": PAGES, "X-More": MORE},
    )
    _, headers = written(made, {"n": "2"}, [1, 2, 3])
    assert headers == {
        "X-Next": tokens.encode("things", tokens.UNFILTERED, 2),
        "X-Pages": "2",
        "X-More": "true",
    }
    assert written(made, {"n": "3"}, [1, 2, 3])[1] == {"X-Pages": "1", "X-More": "false"}


def test_a_request_without_a_place_is_the_first_page() -> None:
    assert read_page_request(STYLES["page"], {"size": 3, "page[number]": 1}, {}) == PageRequest(3)
