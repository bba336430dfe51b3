"""The overlay to begin with: valid as it stands, and so are the lines that it leaves as comments."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from mock_server import cli
from mock_server.formats import yaml
from mock_server.lists.convention import Convention
from mock_server.openapi import document, error_fit, overlay_draft, overlay_schema
from mock_server.openapi.document import Document
from tests.documents.survey import documents
from tests.support.documents import CONVENTIONS, ROOT, SMALL

FOLDER = os.environ.get("MOCK_SERVER_DOCUMENTS", "")
EXAMPLES = [p for p in (ROOT / "spec" / "examples").glob("*.yaml") if ".overlay" not in p.name]

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
        - {name: buyer, in: query, schema: {type: string}}
        - {name: buyer_names, in: query, x-filter: false, schema: {type: string}}
        - {name: made_on, in: query, schema: {type: string, format: date}}
        - {name: payer, in: query, schema: {type: string}}
        - {name: exclude_colour, in: query, schema: {type: string}}
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
        madeOn: {type: string, format: date-time}
        payer_id: {type: string}
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


def uncommented(text: str, holding: str = "") -> str:
    """Take the `#` from the actions that hold a text: from `- target` on, with more blanks."""

    def take(action: re.Match[str]) -> str:
        return action[0].replace("\n  # ", "\n  ") if holding in action[0] else action[0]

    return re.sub(r"\n  # - target.*(\n  #   .*)*", take, text)


def conventions(loaded: Document) -> dict[str, Convention]:
    return {name: o.convention for name, o in loaded.lists.items() if o.convention.is_paged}


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


@pytest.mark.parametrize(
    ("key", "drafted"),
    [
        ("{type: string, nullable: true}", "{key|null}"),
        ("{anyOf: [{type: string}, {enum: [null], nullable: true}]}", "{key|null}"),
        ("{type: string}", "{key|}"),
    ],
)
def test_a_member_that_errors_must_have_is_there_without_a_parameter(
    shop: Path, key: str, drafted: str
) -> None:
    text = shop.read_text().replace("required: [type, message]", "required: [type, message, field]")
    shop.write_text(text.replace("field: {type: string}", f"field: {key}"))
    loaded = load(shop, overlay_draft.draft(document.load(shop)))
    assert loaded.effective["x-error"]["body"]["error"]["field"] == drafted
    assert loaded.warnings == ()


def test_the_lines_that_are_comments_are_valid_too(shop: Path) -> None:
    text = overlay_draft.draft(document.load(shop))
    assert (
        "# These have no effect, and no property is like them: created_from, buyer, made_on, exclude_colour."
        in text
    )
    loaded = load(shop, uncommented(text))
    assert loaded.warnings == ()
    [orders] = loaded.operations
    filters = {p.name: (p.filters.field, p.filters.match) for p in orders.query if p.filters}
    assert filters == {
        "buyers_name": ("buyerName", "contains"),
        "order_states": ("orderState", "any-of"),
        "colours": ("colour", "any-of"),
        "payer": ("payer_id", "equals"),
    }
    assert loaded.version_rules


AFTER = "{name: after, in: query, schema: {type: string}}"
BOOKMARK, SAID = AFTER.replace("after", "bookmark"), "pagination: {type: object}"


@pytest.mark.parametrize(
    ("parameter", "said", "lack", "style"),
    [
        ("", "pages: {type: string}", "page, it lacks a query parameter for the page's number", "page"),
        ("", "offset: {type: integer}", "offset, it lacks a query parameter for the offset", "offset"),
        ("", "next_cursor: {type: string}", "cursor, it lacks a query parameter for the cursor", "cursor"),
        (BOOKMARK, "pages: {type: string}", "cursor, it lacks a member of the answer, or a header,", "cursor"),
        (AFTER.replace("string", "string, maxLength: 2"), SAID, "cursor, it lacks a type of 'after'", "page"),
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
    prose = " ".join(re.findall(r"^  # (\S.*)$", drafted, re.MULTILINE))
    assert f"/v3/orders: for the nearest scheme, of style {lack}" in prose
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


# Lists of which one scheme fits those of others: with and without a total, at two places, by URLs alone.
ORDERED = """
openapi: 3.0.3
info: {title: Ordered, version: '1'}
paths:
  /pages: {get: {parameters: &page [{name: page, in: query, schema: {type: integer}}], responses: &bare {
    '200': {description: OK, content: {application/json: {schema: {type: array, items: {type: object}}}}}}}}
  /more-pages: {get: {parameters: *page, responses: *bare}}
  /totals: {get: {parameters: *page, responses: {'200': {description: OK, content: {application/json: {
    schema: {type: object, properties: {rows: &array {type: array, items: {type: object}},
      total_pages: {type: integer}}}}}}}}}
  /urls: {get: {responses: {'200': {description: OK, headers: {Link: {schema: {type: string}}}, content: {
    application/json: {schema: *array}}}}}}
  /whole: {get: {responses: *bare}}
  /from-0: {get: {parameters: [{name: page, in: query, schema: {type: integer, default: 0}}],
    responses: *bare}}
  /cursors: {get: {parameters: [&after {name: after, in: query, schema: {type: string}}], responses: {'200': {
    description: OK, content: {application/json: {schema: {type: object, properties: {items: *array,
      next: {type: string}, total: {type: integer}}}}}}}}}
  /both-ways: {get: {parameters: [*after, {name: before, in: query, schema: {type: string}}], responses: {
    '200': {description: OK, content: {application/json: {schema: {type: object, properties: {items: *array,
      next: {type: string, nullable: true}, previous: {type: string, nullable: true}}}}}}}}}
