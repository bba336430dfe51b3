"""The view of data: an account's records, found, sorted and opened, and all that replaces them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from playwright.sync_api import Locator, Route, expect

from mock_server.client import Sandbox
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.documents import FIXTURES, SMALL
from tests.support.servers import build

from .conftest import Inspector, Open

METRIC: dict[str, Any] = {
    "name": "n", "metricType": "SIMPLE", "eventType": "e", "aggregationType": "COUNT",
    "propertyFilters": {}, "parameters": [],
}  # fmt: skip


def load(account: Sandbox, *records: dict[str, Any]) -> None:
    account.load([METRIC | record for record in records])


def rows(inspector: Inspector) -> Locator:
    return inspector.page.locator(".records tbody tr")


def column(inspector: Inspector, name: str) -> list[str]:
    """The cells of a column that are shown."""
    heads = inspector.page.locator(".records thead button").all_inner_texts()
    number = [head.rstrip(" ▲▼") for head in heads].index(name) + 1
    return inspector.page.locator(f".records tbody tr > :nth-child({number})").all_inner_texts()


def count(inspector: Inspector) -> Locator:
    return inspector.page.locator(".count")


def said(inspector: Inspector) -> Locator:
    return inspector.page.locator("#said")


def test_the_records_are_those_of_the_account(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("data", account.client_id)
    expect(rows(inspector)).to_have_count(100)
    expect(count(inspector)).to_have_text("100 records")
    records = account.records()
    assert column(inspector, "id") == [record["id"] for record in records]
    heads = inspector.page.locator(".records thead button").all_inner_texts()
    assert set(heads) == {name for record in records for name in record}
    nested = json.dumps(records[0]["parameters"], separators=(",", ":"))
    assert column(inspector, "parameters")[0] == (nested if len(nested) <= 200 else nested[:200] + "…")


def test_a_text_finds_records_by_any_field(inspector: Inspector, account: Sandbox) -> None:
    load(account, {"name": "Needle"}, {"unit": "needles"}, {"name": "hay"},
         {"propertyFilters": {"deep": ["a NEEDLE too"]}})  # fmt: skip
    inspector.open("data", account.client_id)
    inspector.page.get_by_label("Filter").fill("needle")
    expect(count(inspector)).to_have_text("3 of 4 records")
    assert column(inspector, "name") == ["Needle", "n", "n"]
    inspector.page.reload()
    expect(inspector.page.get_by_label("Filter")).to_have_value("needle")
    expect(rows(inspector)).to_have_count(3)
    inspector.page.get_by_label("Filter").fill("nowhere")
    expect(inspector.page.locator(".empty")).to_have_text("No record holds the text.")


def test_a_heading_sorts_up_down_and_back(inspector: Inspector, account: Sandbox) -> None:
    load(account, {"name": "b10"}, {"name": "b9", "unit": "x"}, {"name": "a"})
    inspector.open("data", account.client_id)
    sort = inspector.page.get_by_role("columnheader", name="name")
    for order, names in (
        ("ascending", ["a", "b9", "b10"]), ("descending", ["b10", "b9", "a"]), (None, ["b10", "b9", "a"]),
    ):  # fmt: skip
        sort.get_by_role("button").press("Enter")
        if order:
            expect(sort).to_have_attribute("aria-sort", order)
        else:
            expect(sort).not_to_have_attribute("aria-sort", "descending")
        assert column(inspector, "name") == names
        expect(sort.get_by_role("button")).to_be_focused()
    # Without a value comes last.
    inspector.page.get_by_role("button", name="unit").click()
    assert column(inspector, "unit") == ["x", "", ""]
    inspector.page.reload()
    expect(inspector.page.get_by_role("columnheader", name="unit")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert column(inspector, "name") == ["b9", "b10", "a"]


def test_a_record_opens_whole_and_is_in_the_url(inspector: Inspector, account: Sandbox) -> None:
    load(account, {"name": "one"}, {"name": "two", "propertyFilters": {"long": 2**63 + 1, "half": 0.5}})
    inspector.open("data", account.client_id)
    link = rows(inspector).nth(1).get_by_role("link")
    link.focus()
    link.press("Enter")
    panel = inspector.page.get_by_role("complementary", name="Record")
    expect(panel.get_by_role("heading", name="Record")).to_be_focused()
    record = account.records()[1]
    assert record["propertyFilters"]["long"] == 2**63 + 1
    expect(panel.locator("pre")).to_contain_text("9223372036854775809")
    assert json.loads(panel.locator("pre").inner_text()) == record
    assert "9223372036854775809" in column(inspector, "propertyFilters")[1]
    inspector.page.reload()
    expect(panel.locator("pre")).to_contain_text('"two"')
    inspector.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(rows(inspector).nth(1).get_by_role("link")).to_be_focused()


def test_a_record_is_removed_when_that_is_confirmed(inspector: Inspector, account: Sandbox) -> None:
    load(account, {"name": "one"}, {"name": "two"})
    [one, two] = [record["id"] for record in account.records()]
    inspector.open("data", account.client_id, record=one)
    remove = inspector.page.get_by_role("button", name="Remove")
    remove.click()
    expect(inspector.page.get_by_role("button", name="No")).to_be_focused()
    inspector.page.get_by_role("button", name="No").click()
    expect(remove).to_be_focused()
    assert len(account.records()) == 2
    remove.click()
    inspector.page.get_by_role("button", name="Yes").click()
    expect(said(inspector)).to_have_text("The record was removed.")
    expect(count(inspector)).to_have_text("1 record")
    expect(inspector.page.locator(".panel")).to_be_hidden()
    assert column(inspector, "id") == [two] == [record["id"] for record in account.records()]
    assert one not in inspector.page.url


def test_a_record_that_is_gone_is_said_to_be(inspector: Inspector, account: Sandbox) -> None:
    load(account, {"name": "one"})
    inspector.open("data", account.client_id, record="gone")
    expect(inspector.page.locator(".panel")).to_contain_text("There is no such record")


def choose(inspector: Inspector, path: Path) -> None:
    inspector.page.get_by_label("Fixture file").set_input_files(path)


def drop(inspector: Inspector, **files: str) -> None:
    transfer = inspector.page.evaluate_handle(
        """(files) => {
            const transfer = new DataTransfer();
            for (const [name, text] of files) transfer.items.add(new File([text], name));
            return transfer;
        }""",
        [[name.replace("_", "."), text] for name, text in files.items()],
    )
    view = inspector.page.locator(".view.data")
    expect(rows(inspector).first).to_be_visible()
    view.dispatch_event("dragenter", {"dataTransfer": transfer})
    expect(view).to_have_class("view data dropping")
    view.dispatch_event("drop", {"dataTransfer": transfer})
    expect(view).to_have_class("view data")


def test_a_fixture_file_is_loaded_when_it_is_chosen(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("data", account.client_id)
    choose(inspector, FIXTURES)
    names = [record["name"] for record in yaml.safe_load(FIXTURES.read_text())["usage-metrics"]]
    expect(said(inspector)).to_have_text(
        f"{FIXTURES.name} was loaded: {len(names)} records of usage-metrics."
    )
    expect(count(inspector)).to_have_text(f"{len(names)} records")
    assert column(inspector, "name") == names == [record["name"] for record in account.records()]


@pytest.mark.parametrize("name", ["more_json", "more_yaml"])
def test_a_fixture_file_is_loaded_when_it_is_dropped(
    inspector: Inspector, account: Sandbox, name: str
) -> None:
    inspector.open("data", account.client_id)
    drop(inspector, **{name: "\ufeff" + json.dumps({"usage-metrics": [METRIC | {"name": "dropped"}]})})
    expect(count(inspector)).to_have_text("1 record")
    assert column(inspector, "name") == ["dropped"] == [record["name"] for record in account.records()]


def test_faults_of_a_file_are_listed_with_their_pointers(
    inspector: Inspector, account: Sandbox, tmp_path: Path
) -> None:
    before = account.records()
    path = tmp_path / "<b>wrong<b>.yaml"
    path.write_text(
        "usage-metrics:\n- name: <img src=x onerror=alert(1)>\n  metricType: WRONG\n- 7\nnope: []\n"
    )
    inspector.open("data", account.client_id)
    choose(inspector, path)
    faults = inspector.page.get_by_role("region", name="Faults of the file")
    told = httpx.put(
        f"{account.url}/_mock/collections", auth=account.auth, content=path.read_bytes(),
        headers={"Content-Type": "application/yaml"},
    )  # fmt: skip
    errors = told.json()["error"]["errors"]
    assert {"/usage-metrics/0/metricType", "/usage-metrics/1", "/nope"} <= {
        each["key"] for each in errors
    }
    expect(faults.locator("li")).to_have_text([f"{each['key']}: {each['message']}" for each in errors])
    expect(faults.get_by_role("alert")).to_have_text(
        f"<b>wrong<b>.yaml: {len(errors)} faults; nothing was loaded."
    )
    assert account.records() == before
    path.write_text("]")
    choose(inspector, path)
    expect(faults.locator("li")).to_contain_text(["The file: line 1: it is not YAML"])
    # What is right takes them away.
    path.write_text("usage-metrics: []")
    choose(inspector, path)
    expect(faults).to_have_count(0)
    expect(inspector.page.locator(".empty")).to_contain_text("There are no records.")
    inspector.check(forgiven="400")


def test_several_files_at_once_are_refused(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("data", account.client_id)
    drop(inspector, a_yaml="usage-metrics: []", b_yaml="usage-metrics: []")
    expect(inspector.page.get_by_role("region", name="Faults of the file")).to_contain_text(
        "one after the other"
    )
    assert len(account.records()) == 100


def test_records_are_generated(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("data", account.client_id)
    inspector.page.get_by_label("Count", exact=True).fill("7")
    inspector.page.get_by_label("Seed").fill("999999999999999999")
    inspector.page.get_by_role("button", name="Generate").click()
    expect(count(inspector)).to_have_text("7 records")
    generated = account.records()
    assert column(inspector, "id") == [record["id"] for record in generated]
    account.generate(7, 999999999999999999)
    assert account.records() == generated


def test_what_is_refused_is_told_beside_the_field(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("data", account.client_id)
    inspector.page.get_by_label("Count", exact=True).fill("-1")
    inspector.page.get_by_label("Seed").fill("many")
    inspector.page.get_by_role("button", name="Generate").click()
    for label, told in (
        ("Count", "-1 does not satisfy minimum 0"),
        ("Seed", '"many" is not of type integer'),
    ):
        field = inspector.page.get_by_label(label, exact=True)
        expect(field).to_have_attribute("aria-invalid", "true")
        refusal = inspector.page.locator(f"#{field.get_attribute('aria-describedby')}")
        expect(refusal).to_contain_text(told)
    expect(inspector.page.get_by_label("Count", exact=True)).to_be_focused()
    assert len(account.records()) == 100
    inspector.check(forgiven="400")


def test_the_account_is_reset_when_that_is_confirmed(inspector: Inspector, account: Sandbox) -> None:
    load(account, {"name": "mine"})
    account.fail({"status": 503})
    inspector.open("data", account.client_id)
    expect(rows(inspector)).to_have_count(1)
    inspector.page.get_by_role("button", name="Reset account").click()
    inspector.page.get_by_role("button", name="Yes").click()
    expect(count(inspector)).to_have_text("100 records")
    assert (len(account.records()), account.faults()) == (100, [])


def test_what_others_change_is_seen(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("data", account.client_id)
    expect(count(inspector)).to_have_text("100 records")
    account.add([METRIC | {"name": "from elsewhere"}])
    expect(count(inspector)).to_have_text("101 records")
    assert column(inspector, "name")[0] == "from elsewhere"


def test_many_records_are_shown_by_the_page(inspector: Inspector, account: Sandbox) -> None:
    account.generate(10_450)
    records = account.records()
    inspector.open("data", account.client_id)
    expect(count(inspector)).to_have_text("10,450 records")
    expect(rows(inspector)).to_have_count(200)
    turn = inspector.page.get_by_role("button", name="Next page")
    turn.press("Enter")
    expect(inspector.page.locator(".pager")).to_contain_text("201–400")
    expect(turn).to_be_focused()
    assert column(inspector, "id") == [record["id"] for record in records[200:400]]
    inspector.open("data", account.client_id, page="53")
    expect(rows(inspector)).to_have_count(50)
    expect(turn).to_be_disabled()
    assert column(inspector, "id")[-1] == records[-1]["id"]
    # A text and a heading are about all of them.
    inspector.page.get_by_label("Filter").fill(records[-1]["id"])
    expect(count(inspector)).to_have_text("1 of 10,450 records")
    inspector.page.get_by_label("Filter").fill("")
    inspector.page.get_by_role("button", name="createdAt").click()
    expect(rows(inspector)).to_have_count(200)
    assert column(inspector, "createdAt") == sorted(record["createdAt"] for record in records)[:200]


EVIL = [
    "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", '"><svg onload=alert(1)>',
    "\u202ebackwards", "nul\u0000, bell\u0007 and \u200bnothing", "a\nb", "javascript:alert(1)",
]  # fmt: skip


def test_records_may_go_while_they_are_loaded(inspector: Inspector, account: Sandbox) -> None:
    account.generate(5_010)

    def shrink(route: Route) -> None:
        account.generate(10)
        route.continue_()

    inspector.page.route("**/_mock/collections/*?limit=5000&offset=5000", shrink, times=1)
    inspector.open("data", account.client_id)
    expect(count(inspector)).to_have_text("10 records")
    expect(rows(inspector)).to_have_count(10)


def test_hostile_records_stay_texts(inspector: Inspector, account: Sandbox) -> None:
    load(account, *({"name": evil, "propertyFilters": {evil: [evil]}, "unit": evil} for evil in EVIL))
    inspector.open("data", account.client_id)
    expect(rows(inspector)).to_have_count(len(EVIL))
    names = column(inspector, "name")
    assert names[:3] == EVIL[:3]
    assert (names[3], names[4]) == ("\\u{202e}backwards", "nul\\u{0}, bell\\u{7} and \\u{200b}nothing")
    for number in range(len(EVIL)):
        rows(inspector).nth(number).get_by_role("link").focus()
        rows(inspector).nth(number).get_by_role("link").press("Enter")
        shown = inspector.page.locator(".panel pre")
        expect(shown).to_contain_text(json.dumps(account.records()[number]["id"]))
    assert inspector.page.locator("main :is(img, script)").count() == 0


def test_ids_of_any_kind(open_page: Open, tmp_path: Path) -> None:
    """A document of another vendor's, with two collections, and ids that mean something in a URL."""
    described = yaml.safe_load(SMALL.replace("format: uuid", "x-fill: id"))
    described["paths"]["/others"] = {"get": described["paths"]["/things"]["get"] | {"operationId": "o"}}
    (tmp_path / "two.json").write_text(json.dumps(described))
    with server.in_thread(build(Settings(document=tmp_path / "two.json", count=3))) as root:
        account = Sandbox(root, "me", "secret")
        ids = ["a/b?c#d", "ä & \"'", "%41", "<b>"]
        account.load([{"id": each, "kind": "round"} for each in ids], "others")
        inspector = open_page(root)
        inspector.open("data", "me")
        expect(rows(inspector)).to_have_count(3)
        inspector.page.get_by_label("Collection").select_option("others")
        expect(rows(inspector)).to_have_count(4)
        for number, each in enumerate(ids, 1):
            inspector.page.get_by_role("link", name=each, exact=True).click()
            expect(inspector.page.locator(".panel pre")).to_contain_text(
                json.dumps(each, ensure_ascii=False)
            )
            inspector.page.reload()
            expect(inspector.page.locator(".panel pre")).to_contain_text(
                json.dumps(each, ensure_ascii=False)
            )
            inspector.page.get_by_role("button", name="Remove").click()
            inspector.page.get_by_role("button", name="Yes").click()
            expect(rows(inspector)).to_have_count(4 - number)
            assert [record["id"] for record in account.records("others")] == ids[number:]
        inspector.page.close()


def test_a_server_that_comes_back_is_asked_again(open_page: Open, account: Sandbox) -> None:
    inspector = open_page()
    inspector.page.route("**/_mock/collections/**", lambda route: route.abort())
    inspector.open("data", account.client_id)
    expect(count(inspector)).to_have_text("Failed to fetch")
    inspector.page.unroute("**/_mock/collections/**")
    expect(count(inspector)).to_have_text("100 records")
    expect(rows(inspector)).to_have_count(100)
    inspector.check(forgiven="ERR_FAILED")


@pytest.mark.parametrize("width", [360, 1920])
def test_it_fits(open_page: Open, account: Sandbox, width: int) -> None:
    load(account, {"name": "long " * 99, "unit": "x" * 3_000})
    inspector = open_page(viewport={"width": width, "height": 800})
    inspector.open("data", account.client_id)
    expect(rows(inspector)).to_have_count(1)
    assert not inspector.is_too_wide()
    assert inspector.flaws() == []
    rows(inspector).first.get_by_role("link").click()
    expect(inspector.page.locator(".panel pre")).to_be_visible()
    assert not inspector.is_too_wide()
    assert inspector.flaws() == []
