"""Records of a list below a parent show what the path names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mock_server.server import server
from mock_server.settings import Settings
from tests.support.callers import send
from tests.support.servers import build

ORDER = {
    "type": "object",
    "required": ["id", "customerId", "shop", "number", "state", "tag"],
    "properties": {
        "id": {"type": "string"},
        "customerId": {"type": "string"},
        "shop": {"type": "integer", "maximum": 99},
        "number": {"type": "object"},
        "state": {"type": "string", "enum": ["new", "old"]},
        "tag": {"type": "string"},
    },
}
PATH = "/customers/{customer_id}/shops/{shop}/{id}/{number}/{state}/{tag}/orders"


def document() -> dict[str, Any]:
    names = ["customer_id", "shop", "id", "number", "state", "tag"]
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
    ]
    parameters.append({"name": "tag", "in": "query", "schema": {"type": "string"}})
    answer = {"type": "array", "items": ORDER}
    content = {"application/json": {"schema": answer}}
    get = {"parameters": parameters, "responses": {"200": {"description": "OK", "content": content}}}
    return {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {PATH: {"get": get}}}


def test_a_property_named_like_a_parameter_of_the_path_shows_what_was_sent(tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document()))
    with server.in_thread(build(Settings(document=path, count=3))) as url:
        items = send(url, "demo", "/customers/c%C3%A9%22/shops/7/x/y/old/t/orders").json
        others = send(url, "demo", "/customers/d/shops/100/x/y/neither/t/orders").json
        name = PATH.removeprefix("/")
        stored = send(url, "demo", f"/_mock/collections/{name.replace('/', '%2F')}").json["items"]
    assert [(item["customerId"], item["shop"], item["state"]) for item in items] == [
        ('c\xe9"', 7, "old")
    ] * 3
    same = {"customerId", "shop", "state"}
    for item, other, record in zip(items, others, stored, strict=True):
        assert other == record | {"customerId": "d"}
        assert {n: v for n, v in item.items() if n not in same} == {
            n: v for n, v in record.items() if n not in same
        }
    assert len({item["id"] for item in items}) == 3


def test_records_of_a_file_say_themselves_what_they_belong_to(tmp_path: Path) -> None:
    path, fixture = tmp_path / "document.json", tmp_path / "orders.json"
    path.write_text(json.dumps(document()))
    order = {"id": "1", "customerId": "c", "shop": 1, "number": {}, "state": "new", "tag": "t"}
    fixture.write_text(json.dumps({PATH.removeprefix("/"): [order]}))
    settings = Settings(document=path, fixtures=(fixture,))
    with server.in_thread(build(settings)) as url:
        assert send(url, "demo", "/customers/d/shops/7/x/y/old/t/orders").json == [order]
