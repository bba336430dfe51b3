"""A GET that is no list is answered with the document's example, or by its schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.cli import main
from tests.support import wire

Answer = dict[str, Any]

UUID = "0185a140-194a-4e9d-9fae-6a034fd4a725"


def answer(schema: Any = None, **more: Any) -> Answer:
    content = more | ({} if schema is None else {"schema": schema})
    return {
        "get": {"responses": {"200": {"description": "x", "content": {"application/json": content}}}}
    }


def with_id(described: Answer, schema: Answer) -> Answer:
    parameter = {"name": "id", "in": "path", "required": True, "schema": schema}
    return {"get": described["get"] | {"parameters": [parameter]}}


THING = {
    "type": "object",
    "required": ["id", "size"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "size": {"type": "integer", "minimum": 5},
    },
}
NUMBERED = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
PATHS = {
    "/status": answer({"type": "object"}, example={"up": True}),
    "/named": answer(examples={"one": {"value": [1]}, "two": {"value": [2]}}),
    "/wrong": answer(THING, example={"id": UUID, "size": 1}),
    "/things/{id}": with_id(answer(THING), {"type": "string"}),
    "/numbered/{id}": with_id(answer(NUMBERED), {"type": "integer"}),
    "/nothing": {"get": {"responses": {"204": {"description": "nothing"}}}},
    "/made": {"post": {"responses": answer(THING)["get"]["responses"]}},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "no-list.json"
    info = {"title": "No list", "version": "1"}
    path.write_text(json.dumps({"openapi": "3.0.3", "info": info, "paths": PATHS}))
    return path


def test_the_example_is_the_answer_where_it_fits_and_else_the_schema_is(
    file: Path, serve: Callable[..., str]
) -> None:
    url = serve(document=file)
    assert wire.get(url, "/status").json == {"up": True}
    assert wire.get(url, "/named").json == [1]
    assert wire.get(url, "/wrong").json["size"] >= 5
    assert wire.get(url, "/nothing").status == 204
    assert wire.get(url, "/made").status == 405


def test_an_item_without_a_list_is_found_by_its_key(file: Path, serve: Callable[..., str]) -> None:
    url = serve(document=file)
    for collection in ("things", "numbered"):
        first = wire.get(url, f"/_mock/collections/{collection}?limit=1").json["items"][0]
        assert wire.get(url, f"/{collection}/{first['id']}").json == first
        missing = wire.get(url, f"/{collection}/0")
        assert missing.status == 404
        assert str(first["id"]) in missing.json["error"]["message"]


def test_check_says_what_is_answered_from_an_example(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--document", str(file)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("with the document's example, or by its schema") == 4
    assert shown.count("gets a record of") == 2
    assert shown.count("creates a record of made; answers 200") == 1
