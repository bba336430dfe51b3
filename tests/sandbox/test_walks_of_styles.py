"""Lists of every style, walked by a client of that style: the walk, its coverage, and its warnings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from mock_server.client import Sandbox
from tests.documents.published import Published
from tests.documents.rules import rules_for
from tests.documents.walking import Reply, Walk
from tests.support import styles
from tests.support.servers import Serve

# Each starts a server of its own.
pytestmark = pytest.mark.slow

AUTH = ("demo", "secret")
PAGED = [style for style in styles.SCHEMES if style != "none"]


def walk(url: str, path: Path) -> Walk:
    """Walk through the list of a small document by the first rule that suits its parameters."""
    [get] = Published(path).gets
    rule = rules_for(path.name, get)[0]

    def ask(where: str) -> Reply:
        answer = httpx.get(url + where, auth=AUTH)
        return Reply(where, answer.status_code, dict(answer.headers), answer.json(), url)

    made = Walk(get, rule, ask, "/things", {})
    made.forward()
    return made


@pytest.mark.parametrize("style", PAGED)
def test_the_requests_of_a_client_are_one_walk_to_the_end(
    serve: Serve, tmp_path: Path, style: str
) -> None:
    path = styles.write(style, tmp_path)
    url = serve(document=path, count=45)
    made = walk(url, path)
    assert len(made.records) == 45
    account = Sandbox(url, *AUTH)
    account.assert_walked()
    [found] = account.walks()
    assert (found["complete"], found["pages"], found["items"]) == (True, 5, 45)
    account.assert_no_violations(warnings=True)


@pytest.mark.parametrize("style", PAGED)
def test_a_walk_covers_the_first_page_those_between_and_the_last(
    serve: Serve, tmp_path: Path, style: str
) -> None:
    path = styles.write(style, tmp_path)
    url = serve(document=path, count=45)
    walk(url, path)
    coverage = httpx.get(f"{url}/_mock/coverage", auth=AUTH).json()
    groups = {group["group"]: group["points"] for group in coverage["operations"][0]["groups"]}
    assert [(p["name"], p["covered"]) for p in groups["pages"]] == [
        ("first", True),
        ("middle", True),
        ("last", True),
    ]
    directions = [point["name"] for point in groups.get("directions", [])]
    assert directions == {
        "cursor": ["forward", "backward"], "item id": ["forward", "backward"], "token": ["forward"],
    }.get(style, [])  # fmt: skip


def codes(url: str) -> list[str]:
    """The codes of all warnings but that the client stopped before the end."""
    groups = httpx.get(f"{url}/_mock/violations", auth=AUTH).json()["items"]
    return [group["code"] for group in groups if group["code"] != "walkGivenUp"]


def ask(url: str, *queries: str) -> None:
    for query in queries:
        answer = httpx.get(f"{url}/things?{query}", auth=AUTH)
        assert answer.status_code == 200, (urlsplit(url).path, answer.text)


@pytest.mark.parametrize(
    ("style", "queries", "warned"),
    [
        ("page", ["page[number]=1", "page[number]=2", "page[number]=2"], ["repeatedCursor"]),
        (
            "page",
            ["page[size]=9", "page[number]=2&page[size]=9", "page[number]=3"],
            ["limitChanged", "pagesSkipped"],
        ),
        ("page", [f"page[number]={number}" for number in range(1, 6)], ["beyondEnd"]),
        ("page", ["page[number]=1", "page[number]=3"], ["pagesSkipped"]),
        ("page", ["page[number]=2", "page[number]=3"], ["pagesSkipped"]),
        ("page", ["kind=round&page[size]=4", "page[size]=4&page[number]=2"], ["filtersChanged"]),
        ("page", [f"page[number]={number}" for number in range(1, 5)], []),
        ("offset", ["offset=0", "offset=20", "offset=40", "offset=60", "offset=80"], ["beyondEnd"]),
        ("offset", ["offset=0", "offset=1"], ["pagesOverlap"]),
        ("offset", ["limit=5", "offset=5&limit=10", "offset=15&limit=20"], []),
        ("bare array", ["per_page=40", "page=2&per_page=40", "page=2&per_page=40"], ["repeatedCursor"]),
    ],
)
def test_requests_by_numbers_are_warned_of(
    serve: Serve, tmp_path: Path, style: str, queries: list[str], warned: list[str]
) -> None:
    url = serve(document=styles.write(style, tmp_path), count=45)
    ask(url, *queries)
    assert codes(url) == warned


@pytest.mark.parametrize("style", ["offset", "item id"])
def test_a_client_that_goes_on_from_an_empty_page_repeats_nothing(
    serve: Serve, tmp_path: Path, style: str
) -> None:
    account = Sandbox(serve(document=styles.write(style, tmp_path), count=45), *AUTH)
    account.fail({"page": "empty-page"}, page=2)
    seen: list[str] = []
    place: str | int | None = None
    while True:
        params = {"limit": 20} | (
            {} if place is None else {"offset" if style == "offset" else "after": place}
        )
        page = httpx.get(f"{account.url}/things", params=params, auth=AUTH).json()
        seen += [record["id"] for record in page["data"]]
        if not page["more"]:
            break
        place = len(seen) if style == "offset" else seen[-1]
    assert len(seen) == len(set(seen)) == 45
    account.assert_walked()
    account.assert_no_violations(warnings=True)
