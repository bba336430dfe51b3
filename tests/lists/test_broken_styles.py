"""Broken pages of every style: each kind breaks what it says, on each list that has it, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.lists import tokens
from mock_server.lists.broken_pages import KINDS, BrokenRequest, break_page, breaks, kinds_of
from mock_server.lists.convention import Convention
from mock_server.lists.cursors import ExpiredCursor
from mock_server.lists.page_links import Target
from mock_server.lists.roles import (
    AFTER,
    AT_END,
    BY_OFFSET,
    BY_PAGE,
    CURSOR,
    LIMIT,
    MORE,
    NEXT,
    NEXT_URL,
    NONE,
    OFFSET,
    PAGE,
    PAGES,
    RFC_8288,
    TOKEN,
    TOTAL,
)
from tests.lists.test_styles import STYLES, Server

BARE = Convention(BY_PAGE, (), {LIMIT: "n", PAGE: "page"}, {})
OTHERS = {
    "numbers alone": BARE,
    "numbers with links": Convention(BY_PAGE, (), BARE.request, {}, headers={"Link": RFC_8288}),
    "offset and total": Convention(
        BY_OFFSET, ("d",), {LIMIT: "n", OFFSET: "skip"}, {TOTAL: ("total",)}, first=0
    ),
    "item ids": Convention(
        CURSOR, ("d",), {LIMIT: "n", AFTER: "starting_after"}, {MORE: ("more",)}, cursor="id"
    ),
    "token": Convention(TOKEN, ("d",), {LIMIT: "n", AFTER: "t"}, {NEXT: ("next",)}),
    "whole": Convention(NONE, ("d",), {}, {TOTAL: ("total",)}),
}
ALWAYS = {"short-page", "duplicate-item", "repeat-page"}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("numbers alone", ALWAYS),
        ("numbers with links", {*ALWAYS, "repeat-cursor", "missing-next", "empty-page"}),
        ("offset and total", {*ALWAYS, "wrong-total", "empty-page"}),
        ("item ids", {*ALWAYS, "wrong-more", "empty-page"}),
        (
            "token",
            {
                *ALWAYS, "repeat-cursor", "empty-cursor", "null-cursors", "missing-next", "empty-page",
                "expired-cursor",
            },
        ),
        ("whole", {"duplicate-item", "wrong-total"}),
    ],
)  # fmt: skip
def test_a_list_plays_what_its_pages_say(name: str, kinds: set[str]) -> None:
    assert kinds_of(OTHERS[name]) == kinds


def test_no_page_comes_before_the_first() -> None:
    server = Server(BARE, [1, 2, 3])
    first, second = (server.listing(query).request for query in ({"n": "1"}, {"n": "1", "page": "2"}))
    assert [breaks("repeat-page", BARE, each) for each in (first, second)] == [False, True]
    assert breaks("short-page", BARE, first)
    assert not breaks("wrong-total", BARE, second)


def pages(
    made: Convention, query: dict[str, str], kind: str, found: Sequence[int] = range(7)
) -> tuple[Any, Any, dict[str, str]]:
    """A page as it is, as a fault makes it, and that one's headers."""
    server = Server(made, list(found))
    listing = server.listing(query)
    broken = break_page(kind, BrokenRequest(listing, server.sayings, 0))
    text = "&".join(f"{name}={value}" for name, value in query.items())
    target = Target("http://host:1", "/things", text)
    items = [b"%d" % position for position in broken.positions]
    answer = server.writer.write(items, broken.info, target)
    return server.get(query)[0], json.loads(answer.body), dict(answer.headers)


NUMBERS = {"size": "2", "page[number]": "2"}
OFFSETS = {"size": "2", "skip": "2"}


@pytest.mark.parametrize(("style", "query"), [("page", NUMBERS), ("offset", OFFSETS)])
def test_numbers_lead_to_the_same_page_again(style: str, query: dict[str, str]) -> None:
    _, broken, headers = pages(STYLES[style], query, "repeat-cursor")
    url = broken["links"][NEXT_URL]
    assert (broken["meta"][NEXT], broken["meta"][MORE], broken["data"]) == (2, True, [2, 3])
    assert url.endswith("=2")
    assert f'<{url}>; rel="next"' in headers["Link"]


