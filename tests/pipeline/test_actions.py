"""What the rules of an overlay make of records, on the billing example, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.effect_summary import saying
from mock_server.openapi.document import load
from mock_server.openapi.operations import Operation
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.answers import sent
from tests.support.servers import build

pytestmark = pytest.mark.usefixtures("no_error_is_logged")

BILLING = Path(__file__).parents[2] / "spec" / "examples" / "billing.yaml"


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    with server.in_thread(build(Settings(document=BILLING, count=12))) as url:
        yield url


@pytest.fixture
def api(root: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {request.node.name}"}
    with httpx.Client(base_url=f"{root}/v1", headers=headers) as client:
        yield client


def invoice(api: httpx.Client, *amounts: int) -> dict[str, Any]:
    """Make a draft with a line for each amount, the first line last."""
    made = sent(api.post("/invoices", json={"customerId": customer(api), "currency": "EUR"}), 201)
    for amount in amounts:
        line = {"title": "Seats", "quantity": 1, "unitAmount": amount}
        sent(api.post(f"/invoices/{made['id']}/lines", json=line), 201)
    found: dict[str, Any] = sent(api.get(f"/invoices/{made['id']}"))
    return found


def customer(api: httpx.Client) -> str:
    return str(sent(api.get("/customers", params={"limit": 1}))["items"][0]["id"])


def titles(api: httpx.Client, key: str) -> list[int]:
    return [each["unitAmount"] for each in sent(api.get(f"/invoices/{key}/lines"))["items"]]


# Creating


def test_a_new_record_begins_with_what_the_overlay_sets(api: httpx.Client) -> None:
    made = invoice(api)

    assert (made["status"], made["total"]) == ("draft", 0)
    assert "number" not in made


def test_a_member_of_the_body_goes_where_the_record_has_it(api: httpx.Client) -> None:
    body = {"name": "Fjord Tours", "address": {"city": "Bergen", "country": "NO"}, "parentId": "cus_1"}

    made = sent(api.post("/customers", json=body), 201)

    assert made["parent"] == {"id": "cus_1"}
    replaced = sent(api.put(f"/customers/{made['id']}", json={**body, "parentId": "cus_2"}))
    assert replaced["parent"] == {"id": "cus_2"}


def test_what_a_body_leaves_out_is_gone_after_a_replacement_and_what_it_cannot_say_stays(
    api: httpx.Client,
) -> None:
    body = {"name": "Fjell", "email": "a@fjell.example", "address": {"city": "Voss", "country": "NO"}}
    made = sent(api.post("/customers", json={**body, "parentId": "cus_1"}), 201)

    replaced = sent(
        api.put(f"/customers/{made['id']}", json={"name": "Fjell", "address": body["address"]})
    )

    assert "email" not in replaced
    assert "parent" not in replaced
    assert (replaced["id"], replaced["createdAt"]) == (made["id"], made["createdAt"])
    assert replaced["updatedAt"] > made["updatedAt"]


def test_a_record_is_found_by_a_member_that_no_answer_shows(api: httpx.Client) -> None:
    address = {"city": "Oslo", "country": "NO"}
    made = sent(
        api.post("/customers", json={"name": "Oslo AS", "address": address, "aliases": ["a-1", "a-2"]}),
        201,
    )

    assert sent(api.get("/customers/by-alias/a-2")) == made
    refused = sent(api.get("/customers/by-alias/a-3"), 404)["message"]
    said = "There is no record 'a-3' in customers; the path names it by its aliases, such as a-1, a-2"
    assert refused.startswith(said)
    sent(api.delete(f"/customers/{made['id']}"))
    assert api.get("/customers/by-alias/a-2").status_code == 404


def test_what_a_shorter_path_creates_is_in_the_list_of_the_record_that_it_names(
    api: httpx.Client,
) -> None:
    owner = customer(api)
    before = sent(api.get(f"/credits/{owner}/grants"))["items"]
    made = sent(api.post("/credits", json={"customerId": owner, "amount": 500}), 201)

    assert sent(api.get(f"/credits/{owner}/grants"))["items"] == [made, *before]
    assert (made["customerId"], made["amount"]) == (owner, 500)
    nobody = api.post("/credits", json={"customerId": "cus_000000000000", "amount": 500})
    assert "noSuchReference /customerId" in nobody.headers["x-mock-violations"]


# Acting


def test_an_action_sets_members_and_gives_the_next_number(api: httpx.Client) -> None:
    first, second = invoice(api), invoice(api)

    issued = [sent(api.post(f"/invoices/{each['id']}/issue")) for each in (first, second)]

    assert [each["status"] for each in issued] == ["issued", "issued"]
    numbers = [each["number"] for each in issued]
    assert all(len(each) == len("BIL-00042") for each in numbers)
    assert int(numbers[1].removeprefix("BIL-")) == int(numbers[0].removeprefix("BIL-")) + 1
    assert sent(api.get(f"/invoices/{first['id']}")) == issued[0]


def test_a_record_in_a_wrong_state_is_refused_with_what_is_allowed_and_how_to_get_there(
    api: httpx.Client,
) -> None:
    key = invoice(api)["id"]
    sent(api.post(f"/invoices/{key}/issue"))
    refused = sent(api.post(f"/invoices/{key}/issue"), 409)

    assert refused["kind"] == "wrongState"
    assert "has status 'issued'; status 'draft' is allowed." in refused["message"]

    other = invoice(api)["id"]
    sent(api.post(f"/invoices/{other}/cancel"))
    message = sent(api.post(f"/invoices/{other}/cancel"), 409)["message"]
    assert "status 'draft' or 'issued' is allowed" in message
    assert "POST /v1/invoices/{invoiceId}/issue leads there, from another state." in message


def test_a_wrong_state_gets_the_error_that_the_overlay_names(api: httpx.Client) -> None:
    key = invoice(api)["id"]
    body = {"method": "card", "paidOn": "2025-04-02"}

    refused = sent(api.put(f"/invoices/{key}/payment", json=body), 400)

    assert (refused["kind"], refused["message"]) == ("notIssued", "Only an issued invoice can be paid.")
    sent(api.post(f"/invoices/{key}/issue"))
    paid = sent(api.put(f"/invoices/{key}/payment", json=body))
    assert (paid["status"], paid["paidBy"]) == ("settled", "card")
    assert sent(api.delete(f"/invoices/{key}"), 409)["kind"] == "notADraft"


def test_an_action_on_nothing_is_404(api: httpx.Client) -> None:
    refused = sent(api.post("/invoices/inv_000000000000/issue"), 404)

    assert "There is no record 'inv_000000000000' in invoices; there are 12" in refused["message"]


def test_a_copy_is_a_new_record_in_front_with_copies_of_the_nested_ones(api: httpx.Client) -> None:
    original = invoice(api, 100, 250)
    sent(api.post(f"/invoices/{original['id']}/issue"))

    copy = sent(api.post(f"/invoices/{original['id']}/duplicate", json={}), 201)

    assert copy["id"] != original["id"]
    assert (copy["status"], copy["total"], "number" in copy) == ("draft", 350, False)
    assert sent(api.get("/invoices"))["items"][0] == copy
    assert titles(api, copy["id"]) == titles(api, original["id"]) == [250, 100]
    sent(api.delete(f"/invoices/{copy['id']}"))
    assert titles(api, original["id"]) == [250, 100]


# Sums


def test_a_sum_follows_every_change_of_the_lines(api: httpx.Client) -> None:
    key = invoice(api, 100, 250)["id"]
    lines = sent(api.get(f"/invoices/{key}/lines"))["items"]

    def total() -> int:
        return int(sent(api.get(f"/invoices/{key}"))["total"])

    assert total() == 350
    changed = {"title": "Seats", "quantity": 3, "unitAmount": 250}
    line = sent(api.put(f"/invoices/{key}/lines/{lines[0]['id']}", json=changed))
    assert (line["amount"], total()) == (750, 850)
    api.delete(f"/invoices/{key}/lines/{lines[1]['id']}")
    assert total() == 750


def test_nested_records_go_with_their_parent_and_only_with_it(api: httpx.Client) -> None:
    one, other = invoice(api, 100), invoice(api, 200)

    assert sent(api.delete(f"/invoices/{one['id']}"))["id"] == one["id"]

    assert api.get(f"/invoices/{one['id']}/lines").status_code == 404
    assert titles(api, other["id"]) == [200]


def test_lines_change_only_while_the_parent_admits_it(api: httpx.Client) -> None:
    key = invoice(api, 100)["id"]
    line = sent(api.get(f"/invoices/{key}/lines"))["items"][0]["id"]
    sent(api.post(f"/invoices/{key}/issue"))
    body = {"title": "Seats", "quantity": 1, "unitAmount": 1}

    for answer in (
        api.post(f"/invoices/{key}/lines", json=body),
        api.put(f"/invoices/{key}/lines/{line}", json=body),
        api.delete(f"/invoices/{key}/lines/{line}"),
    ):
        assert f"The record {key} of invoices has status 'issued'" in sent(answer, 409)["message"]
    assert titles(api, key) == [100]


# Merging


def test_a_merge_makes_one_record_with_the_lines_of_all(api: httpx.Client) -> None:
    one, other = invoice(api, 100), invoice(api, 200, 300)
    before = sent(api.get("/invoices"))["paging"]["total"]

    made = sent(api.post("/invoices/merge", json={"invoiceIds": [one["id"], other["id"]]}), 201)

    assert made["id"] not in (one["id"], other["id"])
    assert made["total"] == 600
    assert sorted(titles(api, made["id"])) == [100, 200, 300]
    assert [api.get(f"/invoices/{each['id']}").status_code for each in (one, other)] == [404, 404]
    listed = sent(api.get("/invoices"))
    assert (listed["items"][0], listed["paging"]["total"]) == (made, before - 1)


def test_a_merge_of_one_of_unknown_and_of_wrong_ones_changes_nothing(api: httpx.Client) -> None:
    one, other = invoice(api, 100), invoice(api, 200)
    sent(api.post(f"/invoices/{other['id']}/issue"))
    before = sent(api.get("/invoices"))

    def merge(*ids: str) -> httpx.Response:
        return api.post("/invoices/merge", json={"invoiceIds": ids})

    twice = sent(merge(one["id"], one["id"]), 400)
    assert twice["faults"] == [
        {
            "at": "/invoiceIds",
            "message": "'invoiceIds' names 1 of invoices, and at least 2 can be merged",
        }
    ]
    assert "no record 'inv_1'" in sent(merge(one["id"], "inv_1"), 404)["message"]
    assert f"The record {other['id']}" in sent(merge(one["id"], other["id"]), 409)["message"]
    assert sent(api.get("/invoices")) == before


# Members of a list


def test_items_of_a_member_are_added_once_and_removed(api: httpx.Client) -> None:
    policy = sent(api.get("/alert-policies"))["items"][0]
    path, own = f"/alert-policies/{policy['id']}/recipients", policy["recipients"]

    for _ in range(2):
        sent(api.post(path, json={"recipients": ["a@b.example", own[0]]}))

    assert sent(api.get("/alert-policies"))["items"][0]["recipients"] == [*own, "a@b.example"]
    assert sent(api.delete(f"{path}/{own[0]}"))["recipients"] == [*own[1:], "a@b.example"]


# Views


def test_a_view_shows_the_records_of_a_collection_with_its_own_filters_and_pages(
    api: httpx.Client,
) -> None:
    made = invoice(api, 700)
    sent(api.post(f"/invoices/{made['id']}/issue"))
    every = sent(api.get("/invoices", params={"limit": 50}))["items"]

    page = sent(api.get("/invoices/brief", params={"limit": 2}))
    assert page["paging"]["total"] == len(every)
    known = {"id", "number", "status", "total"}
    assert page["items"] == [{n: v for n, v in each.items() if n in known} for each in every[:2]]
    rest = sent(api.get("/invoices/brief", params={"limit": 50, "after": page["paging"]["next"]}))
    assert [each["id"] for each in rest["items"]] == [each["id"] for each in every[2:]]


def test_a_summary_groups_and_sums_the_records(api: httpx.Client) -> None:
    invoice(api, 700)
    every = sent(api.get("/invoices", params={"limit": 50}))["items"]
    wanted = [
        {
            "currency": currency,
            "invoices": sum(each["currency"] == currency for each in every),
            "total": sum(each["total"] for each in every if each["currency"] == currency),
        }
        for currency in sorted({each["currency"] for each in every})
    ]

    assert sent(api.get("/invoices/totals")) == {"totals": wanted}


# Accounts, and the journal


def test_accounts_see_nothing_of_each_other(root: str, api: httpx.Client) -> None:
    key = invoice(api, 100)["id"]

    with httpx.Client(base_url=f"{root}/v1", headers={"Authorization": "Bearer other"}) as other:
        assert other.get(f"/invoices/{key}").status_code == 404
        assert other.post(f"/invoices/{key}/issue").status_code == 404


def test_a_nested_record_whose_parent_is_kept_beside_it_is_seen_below_that_one_alone(
    api: httpx.Client,
) -> None:
    one, other = (each["id"] for each in sent(api.get("/customers", params={"limit": 2}))["items"])
    contact = {"name": "Ingrid Dahl", "email": "ingrid@ferries.example"}

    made = sent(api.post(f"/customers/{one}/contacts", json=contact), 201)

    assert set(made) <= {"id", "name", "email", "role"}
    assert sent(api.get(f"/customers/{one}/contacts"))["items"][0] == made
    path = f"/customers/{one}/contacts/{made['id']}"
    as_merge = {"Content-Type": "application/merge-patch+json"}
    for role in ("technical", None):
        changed = sent(api.patch(path, content=json.dumps({"role": role}), headers=as_merge))
        assert changed.get("role") == role
    assert made not in sent(api.get(f"/customers/{other}/contacts"))["items"]
    assert api.patch(f"/customers/{other}/contacts/{made['id']}", json={}).status_code in (404, 415)
    assert api.delete(f"/customers/{other}/contacts/{made['id']}").status_code == 404
    assert api.get("/customers/cus_0/contacts").status_code == 404
    sent(api.delete(f"/customers/{one}/contacts/{made['id']}"), 204)


# Downloads, and what check says


def test_a_download_is_a_small_file_of_its_type(api: httpx.Client) -> None:
    key = invoice(api)["id"]

    answer = api.get(f"/invoices/{key}/pdf", headers={"Accept": "application/pdf"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.4")
    assert answer.content.endswith(b"%%EOF\n")


@pytest.mark.parametrize(
    ("operation_id", "said"),
    [
        ("getCustomerByAlias", "gets a record of customers, found by aliases; answers 200"),
        (
            "issueInvoice",
            "sets status issued, number to the next number after BIL-, issuedAt to the time in a record "
            "of invoices where it has status draft; answers 200",
        ),
        ("removeRecipient", "removes from recipients in a record of alert-policies; answers 200"),
        (
            "sumInvoices",
            "sums up the records of invoices for each currency: their number, total; answers 200",
        ),
        ("listBriefInvoices", "views the records of invoices; answers 200"),
        (
            "mergeInvoices",
            "makes one record of several of invoices, with their lines where it has status draft; "
            "answers 201",
        ),
        ("downloadInvoice", "answers 200 with a small file of application/pdf"),
    ],
)
def test_check_says_what_an_operation_does(operation_id: str, said: str) -> None:
    assert saying(operations()[operation_id]) == said


@cache
def operations() -> dict[str, Operation]:
    return {each.id: each for each in load(BILLING).operations}


def test_members_beside_a_reference_are_those_of_the_record_that_it_names(api: httpx.Client) -> None:
    first, second = sent(api.get("/customers", params={"limit": 2}))["items"]

    made = sent(api.post("/invoices", json={"customerId": first["id"], "currency": "EUR"}), 201)
    assert made["customerName"] == first["name"]

    path = f"/invoices/{made['id']}/duplicate"
    copy = sent(api.post(path, json={"customerId": second["id"]}), 201)
    assert (copy["customerId"], copy["customerName"]) == (second["id"], second["name"])
    assert sent(api.get(f"/invoices/{made['id']}")) == made
