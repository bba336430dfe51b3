"""Routing: which paths lead to an operation, and what its path parameters hold."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock
from urllib.parse import quote, unquote

import pytest
from starlette.exceptions import HTTPException

from mock_server.data.unmade_chunk import Making
from mock_server.pipeline.connexion_parts import RoutingSpecification
from mock_server.pipeline.routing import RouteResolver, Routing
from mock_server.server.asgi import Scope
from tests.support import wire
from tests.support.callers import Caller, covered
from tests.support.documents import ROOT
from tests.support.servers import Serve
from tests.support.stock_parts import StarletteRouting

PARAMETERS = (
    "      parameters:\n",
    "      parameters:\n        - {name: shelf, in: path, required: true, schema: {}}\n",
)


@pytest.fixture
def shelves(small: Callable[..., Path], serve: Serve) -> Callable[[str], Caller]:
    """Starts a server whose parameter `shelf` has a schema; gives a caller of it."""

    def start(schema: str) -> Caller:
        shelf = (PARAMETERS[0], PARAMETERS[1].replace("{}}", f"{schema}}}"))
        document = small(("  /things:", "  /shelves/{shelf}/things:"), shelf)
        return Caller(serve(document=document, count=3), "me")

    return start


@pytest.mark.slow
@pytest.mark.parametrize(
    "sent",
    ["group%2Fproj", "group%2fproj", "%2F", "a%0Ab", "a%0A", "a%252Fb", "%2e%2e", "%00", "%E2%80%A8"],
)
def test_an_encoded_character_is_data_of_its_segment(
    shelves: Callable[[str], Caller], sent: str
) -> None:
    me = shelves("{type: string}")
    path = f"/v1/shelves/{sent}/things"
    answer = me.send("GET", f"{path}?limit=2")
    assert (answer.status, len(answer.json["items"])) == (200, 2)
    assert me.send("GET", f"{path}?limit=2").body == answer.body
    refused = me.send("POST", path)
    assert (refused.status, refused.header("Allow")) == (405, "GET, HEAD, OPTIONS")
    assert me.send("OPTIONS", path).header("Allow") == "GET, HEAD, OPTIONS"
    journal = me.done("GET", "/requests")["items"]
    assert [(entry["path"], entry["operation"]) for entry in journal[:2]] == [(path, "listThings")] * 2
    assert "200" in covered(me.url, "me", operation="listThings")["statuses"]


def test_the_decoded_value_is_checked_by_the_parameter_s_schema(
    shelves: Callable[[str], Caller],
) -> None:
    me = shelves("{type: string, enum: [a/b, 'a%2Fb']}")
    statuses = {
        sent: me.send("GET", f"/v1/shelves/{sent}/things").status
        for sent in ("a%2Fb", "%61%2fb", "a%252Fb", "a%2Fc", "a%5Cb")
    }
    assert statuses == {"a%2Fb": 200, "%61%2fb": 200, "a%252Fb": 200, "a%2Fc": 400, "a%5Cb": 400}


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("/v1%2Fshelves/5/things", "/v1/shelves/5/things"),
        ("/v1/shelves/5%2Fthings", "/v1/shelves/5/things"),
        ("/shelves/a%2fb/things", "/v1/shelves/a%2Fb/things"),
    ],
)
def test_an_encoded_separator_is_none_and_the_path_meant_is_named(
    shelves: Callable[[str], Caller], target: str, meant: str
) -> None:
    answer = shelves("{type: string}").send("GET", target)
    assert answer.status == 404
    assert f"did you mean {meant}?" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/%5Fmock/health", 200),
        ("/_mock%2Fhealth", 404),
        ("/_mock/health%2F", 404),
        ("/_mock/%68ealth", 200),
    ],
)
def test_the_control_api_decodes_paths_alike(url: str, target: str, status: int) -> None:
    assert wire.get(url, target).status == status


METRICS = "/api/usage-metrics"

BY_ID = """
  - target: $
    update:
      x-list:
        - {style: cursor, items: items, cursor: id, request: {limit: limit, after: after}}