@pytest.mark.parametrize(
    ("style", "query"), [("page", NUMBERS), ("offset", OFFSETS), ("token", {"size": "2"})]
)
def test_what_leads_on_is_missing_though_more_follow(style: str, query: dict[str, str]) -> None:
    honest, broken, headers = pages(STYLES[style], query, "missing-next")
    assert NEXT in honest["meta"]
    assert NEXT not in broken["meta"]
    assert NEXT_URL not in broken["links"]
    assert 'rel="next"' not in headers.get("Link", "")
    assert (broken["data"], broken["meta"][MORE]) == (honest["data"], True)


@pytest.mark.parametrize(("style", "query"), [("page", NUMBERS), ("offset", OFFSETS)])
def test_the_items_of_the_page_before_come_again(style: str, query: dict[str, str]) -> None:
    honest, broken, _ = pages(STYLES[style], query, "repeat-page")
    assert (honest["data"], broken["data"]) == ([2, 3], [0, 1])
    assert broken["meta"] == honest["meta"]


@pytest.mark.parametrize(("style", "query"), [("page", NUMBERS), ("offset", OFFSETS)])
def test_an_item_comes_on_two_pages(style: str, query: dict[str, str]) -> None:
    assert pages(STYLES[style], query, "duplicate-item")[1]["data"] == [1, 2, 3]


def test_an_empty_page_has_a_way_on() -> None:
    for style, query in (("page", NUMBERS), ("offset", OFFSETS), ("token", {"size": "2"})):
        _, broken, _ = pages(STYLES[style], query, "empty-page")
        assert (broken["data"], broken["meta"][MORE], NEXT in broken["meta"]) == ([], True, True)
    _, broken, _ = pages(OTHERS["item ids"], {"n": "2"}, "empty-page")
    assert broken == {"d": [], "more": True}


def test_an_empty_page_by_an_offset_leads_to_the_same_items() -> None:
    _, broken, _ = pages(STYLES["offset"], OFFSETS, "empty-page")
    assert (broken["data"], broken["meta"][NEXT]) == ([], 2)


def test_a_short_page_says_that_more_follow() -> None:
    _, broken, _ = pages(STYLES["page"], {"size": "4"}, "short-page")
    assert (broken["data"], broken["meta"][NEXT], broken["meta"]["count"]) == ([0, 1], 2, 2)
    _, broken, _ = pages(STYLES["offset"], {"size": "4"}, "short-page")
    assert (broken["data"], broken["meta"][NEXT]) == ([0, 1], 2)


@pytest.mark.parametrize(
    ("kind", "role", "honest", "broken"),
    [
        ("wrong-more", MORE, True, False),
        ("wrong-more", AT_END, False, True),
        ("wrong-pages", PAGES, 4, 5),
        ("wrong-total", TOTAL, 7, 8),
    ],
)
def test_what_a_page_says_is_wrong(kind: str, role: str, honest: Any, broken: Any) -> None:
    for style in STYLES:
        found = pages(STYLES[style], {"size": "2"}, kind)
        assert [page["meta"][role] for page in found[:2]] == [honest, broken]
        assert found[0]["data"] == found[1]["data"]


def test_a_token_expires() -> None:
    _, broken, _ = pages(OTHERS["token"], {"n": "2"}, "expired-cursor")
    with pytest.raises(ExpiredCursor):
        tokens.decode("things", broken["next"])


@pytest.mark.slow
@settings(max_examples=300)
@given(
    style=st.sampled_from([*STYLES.values(), *OTHERS.values()]),
    kind=st.sampled_from(sorted(KINDS)),
    found=st.sets(st.integers(-5, 40), max_size=20).map(sorted),
    limit=st.integers(1, 9),
    number=st.integers(1, 9),
)
def test_every_page_can_be_broken_in_every_way_that_its_list_has(
    style: Convention, kind: str, found: list[int], limit: int, number: int
) -> None:
    if kind not in kinds_of(style):
        return
    sizes = {style.request[LIMIT]: str(limit)} if style.request else {}
    place = {str(style.leading(NEXT)): str(number)} if style.way in (PAGE, OFFSET) else {}
    _, broken, _ = pages(style, sizes | place, kind, found)
    body = broken if isinstance(broken, list) else broken.get("data", broken.get("d"))
    assert set(body or ()) <= set(found)
