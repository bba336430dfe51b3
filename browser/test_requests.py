"""The view of requests: what came, as it comes, and each exchange whole."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import APIResponse, Route, expect

from mock_server.client import Sandbox
from tests.support import wire
from tests.support.documents import LIST

from .conftest import Client, Inspector, Open


def rows(inspector: Inspector) -> list[list[str]]:
    """The cells of the rows that are shown, without the time and the duration."""
    shown = inspector.page.locator("tbody[role=rowgroup] tr:visible")
    cells = [[*map(words, row.locator("td").all_inner_texts())] for row in shown.all()]
    return [[method, target, status, marks] for _, method, target, status, _, marks in cells]


def words(text: str) -> str:
    return " ".join(text.split())


def test_requests_come_live_while_the_page_stays(inspector: Inspector, client: Client) -> None:
    inspector.open("requests", client.account.client_id)
    expect(inspector.page.locator(".empty")).to_contain_text(
        f"curl -u '{client.account.client_id}:secret' 'http"
    )
    inspector.page.evaluate("window.mark = 'not reloaded'")
    client.get(limit=2)
    client.get(limit=500, aggregation_type="SUM")
    client.account.fail({"status": 503})
    client.get()
    client.get("/api/nothing")
    expect(inspector.page.locator("tbody[role=rowgroup] tr")).to_have_count(4, timeout=10_000)
    assert rows(inspector) == [
        ["GET", f"{LIST}?limit=2", "200", ""],
        [
            "GET",
            f"{LIST}?limit=500&aggregation_type=SUM",
            "400",
            "✖ violation range▲ warning unknownParameter",
        ],
        ["GET", LIST, "503", "ϟ fault fault-1"],
        ["GET", "/api/nothing", "404", "✖ violation notFound"],
    ]
    assert inspector.page.evaluate("window.mark") == "not reloaded"


def test_a_request_under_way_is_shown_and_then_its_end(inspector: Inspector, client: Client) -> None:
    inspector.open("requests", client.account.client_id)
    with wire.connect(client.account.url) as connection:
        credentials = wire.basic(client.account.client_id)
        connection.sendall(
            f"GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: {credentials}\r\nPrefer: delay=4\r\n\r\n".encode()
        )
        status = inspector.page.locator("tbody[role=rowgroup] td:nth-child(4)")
        expect(status).to_have_text("…")
        inspector.page.locator("tbody[role=rowgroup] a").click()
        expect(inspector.page.locator(".panel")).to_contain_text("still under way")
        assert wire.read(connection).status == 200
    expect(status).to_have_text("200")
    expect(inspector.page.locator(".panel")).not_to_contain_text("still under way")


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"status": "4xx"}, [1, 3]), ({"status": "200"}, [0]), ({"status": "200, 5xx"}, [0, 2]),
        ({"status": "foo"}, []), ({"status": "-, 404"}, [3]), ({"status": "reset"}, []),
        ({"text": "LIMIT=5"}, [1]), ({"text": "unknownparameter"}, [1]), ({"text": "a b"}, [2]),
        ({"operation": "getUsageMetrics"}, [0, 1, 2]), ({"operation": "getUsageMetrics", "status": "404"}, []),
    ],
)  # fmt: skip
def test_filters_choose_and_stand_in_the_url(
    inspector: Inspector, open_page: Open, client: Client, filters: dict[str, str], left: list[int]
) -> None:
    client.account.fail({"status": 503}, query={"name": "a b"})
    client.get(limit=2)
    client.get(limit=500, aggregation_type="SUM")
    client.get(name="a b")
    client.get("/api/nothing")
    inspector.open("requests", client.account.client_id)
    page = inspector.page
    expect(page.locator("tbody[role=rowgroup] tr")).to_have_count(4)
    for name, value in filters.items():
        field = page.locator(f"[name={name}]")
        if name == "operation":
            page.locator("option", has_text=value).wait_for(state="attached")
            field.select_option(value)
        else:
            field.fill(value)
    assert ids(inspector) == [client.ids[number] for number in left]
    # A colleague sees the same.
    other = open_page()
    other.page.goto(page.url)
    expect(other.page.locator("tbody[role=rowgroup] tr")).to_have_count(4)
    assert ids(other) == ids(inspector)
    for name, value in filters.items():
        expect(other.page.locator(f"[name={name}]")).to_have_value(value)


def ids(inspector: Inspector) -> list[str]:
    shown = inspector.page.locator("tbody[role=rowgroup] tr:visible")
    return [str(row.get_attribute("id")).removeprefix("request-") for row in shown.all()]


def test_resets_are_found(open_page: Open, client: Client) -> None:
    client.get()
    client.account.fail({"cut": "reset"})
    with pytest.raises(httpx.HTTPError):
        client.get()
    inspector = open_page(timezone_id="America/New_York")
    inspector.open("requests", client.account.client_id, status="reset")
    page = inspector.page
    expect(page.locator(".count")).to_have_text("1 of 2 requests")
    # Its time is told as in the list.
    row = page.locator("tbody[role=rowgroup] tr:visible")
    row.locator("a").click()
    fact = page.locator(".facts div", has_text="Time")
    told = row.locator("td").first.inner_text()
    expect(fact).to_have_text(re.compile(rf"^Time{re.escape(told)} \(\d{{4}}-.* UTC\)$"))


def section(inspector: Inspector, title: str) -> str:
    found = inspector.page.locator(
        ".panel section", has=inspector.page.locator("h3", has_text=re.compile(f"^{title}"))
    )
    return found.inner_text()


def test_a_row_opens_the_whole_exchange(inspector: Inspector, client: Client) -> None:
    client.get(
        LIST + "?name=%65%75+x&eventType=a%2Cb&limit=0&b",
        {"Sequence-Version": "2024-07-30", "X-Own": "1"},
    )
    answer = client.get(limit=1)
    inspector.open("requests", client.account.client_id)
    page = inspector.page
    page.locator("tbody[role=rowgroup] a").first.click()
    panel = page.locator(".panel")
    expect(panel).to_contain_text("validationError")
    query = panel.locator("section", has_text="Query").locator("tr")
    # Each mistake stands right below the parameter that it is about.
    assert [words(row) for row in query.all_inner_texts()] == [
        "Parameter Value As sent",
        "name eu x name=%65%75+x",
        "eventType a,b eventType=a%2Cb",
        "limit 0 limit=0",
        "✖ violation range '0' was sent for 'limit', which must be a whole number from 1 to 100; "
        "send that, or leave it out.",
        "b b",
        "▲ warning unknownParameter 'b' is no parameter of this operation; correct it, or leave it out.",
    ]
    assert "x-own\t1" in section(inspector, "Request headers")
    assert "authorization\tBasic [redacted]" in section(inspector, "Request headers")
    assert f"x-mock-request-id\t{client.ids[0]}" in section(inspector, "Response headers")
    assert '\n  "error": {\n    "type": "validationError",' in section(inspector, "Response body")
    assert f"request={client.ids[0]}" in page.url
    page.locator("tbody[role=rowgroup] a").nth(1).click()
    expect(panel.locator("h2")).to_have_text(f"Request {client.ids[1]}")
    expect(panel).to_contain_text("walk-1")
    shown = panel.locator("section", has_text="Response body").locator("pre").inner_text()
    assert shown == json.dumps(answer.json(), indent=2)
    page.go_back()
    expect(panel).to_be_hidden()


def test_mistakes_about_headers_and_about_nothing_have_their_places(
    inspector: Inspector, client: Client
) -> None:
    client.get(headers={"Sequence-Version": "1999-01-01"})
    client.get("/api/nothing")
    inspector.open("requests", client.account.client_id, request=client.ids[0])
    headers = inspector.page.locator(".panel section", has_text="Request headers")
    expect(headers.locator("tr.blamed th")).to_have_text("sequence-version")
    expect(headers.locator("tr.blame")).to_contain_text("UnrecognisedApiVersion")
    inspector.open("requests", client.account.client_id, request=client.ids[1])
    expect(inspector.page.locator(".panel .body > .problems")).to_contain_text(
        "There is no '/api/nothing' here"
    )


def test_a_mistake_stands_below_the_value_that_it_is_about(inspector: Inspector, client: Client) -> None:
    client.get(
        f"{LIST}?limit=0&limit=5&eventType=a&aggregationType=SUM&aggregationType=X&aggregationType=Y"
    )
    inspector.open("requests", client.account.client_id, request=client.ids[0])
    query = inspector.page.locator(".panel section", has_text="Query")
    expect(query.locator("tr.blame")).to_have_count(4)
    rows = [" ".join(row.split()[:5]) for row in query.locator("tbody tr").all_inner_texts()]
    assert rows == [
        "limit 0 limit=0", "✖ violation range '0' was", "limit 5 limit=5", "✖ violation repeated 'limit' was",
        "eventType a eventType=a", "aggregationType SUM aggregationType=SUM",
        "aggregationType X aggregationType=X", "✖ violation enum 'X' was",
        "aggregationType Y aggregationType=Y", "✖ violation enum 'Y' was",
    ]  # fmt: skip


def test_a_body_that_was_cut_is_told_of(inspector: Inspector, client: Client) -> None:
    whole = len(client.get().content)
    for cut in ("truncate", "stall", "reset"):
        client.account.fail({"cut": cut})
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"{client.account.url}{LIST}", auth=client.account.auth, verify=False, timeout=1)
    kept, truncated, stalled, reset = [entry["id"] for entry in client.account.requests()]
    told = {
        truncated: f"Cut after {whole // 2:,} of {whole:,} bytes.",
        stalled: f"Nothing of {whole:,} bytes came.",
        reset: "The connection was reset",
    }
    inspector.open("requests", client.account.client_id, request=kept)
    panel = inspector.page.locator(".panel .body")
    expect(panel.locator("pre")).to_be_visible()
    expect(panel).not_to_contain_text("Cut after")
    for request, text in told.items():
        inspector.page.locator(f"#request-{request} a").click()
        expect(panel).to_contain_text(text)


def test_a_body_that_is_gone_is_told_of(inspector: Inspector, account: Sandbox) -> None:
    account.fail({"cut": "reset"})
    with pytest.raises(httpx.HTTPError):
        httpx.request("GET", f"{account.url}{LIST}", auth=account.auth, verify=False, content="sent")
    inspector.open("requests", account.client_id)
    inspector.page.locator("tbody[role=rowgroup] a").click()
    expect(inspector.page.locator(".panel")).to_contain_text("The connection was reset")
    assert "sent" in section(inspector, "Request body")

    def drop(route: Route) -> None:
        gone = {"requestBody": None, "responseHeaders": None, "responseBody": None}
        route.fulfill(json=route.fetch().json() | gone)

    inspector.page.route("**/_mock/requests/*", drop)
    inspector.page.reload()
    expect(inspector.page.locator(".panel")).to_contain_text("The connection was reset")
    assert "Not kept any more." in section(inspector, "Request body")
    inspector.page.get_by_role("button", name="Copy as curl").click()
    expect(inspector.page.locator("#said")).to_contain_text("It lacks the body")


def test_links_lead_to_the_walk_and_the_fault(inspector: Inspector, client: Client) -> None:
    client.account.fail({"status": 503})
    client.get()
    inspector.open("requests", client.account.client_id, request=client.ids[0])
    panel = inspector.page.locator(".panel")
    expect(panel.get_by_role("link", name="fault-1")).to_have_attribute(
        "href", re.compile("^#faults.*fault=fault-1")
    )
    panel.get_by_role("link", name="walk-1").click()
    expect(inspector.page.locator("#walk-1.chosen")).to_be_visible()


def test_the_panel_the_scroll_and_the_focus_survive_what_comes(
    inspector: Inspector, client: Client
) -> None:
    for _ in range(60):
        client.get(limit=5)
    inspector.open("requests", client.account.client_id)
    page = inspector.page
    expect(page.locator("tbody[role=rowgroup] tr")).to_have_count(60)
    middle = page.locator(f"#request-{client.ids[20]} a")
    middle.click()
    expect(page.locator(".panel pre")).to_be_visible()
    inside = page.locator(".panel .body").evaluate(
        "(node) => { node.scrollTop = 150; return node.scrollTop; }"
    )
    assert inside > 0
    before = page.locator(".list").evaluate("(node) => node.scrollTop")
    for _ in range(5):
        client.get(limit=5)
    expect(page.locator("tbody[role=rowgroup] tr")).to_have_count(65)
    assert page.locator(".list").evaluate("(node) => node.scrollTop") == before
    assert page.locator(".panel .body").evaluate("(node) => node.scrollTop") == inside
    expect(middle).to_be_focused()


def test_the_list_stays_at_its_end(inspector: Inspector, client: Client) -> None:
    inspector.open("requests", client.account.client_id)
    for _ in range(60):
        client.get(limit=1)
    expect(inspector.page.locator(f"#request-{client.ids[-1]}")).to_be_in_viewport()


def test_an_exchange_that_could_not_be_fetched_is_tried_again(
    inspector: Inspector, client: Client
) -> None:
    client.get(limit=3)
    inspector.open("requests", client.account.client_id)
    page = inspector.page
    pattern = f"**/_mock/requests/{client.ids[0]}"
    page.route(pattern, lambda route: route.abort())
    page.locator("tbody[role=rowgroup] a").click()
    expect(page.locator(".panel .empty")).to_contain_text("Failed to fetch")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".panel .empty")).to_be_visible()
    page.unroute(pattern)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".panel pre")).to_be_visible()
    # Any change does the same.
    page.route(pattern, lambda route: route.abort(), times=1)
    page.reload()
    expect(page.locator(".panel :is(pre, .empty)")).to_be_visible()
    client.get(limit=4)
    expect(page.locator(".panel pre")).to_be_visible()
    inspector.check(forgiven="ERR_FAILED")


def test_an_answer_that_is_late_does_not_replace_a_newer_one(
    inspector: Inspector, client: Client
) -> None:
    page = inspector.page
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    with wire.connect(client.account.url) as connection:
        credentials = wire.basic(client.account.client_id)
        connection.sendall(
            f"GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: {credentials}\r\nPrefer: delay=6\r\n\r\n".encode()
        )
        inspector.open("requests", client.account.client_id)
        page.route("**/_mock/requests/*", hold)
        page.locator("tbody[role=rowgroup] a").click()
        while not held:
            page.wait_for_timeout(20)
        assert wire.read(connection).status == 200
    panel = page.locator(".panel")
    expect(panel.locator("pre")).to_be_visible()
    [(route, answer)] = held
    assert answer.json()["durationMs"] is None
    with page.expect_event("requestfinished"):
        route.fulfill(response=answer)
    page.evaluate("new Promise((done) => setTimeout(done))")
    expect(panel).not_to_contain_text("still under way")
    expect(panel.locator("pre")).to_be_visible()


def test_clear_empties_the_journal(inspector: Inspector, client: Client) -> None:
    client.get()
    inspector.open("requests", client.account.client_id)
    expect(inspector.page.locator("tbody[role=rowgroup] tr")).to_have_count(1)
    inspector.page.get_by_role("button", name="Clear").click()
    expect(inspector.page.locator(".empty")).to_contain_text("No requests yet")
    assert client.account.requests() == []
    client.get(limit=3)
    expect(inspector.page.locator("tbody[role=rowgroup] tr")).to_have_count(1)


def test_the_page_begins_anew_with_the_account(inspector: Inspector, client: Client) -> None:
    client.get()
    client.get()
    inspector.open("requests", client.account.client_id)
    expect(inspector.page.locator("tbody[role=rowgroup] tr")).to_have_count(2)
    client.account.reset()
    client.get(limit=7)
    expect(inspector.page.locator("tbody[role=rowgroup] a")).to_have_text([f"{LIST}?limit=7"])


TARGETS = [
    f"{LIST}?name=it's+%27q%27&limit=1".encode(),
    f"{LIST}?name=[a]{{b}}$HOME`id`!\\&limit=1".encode(),
    b"/api/../api/%2e/x?a",
]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
@pytest.mark.parametrize("target", TARGETS, ids=["quotes", "patterns", "dots"])
def test_the_copied_command_sends_the_same_bytes(
    open_page: Open, account: Sandbox, target: bytes
) -> None:
    headers = [
        b'X-Quote: it\'s "$(id)"',
        b"X-Empty:",
        b"X-Bytes: \xff\xe9",
        "X-Text: süß \u202eback".encode(),
    ]
    lines = [
        b"GET " + target + b" HTTP/1.1",
        b"Host: x",
        f"Authorization: {wire.basic(account.client_id)}".encode(),
        *headers,
    ]
    wire.exchange(account.url, b"\r\n".join(lines) + b"\r\n\r\n")
    inspector = open_page(permissions=["clipboard-read", "clipboard-write"])
    [sent] = account.requests()
    inspector.open("requests", account.client_id, request=sent["id"])
    inspector.page.get_by_role("button", name="Copy as curl").click()
    expect(inspector.page.locator("#said")).to_contain_text("clipboard")
    command = inspector.page.evaluate("navigator.clipboard.readText()")
    assert "\u202e" not in command
    subprocess.run(["sh", "-c", command], check=True, capture_output=True, timeout=20)
    [first, again] = journal(account)
    del first["headers"]["host"], again["headers"]["host"]
    for name in ("method", "path", "query", "headers"):
        assert again[name] == first[name]


def sent_again(open_page: Open, account: Sandbox, request: bytes) -> tuple[list[dict[str, Any]], str]:
    """The exchanges of a request and of its command, run by a shell, and what the page said of it."""
    wire.exchange(account.url, request)
    inspector = open_page(permissions=["clipboard-read", "clipboard-write"])
    [sent] = account.requests()
    inspector.open("requests", account.client_id, request=sent["id"])
    inspector.page.get_by_role("button", name="Copy as curl").click()
    expect(inspector.page.locator("#said")).to_contain_text("clipboard")
    command = inspector.page.evaluate("navigator.clipboard.readText()")
    subprocess.run(["sh", "-c", command], check=True, capture_output=True, timeout=20)
    ids = [entry["id"] for entry in account.requests()]
    return [exchange(account, each) for each in ids], inspector.page.locator("#said").inner_text()


def exchange(account: Sandbox, request: str) -> dict[str, Any]:
    answer = httpx.get(f"{account.url}/_mock/requests/{request}", auth=account.auth, verify=False)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def posted(account: Sandbox, body: bytes, method: str = "POST") -> bytes:
    lines = [
        f"{method} {LIST} HTTP/1.1", "Host: x", f"Authorization: {wire.basic(account.client_id)}",
        "Content-Type: text/plain", f"Content-Length: {len(body)}",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
@pytest.mark.parametrize("body", [b"@/etc/passwd", b"it's $(id)\n\n", b"\xff\n"])
def test_the_copied_command_sends_the_same_body(open_page: Open, account: Sandbox, body: bytes) -> None:
    """And never a file of whoever runs it."""
    [first, again], said = sent_again(open_page, account, posted(account, body))
    assert first["requestBody"]["size"] == len(body)
    assert again["requestBody"] == first["requestBody"]
    assert again["headers"]["content-type"] == "text/plain"
    assert "lacks" not in said


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
@pytest.mark.parametrize(
    ("body", "method", "why"),
    [(b"a\0b", "POST", "zero byte"), (b"x" * 100_001, "POST", "too long"), (b"x", "HEAD", "HEAD")],
)
def test_a_command_that_lacks_the_body_says_so(
    open_page: Open, account: Sandbox, body: bytes, method: str, why: str
) -> None:
    [_, again], said = sent_again(open_page, account, posted(account, body, method))
    assert (again["method"], again["requestBody"]["size"]) == (method, 0)
    assert "lacks the body" in said
    assert why in said


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
def test_the_first_command_is_safe_to_paste(inspector: Inspector, url: str) -> None:
    """The account of a link may be anything."""
    client_id = "x;echo run>&2 $(echo run>&2)'`echo run>&2`"
    inspector.open("requests", client_id)
    command = inspector.page.locator(".empty pre").inner_text()
    subprocess.run(["sh", "-c", command], check=True, capture_output=True, timeout=20)
    assert len(Sandbox(url, client_id, "secret").requests()) == 1


def journal(account: Sandbox) -> list[dict[str, Any]]:
    answer = wire.get(
        account.url, "/_mock/requests", f"Authorization: {wire.basic(account.client_id)}", auth=False
    )
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def test_a_thousand_rows_and_no_more(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("requests", account.client_id)
    send(account, 1_300)
    page = inspector.page
    expect(page.locator(".count")).to_have_text("1,000 requests, the newest of 1,300")
    assert page.locator("tbody[role=rowgroup] tr").count() == 1_000
    kept = page.evaluate("document.querySelectorAll('*').length")
    send(account, 300)
    expect(page.locator(".count")).to_have_text("1,000 requests, the newest of 1,600")
    assert page.evaluate("document.querySelectorAll('*').length") <= kept + 50


@pytest.mark.parametrize("number", [95, 150, 299])
def test_the_request_of_a_link_is_in_view(inspector: Inspector, account: Sandbox, number: int) -> None:
    send(account, 300)
    chosen = account.requests()[number]["id"]
    inspector.open("requests", account.client_id, request=chosen)
    page = inspector.page
    expect(page.locator(".count")).to_have_text("300 requests")
    expect(page.locator(f"#request-{chosen}.chosen")).to_be_in_viewport()
    # Once: whoever scrolls away stays there.
    page.locator(".list").evaluate("(node) => { node.scrollTop = 0; }")
    send(account, 1)
    expect(page.locator(".count")).to_have_text("301 requests")
    assert page.locator(".list").evaluate("(node) => node.scrollTop") == 0


def send(account: Sandbox, number: int) -> None:
    """Many requests, one connection."""
    parts = urlsplit(account.url)
    request = f"GET /nothing HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.basic(account.client_id)}\r\n\r\n".encode()
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as connection:
        for _ in range(number):
            connection.sendall(request)
            wire.read(connection)
