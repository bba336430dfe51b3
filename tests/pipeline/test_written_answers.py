"""What requests that create and replace records are answered: status, type and record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.answers import sent
from tests.support.servers import serving_text

pytestmark = pytest.mark.usefixtures("no_error_is_logged")

BOXES = """
openapi: 3.0.3
info: {title: Boxes, version: "1"}
paths:
  /boxes:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Box"}}}}}}}
    post:
      requestBody: {$ref: "#/components/requestBodies/Box"}
      responses: {"201": {description: One, content: {application/vnd.api+json: {schema: {$ref: "#/components/schemas/Box"}}}}}
  /boxes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, maxLength: 40}}]
    get: {responses: {"200": {$ref: "#/components/responses/Box"}}}
    put:
      requestBody: {$ref: "#/components/requestBodies/Box"}
      responses:
        "200": {$ref: "#/components/responses/Box"}
        "201": {description: New, content: {application/vnd.new+json: {schema: {allOf: [{$ref: "#/components/schemas/Box"}, {required: [note], properties: {note: {type: string}}}]}}}}
  /boxes/{boxId}/things:
    parameters: [{name: boxId, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}}}}
  /boxes/{boxId}/things/{number}:
    parameters:
      - {name: boxId, in: path, required: true, schema: {type: string}}
      - {name: number, in: path, required: true, schema: {type: integer}}
    get: {responses: {"200": {$ref: "#/components/responses/Thing"}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {description: New}, "204": {description: Replaced}}
  /lids:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Box"}}}}}}}
  /lids/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    put:
      requestBody: {$ref: "#/components/requestBodies/Box"}
      responses: {"200": {$ref: "#/components/responses/Box"}}
components:
  requestBodies:
    Box: {content: {application/json: {schema: {type: object, properties: {label: {type: string}}}}}}
  responses:
    Box: {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Box"}}}}
    Thing: {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
  schemas:
    Box: {type: object, required: [id], properties: {id: {type: string}, label: {type: string}}}
    Thing:
      type: object
      required: [number, boxId]
      properties: {number: {type: integer}, boxId: {type: string}, name: {type: string}}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_text(BOXES, tmp_path_factory.mktemp("boxes")) as url:
        yield url


class Api(httpx.Client):
    """Calls that expect a status."""

    def call(self, method: str, path: str, status: int, **body: Any) -> Any:
        return sent(self.request(method, path, json=body if method != "GET" else None), status)


@pytest.fixture
def api(root: str, request: pytest.FixtureRequest) -> Iterator[Api]:
    with Api(base_url=root, headers={"Authorization": f"Bearer {request.node.name}"}) as client:
        yield client


def test_a_created_record_has_the_media_type_that_is_described(api: Api) -> None:
    answer = api.post("/boxes", json={"label": "Screws"})

    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/vnd.api+json"
    assert api.get("/boxes").headers["content-type"].startswith("application/json")


def test_a_put_that_describes_201_creates_what_is_not_there(api: Api) -> None:
    answer = api.put("/boxes/b-1", json={"label": "Screws"})

    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/vnd.new+json")
    made = answer.json()
    assert (made["id"], made["label"]) == ("b-1", "Screws")
    assert "note" in made
    assert api.call("GET", "/boxes", 200)[0]["id"] == "b-1"
    assert api.call("PUT", "/boxes/b-1", 200, label="Nails")["label"] == "Nails"
    assert api.call("GET", "/boxes/b-1", 200)["label"] == "Nails"
    assert len(api.call("GET", "/boxes", 200)) == 4
    assert [each["change"]["kind"] for each in _changes(api)] == ["created", "updated"]


def _changes(api: Api) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = api.call("GET", "/_mock/requests", 200)["items"]
    return [each for each in entries if each.get("change")]


def test_a_nested_record_is_created_with_the_key_of_its_path(api: Api) -> None:
    box = api.call("GET", "/boxes", 200)[0]["id"]

    api.call("PUT", f"/boxes/{box}/things/77", 201, name="Screw")
    thing = api.call("GET", f"/boxes/{box}/things/77", 200)
    assert thing == {"number": 77, "boxId": box, "name": "Screw"}
    api.call("PUT", f"/boxes/{box}/things/77", 204, name="Nail")
    assert api.call("GET", f"/boxes/{box}/things/77", 200)["name"] == "Nail"


def test_nothing_is_created_in_a_parent_that_is_not_there_or_with_anothers_key(api: Api) -> None:
    first, second = api.call("GET", "/boxes", 200)[:2]
    api.call("PUT", f"/boxes/{first['id']}/things/77", 201, name="Screw")

    assert "boxes" in api.call("PUT", "/boxes/none/things/78", 404)["error"]["message"]
    api.call("PUT", f"/boxes/{second['id']}/things/77", 409)


def test_a_put_that_does_not_describe_201_creates_nothing(api: Api) -> None:
    api.call("PUT", "/lids/none", 404, label="Round")
    assert len(api.call("GET", "/lids", 200)) == 3
