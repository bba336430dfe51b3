"""The view of faults: scripting every kind of step, and the faults that the account has."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from mock_server.client import Sandbox
from mock_server.formats import source_file
from mock_server.lists import broken_pages
from tests.support.documents import ROOT

from .conftest import Client, Inspector, Open


def faults(account: Sandbox) -> list[dict[str, Any]]:
    told: dict[str, Any] = httpx.get(f"{account.url}/_mock/faults", auth=account.auth).json()
    return list(told["items"])


def script(account: Sandbox) -> list[Any]:
    """That of the only fault."""
    [fault] = faults(account)
    return list(fault["script"])


def step(inspector: Inspector, number: int) -> Locator:
    return inspector.page.locator(".steps > li").nth(number)


def button(inspector: Inspector, name: str) -> Locator:
    return inspector.page.get_by_role("button", name=name, exact=True)


def add(inspector: Inspector, fault: str = "fault-1") -> None:
    button(inspector, "Add fault").click()
    expect(inspector.page.locator("#said")).to_have_text(f"{fault} was added.")
    expect(row(inspector, fault)).to_be_visible()


def row(inspector: Inspector, fault: str) -> Locator:
    heading = inspector.page.get_by_role("rowheader", name=fault, exact=True)
    return inspector.page.locator(".records tbody tr", has=heading)


def cells(inspector: Inspector, fault: str) -> list[str]:
    """For what it is, its script, its runs, how often it fired, and what remains."""
    texts = row(inspector, fault).locator("td").all_inner_texts()
    return [" | ".join(filter(None, text.split("\n"))) for text in texts[:5]]


KINDS: list[tuple[str, dict[str, str], Any]] = [
    ("let it pass", {}, "pass"),
    ("let it pass", {"Delay, seconds": "0.25"}, {"delay": 0.25}),
    ("answer a status", {"Status": "404"}, {"status": 404}),
    (
        "answer a status",
        {"Status": "202", "Headers": "Retry-After: 7\nX-Odd:  a: b ", "Delay, seconds": "1"},
        {"status": 202, "headers": {"Retry-After": "7", "X-Odd": "a: b"}, "delay": 1},
    ),
    (
        "answer a status",
        {"Status": "200", "Body": "text", "Content of the body": "<b>ä\n"},
        {"status": 200, "body": "<b>ä\n"},
    ),
    (
        "answer a status",
        {
            "Status": "200",
            "Body": "JSON",
            "Content of the body": '{"n": 18446744073709551615, "a": [1.5, null]}',
        },
        {"status": 200, "body": {"n": 18446744073709551615, "a": [1.5, None]}},
    ),
    ("cut the connection", {"How": "reset the connection"}, {"cut": "reset"}),
    ("cut the connection", {"How": "end it in the middle of the body"}, {"cut": "truncate"}),
    (
        "cut the connection",
        {"How": "stall before the body", "Delay, seconds": "2"},
        {"cut": "stall", "delay": 2},
    ),
    ("send a hostile page", {"Page": "one item twice"}, {"page": "duplicate-item"}),
    (
        "answer a status",
        {"Status": "503", "When": "after that, so that its change is made"},
        {"status": 503, "after": True},
    ),
    (
        "let it pass",
        {"When": "after that, so that its change is made", "Delay, seconds": "1"},
        {"delay": 1, "after": True},
    ),
]


def fill(place: Locator, label: str, value: str) -> None:
    control = place.get_by_label(label, exact=True)
    if control.evaluate("({ tagName }) => tagName") == "SELECT":
        control.select_option(value)
    else:
        control.fill(value)


@pytest.mark.parametrize(("kind", "told", "asked"), KINDS)
def test_every_kind_of_step_can_be_scripted(
    inspector: Inspector, account: Sandbox, kind: str, told: dict[str, str], asked: Any
) -> None:
    inspector.open("faults", account.client_id)
    fill(step(inspector, 0), "What happens", kind)
    for label, value in told.items():
        fill(step(inspector, 0), label, value)
    add(inspector)
    assert script(account) == [asked]


def test_the_lists_of_the_page_are_those_of_the_control_api(
    inspector: Inspector, account: Sandbox
) -> None:
    schemas = source_file.read(ROOT / "spec" / "control.yaml").data["components"]["schemas"]
    asked = schemas["MockAction"]
    inspector.open("faults", account.client_id)
    for name, kind in (("cut", "cut the connection"), ("page", "send a hostile page")):
        fill(step(inspector, 0), "What happens", kind)
        options = step(inspector, 0).locator(f"[name={name}] option")
        values = options.evaluate_all("(options) => options.map(({ value }) => value)")
        assert values == asked["properties"][name]["enum"]
    assert list(broken_pages.KINDS) == asked["properties"]["page"]["enum"]


def test_a_hostile_page_is_served(inspector: Inspector, client: Client) -> None:
    inspector.open("faults", client.account.client_id)
    fill(step(inspector, 0), "What happens", "send a hostile page")
    fill(step(inspector, 0), "Page", "the total is one too many")
    add(inspector)
    assert client.get().json()["pagination"]["totalResultSize"] == 101


PRESETS: dict[str, list[Any]] = {
    "Fail twice, then work": [{"status": 503}, {"status": 503}, "pass"],
    "429 with back-off": [{"status": 429, "headers": {"Retry-After": "1"}}, "pass"],
    "A page that repeats": [{"page": "repeat-page"}],
    "A reset connection": [{"cut": "reset"}],
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fills_the_form(inspector: Inspector, account: Sandbox, name: str) -> None:
    inspector.open("faults", account.client_id)
    button(inspector, name).click()
    expect(button(inspector, "Add fault")).to_be_focused()
    assert faults(account) == []
    add(inspector)
    assert script(account) == PRESETS[name]


def test_what_fired_and_what_remains_is_told_as_it_comes(inspector: Inspector, client: Client) -> None:
    inspector.open("faults", client.account.client_id)
    button(inspector, "Fail twice, then work").click()
    add(inspector)
    assert cells(inspector, "fault-1") == ["any operation", "503 | 503 | pass", "1", "0", "3"]
    # The one that is next is marked.
    expect(row(inspector, "fault-1").locator("[aria-current=step]")).to_have_text("503")
    assert client.get().status_code == 503
    expect(row(inspector, "fault-1").locator(".number").first).to_have_text("1", timeout=10_000)
    assert cells(inspector, "fault-1")[3:] == ["1", "2"]
    assert [client.get().status_code for _ in range(2)] == [503, 200]
    expect(row(inspector, "fault-1")).to_have_class("spent")
    assert cells(inspector, "fault-1")[3:] == ["3", "spent"]


def test_a_fault_is_for_what_the_form_says(inspector: Inspector, client: Client) -> None:
    inspector.open("faults", client.account.client_id)
    page = inspector.page
    page.get_by_label("Operation").select_option("getUsageMetrics")
    page.get_by_label("Page of the walk").fill("2")
    page.get_by_label("Query has").fill("?limit=40&name=a%20b+c&name=ä")
    page.get_by_label("Runs of the script").fill("3")
    add(inspector)
    [fault] = faults(client.account)
    when = {"page": 2, "query": {"limit": "40", "name": ["a b c", "ä"]}}
    assert (fault["operation"], fault["when"], fault["repeat"]) == ("getUsageMetrics", when, 3)
    page.get_by_label("Query has").fill("limit=40")
    page.get_by_label("for ever").check()
    expect(page.get_by_label("Runs of the script")).to_be_disabled()
    add(inspector, "fault-2")
    assert cells(inspector, "fault-2")[2:] == ["for ever", "0", "for ever"]
    first = client.get(limit=40)
    second = client.get(limit=40, after=first.json()["pagination"]["after"])
    assert (first.status_code, second.status_code) == (200, 503)
    expect(row(inspector, "fault-2").locator(".number").first).to_have_text("1")
    assert cells(inspector, "fault-1")[3] == "0"


def test_steps_are_added_moved_and_removed_by_keyboard(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("faults", account.client_id)
    fill(step(inspector, 0), "Status", "500")
    for number, status in ((1, "501"), (2, "502")):
        button(inspector, "Add a step").press("Enter")
        expect(step(inspector, number).get_by_label("What happens")).to_be_focused()
        fill(step(inspector, number), "Status", status)
    up = step(inspector, 2).get_by_role("button", name="Move up")
    up.focus()
    up.press("Enter")
    expect(step(inspector, 1).get_by_role("button", name="Move up")).to_be_focused()
    step(inspector, 0).get_by_role("button", name="Move down").press("Enter")
    expect(step(inspector, 1).get_by_role("button", name="Move down")).to_be_focused()
    assert inspector.page.locator("legend").all_inner_texts() == ["Step 1", "Step 2", "Step 3"]
    add(inspector)
    assert script(account) == [{"status": 502}, {"status": 500}, {"status": 501}]
    step(inspector, 1).get_by_role("button", name="Remove step").press("Enter")
    expect(step(inspector, 1).get_by_label("What happens")).to_be_focused()
    step(inspector, 1).get_by_role("button", name="Remove step").press("Enter")
    expect(step(inspector, 0).get_by_role("button", name="Remove step")).to_be_disabled()
    add(inspector, "fault-2")
    assert faults(account)[1]["script"] == [{"status": 502}]


def test_what_is_refused_is_told_beside_the_field(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("faults", account.client_id)
    page = inspector.page
    fill(step(inspector, 0), "Status", "99")
    fill(step(inspector, 0), "Delay, seconds", "61")
    button(inspector, "Add a step").click()
    fill(step(inspector, 1), "Status", "")
    fill(step(inspector, 1), "Headers", "not a name: x")
    page.get_by_label("Page of the walk").fill("0")
    page.get_by_label("Runs of the script").fill("often")
    button(inspector, "Add fault").click()
    expect(page.locator("[aria-invalid]")).to_have_count(6)
    for place, label, told in (
        (step(inspector, 0), "Status", "99 does not satisfy minimum 200"),
        (step(inspector, 0), "Delay, seconds", "61 does not satisfy maximum 60"),
        (step(inspector, 1), "Status", '"" is not of type integer'),
        (step(inspector, 1), "Headers", "/script/1/headers/not a name 'not a name: x' is no header"),
        (page.locator("form.script"), "Page of the walk", "0 does not satisfy minimum 1"),
        (page.locator("form.script"), "Runs of the script", '"often" is not'),
    ):
        control = place.get_by_label(label, exact=True)
        refusal = page.locator(f"#{control.get_attribute('aria-describedby')}")
        expect(refusal).to_contain_text(told)
    expect(page.get_by_label("Page of the walk")).to_be_focused()
    assert faults(account) == []
    inspector.check(forgiven="400")


def test_a_message_goes_with_the_next_action(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("faults", account.client_id)
    button(inspector, "Fail twice, then work").click()
    said = inspector.page.locator("#said")
    expect(said).to_contain_text("filled in")
    inspector.page.get_by_label("Runs of the script").fill("often")
    button(inspector, "Add fault").click()
    expect(inspector.page.locator(".refusal")).to_be_visible()
    expect(said).to_be_empty()
    inspector.check(forgiven="400")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"Headers": "no colon"}, "Write a header on each line"),
        ({"Headers": "A: 1\nA: 2"}, "A header is there twice"),
        ({"Body": "JSON", "Content of the body": "{"}, "It is not JSON"),
    ],
)
def test_what_cannot_be_sent_is_told_beside_the_field(
    inspector: Inspector, account: Sandbox, told: dict[str, str], said: str
) -> None:
    inspector.open("faults", account.client_id)
    for label, value in told.items():
        fill(step(inspector, 0), label, value)
    button(inspector, "Add fault").click()
    control = step(inspector, 0).get_by_label(list(told)[-1], exact=True)
    expect(control).to_have_attribute("aria-invalid", "true")
    expect(inspector.page.locator(".refusal")).to_contain_text(said)
    assert faults(account) == []


def test_one_is_removed_or_all_are(inspector: Inspector, account: Sandbox) -> None:
    for status in (500, 501, 502):
        account.fail({"status": status})
    inspector.open("faults", account.client_id)
    button(inspector, "Remove fault-2").press("Enter")
    expect(row(inspector, "fault-2")).to_have_count(0)
    assert [fault["id"] for fault in faults(account)] == ["fault-1", "fault-3"]
    button(inspector, "Remove all").click()
    button(inspector, "No").click()
    assert len(faults(account)) == 2
    button(inspector, "Remove all").click()
    button(inspector, "Yes").click()
    expect(inspector.page.locator(".empty")).to_contain_text("No scripted faults.")
    assert faults(account) == []
    expect(button(inspector, "Remove all")).to_be_hidden()


def test_the_fault_of_a_link_is_marked(inspector: Inspector, client: Client) -> None:
    client.account.fail({"status": 500})
    client.account.fail({"status": 501})
    inspector.open("faults", client.account.client_id, fault="fault-2")
    expect(row(inspector, "fault-2")).to_have_class("chosen")
    expect(row(inspector, "fault-1")).not_to_have_class("chosen")


def test_the_fault_of_a_link_is_in_view(inspector: Inspector, account: Sandbox) -> None:
    for _ in range(60):
        account.fail({"status": 500})
    inspector.open("faults", account.client_id, fault="fault-50")
    expect(row(inspector, "fault-50")).to_be_in_viewport()


def test_what_others_script_is_seen_and_stays_a_text(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("faults", account.client_id)
    expect(inspector.page.locator(".empty")).to_be_visible()
    evil = "<img src=x onerror=alert(1)>\u202e\u0000</script>"
    asked = {
        "when": {"query": {"name": evil}},
        "script": [{"status": 200, "body": evil}] * 30,
        "repeat": "forever",
    }
    httpx.post(f"{account.url}/_mock/faults", auth=account.auth, json=asked).raise_for_status()
    expect(row(inspector, "fault-1")).to_contain_text("<img src=x onerror=alert(1)>\\u{202e}")
    expect(row(inspector, "fault-1").locator("li").last).to_have_text("and 10 more")
    assert inspector.page.locator("main :is(img, script)").count() == 0


@pytest.mark.parametrize("width", [360, 1920])
def test_it_fits(open_page: Open, account: Sandbox, width: int) -> None:
    account.fail(
        {"status": 200, "body": "x" * 500, "headers": {"X-Long": "y" * 500}}, query={"name": "z" * 300}
    )
    inspector = open_page(viewport={"width": width, "height": 800})
    inspector.open("faults", account.client_id)
    button(inspector, "429 with back-off").click()
    expect(row(inspector, "fault-1")).to_be_visible()
    assert not inspector.is_too_wide()
    assert inspector.flaws() == []


# Chaos


def test_chaos_is_set_shown_and_ended(account: Sandbox, client: Client, inspector: Inspector) -> None:
    inspector.open("faults", account.client_id)
    state = inspector.page.locator("form.chaos > p").first
    expect(state).to_contain_text("No chaos.")
    expect(button(inspector, "End chaos")).to_be_hidden()
    inspector.page.get_by_label("Share of requests").fill("1")
    inspector.page.get_by_label("Seed").fill("7")
    inspector.page.get_by_label("Faults, with commas").fill("503, cutt")
    button(inspector, "Set chaos").click()
    refusal = inspector.page.locator("form.chaos .refusal")
    expect(refusal).to_contain_text("'cutt' is no fault of chaos (did you mean 'cut'?)")
    inspector.check(forgiven="status of 400")
    inspector.page.get_by_label("Faults, with commas").fill("503")
    button(inspector, "Set chaos").click()
    expect(inspector.page.locator("#said")).to_have_text("Chaos was set.")
    expect(refusal).to_have_count(0)
    assert client.get().status_code == 503
    expect(state).to_have_text(
        "100 % of the requests meet one of 503, by the seed 7. So far 1 did; 1 request came to the account."
    )
    button(inspector, "End chaos").click()
    expect(state).to_contain_text("No chaos.")
    assert client.get().status_code == 200


def test_a_request_shows_what_chaos_did_to_it(
    account: Sandbox, client: Client, inspector: Inspector
) -> None:
    account.chaos(rate=1, faults=[503])
    client.get()
    inspector.open("requests", account.client_id, request=client.ids[0])
    link = inspector.page.get_by_role("link", name="chaos: 503 for request 1 of the account")
    expect(link).to_be_visible()
    expect(inspector.page.locator("#view")).to_contain_text("chaos 503")
