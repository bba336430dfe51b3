"""The view of coverage: what was tried and what never was, as it comes, in the report's own picture."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from mock_server.client import Sandbox
from mock_server.report import writer
from mock_server.server import server
from mock_server.settings import RateLimit, Settings
from tests.support.servers import build

from .conftest import Client, Inspector, Open

# Everything that the picture consists of: tags, classes, titles, texts, and how they look.
OUTLINE = """
(root) => [...root.querySelectorAll("h2, h3, h4, h3 ~ div, ul, li, svg, rect")].map((each) => {
  const copy = each.cloneNode(true);
  copy.querySelectorAll(".hidden").forEach((hidden) => hidden.remove());
  const title = each.getAttribute("title") ?? each.querySelector(":scope > title")?.textContent ?? null;
  return [each.tagName, each.getAttribute("class"), title, copy.textContent.replace(/\\s+/g, " ").trim()];
})
"""
LOOK = """
(point) => {
  const [own, mark] = [getComputedStyle(point), getComputedStyle(point, "::before").content];
  return [own.backgroundColor, own.color, own.borderTopStyle, own.borderTopColor, mark];
}
"""


def point(inspector: Inspector, group: str, name: str) -> Locator:
    """A point of a group, by its name."""
    heading = inspector.page.get_by_role("heading", name=group)
    return inspector.page.locator(".group", has=heading).locator(f'.point[data-told^="{name}: "]')


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_the_picture_of_the_report(open_page: Open, client: Client, scheme: str) -> None:
    inspector = open_page(color_scheme=scheme)
    client.walk(limit=50)
    client.get(limit=0)
    account = client.account
    inspector.open("coverage", account.client_id)
    expect(point(inspector, "statuses", "400")).to_have_class("point covered")
    told = account.report()
    paper = inspector.page.context.new_page()
    paper.set_content(writer.render(told, "html").decode())
    picture = inspector.page.locator(".picture").evaluate(OUTLINE)
    printed = paper.locator("body").evaluate(OUTLINE)
    headings = [number for number, (tag, *_) in enumerate(printed) if tag == "H2"]
    assert picture == printed[headings[-1] :]
    assert len([each for each in picture if each[1] == "point covered"]) > 5
    for kind in (".point.covered", ".point:not(.covered)"):
        looks = [each.locator(kind).first.evaluate(LOOK) for each in (inspector.page, paper)]
        assert looks[0] == looks[1]


def test_what_is_tried_is_marked_live(inspector: Inspector, client: Client) -> None:
    inspector.open("coverage", client.account.client_id)
    bound = point(inspector, "bounds", "limit=1")
    expect(bound).to_have_class("point")
    client.get(limit=1)
    expect(bound).to_have_class("point covered", timeout=10_000)
    share = inspector.page.locator("h2")
    coverage = client.account.report()["coverage"]
    expect(share).to_have_text(
        f"Coverage: {coverage['percent']:g} % {coverage['covered']} of {coverage['total']}"
    )
    client.account.reset()
    expect(bound).to_have_class("point", timeout=10_000)


def test_a_point_names_the_request_that_covered_it_and_opens_it(
    inspector: Inspector, client: Client
) -> None:
    client.get(limit=100)
    client.get(limit=1)
    client.get(limit=1, name="again")
    inspector.open("coverage", client.account.client_id)
    told = inspector.page.locator("#told")
    bound = point(inspector, "bounds", "limit=1")
    first = f"limit=1: first by request {client.ids[1]}"
    expect(bound).to_have_attribute("title", first)
    bound.hover()
    expect(told).to_have_text(f"{first} · GET /api/usage-metrics?limit=1")
    point(inspector, "pages", "middle").hover()
    expect(told).to_have_text("middle: never tried")
    link = bound.get_by_role("link", name=first)
    link.focus()
    expect(told).to_contain_text("GET /api/usage-metrics?limit=1")
    link.press("Enter")
    expect(inspector.page.locator(".panel h2")).to_have_text(f"Request {client.ids[1]}")


def test_the_focus_stays_when_more_is_covered(inspector: Inspector, client: Client) -> None:
    client.get(limit=1)
    inspector.open("coverage", client.account.client_id)
    link = point(inspector, "bounds", "limit=1").get_by_role("link")
    link.focus()
    client.get(limit=100)
    expect(point(inspector, "bounds", "limit=100")).to_have_class("point covered")
    expect(link).to_be_focused()


def test_a_request_that_the_journal_has_dropped_is_said_to_be(open_page: Open) -> None:
    with server.in_thread(build(Settings(journal_size=2))) as root:
        client = Client(Sandbox(root, "forgetful", "secret"))
        client.get(limit=1)
        for _ in range(3):
            client.get()
        inspector = open_page(root)
        inspector.open("coverage", "forgetful")
        point(inspector, "bounds", "limit=1").hover()
        expect(inspector.page.locator("#told")).to_have_text(
            f"limit=1: first by request {client.ids[0]} · which the journal does not have any more"
        )
        inspector.check(forgiven="404")
        inspector.page.close()


def test_statuses_that_no_client_causes_stand_apart(open_page: Open) -> None:
    with server.in_thread(build(Settings(rate_limit=RateLimit(1, 60)))) as root:
        client = Client(Sandbox(root, "eager", "secret"))
        client.get()
        client.get()
        inspector = open_page(root)
        inspector.open("coverage", "eager")
        limited = point(inspector, "statuses that take a fault", "429")
        expect(limited).to_have_class("point covered")
        expect(limited.locator("xpath=ancestor::*[@class='group']").locator("svg")).to_have_count(0)
        expect(point(inspector, "statuses that take a fault", "500")).to_have_class("point")
        inspector.page.close()


def intervals(page: Page) -> int:
    return int(page.evaluate("window.intervals.size"))


def test_a_view_that_was_left_asks_no_more(inspector: Inspector, client: Client) -> None:
    inspector.page.add_init_script("""
        window.intervals = new Set();
        const [set, clear] = [window.setInterval, window.clearInterval];
        window.setInterval = (...task) => { const id = set(...task); window.intervals.add(id); return id; };
        window.clearInterval = (id) => { window.intervals.delete(id); clear(id); };
    """)
    client.get()
    inspector.open("requests", client.account.client_id)
    before = intervals(inspector.page)
    for view in ("Coverage", "Data", "Faults", "Clock"):
        inspector.page.get_by_role("link", name=view, exact=True).click()
        expect(inspector.page.locator(f".view.{view.lower()}")).to_be_visible()
    assert intervals(inspector.page) > before
    inspector.page.get_by_role("link", name="Requests", exact=True).click()
    assert intervals(inspector.page) == before
