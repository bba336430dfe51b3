"""What a request takes of a record, which must have as much: `cover` in an overlay, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.answers import sent
from tests.support.servers import serving_text

pytestmark = pytest.mark.usefixtures("no_error_is_logged")

VOUCHERS = """
openapi: 3.0.3
info: {title: Vouchers, version: "1"}
paths:
  /vouchers:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {
      type: array, items: {$ref: "#/components/schemas/Voucher"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {balance: {type: string}}}}}}
      responses: {"201": {$ref: "#/components/responses/Voucher"}}
  /vouchers/{id}:
    parameters: [{$ref: "#/components/parameters/id"}]
    get: {responses: {"200": {$ref: "#/components/responses/Voucher"}}}
  /vouchers/{id}/spend:
    parameters: [{$ref: "#/components/parameters/id"}]
    post:
      x-action: {cover: {balance: {body: amount}}, set: {balance: {subtract: {body: amount}}}}
      requestBody: {content: {application/json: {schema: {
        type: object, properties: {amount: {type: number, minimum: 0, exclusiveMinimum: true}}}}}}
      responses: {"200": {$ref: "#/components/responses/Voucher"}}
components:
  parameters:
    id: {name: id, in: path, required: true, schema: {type: string}}
  responses:
    Voucher: {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Voucher"}}}}
  schemas:
    Voucher:
      type: object
      required: [id]
      properties: {id: {type: string}, balance: {type: string, example: "10.00"}}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with serving_text(VOUCHERS, tmp_path) as url, httpx.Client(base_url=url) as client:
        yield client


def voucher(api: httpx.Client, balance: str) -> str:
    made: dict[str, Any] = sent(api.post("/vouchers", json={"balance": balance}), 201)
    return f"/vouchers/{made['id']}"


def test_as_much_as_there_is_can_be_taken_and_no_more(api: httpx.Client) -> None:
    path = voucher(api, "10.50")

    assert sent(api.post(f"{path}/spend", json={"amount": 10.25}))["balance"] == "0.25"
    refused = api.post(f"{path}/spend", json={"amount": 0.26})
    assert sent(api.get(path))["balance"] == "0.25"
    assert sent(api.post(f"{path}/spend", json={"amount": 0.25}))["balance"] == "0.00"

    assert refused.status_code == 409
    key = path.rpartition("/")[2]
    assert f"The record {key} of vouchers has balance '0.25', which is less than '0.26'" in refused.text


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_are_mistakes_by_the_schema(api: httpx.Client, amount: int) -> None:
    path = voucher(api, "10.50")

    refused = api.post(f"{path}/spend", json={"amount": amount})
    assert refused.status_code == 400
    assert f"{amount} does not satisfy exclusiveMinimum 0" in refused.text
    assert sent(api.get(path))["balance"] == "10.50"


def test_an_overlay_says_the_error(tmp_path: Path) -> None:
    otherwise = "otherwise: {status: 400, type: tooLittle, message: It has too little.}"
    text = VOUCHERS.replace("cover: {", f"{otherwise}, cover: {{")
    with serving_text(text, tmp_path) as url, httpx.Client(base_url=url) as client:
        refused = client.post(f"{voucher(client, '1.00')}/spend", json={"amount": 2})

    assert refused.status_code == 400
    assert "It has too little." in refused.text


def test_what_lacks_the_member_or_the_value_is_let_through(api: httpx.Client) -> None:
    assert api.post(f"{voucher(api, '1.00')}/spend", json={}).status_code == 200
    made = sent(api.post("/vouchers", json={}), 201)
    assert api.post(f"/vouchers/{made['id']}/spend", json={"amount": 2}).status_code == 200


def test_a_value_stands_for_all_others_that_are_sent(tmp_path: Path) -> None:
    kind = "{body: amount, as: {'1': '1.00', '*': '7.00'}}"
    text = VOUCHERS.replace("{subtract: {body: amount}}", kind)
    with serving_text(text, tmp_path) as url, httpx.Client(base_url=url) as client:
        path = voucher(client, "9.00")
        bodies: list[dict[str, int]] = [{}, {"amount": 1}, {"amount": 1}]
        found = [sent(client.post(f"{path}/spend", json=each))["balance"] for each in bodies]
        other = voucher(client, "9.00")

        assert found == ["9.00", "1.00", "1.00"]
        assert sent(client.post(f"{other}/spend", json={"amount": 3}))["balance"] == "7.00"


@pytest.mark.parametrize("word", ["cover", "match"])
@pytest.mark.parametrize(
    ("rule", "said"),
    [("{balanse: {body: amount}}", "balanse"), ("{balance: {body: amont}}", "the body has no 'amont'")],
)
def test_a_name_of_nothing_is_refused(tmp_path: Path, word: str, rule: str, said: str) -> None:
    text = VOUCHERS.replace("cover: {balance: {body: amount}}", f"{word}: {rule}")

    with pytest.raises(Exception, match=said), serving_text(text, tmp_path):
        pass
