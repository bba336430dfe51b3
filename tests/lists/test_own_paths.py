"""The path of a list in its own answers, with the ids that were asked for."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.servers import serving_text

SOURCES = """
openapi: 3.0.3
info: {title: Sources, version: "1"}
paths:
  /v1/customers:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {allOf: [{$ref: "#/components/schemas/List"}, {
      properties: {data: {type: array, items: {$ref: "#/components/schemas/Customer"}}}}]}}}}}}
  /v1/customers/{customer}:
    parameters: [{$ref: "#/components/parameters/customer"}]
    get: {responses: {"200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}}}
  /v1/customers/{customer}/sources:
    parameters: [{$ref: "#/components/parameters/customer"}]
    get: {responses: {"200": {description: All, content: {application/json: {schema: {allOf: [{$ref: "#/components/schemas/List"}, {
      properties: {data: {type: array, items: {$ref: "#/components/schemas/Source"}}}}]}}}}}}
  /v1/customers/{customer}/cards:
    parameters: [{$ref: "#/components/parameters/customer"}]
    get: {responses: {"200": {description: All, content: {application/json: {schema: {type: object, properties: {
      url: {type: string, example: /v1/customers/cus_1/cards}, uri: {type: string, example: /elsewhere},
      data: {type: array, items: {$ref: "#/components/schemas/Source"}}}}}}}}}
components:
  parameters:
    customer: {name: customer, in: path, required: true, schema: {type: string}}
  schemas:
    List: {type: object, required: [url, data, has_more], properties: {url: {type: string}, has_more: {type: boolean}}}
    Customer: {type: object, required: [id], properties: {id: {type: string}}}
    Source: {type: object, required: [id, customer], properties: {id: {type: string}, customer: {type: string}}}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_text(SOURCES, tmp_path_factory.mktemp("sources")) as url:
        yield url


def test_a_list_says_its_own_path_with_the_ids_that_were_asked_for(root: str) -> None:
    with httpx.Client(base_url=root, headers={"Authorization": "Bearer t"}) as client:
        customers = client.get("/v1/customers").json()
        assert customers["url"] == "/v1/customers"
        for each in customers["data"]:
            path = f"/v1/customers/{each['id']}"
            assert client.get(f"{path}/sources").json()["url"] == f"{path}/sources"
            cards = client.get(f"{path}/cards").json()
            assert (cards["url"], cards["uri"]) == (f"{path}/cards", "/elsewhere")


def test_an_id_is_encoded_as_in_a_url(root: str) -> None:
    with httpx.Client(base_url=root, headers={"Authorization": "Bearer t"}) as client:
        client.post("/_mock/collections/v1%2Fcustomers/records", json={"id": 'a "b/ä'})
        answer = client.get("/v1/customers/a%20%22b%2F%C3%A4/sources")

    assert answer.json()["url"] == "/v1/customers/a%20%22b%2F%C3%A4/sources"
