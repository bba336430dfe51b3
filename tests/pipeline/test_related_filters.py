"""Filters that read the records of another collection, over a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

import mock_server
from mock_server.openapi import document
from tests.support.documents import ROOT

BILLING = ROOT / "spec" / "examples" / "billing.yaml"


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client of one account; no test counts on what another left."""
    key = {"Authorization": "Bearer key"}
    with (
        mock_server.serve(document=BILLING, count=20) as server,
        httpx.Client(base_url=server.base_url, headers=key) as connected,
    ):
        yield connected


def names(client: httpx.Client, **query: str) -> list[str]:
    return [each["name"] for each in client.get("/customers", params=query).json()["items"]]


def test_customers_who_owe_are_those_of_whom_an_invoice_is_issued(client: httpx.Client) -> None:
    made = client.post(
        "/customers", json={"name": "Fjord Tours", "address": {"city": "Bergen", "country": "NO"}}
    )
    invoice = client.post("/invoices", json={"customerId": made.json()["id"], "currency": "NOK"}).json()
    found = [(names(client, owes="true")[:1], names(client, owes="false")[:1])]
    client.post(f"/invoices/{invoice['id']}/issue")
    found.append((names(client, owes="true")[:1], names(client, owes="false")[:1]))

    assert found[0][1] == ["Fjord Tours"] != found[0][0]
    assert found[1][0] == ["Fjord Tours"] != found[1][1]


def test_with_and_without_are_all(client: httpx.Client) -> None:
    totals = [
        client.get("/customers", params=query).json()["paging"]["total"]
        for query in ({}, {"owes": "true"}, {"owes": "false"})
    ]

    assert totals[0] == totals[1] + totals[2]
    assert 0 < totals[1] < totals[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("on: {id: customerId}", "by: customerId", "x-filter/through"),
        ("match: present", "match: before", "moments and numbers of other records are not compared"),
        ("match: present", "match: present\n        values: [a]", "which texts ask for a value"),
    ],
)
def test_a_rule_that_is_not_understood_is_refused(
    tmp_path: Path, refusal: Callable[..., list[str]], old: str, new: str, said: str
) -> None:
    path = tmp_path / "billing.yaml"
    path.write_text(BILLING.read_text())
    overlay = BILLING.with_name("billing.overlay.yaml").read_text()
    before, owes, after = overlay.partition("name == 'owes'")
    path.with_name("billing.overlay.yaml").write_text(before + owes + after.replace(old, new, 1))

    assert any(said in each for each in refusal(document.load, path))


AMOUNTS = """
openapi: 3.0.3
info: {title: Bills, version: "1"}
paths:
  /bills:
    get:
      parameters:
        - {name: total, in: query, schema: {type: number}, x-filter: {field: total, match: equals}}
        - {name: other, in: query, schema: {type: number}, x-filter: {field: total, match: not-any-of}}
        - {name: leaveOutZero, in: query, schema: {type: boolean},
           x-filter: {field: total, match: not-any-of, values: [0]}}
      responses:
        "200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Bill"}}}}}
components:
  schemas:
    Bill: {type: object, required: [id, total], properties: {id: {type: string}, total: {type: string}}}
"""


def test_a_number_finds_amounts_that_are_texts(tmp_path: Path) -> None:
    path, records = tmp_path / "bills.yaml", tmp_path / "records.yaml"
    path.write_text(AMOUNTS)
    totals = ["0", "0.00", "12", "12.00", "12.50"]
    records.write_text(
        "bills:\n" + "".join(f"  - {{id: b{n}, total: '{t}'}}\n" for n, t in enumerate(totals))
    )

    with (
        mock_server.serve(document=path, fixtures=records) as server,
        httpx.Client(base_url=server.base_url) as client,
    ):
        found = [
            [each["total"] for each in client.get(f"/bills?{query}").raise_for_status().json()]
            for query in ("total=12", "total=0.0", "other=12", "leaveOutZero=true")
        ]

    assert found == [["12", "12.00"], ["0", "0.00"], ["0", "0.00", "12.50"], ["12", "12.00", "12.50"]]