"""


def require_the_same(path: Path, written: Path) -> None:
    """Let a document be served with its draft, and with all schemes of the draft, as it is without."""
    alone = document.load(path, is_alone=True)
    text = overlay_draft.draft(alone)
    texts = [text, re.sub(r"\n  # - target.*(\n  #   .*)*parameters:.*(\n  #   .*)*", "", text)]
    for each in (texts[0], uncommented(texts[1], "x-list: "), uncommented(texts[1], "x-list:")):
        Draft7Validator(overlay_schema.schema()).validate(yaml.load(each))
        written.write_text(each)
        loaded = document.load(path, written)
        assert len(loaded.warnings) == len(alone.warnings)
        assert conventions(loaded) == conventions(alone)
        assert max(len(line) for line in each.splitlines()) <= 160


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_draft_changes_no_list_of_an_example(path: Path, tmp_path: Path) -> None:
    require_the_same(path, tmp_path / "draft.yaml")
    assert "\n  # - target: $\n" in overlay_draft.draft(document.load(path, is_alone=True))


@pytest.mark.parametrize("text", [CONVENTIONS, ORDERED])
def test_a_draft_changes_no_list_though_one_scheme_fits_those_of_others(
    text: str, tmp_path: Path
) -> None:
    path = tmp_path / "lists.yaml"
    path.write_text(text)
    require_the_same(path, tmp_path / "draft.yaml")


def test_the_most_particular_scheme_comes_first_and_one_of_too_many_lists_stands_apart(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lists.yaml"
    path.write_text(ORDERED)
    text = overlay_draft.draft(document.load(path))
    root = text.index("# - target: $\n")
    assert root < text.index("# /totals") < text.index("# /pages and 2 more")
    assert "# - target: $.paths['/urls'].get\n  #   update: {x-list: {style: url, items: $," in text
    assert "after: cursor" not in text


def test_a_list_that_pages_by_a_scheme_of_the_document_itself_is_not_drafted(tmp_path: Path) -> None:
    path = tmp_path / "lists.yaml"
    path.write_text(
        f"{SMALL}x-list: [{{style: cursor, cursor: id, request: {{limit: limit, after: after}}}}]\n"
    )
    text = overlay_draft.draft(document.load(path))
    assert ("x-list" in text, "/things" in text) == (False, False)


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER, reason="MOCK_SERVER_DOCUMENTS names no folder of documents")
def test_a_draft_changes_no_list_of_published_documents(tmp_path: Path) -> None:
    for path in documents(Path(FOLDER)):
        require_the_same(path, tmp_path / "draft.yaml")


def test_a_draft_takes_no_overlay_that_lies_beside_the_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "draft.yaml"
    charges = next(path for path in EXAMPLES if path.stem == "charges")
    assert cli.main(["overlay", "--document", str(charges), "--out", str(out)]) == 0
    assert "x-error:" in out.read_text()
    assert "limitDefault" not in out.read_text()
    assert "charges.overlay.yaml is not read for it." in capsys.readouterr().out


def test_the_command_writes_a_new_file_and_replaces_none(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shop.with_name("shop.overlay.yaml")
    command = ["overlay", "--document", str(shop), "--out", str(out)]
    assert cli.main(command) == 0
    assert "x-error" in out.read_text()
    assert cli.main(command) == 2
    assert "is not replaced; name another file" in capsys.readouterr().err
