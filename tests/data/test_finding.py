"""Which records a path names, and what a client is told where one of them is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import mock_server

_NAMED = {"type": "object", "properties": {"name": {"type": "string"}}}
_LEVELS = ("accounts", "teams", "members")


def _answered(schema: Any, status: str = "200") -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"responses": {status: {"description": "Done.", "content": content}}}


def _document() -> dict[str, Any]:
    """Return the document of teams of accounts, and of members of teams."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    parameters: list[Any] = []
    above = parent = ""
    for level in _LEVELS:
        schema = {"$ref": f"#/components/schemas/{level}"}
        members = {"id": {"type": "string"}, "name": {"type": "string"}}
        if parent:
            members[f"{parent[:-1]}Id"] = {"type": "string"}
        schemas[level] = {"type": "object", "required": list(members), "properties": members}
        body = {"requestBody": {"content": {"application/json": {"schema": _NAMED}}}}
        paths[f"{above}/{level}"] = {
            "parameters": parameters,
            "get": _answered({"type": "array", "items": schema}),
            "post": _answered(schema, "201") | body,
        }
        key = {"name": f"{level[:-1]}Id", "in": "path", "required": True, "schema": {"type": "string"}}
        above, parameters, parent = f"{above}/{level}/{{{level[:-1]}Id}}", [*parameters, key], level
        paths[above] = {"parameters": parameters, "get": _answered(schema)}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Teams", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    path = tmp_path / "teams.json"
    path.write_text(json.dumps(_document()))
    with (
        mock_server.serve(document=path, count=2) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        yield client


def message(answer: httpx.Response) -> str:
    assert answer.status_code == 404, answer.text
    return str(answer.json()["error"]["message"])


def test_a_record_is_there_within_all_that_the_path_names_above_it(api: httpx.Client) -> None:
    one, other = (f"/accounts/{each['id']}" for each in api.get("/accounts").json())
    team = api.post(f"{one}/teams", json={"name": "Blue"}).json()
    below = f"teams/{team['id']}/members"
    member = api.post(f"{one}/{below}", json={"name": "Ada"}).json()

    assert api.get(f"{one}/{below}").json() == [member]
    assert api.get(f"{one}/{below}/{member['id']}").json() == member
    for answer in (
        api.get(f"{other}/teams/{team['id']}"),
        api.get(f"{other}/{below}"),
        api.get(f"{other}/{below}/{member['id']}"),
        api.post(f"{other}/{below}", json={"name": "Bob"}),
    ):
        assert f"no record '{team['id']}' in accounts/{{accountId}}/teams of " in message(answer)
    assert api.get(f"{one}/{below}").json() == [member]


def test_a_record_that_is_not_there_is_told_with_those_of_its_parent(api: httpx.Client) -> None:
    accounts = [each["id"] for each in api.get("/accounts").json()]
    team = api.post(f"/accounts/{accounts[0]}/teams", json={"name": "Blue"}).json()
    members = [
        api.post(f"/accounts/{accounts[0]}/teams/{team['id']}/members", json={}).json()["id"]
        for _ in range(2)
    ]

    said = message(api.get(f"/accounts/{accounts[0]}/teams/{team['id']}/members/none"))
    assert said == (
        "There is no record 'none' in accounts/{accountId}/teams/{teamId}/members of "
        f"'{team['id']}'; there are 2, such as {members[1]}, {members[0]}."
    )
    empty = api.post(f"/accounts/{accounts[0]}/teams", json={"name": "Red"}).json()
    said = message(api.get(f"/accounts/{accounts[0]}/teams/{empty['id']}/members/{members[0]}"))
    assert said.endswith(f"of '{empty['id']}'; there is none.")