"""


@pytest.mark.parametrize("query", ["", "?after=5a2a8a1f-0d0a-4f38-9b1c-000000000001"])
def test_records_in_which_cursors_are_looked_up_are_made_in_a_thread(
    small: Callable[..., Path], serve: Serve, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    made = threads_that_make(monkeypatch)
    url = serve(document=small(overlay=BY_ID))
    assert wire.get(url, f"/v1/things{query}").status == (400 if query else 200)
    assert made == ["records"]


def threads_that_make(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the name of the thread that makes some hundred records, for each time."""
    threads: list[str] = []
    make_next = Making.make_next

    def note(making: Making) -> None:
        threads.append(threading.current_thread().name.rpartition("_")[0])
        make_next(making)

    monkeypatch.setattr(Making, "make_next", note)
    return threads


def test_a_page_waits_for_its_own_records_alone_unless_it_depends_on_others(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = threads_that_make(monkeypatch)
    url = serve(count=2_000)
    page = wire.get(url, f"{METRICS}?limit=100").json
    assert page["pagination"]["totalResultSize"] == 2_000
    assert made == ["records"]
    seen = page["items"]
    for _ in range(5):
        page = wire.get(url, f"{METRICS}?limit=100&after={page['pagination']['after']}").json
        seen += page["items"]
    assert made == ["records"] * 2
    found = wire.get(url, f"{METRICS}?limit=100&name={quote(seen[0]['name'])}").json["items"]
    assert seen[0] in found
    assert made == ["records"] * 4
    again = wire.get(url, f"{METRICS}?limit=100").json["items"]
    assert again == seen[:100]


def test_other_records_are_made_where_a_filter_that_is_sent_reads_them(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = threads_that_make(monkeypatch)
    url = serve(document=ROOT / "spec" / "examples" / "billing.yaml", count=20)
    for query, number in (("limit=2", 1), ("owes=true", 2)):
        answer = wire.get(url, f"/v1/customers?{query}", "Authorization: Bearer key", auth=False)
        assert answer.status == 200
        assert made == ["records"] * number


class _Handlers(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        return lambda: name


def _specification(base_path: str) -> RoutingSpecification:
    operation = {"responses": {"default": {"description": "Any"}}}
    named = {"name": "p0", "in": "path", "required": True, "schema": {"type": "string"}}
    paths: dict[str, Any] = {
        "/things": {"get": operation, "post": operation},
        "/things/of.all": {"get": operation},
        "/things/{p0}": {"get": {**operation, "parameters": [named]}},
    }
    info = {"title": "Things", "version": "1"}
    servers = [{"url": base_path or "/"}]
    return RoutingSpecification({"openapi": "3.0.3", "info": info, "servers": servers, "paths": paths})


@pytest.mark.parametrize("base_path", ["", "/v1", "/v1/a.b"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
@pytest.mark.parametrize(
    "path",
    ["/things", "/things/", "/things/of.all", "/things/x", "/th%69ngs", "/things%2Fx", "", "/of.all"],
)
def test_the_table_of_plain_paths_leads_where_the_routers_lead(
    base_path: str, method: str, path: str
) -> None:
    found: list[Any] = []
    raw_path = base_path + path

    async def note(scope: Scope, *_rest: Any) -> None:
        found.append((scope["path"], scope["path_params"], scope["extensions"]["connexion_routing"]))

    for kind in (Routing, StarletteRouting):
        routing = kind(note)
        resolver = RouteResolver("", _Handlers())
        routing.add_api(_specification(base_path), base_path=None, resolver=resolver)
        scope: Scope = {"type": "http", "method": method, "path": unquote(raw_path), "extensions": {}}
        scope["raw_path"] = raw_path.encode()
        try:
            asyncio.run(routing(scope, AsyncMock(), AsyncMock()))
        except HTTPException as error:
            found.append(error.status_code)
    own, stock = found
    assert own == stock
