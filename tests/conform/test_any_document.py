"""The conformance kit on documents of any vendor: what it sends by itself, and what it leaves open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import Sandbox
from mock_server.conform import runner
from mock_server.conform.made_values import made_value
from mock_server.conform.request_values import ValueFinder
from mock_server.conform.runner import Finding
from mock_server.openapi import document
from mock_server.openapi.operations import Operation
from tests.support.conformance import checks_by_outcome, findings
from tests.support.servers import Serve

UUID = {"type": "string", "format": "uuid"}
THING = {"type": "object", "required": ["id"], "properties": {"id": UUID, "size": {"type": "integer"}}}
PAGES: list[dict[str, Any]] = [
    {"name": "page", "in": "query", "schema": {"type": "integer"}},
    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
]


def a_list(
    items: Any = THING, parameters: Any = PAGES, name: str = "listThings", **more: Any
) -> dict[str, Any]:
    """Return a path with an operation of that id, whose answer has an array `data`."""
    answer = {"type": "object", "properties": {"data": {"type": "array", "items": items}}}
    content = {"application/json": {"schema": answer}}
    responses = {"200": {"description": "OK", "content": content}}
    get = {"operationId": name, "parameters": parameters, "responses": responses, **more}
    return {"get": get}


def of_path(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema or {"type": "string"}}


def write(folder: Path, paths: dict[str, Any], **more: Any) -> Path:
    path = folder / "vendor.json"
    info = {"title": "Vendor", "version": "1"}
    path.write_text(json.dumps({"openapi": "3.0.3", "info": info, "paths": paths, **more}))
    return path


def open_ends(found: list[Finding]) -> list[str]:
    """Return the lines of what did not pass."""
    return [f"{each} {each.message}" for each in found if each.outcome != runner.PASSED]


@pytest.mark.slow
def test_lists_below_others_are_asked_for_with_the_id_of_a_record(serve: Serve, tmp_path: Path) -> None:
    required = {"name": "X-Team", "in": "header", "required": True, "schema": {"type": "string"}}
    since = {
        "name": "from",
        "in": "query",
        "required": True,
        "schema": {"type": "integer", "minimum": 3},
    }
    kind = {"name": "kind", "in": "query", "required": True, "schema": {"enum": ["a", "b"]}}
    paths = {
        "/things/{thing_id}/parts": a_list(
            parameters=[of_path("thing_id", **UUID), *PAGES], name="listParts"
        ),
        "/things": a_list(),
        "/codes/{code}/uses.json": a_list(
            parameters=[
                of_path("code", type="string", pattern="^X[0-9]{4}$"),
                *PAGES,
                since,
                kind,
                required,
            ]
        ),
    }
    path = write(tmp_path, paths)
    url = serve(document=path, count=30)
    assert open_ends(findings(url, document=path)) == []
    asked = Sandbox(url, "demo", "secret").requests()
    [thing] = {each["path"].split("/")[2] for each in asked if each["path"].endswith("/parts")}
    first = next(each for each in asked if each["path"] == "/things")
    assert thing in json.dumps(Sandbox(url, "demo", "secret").records("things")[:1])
    assert first["status"] == 200
    uses = [each for each in asked if each["path"].endswith("uses.json")]
    assert all("from=10" in each["query"] and "kind=a" in each["query"] for each in uses)


def test_a_value_that_only_the_server_knows_leaves_one_line(serve: Serve, tmp_path: Path) -> None:
    url = serve(document=write(tmp_path, {"/things": a_list()}), count=3)
    paths = {
        "/things": a_list(),
        "/teams/{team}/things": a_list(parameters=[of_path("team"), *PAGES], name="listOwn"),
    }
    found = findings(url, document=write(tmp_path, paths))
    assert open_ends(found) == [
        "undecidable  answers  listOwn: 404 came, maybe for the value of team; give the "
        "parameter an 'example' by an overlay 404 came, maybe for the value of team; give the parameter "
        "an 'example' by an overlay"
    ]


def test_filters_by_lists_numbers_and_what_no_answer_shows_are_no_failure(
    serve: Serve, tmp_path: Path
) -> None:
    text = {"type": "string"}
    colors = {"type": "string", "enum": ["red", "green", "blue"]}
    amount = {"type": "string", "example": "12.50"}
    thing = {
        "type": "object",
        "required": ["id", "colors", "price"],
        "properties": {"id": UUID, "colors": {"type": "array", "items": colors}, "price": amount},
    }
    label = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": UUID, "thingId": UUID, "text": text},
    }
    flag, number = {"type": "boolean"}, {"type": "number"}
    sent = {"color": text, "price": number, "urgent": flag, "label": text}
    queries = [{"name": name, "in": "query", "schema": schema} for name, schema in sent.items()]
    rules = {
        "color": {"field": "colors", "match": "any-of"},
        "price": {"field": "price", "match": "equals"},
        "urgent": {"field": "urgent", "match": "equals"},
        "label": {
            "through": {"collection": "labels", "on": {"id": "thingId"}},
            "field": "text",
            "match": "equals",
        },
    }
    actions = [
        {"target": f"$.paths['/things'].get.parameters[?@.name=='{name}']", "update": {"x-filter": rule}}
        for name, rule in rules.items()
    ]
    shown = "$.paths['/things'].get.responses['200'].content['application/json'].schema"
    hidden = {"urgent": flag | {"writeOnly": True}}
    actions.insert(0, {"target": f"{shown}.properties.data.items.properties", "update": hidden})
    overlay = tmp_path / "things.json"
    info = {"title": "Things", "version": "1"}
    overlay.write_text(json.dumps({"overlay": "1.1.0", "info": info, "actions": actions}))
    paths = {"/things": a_list(thing, [*PAGES, *queries]), "/labels": a_list(label, name="listLabels")}
    path = write(tmp_path, paths)
    url = serve(document=path, overlay=overlay, count=40)

    found = findings(url, document=path, overlay=overlay)

    assert checks_by_outcome(found, runner.FAILED) == set()
    passed = checks_by_outcome(found, runner.PASSED)
    assert {"filter-finds color", "filter-walk color", "reading-two color"} <= passed
    assert {"filter-finds price", "filter-nothing price"} <= passed
    assert not {f"filter-finds {each}" for each in ("label", "urgent")} & passed


@pytest.mark.slow
@pytest.mark.parametrize(
    "limit",
    [
        {"type": "integer", "minimum": 7, "maximum": 9},
        {"type": "integer", "enum": [10, 25]},
        {"type": "integer", "multipleOf": 5, "maximum": 50},
    ],
)
def test_only_limits_that_the_document_allows_must_be_obeyed(
    serve: Serve, tmp_path: Path, limit: dict[str, Any]
) -> None:
    sized = {"name": "limit", "in": "query", "schema": limit}
    path = write(tmp_path, {"/things": a_list(parameters=[PAGES[0], sized])})
    assert open_ends(findings(serve(document=path, count=31), document=path)) == []


@pytest.mark.slow
def test_records_that_nothing_tells_apart_are_no_failure(serve: Serve, tmp_path: Path) -> None:
    path = write(tmp_path, {"/things": a_list({"type": "object"})})
    found = findings(serve(document=path), document=path)
    assert checks_by_outcome(found, runner.FAILED) == set()
    assert checks_by_outcome(found, runner.UNDECIDABLE) == {
        "walk-once",
        "page-other-limit",
    }


@pytest.mark.slow
def test_the_id_of_a_record_leads_on_until_a_header_has_no_next_url(
    serve: Serve, tmp_path: Path
) -> None:
    since = {"name": "since", "in": "query", "schema": {"type": "integer"}}
    record = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    scheme: dict[str, Any] = {
        "style": "cursor",
        "cursor": "id",
        "request": {"after": "since"},
        "headers": {"Link": "rfc8288"},
    }
    listed = a_list(record, [since])
    listed["get"]["x-list"] = scheme
    path = write(tmp_path, {"/things": listed})
    found = findings(serve(document=path, count=40), document=path)
    assert open_ends(found) == []
    assert {"urls-lead", "walk-full", "cursor-invented"} <= checks_by_outcome(found, runner.PASSED)


@pytest.mark.slow
def test_errors_that_the_document_describes_otherwise_are_open_without_an_x_error(
    serve: Serve, tmp_path: Path
) -> None:
    fault = {"type": "object", "required": ["fault"], "properties": {"fault": {"type": "string"}}}
    error = {"description": "No", "content": {"application/json": {"schema": fault}}}
    paths = {f"/{name}": a_list(name=name, security=[{"key": []}]) for name in ("things", "parts")}
    for each in paths.values():
        each["get"]["responses"] |= {"400": error, "401": error}
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    path = write(tmp_path, paths, components={"securitySchemes": schemes})
    url = serve(document=path, credentials=())
    found = findings(url, "key", document=path)
    assert checks_by_outcome(found, runner.FAILED) == set()
    # Said once for all lists.
    left_open = [each.check for each in found if each.outcome == runner.UNDECIDABLE]
    assert sorted(left_open) == ["error-shape", "unauthorized-shape"]
    # Another server's errors are judged.
    (tmp_path / "vendor.overlay.json").write_text(
        json.dumps(
            {
                "overlay": "1.0.0",
                "info": {"title": "Errors", "version": "1"},
                "actions": [{"target": "$", "update": {"x-error": {"body": {"wrong": "{message}"}}}}],
            }
        )
    )
    failed = checks_by_outcome(findings(serve(document=path), "key", document=path), runner.FAILED)
    assert failed == {"error-shape", "unauthorized-shape"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "1"),
        ({"type": "string", "enum": ["b", "a"]}, "b"),
        ({"type": "string", "minLength": 3, "maxLength": 4}, "111"),
        ({"type": "integer", "minimum": 5_000}, 5_000),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "array", "minItems": 2, "items": {"type": "boolean"}}, [True, True]),
        ({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}, {"a": 1}),
        ({"type": "string", "pattern": "^(?!)$"}, None),
    ],
)
def test_a_value_is_made_that_the_schema_admits(schema: dict[str, Any], value: Any) -> None:
    assert made_value(schema) == value


def test_a_value_by_a_pattern_is_always_the_same() -> None:
    schema = {"type": "string", "pattern": "^AC[0-9a-f]{32}$"}
    assert made_value(schema) == made_value(schema) is not None


def test_an_example_goes_before_an_enum_and_what_a_record_has_before_both(tmp_path: Path) -> None:
    team = of_path("team", enum=["red", "blue"])
    team["example"] = "blue"
    operation = listed_at(tmp_path, a_list(parameters=[team, *PAGES]))
    filling = ValueFinder(operation, {"parameters": [team]}, lambda _: None).fill()
    assert (filling.path, filling.uncertain) == ("/teams/blue/things", [])
    asked: list[str] = []

    def find_record(path: str) -> Any:
        asked.append(path)
        return {"id": 7, "team_id": "x", "Id": 8, "team": "red"}

    filling = ValueFinder(operation, {"parameters": [team]}, find_record).fill()
    assert (filling.path, asked) == ("/teams/red/things", ["/teams"])


@pytest.mark.parametrize(
    ("parameter", "sent"),
    [
        ({"schema": {"type": "array", "minItems": 2, "items": {"enum": ["a b"]}}}, "q=a%20b&q=a%20b"),
        ({"explode": False, "schema": {"type": "array", "items": {"enum": ["a,b"]}}}, "q=a%2Cb"),
        ({"style": "pipeDelimited", "explode": False,
          "schema": {"type": "array", "minItems": 2, "items": {"enum": ["a"]}}}, "q=a%7Ca"),
        ({"style": "deepObject", "schema": {"type": "object", "required": ["a"],
          "properties": {"a": {"type": "boolean"}}}}, "q%5Ba%5D=true"),
        ({"content": {"application/json": {"schema": {"type": "object"}}}}, "q=%7B%7D"),
    ],
)  # fmt: skip
def test_a_required_value_is_sent_in_its_style(
    tmp_path: Path, parameter: dict[str, Any], sent: str
) -> None:
    required = {"name": "q", "in": "query", "required": True, **parameter}
    operation = listed_at(tmp_path, a_list(parameters=[of_path("team"), required]))
    filling = ValueFinder(operation, {"parameters": [required]}, lambda _: None).fill()
    assert filling.query == {"q": sent}


def listed_at(folder: Path, path: dict[str, Any]) -> Operation:
    """Return the list of a document whose only path it is."""
    [operation] = document.load(write(folder, {"/teams/{team}/things": path})).lists.values()
    return operation


def test_a_run_in_which_no_list_is_answered_says_so(serve: Serve, tmp_path: Path) -> None:
    url = serve(document=write(tmp_path, {"/things": a_list()}), count=3)
    path = write(tmp_path, {"/teams/{team}/things": a_list(parameters=[of_path("team"), *PAGES])})
    with pytest.raises(runner.NothingToAsk, match="no list can be asked for; give the parameter"):
        findings(url, document=path)
