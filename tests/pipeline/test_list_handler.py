"""Lists of every convention over a socket: a client that knows the convention gets every record once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mock_server.client import Sandbox
from mock_server.server import server
from mock_server.settings import ChaosRule, Settings
from tests.support import wire
from tests.support.documents import CONVENTIONS, SMALL
from tests.support.servers import Serve, build

COUNT = 7


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("conventions") / "conventions.yaml"
    path.write_text(CONVENTIONS)
    with server.in_thread(build(Settings(document=path, count=COUNT, strict=True))) as url:
        yield url


def by_id(target: str, body: Any, _link: str) -> str | None:
    path = target.partition("?")[0]
    return f"{path}?limit=3&starting_after={body['data'][-1]['id']}" if body["has_more"] else None


def by_link(_target: str, _body: Any, link: str) -> str | None:
    found = re.search(r'<([^>]*)>; rel="next"', link)
    return found[1] if found else None


def by_number(target: str, body: Any, _link: str) -> str | None:
    meta = body["meta"]
    number = meta["current_page"]
    following = f"/page-size?page%5Bsize%5D=3&page[number]={number + 1}"
    return following if number < meta["total_pages"] else None


def by_offset(_target: str, body: Any, _link: str) -> str | None:
    reached = body["offset"] + len(body["items"])
    return f"/offsets?limit=3&offset={reached}" if reached < body["total"] else None


def by_member(*names: str, query: str = "") -> Callable[[str, Any, str], str | None]:
    def following(target: str, body: Any, _link: str) -> str | None:
        for name in names:
            body = body.get(name)
        return body and (f"{target.partition('?')[0]}?{query}{body}" if query else body)

    return following


LISTS: dict[str, tuple[str, tuple[str, ...], Callable[[str, Any, str], str | None]]] = {
    "item ids": ("/item-ids?limit=3", ("data",), by_id),
    "links": ("/links?per_page=3", (), by_link),
    "page[size]": ("/page-size?page[size]=3", ("data",), by_number),
    "offsets": ("/offsets?limit=3", ("items",), by_offset),
    "tokens": (
        "/tokens?page_size=3",
        ("things",),
        by_member("next_page_token", query="page_size=3&page_token="),
    ),
    "urls": ("/urls?per_page=3", ("items",), by_member("next_url")),
    "relative urls": ("/relative-urls?PageSize=3", ("things",), by_member("next_page_uri")),
    "whole": ("/whole", (), lambda *_: None),
    "nested": (
        "/nested?limit=3",
        ("result", "page", "things"),
        by_member("result", "page", "next", query="limit=3&cursor="),
    ),
}


def get(root: str, target: str, *headers: str, method: str = "GET") -> wire.Answer:
    if "://" in target:
        parts = urlsplit(target)
        assert f"{parts.scheme}://{parts.netloc}" == root
        target = f"{parts.path}?{parts.query}"
    return wire.get(root, target, f"Host: {urlsplit(root).netloc}", *headers, method=method)


def items(body: Any, place: tuple[str, ...]) -> list[dict[str, Any]]:
    for name in place:
        body = body[name]
    found: list[dict[str, Any]] = body
    return found


@pytest.mark.parametrize("name", LISTS)
def test_a_walk_gives_every_record_once(root: str, name: str) -> None:
    start, place, rule = LISTS[name]
    target: str | None = start
    walked: list[str] = []
    sizes: list[int] = []
    while target is not None:
        answer = get(root, target)
        assert answer.status == 200, answer.body
        sizes.append(len(items(answer.json, place)))
        walked += [item["id"] for item in items(answer.json, place)]
        target = rule(target, answer.json, answer.header("Link") or "")
    assert len(walked) == len(set(walked)) == COUNT
    assert sizes == ([7] if name == "whole" else [3, 3, 1])


def test_an_answer_has_the_members_of_its_schema_and_no_others(root: str) -> None:
    body = get(root, "/item-ids?limit=7").json
    assert list(body) == ["object", "url", "has_more", "data"]
    assert (body["object"], body["url"], body["has_more"]) == ("list", "/item-ids", False)
    body = get(root, "/nested?limit=7").json
    assert body.keys() == {"ok", "result"}
    assert body["result"]["page"].keys() - {"next"} == {"things"}


def test_backward_comes_what_is_before_an_item(root: str) -> None:
    found = [item["id"] for item in get(root, "/item-ids").json["data"]]
    body = get(root, f"/item-ids?limit=2&ending_before={found[3]}").json
    assert ([item["id"] for item in body["data"]], body["has_more"]) == (found[1:3], True)
    body = get(root, f"/item-ids?limit=3&ending_before={found[2]}").json
    assert ([item["id"] for item in body["data"]], body["has_more"]) == (found[:2], False)


@pytest.mark.parametrize(
    ("target", "key", "message"),
    [
        ("/item-ids?starting_after=gone", "starting_after", "'gone' is the id of no record here"),
        ("/item-ids?starting_after=a&ending_before=b", "ending_before", "were both sent"),
        ("/item-ids?limit=101", "limit", "100"),
        ("/offsets?limit=1001", "limit", "1000"),
        ("/offsets?offset=-1", "offset", "-1"),
        ("/links?page=0", "page", "0"),
        ("/links?page=two", "page", "'two'"),
        ("/tokens?page_token=x", "page_token", "'x' is no token for 'page_token'"),
        ("/urls?cursor=x", "cursor", "send one that a page gave"),
    ],
)
def test_what_no_page_is_for_is_refused_by_name(root: str, target: str, key: str, message: str) -> None:
    answer = get(root, target)
    assert answer.status == 400
    assert any(each["key"] == key and message in each["message"] for each in answer.violations)


def test_a_token_belongs_to_its_filters(root: str) -> None:
    token = get(root, "/tokens?page_size=1&kind=round").json["next_page_token"]
    assert get(root, f"/tokens?page_size=1&kind=round&page_token={token}").status == 200
    [violation] = get(root, f"/tokens?page_size=1&page_token={token}").violations
    assert (violation["key"], "with other filters" in violation["message"]) == ("page_token", True)


def test_a_removed_record_is_no_cursor(root: str) -> None:
    account = Sandbox(root, "remover", "secret")
    asked = "/item-ids?limit=1"
    [record] = wire.get(root, asked, f"Authorization: {wire.basic('remover')}", auth=False).json["data"]
    account.remove(record["id"], collection="item-ids")
    answer = wire.get(
        root,
        f"/item-ids?starting_after={record['id']}",
        f"Authorization: {wire.basic('remover')}",
        auth=False,
    )
    assert (answer.status, answer.violations[0]["code"]) == (400, "unknownCursor")


def test_urls_are_those_of_the_host_that_was_asked(root: str) -> None:
    urls = [
        wire.get(root, "/urls?per_page=1&kind=round", f"Host: {host}").json["next_url"]
        for host in ("a.test", "b.test:99", "a.test")
    ]
    assert [url.partition("/urls")[0] for url in urls] == [
        "http://a.test",
        "http://b.test:99",
        "http://a.test",
    ]
    assert "?per_page=1&kind=round&cursor=" in urls[0]
    assert get(root, "/relative-urls?PageSize=3").json["next_page_uri"].startswith("/relative-urls?")


def test_a_forwarded_host_counts_where_a_proxy_is_trusted(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "conventions.yaml"
    path.write_text(CONVENTIONS)
    forwarded = ("X-Forwarded-Proto: https", "X-Forwarded-Host: api.test, inner")
    found = {}
    for trusted in (False, True):
        url = serve(document=path, count=COUNT, trust_proxy=trusted)
        answers = [get(url, "/links?per_page=3", *each) for each in (forwarded, (), forwarded)]
        found[trusted] = [(answer.header("Link") or "")[:9] for answer in answers]
    assert found == {False: ["<http://1"] * 3, True: ["<https://", "<http://1", "<https://"]}


def test_head_has_the_links_of_get(root: str) -> None:
    target = "/links?per_page=3&page=2"
    link = get(root, target, method="HEAD").header("Link") or ""
    assert re.findall(r'rel="(\w+)"', link) == ["prev", "next", "last", "first"]
    assert link == get(root, target).header("Link")
    assert get(root, "/links?per_page=100").header("Link") is None


@pytest.mark.parametrize("page", ["4", "99999999999999999999", "9" * 60])
def test_beyond_the_end_comes_an_empty_page(root: str, page: str) -> None:
    answer = get(root, f"/links?per_page=3&page={page}")
    assert (answer.status, answer.json) == (200, [])
    answer = get(root, f"/offsets?limit=3&offset={page}00")
    assert (answer.status, answer.json["items"], answer.json["total"]) == (200, [], COUNT)


# Faults


def kinds_refused(root: str, name: str, body: Any, call: str = "faults") -> list[str]:
    method = "POST" if call == "faults" else "PUT"
    sent = json.dumps(body).encode()
    headers = (
        "Content-Type: application/json",
        f"Content-Length: {len(sent)}",
        f"Authorization: {wire.basic(name)}",
    )
    answer = wire.get(root, f"/_mock/{call}", *headers, method=method, auth=False, body=sent)
    return [each["message"] for each in answer.violations] if answer.status == 400 else []


def test_a_fault_that_no_list_can_play_is_refused_with_what_can_be(root: str) -> None:
    [message] = kinds_refused(
        root, "refused", {"operation": "get /links", "script": [{"page": "wrong-pages"}]}
    )
    assert "'wrong-pages' is of pages that get /links does not have; send one of" in message
    assert "repeat-cursor" in message
    assert "wrong-total" not in message
    [message] = kinds_refused(
        root, "refused", {"operation": "get /whole", "script": [{"page": "short-page"}]}
    )
    assert "send one of duplicate-item." in message
    first = {"when": {"page": 1}, "script": [{"page": "repeat-page"}]}
    assert len(kinds_refused(root, "refused", first)) == 1


def test_a_fault_waits_for_a_list_that_can_play_it(root: str) -> None:
    account = Sandbox(root, "waiting", "secret")
    account.fail({"page": "wrong-pages"})
    header = f"Authorization: {wire.basic('waiting')}"
    wire.get(root, "/links", header, auth=False)
    [fault] = account.faults()
    assert fault["fired"] == 0
    body = wire.get(root, "/page-size?page[size]=3", header, auth=False).json
    assert body["meta"]["total_pages"] == 4
    account.assert_faults_fired()


def test_chaos_that_no_list_can_play_is_refused(
    tmp_path: Path, refusal: Callable[..., list[str]]
) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    rule = ChaosRule(0.1, 0, ("503", "wrong-pages"))
    [problem] = refusal(build, Settings(document=path, chaos=rule))
    assert problem.startswith(
        "--chaos: 'wrong-pages' is of pages that no list of the document has; send"
    )
    with server.in_thread(build(Settings(document=path))) as url:
        [message] = kinds_refused(url, "chaotic", {"rate": 1, "faults": ["wrong-more", "503"]}, "chaos")
        assert "no list of the document has" in message


def test_a_page_beyond_the_last_item_id_is_empty_and_leads_nowhere(root: str) -> None:
    ids = [each["id"] for each in get(root, "/item-ids").json["data"]]
    beyond = get(root, f"/item-ids?starting_after={ids[-1]}")
    before = get(root, f"/item-ids?ending_before={ids[0]}")
    assert [(page.status, page.json["data"]) for page in (beyond, before)] == [(200, [])] * 2
    assert beyond.json["has_more"] is False


def test_a_url_without_an_example_is_relative_where_others_are(root: str) -> None:
    second = get(root, "/relative-urls?PageSize=3&Page=1").json
    assert second["previous_page_uri"] == "/relative-urls?PageSize=3&Page=0"


# Each takes a cursor or a token, but for the numbers.
PAGING = {
    "item-ids": ("limit", "starting_after", "ending_before"),
    "links": ("per_page", "page"),
    "page-size": ("page[size]", "page[number]"),
    "offsets": ("limit", "offset"),
    "tokens": ("page_size", "page_token"),
    "urls": ("per_page", "cursor"),
    "relative-urls": ("PageSize", "Page"),
    "nested": ("limit", "cursor"),
}
HOSTILE = (
    "%00", "%F0%9F%98%80", "-1", "1.5", "true", "null", "", "[1,2]", "1,2", "%FF", "%", "NaN", "1e3", "%2B5",
    "%D9%A3", "a" * 3000, "9" * 3000, "AAAA", "1%00", "=", "%0D%0AX:%201",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGING)
def test_no_page_is_found_by_what_is_none(root: str, path: str) -> None:
    for name in PAGING[path]:
        for value in HOSTILE:
            answer = wire.get(root, f"/{path}?{name}={value}")
            assert answer.status == 400, value
            assert {each["key"] for each in answer.violations} == {name}
        twice = wire.get(root, f"/{path}?{name}=1&{name}=2")
        assert "repeated" in [each["code"] for each in twice.violations]
        # Numbers beyond the end are those of empty pages, where no maximum is named.
        beyond = wire.get(root, f"/{path}?{name}={10**30}")
        assert beyond.status == (200 if name in ("page", "page[number]", "offset", "Page") else 400)


def test_a_cursor_of_another_list_is_none(root: str) -> None:
    token = wire.get(root, "/tokens?page_size=2").json["next_page_token"]
    cursor = wire.get(root, "/nested?limit=2").json["result"]["page"]["next"]
    for path, name, sent in (
        ("nested", "cursor", token),
        ("tokens", "page_token", cursor),
        ("urls", "cursor", cursor),
    ):
        assert wire.get(root, f"/{path}?{name}={sent}").violations[0]["code"] == "unknownCursor"
