"""The page around the views: accounts, links, the keyboard, all widths and colours, and hostile texts."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from mock_server.client import Sandbox
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.documents import LIST
from tests.support.servers import build

from .conftest import Client, Inspector, Open

VIEWS = ["requests", "walks", "coverage", "data", "faults", "clock", "document"]

EVIL = (
    "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "'\"><svg onload=alert(1)>",
    "\u202eright to left", "zero\u200bwidth", "javascript:alert(1)", "{{7*7}}${7*7}",
)  # fmt: skip


def test_the_account_is_chosen_on_the_page_and_stays_in_the_url(
    inspector: Inspector, client: Client
) -> None:
    client.get(limit=3)
    inspector.page.goto(f"{inspector.root}/_mock")
    field = inspector.page.get_by_label("Account")
    expect(field).to_have_value("demo")
    field.fill(client.account.client_id)
    field.press("Enter")
    row = inspector.page.locator("tbody[role=rowgroup] a")
    expect(row).to_have_text("/api/usage-metrics?limit=3")
    inspector.page.reload()
    expect(field).to_have_value(client.account.client_id)
    expect(row).to_have_text("/api/usage-metrics?limit=3")
    inspector.page.go_back()
    expect(field).to_have_value("demo")
    inspector.page.go_forward()
    expect(row).to_have_text("/api/usage-metrics?limit=3")


def test_every_view_is_a_link_which_keeps_the_account(inspector: Inspector, client: Client) -> None:
    inspector.open("requests", client.account.client_id)
    tabs = inspector.page.get_by_role("navigation", name="Views").get_by_role("link")
    assert [str(tab.get_attribute("href"))[1:].partition("?")[0] for tab in tabs.all()] == VIEWS
    for number, view in enumerate(VIEWS):
        tabs.nth(number).click()
        expect(inspector.page.locator(f".view.{view}")).to_be_visible()
        expect(tabs.nth(number)).to_have_attribute("aria-current", "page")
        assert f"#{view}?account={client.account.client_id}" in inspector.page.url
    inspector.page.go_back()
    expect(inspector.page.locator(f".view.{VIEWS[-2]}")).to_be_visible()


def test_it_works_by_keyboard_alone(inspector: Inspector, client: Client) -> None:
    client.get(limit=1)
    client.get(limit=2)
    inspector.open("requests", client.account.client_id)
    page = inspector.page
    expect(page.locator("tbody[role=rowgroup] tr")).to_have_count(2)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to the view")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('tbody') !== null"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_have_text(f"Request {client.ids[0]}")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".panel h2")).to_have_text(f"Request {client.ids[1]}")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator(f"#request-{client.ids[1]} a")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement, '::after').outlineStyle") == "solid"


def test_a_secret_is_asked_for_where_it_is_checked(open_page: Open) -> None:
    with server.in_thread(build(Settings(credentials=("ci:hush",)))) as url:
        account = Sandbox(url, "ci", "hush")
        Client(account).get(limit=3)
        inspector = open_page(url)
        inspector.page.goto(f"{url}/_mock/#requests?account=ci")
        secret = inspector.page.get_by_label("Secret")
        secret.fill("wrong")
        secret.press("Enter")
        said = inspector.page.locator("#said")
        expect(said).to_have_text("The secret is wrong.")
        expect(secret).to_be_focused()
        expect(inspector.page.locator(".list .empty")).to_contain_text("secret")
        expect(inspector.page.locator(".count")).to_be_empty()
        secret.fill("hush")
        inspector.page.get_by_role("button", name="Unlock").click()
        row = inspector.page.locator("tbody[role=rowgroup] a")
        expect(row).to_have_text("/api/usage-metrics?limit=3")
        expect(secret).to_be_hidden()
        expect(said).to_be_empty()
        expect(inspector.page.locator("#live.is-live")).to_be_visible()
        # Of another account, the page gets nothing.
        for view, place in (("requests", ".list .empty"), ("walks", ".walks-list .empty")):
            inspector.page.goto(f"{url}/_mock/#{view}?account=other")
            expect(said).to_contain_text("asks for the secret")
            expect(inspector.page.locator(place)).to_contain_text("client id and secret")
            expect(inspector.page.locator("#live.is-live")).to_have_count(0)
            inspector.page.goto(f"{url}/_mock/#requests?account=ci")
            expect(row).to_have_text("/api/usage-metrics?limit=3")
        assert "hush" not in inspector.page.url
        # It is kept for the tab, and for no other.
        inspector.page.reload()
        expect(row).to_have_text("/api/usage-metrics?limit=3")
        assert inspector.page.evaluate("JSON.stringify(localStorage) + document.cookie") == "{}"
        inspector.check(forgiven="401")
        inspector.page.goto("about:blank")


def test_it_goes_on_when_the_server_was_away(open_page: Open) -> None:
    listening = server.listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    with server.in_thread(build(Settings()), listening) as url:
        account = Sandbox(url, "restart", "secret")
        Client(account).get(limit=1)
        inspector = open_page(url)
        inspector.open("requests", "restart")
        row = inspector.page.locator("tbody[role=rowgroup] a")
        expect(row).to_have_text("/api/usage-metrics?limit=1")
    expect(inspector.page.locator("#live")).to_have_text(re.compile("not connected"))
    expect(inspector.page.locator("#live.is-live")).to_have_count(0)
    inspector.page.goto(f"{url}/_mock/#requests?account=another")
    expect(inspector.page.locator(".list .empty")).to_have_text(re.compile("can't be reached"))
    inspector.page.get_by_role("link", name="Walks").click()
    expect(inspector.page.locator(".walks-list .empty")).not_to_have_text(re.compile("No list|Asking"))
    inspector.page.goto(f"{url}/_mock/#requests?account=restart")
    with server.in_thread(build(Settings()), server.listen("127.0.0.1", port)) as url:
        Client(account).get(limit=2)
        expect(row).to_have_text("/api/usage-metrics?limit=2")
        inspector.check(forgiven="ERR_|Failed to fetch")
        inspector.page.goto("about:blank")


def test_a_page_in_the_background_holds_no_connection(inspector: Inspector, client: Client) -> None:
    page = inspector.page
    page.add_init_script(
        "Object.defineProperty(document, 'hidden', { get: () => Boolean(window.away) })"
    )
    inspector.open("requests", client.account.client_id)
    for away, live in (("true", 0), ("false", 1)):
        page.evaluate(f"window.away = {away}; document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator("#live.is-live")).to_have_count(live)
        client.get(limit=1 + live)
    expect(page.locator("tbody[role=rowgroup] tr")).to_have_count(2)


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious(open_page: Open, client: Client, view: str) -> None:
    seen(client)
    inspector = open_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    chosen = {"request": client.ids[1]} if view == "requests" else {}
    inspector.open(view, client.account.client_id, **chosen)
    ready(inspector, view)
    for scheme in ("light", "dark"):
        inspector.page.emulate_media(color_scheme=scheme)
        if view == "document":
            # Swagger UI's colours follow the scheme a moment later, by a class.
            dark = inspector.page.locator("html.dark-mode")
            expect(dark).to_have_count(1 if scheme == "dark" else 0)
        assert inspector.flaws() == [], scheme


@pytest.mark.parametrize("view", VIEWS)
def test_every_width_does(open_page: Open, client: Client, view: str) -> None:
    seen(client)
    inspector = open_page()
    inspector.open(view, client.account.client_id)
    ready(inspector, view)
    for width in (360, 768, 1920):
        inspector.page.set_viewport_size({"width": width, "height": 740})
        assert not inspector.is_too_wide(), width


def test_an_exchange_fits_a_narrow_page(open_page: Open, client: Client) -> None:
    seen(client)
    inspector = open_page(viewport={"width": 360, "height": 740})
    inspector.open("requests", client.account.client_id, request=client.ids[3])
    expect(inspector.page.locator(".panel pre")).to_be_visible()
    assert not inspector.is_too_wide()
    inspector.page.get_by_role("button", name="Close").click()
    expect(inspector.page.locator(f"#request-{client.ids[3]} a")).to_be_focused()


def seen(client: Client) -> None:
    """Something to look at of every kind."""
    client.walk(limit=40)
    client.get(limit=500, aggregation_type="SUM", name="x" * 300)
    client.account.fail({"status": 503})
    client.get(name="none")
    client.account.fail({"cut": "reset"}, repeat=3)


def ready(inspector: Inspector, view: str) -> None:
    """Wait until the view shows what it has fetched."""
    shown = {
        "document": ".opblock-summary",
        "requests": "tbody[role=rowgroup] tr",
        "walks": ".cell.page",
    }
    inspector.page.locator(shown.get(view, f".view.{view} > *")).first.wait_for()


def test_nothing_that_a_client_sends_becomes_markup(inspector: Inspector, client: Client) -> None:
    for text in EVIL:
        client.get(f"{LIST}?{urlencode({'name': text, 'eventType': text, text: text})}")
        client.get(f"/{text.replace('/', '')}", {"X-Evil": text.encode("ascii", "ignore").decode()})
    client.account.fail({"status": 503, "body": EVIL[0], "headers": {"X-Evil": EVIL[1]}})
    client.get()
    client.account.fail(
        {"status": 500, "body": {EVIL[0]: EVIL[1]}}, operation=None, query={"name": EVIL[2]}
    )
    client.account.add([record(text) for text in EVIL])
    page = inspector.page
    for view in VIEWS:
        inspector.open(view, client.account.client_id)
        ready(inspector, view)
        assert page.locator("img[src=x], main script, svg[onload]").count() == 0
    inspector.open("requests", client.account.client_id)
    expect(page.locator("tbody[role=rowgroup] tr")).to_have_count(len(client.ids))
    for request in client.ids:
        page.locator(f"#request-{request} a").click()
        expect(page.locator(".panel h2")).to_have_text(f"Request {request}")
        expect(page.locator(".panel h3", has_text="Response body")).to_be_visible()
        assert page.locator("img[src=x], main script, svg[onload]").count() == 0
    shown = page.locator("main").inner_text()
    assert "\u202e" not in shown
    assert "\u200b" not in shown


def record(text: str) -> dict[str, object]:
    return {
        "name": text, "metricType": "SIMPLE", "eventType": text, "aggregationType": "COUNT",
        "propertyFilters": {}, "parameters": [],
    }  # fmt: skip


@pytest.mark.parametrize("client_id", [*EVIL[:5], "a b&c=d#e", "söme 客户", "x" * 3_000])
def test_nothing_in_a_client_id_becomes_markup(open_page: Open, url: str, client_id: str) -> None:
    Client(Sandbox(url, client_id, "secret")).get(limit=5)
    inspector = open_page()
    inspector.open("requests", client_id)
    expect(inspector.page.locator("tbody[role=rowgroup] a").first).to_have_text(
        "/api/usage-metrics?limit=5"
    )
    expect(inspector.page.get_by_label("Account")).to_have_value(client_id)
    assert inspector.page.locator("img[src=x], main script, svg[onload]").count() == 0
    assert not inspector.is_too_wide()


def test_a_client_id_with_a_colon_is_refused(inspector: Inspector, client: Client) -> None:
    """Basic would make it another account."""
    client.get()
    name = client.account.client_id
    inspector.open("requests", name)
    page = inspector.page
    field = page.get_by_role("textbox", name="Account")
    field.fill(f"{name}:more")
    field.press("Enter")
    assert field.evaluate("(input) => input.validationMessage") == "A client id has no colon."
    assert page.url.endswith(f"account={name}")
    for view in ("requests", "walks", "coverage", "data", "faults", "document"):
        page.goto(f"{inspector.root}/_mock/#{view}?account={name}:more")
        expect(page.locator(f".view.{view}")).to_contain_text("A client id has no colon.")
        expect(page.locator("#live.is-live")).to_have_count(0)
        assert field.evaluate("(input) => input.validationMessage") == "A client id has no colon."
    field.fill(name)
    field.press("Enter")
    expect(page.locator("#live.is-live")).to_be_visible()


def test_the_policy_holds_back_what_is_not_the_servers_own(chromium: Browser, url: str) -> None:
    """That the other tests see no refusal would mean nothing without one."""
    page = chromium.new_page()
    try:
        page.goto(f"{url}/_mock/")
        page.evaluate(
            """() => {
              window.refused = [];
              addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
              document.body.insertAdjacentHTML("beforeend", "<img src='http://127.0.0.1:9/x' onerror='window.ran = 1'>");
            }"""
        )
        page.wait_for_function("window.refused.length >= 2")
        assert {"img-src", "script-src-attr"} <= set(page.evaluate("window.refused"))
        assert page.evaluate("window.ran") is None
    finally:
        page.close()
