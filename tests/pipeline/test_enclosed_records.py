"""Records that stand in a member of bodies and answers, as `{"ticket": {…}}`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.servers import serving_text

TICKETS = """
openapi: 3.0.3
info: {title: Tickets, version: "1"}
paths:
  /tickets:
    get:
      responses: {"200": {description: All, content: {application/json: {schema: {
        type: object, required: [tickets], properties: {
          tickets: {type: array, items: {$ref: "#/components/schemas/ListedTicket"}}}}}}}}
    post:
      requestBody: {content: {application/json: {
        schema: {type: object, required: [ticket], properties: {
          ticket: {$ref: "#/components/schemas/TicketInput"}}},
        example: {ticket: {title: Leak}}}}}
      x-create: {set: {state: open, rank: low}}
      x-unique: title
      x-map: {remark: note}
      responses: {"201": {$ref: "#/components/responses/Ticket"}}
  /tickets/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {"200": {$ref: "#/components/responses/Ticket"}}
    put:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        ticket: {$ref: "#/components/schemas/TicketInput"}}}}}}
      responses: {"200": {$ref: "#/components/responses/Ticket"}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        ticket: {type: object, properties: {title: {type: string}, note: {type: string, nullable: true}}}}}}}}
      responses: {"200": {$ref: "#/components/responses/Ticket"}}
    delete:
      responses: {"200": {$ref: "#/components/responses/Ticket"}}
  /tickets/{id}/close:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      x-action: {set: {state: closed}}
      responses: {"200": {$ref: "#/components/responses/Ticket"}}
  # By a member that the list lacks.
  /tickets/{id}/escalate:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      x-action: {when: [{rank: [low]}], set: {rank: high}}
      responses: {"200": {$ref: "#/components/responses/Ticket"}}
  # By a member that answers alone have.
  /tickets/{id}/open:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      x-action: {when: [{is_sealed: [false]}], set: {state: open}}
      responses: {"200": {$ref: "#/components/responses/Ticket"}}
  # It answers what stands beside the record.
  /tickets/{id}/audit:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      x-action: {answer: {audit: {events: 3}}}
      responses: {"200": {$ref: "#/components/responses/Ticket"}}
  # It answers another thing that has an id too.
  /tickets/{id}/print:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      x-action: {set: {state: closed}}
      responses: {"200": {description: A receipt, content: {application/json: {
        schema: {type: object, required: [receipt], properties: {
          receipt: {type: object, required: [id], properties: {
            id: {type: string}, pages: {type: integer}, size: {type: string}}}}},
        example: {receipt: {id: r-1}}}}}}
  /tickets/{id}/remind:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      responses: {"200": {$ref: "#/components/responses/Ticket"}}
  # Its records have no member that is known for a key, until `x-find` names one.
  /offices:
    get:
      responses: {"200": {description: All, content: {application/json: {schema: {
        type: object, required: [offices], properties: {
          offices: {type: array, items: {$ref: "#/components/schemas/Office"}}}}}}}}
    # Its body has records beside its own members.
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [town], properties: {
        town: {type: string}, seats: {type: integer}, near: {type: object, properties: {
          town: {type: string}}}}}}}}
      responses: {"201": {description: One, content: {application/json: {schema: {
        type: object, required: [office], properties: {office: {$ref: "#/components/schemas/Office"}}}}}}}
  /offices/{office}:
    parameters: [{name: office, in: path, required: true, schema: {type: string}}]
    get:
      x-find: {by: town}
      responses: {"200": {description: One, content: {application/json: {schema: {
        type: object, required: [office], properties: {office: {$ref: "#/components/schemas/Office"}}}}}}}
  # An item without a list: only what it answers tells what its records are.
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {"200": {$ref: "#/components/responses/Note"}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        data: {type: object, properties: {text: {type: string}}}}}}}}
      responses: {"200": {$ref: "#/components/responses/Note"}}
