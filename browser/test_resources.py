"""What the views tell of requests that create, change and remove records, and of nested collections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from mock_server.client import Sandbox
from tests.support.customers import CUSTOMERS
from tests.support.servers import serving_text

from .conftest import Inspector


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_text(CUSTOMERS, tmp_path_factory.mktemp("customers")) as root:
        yield root


def send(account: Sandbox, method: str, path: str, body: Any = None) -> httpx.Response:
    return httpx.request(method, f"{account.base_url}{path}", auth=account.auth, json=body)


def journaled(answer: httpx.Response) -> str:
    return str(answer.headers["X-Mock-Request-Id"])


def section(inspector: Inspector, title: str) -> Locator:
    heading = inspector.page.locator("h3", has_text=title)
    return inspector.page.locator(".panel section", has=heading)


def fact(inspector: Inspector, name: str) -> Locator:
    return inspector.page.locator(".facts div", has=inspector.page.locator(f"dt:text-is('{name}')"))


def test_a_mistake_stands_below_its_member_of_the_body(inspector: Inspector, account: Sandbox) -> None:
    evil = "<img src=x onerror=alert(1)>"
    answer = send(account, "POST", "/customers", {"address": {"city": 7}, "text": evil})
    assert answer.status_code == 400
    inspector.open("requests", account.client_id, request=journaled(answer))
    lines = section(inspector, "Request body").locator("pre")
    expect(lines).to_contain_text(evil)
    notes = [
        each.replace("\N{NO-BREAK SPACE}", " ") for each in lines.locator("> *").all_text_contents()
    ]
    assert [each.split()[:3] for each in notes] == [
        ["{"], ["✖violation", "required", "the"], ['"city":', "7"], ["✖violation", "type", "7"],
        ['"text":', '"<img', "src=x"], ["▲warning", "unknownMember", "'text'"],
    ]  # fmt: skip
    assert [line for line in lines.inner_text().split("\n") if line.strip() in ("", "},", '"address": {')] == [
        '  "address": {', "  },",
    ]  # fmt: skip
    assert lines.locator("img").count() == 0
    expect(inspector.page.locator(".panel .body > .problems")).to_have_count(0)
    answered = section(inspector, "Response body").locator("pre")
    expect(answered).to_contain_text('\n  "error": {')
    assert inspector.flaws() == []


def test_a_change_leads_to_its_record(inspector: Inspector, account: Sandbox) -> None:
    created = send(account, "POST", "/customers", {"name": "Ada"})
    inspector.open("requests", account.client_id, request=journaled(created))
    record = created.json()["id"]
    expect(fact(inspector, "Change")).to_have_text(f"Changecreated customers {record}")
    fact(inspector, "Change").get_by_role("link").click()
    panel = inspector.page.get_by_role("complementary", name="Record")
    expect(panel.locator("pre")).to_contain_text('"Ada"')


def test_a_fault_after_the_change_is_told_as_such(inspector: Inspector, account: Sandbox) -> None:
    account.fail({"status": 503, "after": True})
    failed = send(account, "POST", "/customers", {"name": "Ada"})
    inspector.open("requests", account.client_id, request=journaled(failed))
    expect(fact(inspector, "Fault")).to_have_text("Faultfault-1, after the change was made")


def test_a_record_has_a_history(inspector: Inspector, account: Sandbox) -> None:
    created = send(account, "POST", "/customers", {"name": "Ada"})
    path = f"/customers/{created.json()['id']}"
    other = send(account, "POST", "/customers", {"name": "Bob"})
    inspector.open("data", account.client_id, collection="customers", record=created.json()["id"])
    panel = inspector.page.get_by_role("complementary", name="Record")
    changes = panel.get_by_role("list", name="History").get_by_role("listitem")
    expect(changes).to_have_count(1)
    # Those that come meanwhile are shown with what they did.
    replaced = send(account, "PUT", path, {"name": "Eve"})
    expect(panel.locator("pre")).to_contain_text('"Eve"')
    expect(changes).to_have_count(2)
    for line, kind, answer in zip(
        changes.all(), ("updated", "created"), (replaced, created), strict=True
    ):
        expect(line).to_contain_text(f"{kind} by request {journaled(answer)} ")
    removed = send(account, "DELETE", path)
    expect(panel).to_contain_text("There is no such record here, or not any more.")
    expect(changes.first).to_contain_text(
        f"removed by request {journaled(removed)} DELETE /v1{path} 204"
    )
    assert inspector.flaws() == []
    inspector.page.get_by_role("link", name=f"request {journaled(created)}", exact=True).click()
    expect(inspector.page.locator(".panel h2")).to_have_text(f"Request {journaled(created)}")
    inspector.open("data", account.client_id, collection="customers", record=other.json()["id"])
    expect(changes).to_have_count(1)


def test_each_collection_is_listed_with_its_count_and_searched(
    inspector: Inspector, account: Sandbox
) -> None:
    nested = "customers/{customerId}/Größen"
    inspector.open("data", account.client_id)
    options = inspector.page.get_by_label("Collection").locator("option")
    sizes = len(account.records(nested))
    expect(options).to_have_text(["customers (3)", f"{nested} ({sizes})"])
    customer = send(account, "POST", "/customers", {"name": "Ada"}).json()["id"]
    expect(options.first).to_have_text("customers (4)")
    size = send(
        account,
        "POST",
        f"/customers/{customer}/Größen",
        {"id": "x", "customerId": customer, "width": 424242},
    )
    assert size.status_code == 201
    inspector.page.get_by_label("Collection").select_option(nested)
    inspector.page.get_by_label("Filter").fill("424242")
    expect(inspector.page.locator(".records tbody tr")).to_have_count(1)
    expect(inspector.page.locator(".count")).to_have_text(f"1 of {sizes + 1} records")


def test_a_text_is_found_beyond_the_records_that_the_page_holds(
    inspector: Inspector, account: Sandbox
) -> None:
    account.generate(100_050, collection="customers")
    [last] = account._api.call("GET", "/collections/customers?limit=1&offset=100049")["items"]
    inspector.open("data", account.client_id, collection="customers")
    inspector.page.get_by_label("Filter").fill(last["id"].upper())
    expect(inspector.page.locator(".count")).to_have_text("1 record with the text", timeout=60_000)
    expect(inspector.page.locator(".records tbody tr")).to_have_count(1)
