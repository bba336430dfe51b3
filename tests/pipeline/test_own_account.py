"""Records that belong to the reader's own account, found by the id that this account sees, over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import mock_server
from mock_server.client import SandboxError
from mock_server.local_server import LocalServer

TEAMS = """
openapi: 3.0.3
info: {title: Teams, version: "1"}
paths:
  /accounts:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {
      type: array, items: {$ref: "#/components/schemas/Account"}}}}}}}
  /accounts/{id}:
    parameters: [{$ref: "#/components/parameters/id"}]
    get: {responses: {"200": {$ref: "#/components/responses/Account"}}}
    delete: {responses: {"204": {description: Gone}}}
  /accounts/{accountId}/teams:
    parameters: [{$ref: "#/components/parameters/accountId"}]
    get:
      parameters: [{name: name, in: query, schema: {type: string}}]
      responses: {"200": {$ref: "#/components/responses/Teams"}}
    post:
      x-unique: name
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {$ref: "#/components/responses/Team"}}
  /accounts/{accountId}/teams/{id}:
    parameters: [{$ref: "#/components/parameters/accountId"}, {$ref: "#/components/parameters/id"}]
    get: {responses: {"200": {$ref: "#/components/responses/Team"}}}
    delete: {responses: {"204": {description: Gone}}}
components:
  parameters:
    id: {name: id, in: path, required: true, schema: {type: string}}
    accountId: {name: accountId, in: path, required: true, schema: {type: string}}
  responses:
    Account: {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}
    Team: {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Team"}}}}
    Teams: {description: All, content: {application/json: {schema: {
      type: array, items: {$ref: "#/components/schemas/Team"}}}}}
  schemas:
    Account:
      type: object
      required: [id, name]
      properties:
        id: {type: string}
        name: {type: string}
    Team:
      type: object
      required: [id, accountId, name]
      properties: {id: {type: string}, accountId: {type: string, x-fill: account}, name: {type: string}}
"""

NESTED = "accounts/{accountId}/teams"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    path = tmp_path / "teams.yaml"
    path.write_text(TEAMS)
    with mock_server.serve(document=path) as served:
        yield served


@pytest.fixture
def client(server: LocalServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, auth=("someone", "secret")) as connected:
        yield connected


def own_id(client: httpx.Client) -> str:
    return str(client.get("/accounts").json()[0]["id"])


def teams(client: httpx.Client, account: str) -> Any:
    return client.get(f"/accounts/{account}/teams").json()


def test_the_own_account_has_the_records_that_are_nested_in_it(client: httpx.Client) -> None:
    own = own_id(client)
    made = client.post(f"/accounts/{own}/teams", json={"name": "Alpine"}).json()
    there = teams(client, own)

    assert made["accountId"] == own
    assert there[0] == made == client.get(f"/accounts/{own}/teams/{made['id']}").json()
    assert {each["accountId"] for each in there} == {own}
    assert len(there) > 1


def test_the_default_account_has_each_record_once(server: LocalServer) -> None:
    """Its id is the text that stands for each reader's own account."""
    with httpx.Client(base_url=server.url, auth=("default", "secret")) as client:
        own = own_id(client)
        there = teams(client, own)
        missing = client.get(f"/accounts/{own}/teams/none").json()

        assert f"there are {len(there)}," in str(missing)
        assert client.delete(f"/accounts/{own}").status_code == 204
        assert client.get(f"/accounts/{own}/teams").status_code == 404


def test_the_own_id_is_taken_for_a_new_record(server: LocalServer, client: httpx.Client) -> None:
    own, sandbox = own_id(client), server.account("someone")
    with pytest.raises(SandboxError, match="is there already"):
        sandbox.create("accounts", {"id": own, "name": "Alpine"})


def test_other_accounts_have_theirs(client: httpx.Client) -> None:
    own, other = (each["id"] for each in client.get("/accounts").json()[:2])
    made = client.post(f"/accounts/{own}/teams", json={"name": "Alpine"}).json()

    assert made not in teams(client, other)
    assert client.get(f"/accounts/{other}/teams/{made['id']}").status_code == 404


def test_what_is_nested_goes_with_the_own_account(server: LocalServer, client: httpx.Client) -> None:
    own, sandbox = own_id(client), server.account("someone")
    there = teams(client, own)
    before = sandbox.records(NESTED)
    client.delete(f"/accounts/{own}")

    assert there
    assert sandbox.records(NESTED) == [each for each in before if each["accountId"] != own]


def test_the_control_api_knows_the_own_account(server: LocalServer, client: httpx.Client) -> None:
    own, sandbox = own_id(client), server.account("someone")
    there = teams(client, own)
    assert sandbox.records(f"accounts/{own}/teams") == there

    made = sandbox.create(f"accounts/{own}/teams", {"name": "Alpine"})

    assert made["accountId"] == own == sandbox.record("accounts", own)["id"]
    assert teams(client, own) == [made, *there]


def test_a_filter_finds_the_own_account_and_no_warning_doubts_it(
    server: LocalServer, client: httpx.Client
) -> None:
    own = own_id(client)
    made = client.post(f"/accounts/{own}/teams", json={"name": own}).json()

    assert client.get(f"/accounts/{own}/teams", params={"name": own}).json() == [made]
    server.account("someone").assert_no_violations(warnings=True)


def test_a_value_is_unique_among_the_records_of_the_own_account(client: httpx.Client) -> None:
    own, other = (each["id"] for each in client.get("/accounts").json()[:2])
    taken = {"name": teams(client, own)[0]["name"]}
    path = "/accounts/{}/teams"

    assert client.post(path.format(own), json=taken).status_code == 409
    client.post(path.format(own), json={"name": "Alpine"})
    assert client.post(path.format(other), json={"name": "Alpine"}).status_code == 201
    assert client.post(path.format(own), json={"name": "Alpine"}).status_code == 409


def test_what_is_there_instead_has_the_id_that_the_account_sees(client: httpx.Client) -> None:
    assert own_id(client) in client.get("/accounts/none").text


@pytest.mark.parametrize("path", ["/accounts/{}", "/accounts/{}/teams"])
@pytest.mark.parametrize("is_encoded", [False, True])
def test_nobody_is_answered_what_another_account_was_about_itself(
    server: LocalServer, client: httpx.Client, path: str, is_encoded: bool
) -> None:
    own = own_id(client)
    target = path.format(f"%{ord(own[0]):02x}{own[1:]}" if is_encoded else own)
    with httpx.Client(base_url=server.url, auth=("other", "secret")) as other:
        foreign = other.get(target)
        mine = client.get(target)
        again = other.get(target)

    assert mine.status_code == 200
    assert mine.json()
    assert (foreign.status_code, again.status_code) in {(404, 404), (200, 200)}
    assert foreign.json() == again.json() != mine.json()
