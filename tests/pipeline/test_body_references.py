"""Ids in a body that are those of no record: a warning, and a violation under `--strict`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.callers import Caller, entries
from tests.support.servers import Serve

DOCUMENT = """
openapi: 3.0.3
info: {title: Orders, version: '1'}
security: [{basic: []}]
paths:
  /customers:
    get:
      responses: {'200': {description: All., content: {application/json: {schema: {
        type: object, properties: {items: {type: array, items: {$ref: '#/components/schemas/Customer'}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}}
      responses: {'201': {description: It., content: {application/json: {schema: {
        $ref: '#/components/schemas/Customer'}}}}}
  /customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: It., content: {application/json: {schema: {
        $ref: '#/components/schemas/Customer'}}}}}
    delete:
      responses: {'204': {description: Gone.}}
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses: {'201': {description: It., content: {application/json: {schema: {
        $ref: '#/components/schemas/Order'}}}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {description: It., content: {application/json: {schema: {
        $ref: '#/components/schemas/Order'}}}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses: {'200': {description: It., content: {application/json: {schema: {
        $ref: '#/components/schemas/Order'}}}}}
components:
  securitySchemes: {basic: {type: http, scheme: basic}}
  schemas:
    Customer: {type: object, required: [id], properties: {
      id: {type: string, readOnly: true, example: cus_a1b2c3d4e5}, name: {type: string}}}
    Order:
      type: object
      required: [id]
      properties:
        id: {type: string, readOnly: true, example: ord_a1b2c3d4e5}
        customerId: {type: string}
        payer: {type: string, nullable: true, x-refers: {collection: customers}}
        customerIds: {type: array, items: {type: string}}
        lines: {type: array, items: {type: object, properties: {customer: {type: object, properties: {
          id: {type: string}, name: {type: string}}}}}}
"""

POSTED = """  /orders:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
"""


@pytest.fixture
def caller(serve: Serve, tmp_path: Path) -> Caller:
    path = tmp_path / "orders.yaml"
    path.write_text(DOCUMENT)
    return Caller(serve(document=path), "buyer")


def keys(
    caller: Caller, body: dict[str, Any], target: str = "/orders", method: str = "POST"
) -> list[str]:
    """Send a body; return the places of what it refers to in vain."""
    answer = caller.send(method, target, body)
    assert answer.status in (200, 201), answer.body
    found = entries(caller.url, caller.client_id)[-1]["warnings"]
    assert {each["code"] for each in found} <= {"noSuchReference"}
    return [each["key"] for each in found]


def test_each_id_that_is_that_of_no_record_is_told_with_its_place(caller: Caller) -> None:
    there = caller.send("GET", "/customers").json["items"][0]["id"]
    body = {
        "customerId": "cus_none",
        "payer": "cus_none",
        "customerIds": [there, "cus_none"],
        "lines": [{"customer": {"id": there}}, {"customer": {"id": "cus_none", "name": "Nobody"}}],
    }

    assert keys(caller, body) == ["/customerId", "/payer", "/customerIds/1", "/lines/1/customer/id"]


@pytest.mark.parametrize(
    ("body", "rule", "sent", "place"),
    [
        ("properties: {payer: {type: string}}", "", {"payer": "cus_none"}, "/payer"),
        ("properties: {order: {type: object, properties: {payer: {type: string}}}}", "",
         {"order": {"payer": "cus_none"}}, "/order/payer"),
        ("properties: {paidBy: {type: string}}", "x-map: {paidBy: payer}", {"paidBy": "cus_none"}, "/paidBy"),
    ],
)  # fmt: skip
def test_what_the_record_alone_says_of_its_references_counts_for_bodies(
    serve: Serve, tmp_path: Path, body: str, rule: str, sent: dict[str, Any], place: str
) -> None:
    path = tmp_path / "orders.yaml"
    own = f"requestBody: {{content: {{application/json: {{schema: {{type: object, {body}}}}}}}}}"
    path.write_text(DOCUMENT.replace(POSTED, f"  /orders:\n    post:\n      {own}\n      {rule}\n"))

    assert keys(Caller(serve(document=path), "buyer"), sent) == [place]


def test_what_is_there_is_no_warning_and_null_is_none(caller: Caller) -> None:
    created = caller.send("POST", "/customers", {"name": "Ada"}).json["id"]

    assert keys(caller, {"customerId": created, "payer": None}) == []


def test_a_message_says_what_there_is_or_which_is_meant(caller: Caller) -> None:
    ids = [each["id"] for each in caller.send("GET", "/customers").json["items"]]
    first = ids[0]
    caller.send("POST", "/orders", {"customerId": first[:-1], "payer": "?"})
    near, far = (each["message"] for each in entries(caller.url, "buyer")[-1]["warnings"])

    assert near == f"No record of customers has the id '{first[:-1]}'; did you mean '{first}'?"
    there = f"there are 100, such as {', '.join(ids[:3])}; send the id of one."
    assert far == f"No record of customers has the id '?'; {there}"


SLIPS = {
    "another case": lambda own: own.upper(),
    "a character too many": lambda own: own + "x",
    "one too few in the middle": lambda own: own[:7] + own[8:],
    "another character": lambda own: own[:-2] + "_" + own[-1],
    "two that changed places": lambda own: own[:1] + own[2] + own[1] + own[3:],
    "two in the middle": lambda own: own[:6] + own[7] + own[6] + own[8:],
}


@pytest.mark.parametrize("place", [0, 19])
@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_an_id_is_told(caller: Caller, slip: str, place: int) -> None:
    own = caller.send("GET", "/customers").json["items"][place]["id"]
    caller.send("POST", "/orders", {"customerId": SLIPS[slip](own)})

    assert f"did you mean '{own}'?" in entries(caller.url, "buyer")[-1]["warnings"][0]["message"]


def test_an_id_that_only_looks_like_another_is_not_meant(caller: Caller) -> None:
    first = caller.send("GET", "/customers").json["items"][0]["id"]
    other = "".join("x" if place % 4 == 3 else each for place, each in enumerate(first))
    caller.send("POST", "/orders", {"customerId": other})

    message = entries(caller.url, "buyer")[-1]["warnings"][0]["message"]
    assert f"has the id '{other}'; there are 100, such as {first}" in message


def test_a_removed_record_is_told_where_it_is_sent_again(caller: Caller) -> None:
    customer = caller.send("POST", "/customers", {"name": "Ada"}).json["id"]
    order = caller.send("POST", "/orders", {"customerId": customer}).json["id"]
    caller.send("DELETE", f"/customers/{customer}")

    assert caller.send("GET", f"/orders/{order}").json["customerId"] == customer
    assert keys(caller, {"customerId": customer}, f"/orders/{order}", "PUT") == ["/customerId"]


def test_another_account_has_records_of_its_own(caller: Caller) -> None:
    created = caller.send("POST", "/customers", {"name": "Ada"}).json["id"]

    assert keys(Caller(caller.url, "other"), {"customerId": created}) == ["/customerId"]


def test_it_is_a_violation_where_requests_are_checked_strictly(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "orders.yaml"
    path.write_text(DOCUMENT)
    caller = Caller(serve(document=path, strict=True), "buyer")
    answer = caller.send("POST", "/orders", {"customerId": "cus_none"})

    assert answer.status == 400
    assert "noSuchReference" in json.dumps(answer.json)
