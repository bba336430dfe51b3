"""Draws docs/inspector-*.webp, every view of the inspector after the same requests, and docs/verdict.webp."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from mock_server.client import Sandbox
from mock_server.report import writer
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.servers import build

from .conftest import ARGUMENTS, CHROMIUM, Client

FOLDER = Path(__file__).parent.parent / "docs"

# What each view shows, and what of it must be there before it is drawn.
VIEWS = {
    "requests": "tbody[role=rowgroup] tr",
    "walks": ".cell.page",
    "coverage": ".view.coverage svg",
    "data": ".view.data tbody tr",
    "faults": ".view.faults form",
    "clock": ".view.clock form",
    "document": ".opblock-summary",
}


def play(client: Client) -> None:
    """A client that walks well, then walks badly, makes mistakes, and meets faults."""
    account = client.account
    client.walk(limit=20)
    client.walk(limit=10, aggregationType="SUM")
    cursor = client.get(limit=25).json()["pagination"]["after"]
    client.get(limit=25, after=cursor)
    client.get(limit=25, after=cursor)
    account.fail(
        {"status": 503}, {"status": 429, "headers": {"Retry-After": "1"}}, query={"name": "seats"}
    )
    for _ in range(3):
        client.get(limit=50, name="seats")
    client.get(limit=500, aggregationType="TOTAL", aggregation_type="SUM")
    client.get(eventType="api_cal")
    client.get("/api/usage-metric")
    client.get(headers={"Sequence-Version": "2019-01-01"})
    first = client.get(limit=40).json()["pagination"]["after"]
    back = client.get(limit=40, after=first, name="a").json()["pagination"]["before"]
    client.get(limit=40, before=back)
    client.get(headers={"Prefer": "delay=0.3"})
    account.fail({"page": "repeat-cursor"}, page=3)
    account.fail(
        {"cut": "reset"}, "pass", {"status": 500}, repeat="forever", operation=None, query={"limit": 77}
    )
    account.freeze("2026-01-01T00:00:00Z")


def draw(page: Page, root: str, view: str, request: str) -> None:
    chosen = f"&request={request}" if view == "requests" else ""
    page.goto(f"{root}/_mock/#{view}?account=demo{chosen}")
    page.locator("#live.is-live").wait_for()
    page.locator(VIEWS[view]).first.wait_for()
    if chosen:
        page.locator(".panel pre").first.wait_for()
    capture(page, f"inspector-{view}.webp")


def capture(page: Page, name: str) -> None:
    # Playwright writes no WebP, which takes a third of PNG.
    options = {"format": "webp", "quality": 80}
    drawn = page.context.new_cdp_session(page).send("Page.captureScreenshot", options)["data"]
    (FOLDER / name).write_bytes(b64decode(drawn))


def draw_verdict(page: Page, root: str) -> None:
    """The report on the client of docs/how-to/contract-checks.md, as a page of HTML."""
    client = Client(Sandbox(root, "billing", "secret"))
    client.get(limit=500)
    client.get(aggregation_type="SUM")
    client.get(eventType="api_cal", limit=100)
    cursor = client.get(limit=10).json()["pagination"]["after"]
    client.get(limit=10, after=cursor)
    report = client.account.report(fail_on=["violations", "warnings"], fail_under=60)
    page.set_viewport_size({"width": 1100, "height": 985})
    page.set_content(writer.render(report, "html").decode())
    capture(page, "verdict.webp")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with server.in_thread(build(Settings())) as root, sync_playwright() as playwright:
        client = Client(Sandbox(root, "demo", "secret"))
        play(client)
        mistaken = next(answer for answer in client.answers if "aggregation_type" in str(answer.url))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
        for view in VIEWS:
            draw(page, root, view, mistaken.headers["X-Mock-Request-Id"])
        browser.close()
    # A server of its own: the report names requests by their numbers, which begin at 1.
    with server.in_thread(build(Settings())) as root, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        draw_verdict(browser.new_page(), root)
        browser.close()


if __name__ == "__main__":
    main()
