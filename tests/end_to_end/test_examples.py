"""The documents of spec/examples with their overlays: each pages as its vendor's documentation says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import mock_server
from mock_server.openapi import document, error_fit
from tests.support.documents import ROOT
from tests.support.pages import PAGES

EXAMPLES = ROOT / "spec" / "examples"
NAMES = ("charges", "repositories", "messages")
[PAGE] = (page for page in PAGES if page.name == "docs/how-to/another-document.md")


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_the_overlay_as_it_is_and_nothing_is_warned_of(name: str) -> None:
    path = EXAMPLES / f"{name}.overlay.yaml"
    assert [block.text for block in PAGE.blocks if block.title == path.name] == [path.read_text()]
    loaded = document.load(EXAMPLES / f"{name}.yaml")
    assert loaded.warnings == ()
    assert (
        error_fit.warnings(
            loaded.effective, loaded.operations, loaded.error_shape, loaded.references.problem
        )
        == []
    )


def pages_of_charges(client: httpx.Client, **query: Any) -> Iterator[list[Any]]:
    after: dict[str, str] = {}
    while True:
        page = client.get("/v1/charges", params={**query, **after}).json()
        yield page["data"]
        if not page["has_more"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}


def pages_of_repositories(client: httpx.Client, **query: Any) -> Iterator[list[Any]]:
    answer = client.get("/repositories", params=query)
    yield answer.json()
    while "next" in answer.links:
        answer = client.get(answer.links["next"]["url"])
        yield answer.json()


def pages_of_messages(client: httpx.Client, **query: Any) -> Iterator[list[Any]]:
    page = client.get("/2010/messages", params=query).json()
    yield page["messages"]
    while page["next_page_uri"] is not None:
        page = client.get(page["next_page_uri"]).json()
        yield page["messages"]


@pytest.mark.parametrize(
    ("name", "pages", "limit", "default"),
    [
        ("charges", pages_of_charges, "limit", 10),
        ("repositories", pages_of_repositories, "per_page", 30),
        ("messages", pages_of_messages, "PageSize", 50),
    ],
)
def test_a_walk_by_the_vendors_own_rule_gives_every_record_once(
    name: str, pages: Any, limit: str, default: int
) -> None:
    headers = {"Authorization": "Bearer sk_test_1", "X-Key": "key_1"}
    with (
        mock_server.serve(document=EXAMPLES / f"{name}.yaml", count=120) as server,
        httpx.Client(base_url=server.url, headers=headers) as client,
    ):
        walked = list(pages(client))
        assert [len(page) for page in walked][:2] == [default, default]
        records = [str(record) for page in walked for record in page]
        assert len(records) == len(set(records)) == 120
        by_fifty = [record for page in pages(client, **{limit: 50}) for record in page]
        assert list(map(str, by_fifty)) == records