components:
  responses:
    Ticket: {description: One, content: {application/json: {schema: {
      type: object, required: [ticket], properties: {
        ticket: {$ref: "#/components/schemas/Ticket"}, audit: {type: object, properties: {events: {type: integer}}}}}}}}
    Note: {description: One, content: {application/json: {schema: {
      type: object, required: [data], properties: {
        meta: {type: object, properties: {page: {type: integer}}},
        data: {type: object, required: [id, text], properties: {id: {type: string}, text: {type: string}}}}}}}}
  schemas:
    Office: {type: object, required: [town, seats], properties: {
      town: {type: string}, seats: {type: integer}}}
    TicketInput: {type: object, required: [title], properties: {
      title: {type: string}, note: {type: string, nullable: true}, remark: {type: string}}}
    ListedTicket:
      type: object
      required: [id, title, state]
      properties:
        id: {type: string, format: uuid}
        title: {type: string, example: Leak}
        note: {type: string, nullable: true}
        state: {type: string, enum: [open, closed]}
    Ticket: {allOf: [
      {$ref: "#/components/schemas/ListedTicket"},
      {type: object, properties: {
        rank: {type: string, enum: [low, high]}, is_sealed: {type: boolean}}}]}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_text(TICKETS, tmp_path_factory.mktemp("tickets")) as url:
        yield url


@pytest.fixture
def api(root: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=root, auth=(request.node.name, "secret")) as client:
        yield client


def test_a_record_lives_inside_its_enclosure(api: httpx.Client) -> None:
    answer = api.post("/tickets", json={"ticket": {"title": "Door", "note": "Oil it"}})
    made = answer.json()["ticket"]
    path = f"/tickets/{made['id']}"

    assert (answer.status_code, made["title"], made["state"]) == (201, "Door", "open")
    assert api.get(path).json() == {"ticket": made}
    listed = api.get("/tickets").json()["tickets"][0]
    assert listed == {name: value for name, value in made.items() if name != "rank"}
    assert api.post("/tickets", json={"ticket": {"title": "Door"}}).status_code == 409

    patched = api.patch(path, json={"ticket": {"note": None}}).json()
    assert patched == {"ticket": {name: value for name, value in made.items() if name != "note"}}
    assert api.put(path, json={"ticket": {"title": "Gate"}}).json()["ticket"]["title"] == "Gate"
    assert api.post(f"{path}/close").json()["ticket"]["state"] == "closed"
    # Nothing says what it changes.
    closed = api.post(f"{path}/remind").json()["ticket"]
    assert api.delete(path).json() == {"ticket": closed}
    assert (closed["title"], closed["state"]) == ("Gate", "closed")
    assert api.get(path).status_code == 404


def test_an_id_in_the_enclosure_gives_way_to_that_of_the_path(api: httpx.Client) -> None:
    made = api.post("/tickets", json={"ticket": {"title": "Stairs"}}).json()["ticket"]

    for sent in (made["id"], "another"):
        answer = api.put(f"/tickets/{made['id']}", json={"ticket": {"id": sent, "title": "Steps"}})
        assert answer.json()["ticket"]["id"] == made["id"]
        entry = api.get("/_mock/requests").json()["items"][-1]
        found = [each["key"] for each in entry["warnings"] if each["code"] == "differsFromPath"]
        assert found == ([] if sent == made["id"] else ["/ticket/id"])


def test_what_an_overlay_maps_and_reads_stands_in_the_enclosure(api: httpx.Client) -> None:
    made = api.post("/tickets", json={"ticket": {"title": "Roof", "remark": "Soon"}}).json()["ticket"]
    path = f"/tickets/{made['id']}"

    assert (made["note"], made["rank"]) == ("Soon", "low")
    assert api.post(f"{path}/escalate").json()["ticket"]["rank"] == "high"
    assert api.post(f"{path}/escalate").status_code == 409
    assert api.post(f"{path}/audit").json()["audit"] == {"events": 3}


def test_a_state_that_answers_alone_show_is_that_of_some_records(api: httpx.Client) -> None:
    listed = api.get("/tickets").json()["tickets"]
    tickets = [api.get(f"/tickets/{each['id']}").json()["ticket"] for each in listed]

    answers = [api.post(f"/tickets/{each['id']}/open").status_code for each in tickets]
    assert answers == [200 if each.get("is_sealed") is False else 409 for each in tickets]
    assert 200 in answers


