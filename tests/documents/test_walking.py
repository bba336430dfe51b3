"""The rules by which published lists are walked: each finds what is wrong with a list, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.documents.published import Get, Query
from tests.documents.rules import Rule
from tests.documents.walking import Ask, Reply, Walk, Wrong

ITEMS = [{"id": f"t{n}", "name": "thing", "size": n} for n in range(45)]
Sent = dict[str, str]
Answer = Callable[[Sent], tuple[Any, dict[str, str]]]


def limit(sent: Sent) -> int:
    return int(sent.get("limit", 20))


def by_item(sent: Sent) -> tuple[Any, dict[str, str]]:
    ids = [item["id"] for item in ITEMS]
    if "before" in sent:
        stop = ids.index(sent["before"])
        start = max(0, stop - limit(sent))
        return {"data": ITEMS[start:stop], "has_more": start > 0}, {}
    start = ids.index(sent["after"]) + 1 if "after" in sent else 0
    stop = start + limit(sent)
    return {"data": ITEMS[start:stop], "has_more": stop < 45}, {}


def by_token(sent: Sent) -> tuple[Any, dict[str, str]]:
    start = int(sent.get("token", "x0")[1:])
    stop = start + limit(sent)
    return {"data": ITEMS[start:stop], "next_token": f"x{stop}" if stop < 45 else None}, {}


def by_page(sent: Sent) -> tuple[Any, dict[str, str]]:
    page, size = int(sent.get("page", 1)), limit(sent)
    body = {
        "data": ITEMS[(page - 1) * size : page * size], "total_count": 45, "page": page,
        "meta": {"total_pages": -(-45 // size), "next_page": page + 1 if page * size < 45 else None},
    }  # fmt: skip
    return body, {}


def by_offset(sent: Sent) -> tuple[Any, dict[str, str]]:
    start = int(sent.get("offset", 0))
    return {"data": ITEMS[start : start + limit(sent)], "total": 45, "offset": start}, {}


def by_url(sent: Sent) -> tuple[Any, dict[str, str]]:
    page, size = int(sent.get("page", 0)), limit(sent)
    onward = f"/things?limit={size}&page={page + 1}" if (page + 1) * size < 45 else None
    back = f"/things?limit={size}&page={page - 1}" if page else None
    return {"data": ITEMS[page * size :][:size], "next_url": onward, "prev_url": back}, {}


def by_link(sent: Sent) -> tuple[Any, dict[str, str]]:
    body, _ = by_url(sent)
    urls = {"next": body["next_url"], "prev": body["prev_url"]}
    links = [f'<http://here{url}>; rel="{name}"' for name, url in urls.items() if url]
    return body["data"], {"link": ", ".join(links)}


STYLES: dict[str, tuple[Rule, Answer]] = {
    "item": (Rule("after", "after", "before", item="id", more="has_more"), by_item),
    "token": (Rule("token", "token", next="next_token"), by_token),
    "page": (Rule("page", "page"), by_page),
    "offset": (Rule("offset", "offset"), by_offset),
    "url": (Rule("url", next="next_url", previous="prev_url"), by_url),
    "link": (Rule("link"), by_link),
}
MEMBERS = (
    "has_more next_token total_count page meta.total_pages meta.next_page total offset next_url prev_url"
)


def mistakes(rule: Rule, answer: Answer) -> list[str]:
    """Return all that a walk through a list finds wrong, where `answer` gives its pages."""
    names = ("limit", "after", "before", "token", "page", "offset")
    get = Get(
        template="/things", base="", query=tuple(Query(name, False, {}) for name in names), path={},
        headers=(), security=(), answer="", answer_headers=frozenset(), arrays=("data", ""),
        members=frozenset(MEMBERS.split()),
    )  # fmt: skip
    walk = Walk(get, rule, asking(answer), "/things", {})
    try:
        walk.forward()
    except Wrong as wrong:
        return [str(wrong)]
    return [*walk.mistakes(45), *walk.backward()]


def asking(answer: Answer) -> Ask:
    def ask(where: str) -> Reply:
        body, headers = answer(dict(parse_qsl(urlsplit(where).query)))
        return Reply(where, 200, headers, body, "http://here")

    return ask


@pytest.mark.parametrize("style", STYLES)
def test_a_true_list_of_each_style_is_walked_without_a_mistake(style: str) -> None:
    assert mistakes(*STYLES[style]) == []


@pytest.mark.parametrize("style", STYLES)
def test_a_list_that_repeats_its_first_page_is_found_out(style: str) -> None:
    rule, answer = STYLES[style]
    assert mistakes(rule, lambda sent: answer({"limit": sent["limit"]}))


def _but(style: str, **wrong: Any) -> tuple[Rule, Answer]:
    rule, answer = STYLES[style]

    def other(sent: Sent) -> tuple[Any, dict[str, str]]:
        body, headers = answer(sent)
        return body | wrong, headers

    return rule, other


@pytest.mark.parametrize(
    ("style", "wrong"),
    [
        ("item", {"has_more": False}),
        ("item", {"has_more": None}),
        ("token", {"next_token": "x5"}),
        ("page", {"total_count": 20}),
        ("page", {"page": 1}),
        ("page", {"meta": {"total_pages": 2}}),
        ("page", {"meta": {"next_page": 2}}),
        ("offset", {"total": 44}),
        ("offset", {"offset": 0}),
        ("url", {"next_url": None}),
        ("url", {"next_url": "http://elsewhere/things?limit=10&page=1"}),
        ("url", {"prev_url": None}),
        ("url", {"next_url": "/things?page=1"}),
    ],
)
def test_what_an_answer_says_falsely_is_found_out(style: str, wrong: dict[str, Any]) -> None:
    assert mistakes(*_but(style, **wrong))
