"""What an operation that creates a record answers."""

from __future__ import annotations

from pathlib import Path

import httpx

import mock_server
from tests.support.documents import ROOT

NOTES = """
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      responses:
        "200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}}
      responses:
        "201": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
components:
  schemas:
    Note:
      type: object
      required: [id, owner, text]
      properties: {id: {type: string}, owner: {type: string, x-fill: account}, text: {type: string}}
"""


def test_a_created_record_has_the_id_of_the_account_that_created_it(tmp_path: Path) -> None:
    path = tmp_path / "notes.yaml"
    path.write_text(NOTES)

    with mock_server.serve(document=path) as server, httpx.Client(base_url=server.url) as client:
        created = client.post("/notes", json={"text": "Buy milk"}).json()
        first = client.get("/notes").json()[0]

    assert created == first
    assert created["owner"].isprintable()


SETTINGS = """
openapi: 3.0.3
info: {title: Settings, version: "1"}
paths:
  /settings:
    get:
      responses:
        "200": {description: All, content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}}
  /settings/{id}:
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object, properties: {color: {type: string}}}}}}
      responses:
        "200": {description: All, content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}}
components:
  schemas:
    Settings:
      type: object
      required: [id, color]
      properties: {id: {type: string}, color: {type: string}}
"""


def test_the_only_record_that_a_path_gets_is_changed_by_its_key(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(SETTINGS)

    with mock_server.serve(document=path) as server, httpx.Client(base_url=server.url) as client:
        own = client.get("/settings").json()
        changed = client.put(f"/settings/{own['id']}", json={"color": "green"}).json()
        other = client.put("/settings/other", json={"color": "red"})

        assert changed == client.get("/settings").json() == {"id": own["id"], "color": "green"}
        assert other.status_code == 404


def test_nested_records_that_do_not_name_their_parent_are_its_own_by_a_rule() -> None:
    path = ROOT / "spec" / "examples" / "billing.yaml"
    key = {"Authorization": "Bearer key"}

    with (
        mock_server.serve(document=path, count=5) as server,
        httpx.Client(base_url=server.base_url, headers=key) as client,
    ):
        one, other = (each["id"] for each in client.get("/customers?limit=2").json()["items"])
        sent = {"name": "Ida", "email": "ida@example.com"}
        made = client.post(f"/customers/{one}/contacts", json=sent).json()
        shown = [client.get(f"/customers/{each}/contacts").json()["items"] for each in (one, other)]
        changed = client.patch(f"/customers/{other}/contacts/{made['id']}", json={"name": "Eva"})

    assert made in shown[0]
    assert made not in shown[1]
    assert "customer" not in made
    assert changed.status_code == 404


BASKETS = """
openapi: 3.0.3
info: {title: Baskets, version: "1"}
paths:
  /baskets:
    get:
      responses:
        "200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Listed"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {things: {type: array}}}}}}
      responses:
        "201": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Basket"}}}}
  /baskets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Basket"}}}}
components:
  schemas:
    Listed: {type: object, required: [id], properties: {id: {type: string}}}
    Basket:
      type: object
      required: [id, things]
      properties: {id: {type: string}, things: {type: array, items: {$ref: "#/components/schemas/Thing"}}}
    Thing:
      type: object
      required: [name, addedAt]
      properties: {name: {type: string}, addedAt: {type: string, format: date-time}}
"""


def test_what_only_one_answer_requires_is_the_same_whenever_it_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "baskets.yaml"
    path.write_text(BASKETS)

    with mock_server.serve(document=path) as server, httpx.Client(base_url=server.url) as client:
        created = client.post("/baskets", json={"things": [{"name": "egg"}]}).json()
        shown = client.get(f"/baskets/{created['id']}").json()

    assert created["things"][0]["name"] == "egg"
    assert shown == created


ACCOUNTS = """
openapi: 3.0.3
info: {title: Accounts, version: "1"}
paths:
  /accounts:
    get:
      responses:
        "200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Account"}}}}}
  /accounts/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}
    put:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses:
        "200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}
  /notes:
    get:
      responses:
        "200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}
components:
  schemas:
    Account: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}}}
    Note: {type: object, required: [id], properties: {id: {type: string}, accountId: {type: string, x-fill: account}}}
"""


def test_the_record_of_the_account_itself_is_found_after_a_change(tmp_path: Path) -> None:
    path = tmp_path / "accounts.yaml"
    path.write_text(ACCOUNTS)

    with (
        mock_server.serve(document=path) as server,
        httpx.Client(base_url=server.url, auth=("someone", "secret")) as client,
    ):
        own = client.get("/notes").json()[0]["accountId"]
        changed = client.put(f"/accounts/{own}", json={"name": "Ours"}).json()

        assert changed == {"id": own, "name": "Ours"} == client.get(f"/accounts/{own}").json()
