"""Paths that name a record by a member with the record's own name before it, such as `{issue_number}`."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.servers import serving_text

ISSUES = """
openapi: 3.0.3
info: {title: Issues, version: "1"}
paths:
  /issues:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {
      type: array, items: {$ref: "#/components/schemas/Issue"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Issue"}}}}
      responses: {"201": {$ref: "#/components/responses/Issue"}}
  /issues/{issue_number}:
    parameters: [{name: issue_number, in: path, required: true, schema: {type: TYPE}}]
    get: {responses: {"200": {$ref: "#/components/responses/Issue"}}}
    delete: {responses: {"204": {description: Gone}}}
components:
  responses:
    Issue: {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Issue"}}}}
  schemas:
    Issue: {type: object, required: [MEMBERS], properties: {
      KEY: {type: TYPE}, title: {type: string}, id: {type: integer}}}
"""


@pytest.mark.parametrize(
    ("parameter", "key", "kind"),
    [("issue_number", "number", "integer"), ("externalIssueId", "external_id", "string"), ("issueId", "id", "integer")],
)  # fmt: skip
@pytest.mark.parametrize("has_id", [True, False])
def test_a_record_is_found_by_the_member_that_its_parameter_is_named_after(
    tmp_path: Path, parameter: str, key: str, kind: str, has_id: bool
) -> None:
    text = ISSUES.replace("issue_number", parameter).replace("TYPE", kind).replace("KEY", key)
    text = text.replace("MEMBERS", f"{key}, title")
    if key == "id" or not has_id:
        text = text.replace(", id: {type: integer}", "")
    sent: dict[str, object] = {key: 4711 if kind == "integer" else "x-1", "title": "Leak"}

    with serving_text(text, tmp_path) as url, httpx.Client(base_url=url) as client:
        listed = client.get("/issues").json()
        assert len({each[key] for each in listed}) == len(listed) > 1
        assert client.get(f"/issues/{listed[1][key]}").json() == listed[1]
        client.post("/issues", json=sent)
        assert client.get(f"/issues/{sent[key]}").json() == client.get("/issues").json()[0]
        assert client.delete(f"/issues/{sent[key]}").status_code == 204
        assert client.get(f"/issues/{sent[key]}").status_code == 404
