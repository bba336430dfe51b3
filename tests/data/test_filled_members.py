"""Members that `x-fill` and `{now: true}` fill: as their schemas have them, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mock_server.formats.timestamps import SECOND, parse_moment
from mock_server.openapi import document
from mock_server.problems import CannotServe
from tests.support.answers import sent
from tests.support.servers import serving_text

pytestmark = pytest.mark.usefixtures("no_error_is_logged")

TASKS = """
openapi: 3.0.3
info: {title: Tasks, version: "1"}
paths:
  /tasks:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Task"}}}}}}}
    post:
      x-create: {set: {plan: {start: {now: true}}, day: {today: true}}}
      requestBody: {content: {application/json: {schema: {type: object, properties: {title: {type: string}, meta: {type: object, properties: {tag: {type: string}}}}}}}}
      responses: {"201": {$ref: "#/components/responses/Task"}}
  /tasks/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {$ref: "#/components/responses/Task"}}}
  /tasks/{id}/end:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post: {x-action: {set: {ended: {now: true}, endedAt: {now: true}}}, responses: {"200": {$ref: "#/components/responses/Task"}}}
  /tasks/{id}/look:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      x-action: {answer: {seen: {now: true}}}
      responses: {"200": {description: It, content: {application/json: {schema: {type: object, properties: {seen: {type: integer}}}}}}}
components:
  responses:
    Task: {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}}
  schemas:
    Task:
      type: object
      required: [id, created, meta]
      properties:
        id: {type: string, x-fill: id}
        title: {type: string}
        created: {type: integer, format: unix-time, x-fill: timestamp}
        createdAt: {type: string, format: date-time, x-fill: timestamp}
        day: {type: integer}
        ended: {type: integer, nullable: true}
        endedAt: {type: string, format: date-time}
        plan: {type: object, properties: {start: {type: number}}}
        meta:
          type: object
          required: [id, taskId]
          properties:
            id: {type: string, x-fill: id}
            taskId: {type: string, x-fill: parent-id}
            tag: {type: string}
            changed: {type: integer, x-fill: timestamp}
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer t"}
    with serving_text(TASKS, tmp_path) as url, httpx.Client(base_url=url, headers=headers) as client:
        yield client


def seconds(text: str) -> int:
    return parse_moment(text) // SECOND


def test_a_filled_time_is_of_the_members_type(api: httpx.Client) -> None:
    made = sent(api.post("/tasks", json={"title": "Sow"}), 201)

    for each in sent(api.get("/tasks")):
        assert each["created"] == seconds(each["createdAt"])
    assert made["created"] == seconds(made["createdAt"])


def test_nested_members_are_filled_in_the_starting_data_and_in_new_records(api: httpx.Client) -> None:
    sent(api.post("/tasks", json={"title": "Sow", "meta": {"tag": "garden"}}), 201)
    tasks = sent(api.get("/tasks"))

    assert tasks[0]["meta"]["tag"] == "garden"
    for each in tasks:
        assert (each["meta"]["taskId"], each["meta"]["changed"]) == (each["id"], each["created"])
    assert len({each["meta"]["id"] for each in tasks}) == len(tasks)


def test_the_time_of_a_rule_is_of_the_members_type(api: httpx.Client) -> None:
    made = sent(api.post("/tasks", json={"title": "Sow"}), 201)
    assert made["day"] == seconds(f"{made['createdAt'][:10]}T00:00:00Z")
    assert 0 <= made["plan"]["start"] - made["created"] < 60

    ended = sent(api.post(f"/tasks/{made['id']}/end"))
    assert ended["ended"] == seconds(ended["endedAt"])
    assert 0 <= sent(api.post(f"/tasks/{made['id']}/look"))["seen"] - ended["ended"] < 60


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("ended: {type: integer, nullable: true}", "ended: {type: boolean}", "x-action/set/ended"),
        ("start: {type: number}", "start: {type: boolean}", "x-create/set/plan/start"),
        ("changed: {type: integer", "changed: {type: boolean", "changed/x-fill"),
    ],
)
def test_a_time_for_what_admits_none_is_refused(
    tmp_path: Path, before: str, after: str, place: str
) -> None:
    (tmp_path / "tasks.yaml").write_text(TASKS.replace(before, after))

    with pytest.raises(CannotServe) as caught:
        document.load(tmp_path / "tasks.yaml")

    assert f"{place}: " in str(caught.value)
    assert "neither a text nor a number, as a time is" in str(caught.value)