def test_no_starting_record_has_the_unique_value_of_the_example(api: httpx.Client) -> None:
    assert api.post("/tickets", json={"ticket": {"title": "Leak"}}).status_code == 201


def test_another_thing_with_an_id_is_no_enclosed_record(api: httpx.Client) -> None:
    ticket = api.get("/tickets").json()["tickets"][0]

    receipt = api.post(f"/tickets/{ticket['id']}/print").json()["receipt"]
    assert receipt["id"] != ticket["id"]


def test_a_body_that_has_members_of_the_record_encloses_none(api: httpx.Client) -> None:
    sent = {"town": "Voss", "seats": 4, "near": {"town": "Bergen"}}

    assert api.post("/offices", json=sent).json() == {"office": {"town": "Voss", "seats": 4}}


def test_an_enclosed_item_without_a_list_is_a_record(api: httpx.Client) -> None:
    listed = api.get("/_mock/collections/notes?limit=1").json()["items"][0]
    assert set(listed) == {"id", "text"}

    assert api.get(f"/notes/{listed['id']}").json() == {"data": listed}
    changed = api.patch(f"/notes/{listed['id']}", json={"data": {"text": "New"}}).json()
    assert changed == {"data": {**listed, "text": "New"}}


def test_an_enclosed_record_is_found_by_what_an_overlay_names(api: httpx.Client) -> None:
    first = api.get("/offices").json()["offices"][0]

    assert api.get(f"/offices/{first['town']}").json() == {"office": first}


def test_the_control_api_takes_a_record_with_and_without_its_enclosure(api: httpx.Client) -> None:
    bare = api.post("/_mock/collections/tickets/records", json={"title": "Roof"})
    enclosed = api.post("/_mock/collections/tickets/records", json={"ticket": {"title": "Wall"}})

    assert [bare.status_code, enclosed.status_code] == [201, 201], (bare.text, enclosed.text)
    titles = [each["title"] for each in api.get("/tickets").json()["tickets"][:2]]
    assert titles == ["Wall", "Roof"]


BRIEF = """
openapi: 3.0.3
info: {title: Jobs, version: "1"}
paths:
  /jobs:
    get:
      responses: {"200": {description: All, content: {application/json: {schema: {
        type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/BriefJob"}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        data: {$ref: "#/components/schemas/JobInput"}}}}}}
      responses: {"201": {$ref: "#/components/responses/Job"}}
  /jobs/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {$ref: "#/components/responses/Job"}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        data: {$ref: "#/components/schemas/JobInput"}}}}}}
      responses: {"200": {$ref: "#/components/responses/Job"}}
components:
  responses:
    Job: {description: One, content: {application/json: {schema: {
      type: object, properties: {data: {$ref: "#/components/schemas/Job"}}}}}}
  schemas:
    BriefJob: {type: object, properties: {id: {type: string}, name: {type: string}}}
    JobInput: {type: object, properties: {name: {type: string}, town: {type: string}, notes: {type: string}}}
    Job:
      allOf:
        - $ref: "#/components/schemas/BriefJob"
        - type: object
          properties: {town: {type: string}, notes: {type: string}, salary: {type: integer}, hours: {type: integer}}
"""


def test_a_record_that_a_list_shows_in_brief_is_answered_whole(tmp_path: Path) -> None:
    with serving_text(BRIEF, tmp_path) as url, httpx.Client(base_url=url) as client:
        made = client.post("/jobs", json={"data": {"name": "Cook", "town": "Oslo"}}).json()["data"]
        shown = client.get(f"/jobs/{made['id']}").json()["data"]
        listed = client.get("/jobs").json()["data"][0]
        changed = client.put(f"/jobs/{made['id']}", json={"data": {"name": "Chef", "notes": "x"}}).json()

    assert made == shown
    assert (made["name"], made["town"]) == ("Cook", "Oslo")
    assert listed == {"id": made["id"], "name": "Cook"}
    assert (changed["data"]["id"], changed["data"]["name"]) == (made["id"], "Chef")
    assert changed["data"]["notes"] == "x"
