"""Sums that records of fixture files state: `check` compares them with lines, and made lines come to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

import mock_server
from mock_server.cli.commands import cli

DOCUMENT = """
openapi: 3.0.3
info: {title: Bills, version: "1"}
paths:
  /bills:
    get: {responses: {"200": {description: All, content: {application/json: {schema: {
      type: array, items: {$ref: "#/components/schemas/Bill"}}}}}}}
  /bills/{billId}:
    parameters: [{name: billId, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: One, content: {application/json: {schema: {
      $ref: "#/components/schemas/Bill"}}}}}}
  /bills/{billId}/lines:
    parameters: [{name: billId, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: All, content: {application/json: {schema: {
      type: array, items: {$ref: "#/components/schemas/Line"}}}}}}}
  /bills/{billId}/lines/{lineId}:
    parameters:
      - {name: billId, in: path, required: true, schema: {type: string}}
      - {name: lineId, in: path, required: true, schema: {type: string}}
    get: {responses: {"200": {description: One, content: {application/json: {schema: {
      $ref: "#/components/schemas/Line"}}}}}}
    patch:
      requestBody: {content: {application/json: {schema: {
        type: object, properties: {quantity: {type: integer}}}}}}
      responses: {"200": {description: One, content: {application/json: {schema: {
        $ref: "#/components/schemas/Line"}}}}}
components:
  schemas:
    Bill:
      type: object
      required: [id, net, tax, gross, weight]
      properties:
        id: {type: string}
        net: {type: string, example: "10.00", x-sum: {field: net, of: lines, by: billId}}
        tax: {type: string, example: "10.00", x-sum: {field: tax, of: lines, by: billId}}
        gross: {type: string, example: "10.00", x-sum: {field: gross, of: lines, by: billId}}
        weight: {type: number, x-sum: {field: weight, of: lines, by: billId}}
    Line:
      type: object
      required: [id, billId, quantity, rate, rateOfTax, net, tax, gross, weight]
      properties:
        id: {type: string}
        billId: {type: string}
        quantity: {type: integer, minimum: 1}
        rate: {type: string, example: "10.00"}
        rateOfTax: {type: string, example: "20.00"}
        net: {type: string, example: "10.00", x-sum: {multiply: [quantity, rate]}}
        tax: {type: string, example: "10.00", x-sum: {multiply: [net, rateOfTax], percent: true}}
        gross: {type: string, example: "10.00", x-sum: {add: [net, tax]}}
        weight: {type: number}
"""

BILLS = """bills:
  - {id: one, net: "100.00", tax: "19.00", gross: "119.00", weight: 7.5}
  - {id: two, net: "0.01", tax: "0.00", gross: "0.01", weight: 0}
  - {id: three, net: "1000000.01", tax: "0.07", gross: "1000000.08", weight: 1}
  - {id: four, net: "0.00", tax: "0.00", gross: "0.00", weight: 0}
"""

LINES = """lines:
  - {id: a, billId: one, quantity: 4, rate: "20.00", rateOfTax: "19.00", net: "80.00", tax: "15.20",
     gross: "95.20", weight: 2.5}
  - {id: b, billId: one, quantity: 1, rate: "10.00", rateOfTax: "19.00", net: "10.00", tax: "1.90",
     gross: "11.90", weight: 5}
"""


def written(folder: Path, *fixtures: str) -> tuple[Path, list[Path]]:
    document = folder / "bills.yaml"
    document.write_text(DOCUMENT)
    files = [folder / f"fixtures-{number}.yaml" for number in range(len(fixtures))]
    for file, text in zip(files, fixtures, strict=True):
        file.write_text(text.replace("lines:", '"bills/{billId}/lines":'))
    return document, files


def warnings(document: Path, files: list[Path]) -> list[str]:
    options = [word for file in files for word in ("--fixtures", str(file))]
    found = CliRunner().invoke(cli, ["check", "--verbose", "--document", str(document), *options])
    assert found.exit_code == 0, found.output
    return [line for line in found.stderr.splitlines() if str(document.parent / "fixtures") in line]


def test_a_sum_that_lines_do_not_come_to_is_named_with_line_place_and_both_numbers(
    tmp_path: Path,
) -> None:
    document, files = written(tmp_path, BILLS, LINES)

    there = f"{files[0]}:2 at /bills/0"
    told = [line.removeprefix("Warning: ") for line in warnings(document, files)]
    own = [line for line in told if line.startswith(there)]

    assert own == [
        f"{there}/{member}: the {member} is '{said}', and its lines (2) come to '{sum_}'; write that, or "
        "change the lines."
        for member, said, sum_ in [
            ("net", "100.00", "90.00"), ("tax", "19.00", "17.10"), ("gross", "119.00", "107.10"),
        ]
    ]  # fmt: skip
    # Others have no lines, which is right where they come to nothing.
    others = [line.split()[2].removeprefix("/bills/").rstrip(":") for line in told if line not in own]
    assert others == ["1/net", "1/gross", "2/net", "2/tax", "2/gross", "2/weight"]


def test_lines_that_are_made_come_to_what_the_fixture_says(tmp_path: Path) -> None:
    document, files = written(tmp_path, BILLS)

    assert warnings(document, files) == []
    with (
        mock_server.serve(document=document, fixtures=files) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        for bill in client.get("/bills").json():
            lines = client.get(f"/bills/{bill['id']}/lines").json()
            assert lines
            for member in ("net", "tax", "gross", "weight"):
                added = sum(round(float(each[member]) * 100) for each in lines)
                assert added == round(float(bill[member]) * 100), (bill, lines)
            assert all(float(each["net"]) >= 0 for each in lines)


def test_a_line_that_is_made_is_what_its_own_members_come_to(tmp_path: Path) -> None:
    document, files = written(tmp_path, BILLS)

    with (
        mock_server.serve(document=document, fixtures=files) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        lines: list[dict[str, Any]] = client.get("/bills/one/lines").json()
        for each in lines:
            net, tax = round(float(each["net"]) * 100), round(float(each["tax"]) * 100)
            assert net == round(each["quantity"] * float(each["rate"]) * 100)
            assert tax == pytest.approx(net * float(each["rateOfTax"]) / 100, abs=0.501)
            assert round(float(each["gross"]) * 100) == net + tax


@pytest.mark.parametrize("operator", ["add: [net, tax]", "subtract: [net, tax]", "subtract: [tax, net]"])
def test_a_sum_of_a_computed_member_alone_is_come_to_as_well(tmp_path: Path, operator: str) -> None:
    document, files = written(tmp_path, BILLS)
    text = DOCUMENT.replace("x-sum: {field: net", "x-other: {field: net")
    text = text.replace("x-sum: {field: tax", "x-other: {field: tax").replace(
        "add: [net, tax]", operator
    )
    document.write_text(text)

    assert warnings(document, files) == []


def test_a_fixture_that_states_no_sum_has_lines_as_others(tmp_path: Path) -> None:
    document, files = written(tmp_path, "bills: [{id: one, net: x, tax: x, gross: x, weight: 1}]")

    with (
        mock_server.serve(document=document, fixtures=files) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        assert all(float(each["net"]) > 0 for each in client.get("/bills/one/lines").json())
