"""Numbers that some schemas of an API write as texts, and others as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.data.decimals import rewritten
from tests.support.servers import serving_text

NOTES = """
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        rate: {type: number}, label: {type: number}, count: {type: string}}}}}}
      responses: {"201": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {"200": {description: One, content: {application/json: {schema: {
        type: object, required: [id, rate], properties: {id: {type: string}, rate: {type: number}}}}}}}
components:
  schemas:
    Note:
      type: object
      required: [id, rate, label, count]
      properties:
        id: {type: string}
        rate: {type: string, example: "12.50"}
        label: {type: string, example: urgent}
        count: {type: integer}
"""


def test_a_number_is_written_as_each_schema_has_it(tmp_path: Path) -> None:
    with serving_text(NOTES, tmp_path) as url, httpx.Client(base_url=url, auth=("a", "b")) as client:
        made = client.post("/notes", json={"rate": 7.5, "label": 3, "count": "40"})
        note = made.json()
        listed = client.get("/notes").json()[0]
        got = client.get(f"/notes/{note['id']}").json()

    assert (note["rate"], note["count"]) == ("7.50", 40)
    assert note["label"] != "3"
    assert listed == note
    assert got == {"id": note["id"], "rate": 7.5}


@pytest.mark.parametrize(
    ("value", "kinds", "example", "expected"),
    [
        (50, {"string"}, "12.50", "50.00"), (0.125, {"string"}, "12.50", "0.125"), (3, {"string"}, "7", "3"),
        (50, {"string"}, "urgent", None), (50, {"string"}, None, None), (True, {"string"}, "1.0", None),
        ("0.78", {"number"}, None, 0.78), ("40", {"integer"}, None, 40), ("40.5", {"integer"}, None, None),
        ("40.0", {"number"}, None, 40), ("forty", {"number"}, None, None), ("1" * 400, {"number"}, None, None),
        ([1], {"string"}, "1.0", None), (None, {"number"}, None, None), ("5", {"boolean"}, None, None),
    ],
)  # fmt: skip
def test_only_plain_numbers_are_written_otherwise(
    value: Any, kinds: set[str], example: Any, expected: Any
) -> None:
    found = rewritten(value, kinds, example)
    assert (found, type(found)) == (expected, type(expected))
