"""The answers that a document describes: by which keys a list is found, and what its records hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.conform.list_under_test import ListUnderTest
from mock_server.data import starting_data
from mock_server.openapi import document
from mock_server.openapi.responses import find_json, find_response
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.settings import Settings
from tests.support import wire
from tests.support.servers import Serve

Small = Callable[..., Path]
Refusal = Callable[..., list[str]]

SIZE = "size: {type: integer, minimum: 1, maximum: 9}"


@pytest.mark.parametrize(
    ("statuses", "found"),
    [("200 2XX default", "200"), ("2XX default", "2XX"), ("default", "default"), ("2xx", "2xx"), ("404 4XX", None)],
)  # fmt: skip
def test_a_status_is_found_before_its_range_and_before_the_default(
    statuses: str, found: str | None
) -> None:
    assert find_response({"responses": dict.fromkeys(statuses.split(), 1)}, "200") == found


@pytest.mark.parametrize(
    ("types", "found"),
    [
        (["*/*", "application/json"], "application/json"), (["text/html", "*/*"], "*/*"),
        (["*/*", "application/*"], "application/*"), (["application/json; charset=utf-8"], "application/json; charset=utf-8"),
        (["Application/JSON;v=1"], "Application/JSON;v=1"), (["text/html"], None), (["text/*"], None), ([], None),
    ],
)  # fmt: skip
def test_json_is_found_under_its_type_and_under_ranges(types: list[str], found: str | None) -> None:
    assert find_json(dict.fromkeys(types, 1)) == found


@pytest.mark.parametrize(
    "replacement",
    [
        ("application/json", "'*/*'"), ("application/json", "application/*"),
        ("application/json", "application/json; charset=utf-8"), ("'200'", "2XX"), ("'200'", "default"),
        ("items: {type: array, items: {$ref: '#/components/schemas/Thing'}}",
         "items: {description: x, allOf: [{type: array}, {items: {$ref: '#/components/schemas/Thing'}}]}"),
        ("pagination: {type: object}", "pagination: {allOf: [{type: object}], description: x}"),
    ],
)  # fmt: skip
def test_a_list_is_found_however_its_answer_is_described(
    small: Small, serve: Serve, replacement: tuple[str, str]
) -> None:
    path = small(replacement)
    loaded = document.load(path)
    assert loaded.operations[0].record_schema["required"] == ["id", "kind"]
    assert loaded.statuses(loaded.operations[0]) == ["200"]
    unused: Any = None
    assert ListUnderTest(loaded, loaded.operations[0], unused).schema(200) is not None
    answer = wire.get(serve(document=path), "/v1/things?limit=1")
    assert (answer.status, answer.header("Content-Type")) == (200, "application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("described", "sent"),
    [
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("Application/HAL+json; charset=utf-8", "application/hal+json"),
        ("application/vnd.é+json", "application/json; charset=utf-8"),
    ],
)
def test_an_answer_is_of_the_format_that_is_described(
    small: Small, serve: Serve, described: str, sent: str
) -> None:
    path = small(("application/json", described))
    url = serve(document=path)
    answer = wire.get(url, "/v1/things?limit=1", "Accept: application/json")
    assert (answer.status, answer.header("Content-Type")) == (200, sent)
    refused = wire.get(url, "/v1/things", "Accept: text/html")
    assert (refused.status, refused.header("Content-Type")) == (406, "application/json; charset=utf-8")
    assert sent.partition(";")[0] in refused.json["error"]["message"]


# Members that only requests, or only answers, have

SECRET = "size: {allOf: [{type: string, writeOnly: true}]}"
SECRETS = ("      required: [id, kind]\n", "      required: [id, kind, size, inner]\n")
INNER = (
    f"{SECRET}\n        inner: {{type: object, required: [code, open], properties: {{code: {{type: string, "
    "writeOnly: true}, open: {type: boolean}}}"
)


def secret(small: Small) -> Path:
    return small((SIZE, INNER), SECRETS)


def test_no_answer_has_a_member_that_is_write_only(small: Small, serve: Serve) -> None:
    answer = wire.get(serve(document=secret(small)), "/v1/things?limit=100")
    assert {*answer.json["items"][0]} == {"id", "kind", "inner"}
    assert all({*item["inner"]} == {"open"} for item in answer.json["items"])
    loaded = document.load(secret(small))
    assert starting_data.load(loaded, Settings(count=3)).origins["things"] == "generated with seed 0"


def test_an_array_that_is_given_whole_has_no_more_records_than_its_schema_says(small: Small) -> None:
    bounded = ("items: {type: array,", "items: {type: array, maxItems: 2,")
    cursors = "".join(
        f"        - {{name: {n}, in: query, schema: {{type: string}}}}\n" for n in ("after", "before")
    )
    loaded = document.load(small(bounded, (cursors, "")))
    assert starting_data.load(loaded, Settings(count=5)).counts["things"] == 2
    assert document.load(small(bounded)).lists["things"].convention.maximum_limit == 2


def test_a_fixture_needs_no_member_that_is_write_only_and_has_none(
    small: Small, refusal: Refusal, tmp_path: Path
) -> None:
    loaded = document.load(secret(small))
    file = tmp_path / "fixtures.yaml"
    record = "id: 5a2a8a1f-0d0a-4f38-9b1c-000000000000, kind: round, inner: {open: true"
    file.write_text(f"things:\n  - {{{record}}}}}\n")
    assert len(starting_data.load(loaded, Settings(fixtures=(file,))).collections["things"]) == 1
    file.write_text(f"things:\n  - {{{record}, code: a}}, size: b}}\n")
    assert refusal(starting_data.load, loaded, Settings(fixtures=(file,))) == [
        "fixtures.yaml:2 at /things/0/size: no answer has this member (writeOnly); leave it out.",
        "fixtures.yaml:2 at /things/0/inner/code: no answer has this member (writeOnly); leave it out.",
    ]


def test_the_control_api_takes_no_record_with_a_member_that_is_write_only(
    small: Small, serve: Serve
) -> None:
    url = serve(document=secret(small))
    body = b'{"items": [{"kind": "round", "size": "a", "inner": {"open": true}, "id": "x"}]}'
    answer = wire.get(
        url, "/_mock/collections/things", f"Content-Length: {len(body)}",
        "Content-Type: application/json", method="PUT", body=body,
    )  # fmt: skip
    assert "no answer has this member (writeOnly)" in answer.body.decode()


def test_a_body_has_no_member_that_is_read_only_and_needs_none() -> None:
    schema = {
        "required": ["id", "name"],
        "allOf": [{"properties": {"id": {"type": "string", "readOnly": True}}}],
        "properties": {
            "name": {"type": "string"},
            "list": {"items": {"type": "string", "readOnly": True}},
        },
    }
    assert list(CompiledSchema.of_body(schema).flaws({"name": "a", "list": ["b"]})) == []
    [flaw] = CompiledSchema.of_body(schema).flaws({"name": "a", "id": "b"})
    assert (flaw.place, flaw.keyword, flaw.message) == (
        ("id",), "readOnly", "no request has this member (readOnly)",
    )  # fmt: skip
    assert list(CompiledSchema.of_answer(schema).flaws({"name": "a", "id": "b"})) == []
    assert [flaw.place for flaw in CompiledSchema.of_answer(schema).flaws({"name": "a"})] == [("id",)]


def test_a_parameter_whose_schema_is_read_only_is_taken(small: Small, serve: Serve) -> None:
    path = small(("name: kind, in: query, schema: {type: string}",
                  "name: kind, in: query, schema: {type: string, readOnly: true, maxLength: 3}"))  # fmt: skip
    assert wire.get(serve(document=path), "/v1/things?kind=a").status == 200


# Schemas that no record can be made for


@pytest.mark.parametrize(
    "schema",
    [
        "{type: string, minLength: 100000000}", "{type: number, multipleOf: 1.0e-300}",
        "{type: integer, multipleOf: 1.0e-300}", "{type: number, multipleOf: 1.0e+308}",
        "{type: integer, minimum: 1000000000000000000000000000000}", "{type: number, minimum: 1.0e+300}",
        "{type: number, minimum: 1.0e+300, multipleOf: 1.0e-300}", "{type: integer, multipleOf: 18446744073709551616}",
        "{type: number, maximum: -1.0e+308}", "{type: array, minItems: 100000000, items: {type: integer}}",
        "{type: array, minItems: 9999, items: {type: array, minItems: 9999, items: {type: array, minItems: 9999, "
        "items: {type: string, minLength: 9999}}}}",
        "{type: integer, minimum: -5, maximum: -1.0e+300}", "{type: string, minLength: 5, maxLength: 1}",
        "{type: number, minimum: 5, maximum: 1, exclusiveMinimum: true, exclusiveMaximum: true}",
    ],
)  # fmt: skip
def test_records_of_a_schema_that_none_can_fit_are_made_all_the_same(small: Small, schema: str) -> None:
    loaded = document.load(small((SIZE, f"size: {schema}")))
    data = starting_data.load(loaded, Settings(count=3))
    assert all(len(encoded) < 2_000_000 for encoded in data.collections["things"].at(range(3)))


@pytest.mark.parametrize(
    "number", [f"0x{'f' * 20_000}", f"0o{'7' * 20_000}", "9" * 20_000, f"-{'9' * 5000}"]
)
def test_a_number_of_too_many_digits_is_refused(small: Small, refusal: Refusal, number: str) -> None:
    [found] = refusal(document.load, small((SIZE, f"size: {{type: integer, maximum: {number}}}")))
    assert found.startswith(f"small.yaml:32: '{number[:60]}…' has more than 308 digits; quote it")
