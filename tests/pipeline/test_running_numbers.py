"""Running numbers: an account gives each once, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.answers import sent
from tests.support.servers import serving_text

pytestmark = pytest.mark.usefixtures("no_error_is_logged")

BILLS = """
openapi: 3.0.3
info: {title: Bills, version: "1"}
paths:
  /bills:
    get: {responses: {"200": {$ref: "#/components/responses/Bills"}}}
    post:
      x-create: {set: {state: open, papers: {receipt: {next: {prefix: R-}}}}}
      requestBody: {content: {application/json: {schema: {type: object, properties: {title: {type: string}, number: {type: string}}}}}}
      responses: {"201": {$ref: "#/components/responses/Bill"}}
  /bills/{id}:
    parameters: [{$ref: "#/components/parameters/id"}]
    get: {responses: {"200": {$ref: "#/components/responses/Bill"}}}
    delete: {responses: {"204": {description: Gone}}}
  /bills/{id}/issue:
    parameters: [{$ref: "#/components/parameters/id"}]
    post:
      x-action: {set: {state: issued, number: {next: {prefix: BL-}}}}
      responses: {"200": {$ref: "#/components/responses/Bill"}}
  /bills/{id}/withdraw:
    parameters: [{$ref: "#/components/parameters/id"}]
    post:
      x-action: {set: {state: withdrawn, number: null, papers: null}}
      responses: {"200": {$ref: "#/components/responses/Bill"}}
  /bills/{id}/receipt:
    parameters: [{$ref: "#/components/parameters/id"}]
    post:
      x-action: {set: {papers: {receipt: {next: {prefix: R-}}, isSent: true}}}
      responses: {"200": {$ref: "#/components/responses/Bill"}}
  /bills/{id}/copy:
    parameters: [{$ref: "#/components/parameters/id"}]
    post:
      x-action: {copy: true, set: {number: {next: {prefix: BL-}}}}
      responses: {"201": {$ref: "#/components/responses/Bill"}}
components:
  parameters:
    id: {name: id, in: path, required: true, schema: {type: string}}
  responses:
    Bill: {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Bill"}}}}
    Bills: {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Bill"}}}}}
  schemas:
    Bill:
      type: object
      required: [id]
      properties:
        id: {type: string}
        title: {type: string}
        state: {type: string, enum: [open, issued, withdrawn]}
        number: {type: string, example: BL-0001}
        papers: {type: object, properties: {receipt: {type: string}, isSent: {type: boolean}}}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer t"}
    with serving_text(BILLS, tmp_path) as url, httpx.Client(base_url=url, headers=headers) as client:
        yield client


def bill(api: httpx.Client, **members: str) -> dict[str, Any]:
    made: dict[str, Any] = sent(api.post("/bills", json={"title": "Tea", **members}), 201)
    return made


def issued(api: httpx.Client) -> dict[str, Any]:
    """Make a bill with a number."""
    made: dict[str, Any] = sent(api.post(f"/bills/{bill(api)['id']}/issue"))
    return made


def number(text: str) -> int:
    return int(text.rpartition("-")[2])


def test_the_number_of_a_bill_that_is_gone_is_not_given_again(api: httpx.Client) -> None:
    first = issued(api)
    sent(api.delete(f"/bills/{first['id']}"), 204)
    second = issued(api)

    assert number(second["number"]) == number(first["number"]) + 1


def test_the_number_of_a_bill_that_lost_it_is_not_given_again(api: httpx.Client) -> None:
    first = issued(api)
    assert "number" not in sent(api.post(f"/bills/{first['id']}/withdraw"))

    assert number(issued(api)["number"]) == number(first["number"]) + 1


def test_numbers_of_the_starting_data_and_sent_ones_are_not_given_again(api: httpx.Client) -> None:
    there = max(number(each["number"]) for each in sent(api.get("/bills")) if "number" in each)
    for each in sent(api.get("/bills")):
        sent(api.delete(f"/bills/{each['id']}"), 204)
    assert number(issued(api)["number"]) == there + 1

    own = bill(api, number="BL-0900")
    sent(api.delete(f"/bills/{own['id']}"), 204)
    assert issued(api)["number"] == "BL-0901"


def test_a_load_gives_no_number_again_and_a_reset_begins_anew(api: httpx.Client) -> None:
    first = issued(api)
    sent(api.put("/_mock/collections/bills", json={"items": [{"id": "b1", "title": "Other"}]}))
    assert number(issued(api)["number"]) == number(first["number"]) + 1

    sent(api.post("/_mock/reset"), 204)
    assert issued(api)["number"] == first["number"]


def test_nested_numbers_run_and_a_record_keeps_its_own(api: httpx.Client) -> None:
    first, second = bill(api), bill(api)

    own, next_one = first["papers"]["receipt"], second["papers"]["receipt"]
    assert number(next_one) == number(own) + 1
    changed = sent(api.post(f"/bills/{first['id']}/receipt"))
    assert changed["papers"] == {"receipt": own, "isSent": True}
    sent(api.delete(f"/bills/{second['id']}"), 204)
    assert number(bill(api)["papers"]["receipt"]) == number(own) + 2


def test_a_copy_gets_a_number_of_its_own(api: httpx.Client) -> None:
    first = issued(api)

    copied = sent(api.post(f"/bills/{first['id']}/copy"), 201)

    assert number(copied["number"]) == number(first["number"]) + 1


def test_a_member_that_is_a_number_gets_the_next_number(tmp_path: Path) -> None:
    text = BILLS.replace("number: {next: {prefix: BL-}}", "number: {next: {prefix: ''}}")
    text = text.replace("number: {type: string", "number: {type: integer, minimum: 1").replace(
        "example: BL-0001", "example: 41"
    )
    with serving_text(text, tmp_path) as url, httpx.Client(base_url=url) as client:
        there = [each["number"] for each in sent(client.get("/bills")) if "number" in each]
        given = [issued(client)["number"] for _ in range(2)]

    assert given == [max(there) + 1, max(there) + 2]
    assert {type(each) for each in given} == {int}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("type: integer", "the member 'number' is a number, which begins with no text"),
        ("type: boolean", "the member 'number' is neither a text nor a number"),
    ],
)
def test_a_number_for_a_member_that_cannot_have_it_is_refused(
    tmp_path: Path, schema: str, said: str
) -> None:
    text = BILLS.replace("number: {type: string, example: BL-0001}", f"number: {{{schema}}}")

    with pytest.raises(Exception, match=said), serving_text(text, tmp_path):
        pass
