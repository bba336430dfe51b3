"""The overlay to begin with: valid as it stands, and so are the lines that it leaves as comments."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from mock_server import cli
from mock_server.formats import yaml
from mock_server.openapi import document, error_fit, overlay_draft, overlay_schema
from mock_server.openapi.document import Document

SHOP = """
openapi: 3.0.3
info: {title: 'Shop: orders', version: '3'}
servers: [{url: 'https://api.example.com/v3'}]
paths:
  /orders:
    parameters:
      - {name: buyers_name, in: query, schema: {type: string}}
    get:
      operationId: listOrders
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: after, in: query, schema: {type: string}}
        - {name: created_from, in: query, schema: {type: string}}
        - {name: order_states, in: query, schema: {type: array, items: {type: string}}}
        - {$ref: '#/components/parameters/Colour'}
        - {name: Shop-Version, in: header, schema: {type: string}}
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                type: object
                properties:
                  items: {type: array, items: {$ref: '#/components/schemas/Order'}}
                  pagination: {type: object}
        4XX: {description: Bad, content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
components:
  parameters:
    Colour: {name: colours, in: query, schema: {type: string}}
  schemas:
    Error:
      type: object
      required: [error, request_id]
      properties:
        request_id: {type: string, example: 'req_{1}'}
        error:
          type: object
          required: [type, message]
          properties:
            type: {type: string, enum: [bad_request, not_found, api_error]}
            message: {type: string}
            field: {type: string}
    Order:
      type: object
      properties:
        id: {type: string}
        buyerName: {type: string}
        orderState: {type: string}
        colour: {type: string}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    return path


def load(path: Path, text: str) -> Document:
    Draft7Validator(overlay_schema.schema()).validate(yaml.load(text))
    written = path.with_name("written.yaml")
    written.write_text(text)
    return document.load(path, written)


def uncommented(text: str) -> str:
    """Take the `#` from the lines that are YAML: each begins with `- target`, or with more blanks."""
    return re.sub(r"^  # (- target|  )", r"  \1", text, flags=re.MULTILINE)


def test_the_overlay_is_valid_as_it_stands_and_says_how_errors_look(shop: Path) -> None:
    text = overlay_draft.draft(document.load(shop))
    assert text.startswith("# yaml-language-server: $schema=")
    loaded = load(shop, text)
    assert loaded.warnings == ()
    said = loaded.effective["x-error"]
    assert said["body"] == {
        "request_id": "req_{{1}}",
        "error": {"type": "{type}", "message": "{message}", "field": "{key}"},
    }
    assert (
        said["types"] | {"400": "bad_request", "404": "not_found", "503": "api_error"} == said["types"]
    )
    assert (
        error_fit.warnings(
            loaded.effective, loaded.operations, loaded.error_shape, loaded.references.problem
        )
        == []
    )


def test_the_lines_that_are_comments_are_valid_too(shop: Path) -> None:
    text = overlay_draft.draft(document.load(shop))
    assert "# No property is like created_from" in text
    loaded = load(shop, uncommented(text))
    assert loaded.warnings == ()
    [orders] = loaded.operations
    filters = {p.name: (p.filters.field, p.filters.match) for p in orders.query if p.filters}
    assert filters == {
        "buyers_name": ("buyerName", "contains"),
        "order_states": ("orderState", "any-of"),
        "colours": ("colour", "contains"),
    }
    assert loaded.version_rules


AFTER = "{name: after, in: query, schema: {type: string}}"
BOOKMARK, SAID = AFTER.replace("after", "bookmark"), "pagination: {type: object}"


@pytest.mark.parametrize(
    ("parameter", "said", "lack", "style"),
    [
        ("", "pages: {type: string}", "page, lacks a query parameter for the page's number", "page"),
        ("", "offset: {type: integer}", "offset, lacks a query parameter for the offset", "offset"),
        ("", "next_cursor: {type: string}", "cursor, lacks a query parameter for the cursor", "cursor"),
        (BOOKMARK, "pages: {type: string}", "cursor, lacks a member of the answer, or a header,", "cursor"),
        (AFTER.replace("string", "string, maxLength: 2"), SAID, "cursor, lacks a type of 'after'", "page"),
    ],
)  # fmt: skip
def test_a_list_that_is_served_whole_gets_the_nearest_scheme(
    tmp_path: Path, parameter: str, said: str, lack: str, style: str
) -> None:
    path = tmp_path / "shop.yaml"
    records = "id: {type: string}\n        buyerName"
    text = SHOP.replace(f"- {AFTER}", f"- {parameter}" if parameter else "").replace(SAID, said)
    path.write_text(text.replace(records, "buyerName"))
    [orders] = document.load(path).lists.values()
    assert not orders.convention.is_paged
    drafted = overlay_draft.draft(document.load(path))
    assert f"The nearest scheme, of style {lack}" in drafted
    loaded = load(path, uncommented(drafted))
    assert loaded.warnings == ()
    [paged] = loaded.lists.values()
    assert (paged.convention.style, "limit" in paged.convention.request) == (style, True)


def test_a_document_that_lacks_nothing_gets_an_overlay_that_changes_nothing(
    small: Callable[..., Path],
) -> None:
    path = small()
    loaded = load(path, overlay_draft.draft(document.load(path)))
    assert loaded.effective == document.load(path).effective


def test_the_command_writes_a_new_file_and_replaces_none(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shop.with_name("shop.overlay.yaml")
    command = ["overlay", "--document", str(shop), "--out", str(out)]
    assert cli.main(command) == 0
    assert "x-error" in out.read_text()
    assert cli.main(command) == 2
    assert "is not replaced; name another file" in capsys.readouterr().err
