"""The view of walks: what was fetched, in which order, and what is odd about it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from mock_server.client import Sandbox
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import styles
from tests.support.servers import build

from .conftest import Client, Inspector, Open


def strip(inspector: Inspector, walk: str) -> list[str]:
    """What the cells of a walk say, e.g. `Page 2, repeat, 10 items`."""
    cells = inspector.page.locator(f"#{walk} .strip .cell")
    return [
        (cell.get_attribute("aria-label") or cell.inner_text().strip()).partition(";")[0]
        for cell in cells.all()
    ]


def test_a_walk_is_a_strip_of_pages(inspector: Inspector, client: Client) -> None:
    inspector.open("walks", client.account.client_id)
    expect(inspector.page.locator(".empty")).to_be_visible()
    client.walk(limit=40, name="a")
    expect(inspector.page.locator("#walk-1")).to_contain_text("to the end")
    total = client.answers[0].json()["pagination"]["totalResultSize"]
    about = inspector.page.locator("#walk-1 .about")
    expect(about).to_contain_text("getUsageMetrics")
    expect(about).to_contain_text("name=a")
    expect(about).to_contain_text(f"{len(client.ids)} pages, {total} items")
    # The strip is drawn from the stream, which may come after the counts.
    expect(inspector.page.locator("#walk-1 .strip .cell")).to_have_count(len(client.ids))
    assert strip(inspector, "walk-1")[0] == "Page 1, 40 items"
    assert strip(inspector, "walk-1")[-1].startswith(f"Page {len(client.ids)}, end, ")


def test_repeats_and_gaps_are_seen(inspector: Inspector, client: Client) -> None:
    cursor = client.get(limit=10).json()["pagination"]["after"]
    client.get(limit=10, after=cursor)
    client.get(limit=10, after=cursor)
    inspector.open("walks", client.account.client_id)
    expect(inspector.page.locator("#walk-1 .repeat")).to_be_visible()
    assert strip(inspector, "walk-1") == [
        "Page 1, 10 items", "Page 2, 10 items", "Page 3, repeat, 10 items", "What follows was never asked for",
    ]  # fmt: skip
    expect(inspector.page.locator("#walk-1 .about")).to_contain_text("1 repeat")
    expect(inspector.page.locator("#walk-1 .about")).to_contain_text("not to the end")


def test_failures_and_retries_are_seen(inspector: Inspector, client: Client) -> None:
    client.account.fail({"status": 503}, "pass", {"status": 503}, {"status": 429})
    client.get(limit=60)
    cursor = client.get(limit=60).json()["pagination"]["after"]
    client.get(limit=60, after=cursor)
    client.get(limit=60, after=cursor)
    inspector.open("walks", client.account.client_id)
    failed = ["Page 1, failed", "Page 1, retry, 60 items", "Page 2, failed", "Page 2, failed"]
    expect(inspector.page.locator("#walk-1 .cell")).to_have_count(5)
    assert strip(inspector, "walk-1") == [*failed, "This page was never got"]
    client.get(limit=60, after=cursor)
    expect(inspector.page.locator("#walk-1 .end")).to_be_visible()
    assert strip(inspector, "walk-1") == [*failed, "Page 2, retry, end, 40 items"]


def test_directions_and_other_filters_are_seen(inspector: Inspector, client: Client) -> None:
    cursor = client.get(limit=20).json()["pagination"]["after"]
    back = client.get(limit=20, after=cursor, aggregationType="SUM").json()["pagination"]["before"]
    client.get(limit=20, before=back)
    inspector.open("walks", client.account.client_id)
    expect(inspector.page.locator("#walk-1 .backward")).to_be_visible()
    words = strip(inspector, "walk-1")
    assert words[1].startswith("Page 2, other filters, ")
    assert "backward" in words[2]
    expect(inspector.page.locator("#walk-1 .about")).to_contain_text("filters changed")


def test_a_cell_opens_its_request(inspector: Inspector, client: Client) -> None:
    client.walk(limit=50)
    inspector.open("walks", client.account.client_id)
    inspector.page.locator("#walk-1 .cell").nth(1).click()
    expect(inspector.page.locator(".panel h2")).to_have_text(f"Request {client.ids[1]}")


def test_walks_grow_while_one_looks(inspector: Inspector, client: Client) -> None:
    cursor = client.get(limit=30).json()["pagination"]["after"]
    inspector.open("walks", client.account.client_id, walk="walk-1")
    link = inspector.page.locator("#walk-1.chosen .cell").first
    link.focus()
    client.get()
    expect(inspector.page.locator("#walk-2")).to_be_visible()
    expect(link).to_be_focused()
    client.get(limit=30, after=cursor)
    expect(inspector.page.locator("#walk-1 .cell.page")).to_have_count(2)
    assert [walk["pages"] for walk in client.account.walks()] == [2, 1]
    assert re.search("walk=walk-1", inspector.page.url)


def test_pages_by_number_that_were_left_out_are_seen(open_page: Open, tmp_path: Path) -> None:
    settings = Settings(document=styles.write("page", tmp_path), count=45)
    with server.in_thread(build(settings)) as root:
        client = Client(Sandbox(root, "numbers", "secret"))
        for number in (1, 3, 4, 5):
            client.get(f"/things?page[size]=10&page[number]={number}")
        inspector = open_page(root)
        inspector.open("walks", "numbers")
        about = inspector.page.locator("#walk-1 .about")
        expect(about).to_contain_text("pages left out")
        expect(inspector.page.locator("#walk-1 .strip .cell")).to_have_count(5)
        assert strip(inspector, "walk-1") == [
            "Page 1, 10 items", "What lies before this page was never asked for", "Page 3, 10 items",
            "Page 4, 10 items", "Page 5, end, 5 items",
        ]  # fmt: skip
        expect(about).not_to_contain_text("not to the end")
        client.get("/things?page[size]=10&page[number]=2")
        expect(about).to_contain_text("to the end")
        expect(about).not_to_contain_text("left out")
        inspector.page.close()
