"""Parameters of a document over a real socket: read once, for violations, faults, coverage and warnings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.conform import runner
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.callers import Caller, covered, entries, points, script, send
from tests.support.conformance import checks_by_outcome, findings
from tests.support.servers import Serve, build

DOCUMENT = """
openapi: 3.0.3
info: {title: Things, version: '1'}
servers: [{url: /api}]
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 50}}
        - {name: after, in: query, schema: {type: string}}
        - name: filter
          in: query
          style: deepObject
          explode: true
          schema: {type: object, properties: {status: {type: string, enum: [open, done]}}}
        - {name: who, in: query, schema: {type: object, properties: {age: {type: integer, maximum: 9}}}}
        - {name: ids, in: query, style: pipeDelimited, schema: {type: array, items: {type: integer}}}
        - {name: n, in: query, x-filter: {field: n, match: any-of}, schema: {type: string}}
        - {name: X-Ids, in: header, schema: {type: array, items: {type: integer, enum: [1, 2]}}}
        - {name: session, in: cookie, required: false, schema: {type: string}}
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                type: object
                properties:
                  items:
                    type: array
                    items:
                      type: object
                      required: [id, n]
                      properties:
                        id: {type: string, x-fill: id}
                        n: {anyOf: [{type: number, multipleOf: 0.01}, {type: integer}]}
                  pagination:
                    type: object
                    properties: {after: {type: string}, totalResultSize: {type: integer}}
                    additionalProperties: false
components:
  securitySchemes: {basic: {type: http, scheme: basic}}
security: [{basic: []}]
"""
FIXTURE = """
things:
  - {id: a, n: 10}
  - {id: b, n: 10.0}
  - {id: c, n: 1.5}
  - {id: d, n: 1e2}
  - {id: e, n: 19.99}
"""
LIST = "/api/things"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document, with a fixture file of things beside it."""
    folder = tmp_path_factory.mktemp("parameters")
    (folder / "things.yaml").write_text(FIXTURE)
    document = folder / "document.yaml"
    document.write_text(DOCUMENT)
    return document


@pytest.fixture(scope="module")
def things(path: Path) -> Iterator[str]:
    """A strict server of the things."""
    settings = Settings(document=path, fixtures=(path.with_name("things.yaml"),), strict=True)
    with server.in_thread(build(settings)) as root:
        yield root


def ids(answer: wire.Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.json["items"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [("10", "ab"), ("10.0", "ab"), ("1e1", "ab"), ("1.50", "c"), ("100", "d"), ("19.990,10", "abe")],
)
def test_a_filter_finds_numbers_however_they_are_spelled(things: str, text: str, found: str) -> None:
    answer = wire.get(things, f"{LIST}?n={text}")
    assert ids(answer) == list(found)
    assert answer.header("X-Mock-Violations") is None


def test_a_number_that_no_record_has_is_a_warning(things: str) -> None:
    assert wire.get(things, f"{LIST}?n=10.01").header("X-Mock-Violations") == "warning noSuchValue n"


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("?filter[status]=open&age=3&ids=1|2", [], 200),
        ("?filter%5Bstatus%5D=done&ids=1%7C2", [], 200),
        ("", ["X-Ids: 1, 2"], 200),
        ("", ["X-Ids: 1", "X-Ids: 2"], 200),
        ("", ["X-Ids: 1, 3"], 400),
        ("", ['Cookie: prefs={"a":1}; session=x'], 200),
        ("?filter[stats]=open", [], 400),
        ("?age=10", [], 400),
        ("?ids=1,2", [], 400),
    ],
)
def test_parameters_are_read_in_their_styles(
    things: str, target: str, headers: list[str], status: int
) -> None:
    answer = wire.get(things, LIST + target, *headers)
    assert answer.status == status, answer.body
    assert answer.header("X-Mock-Violations") is None or status == 400


def test_coverage_has_the_values_and_bounds_of_members_by_their_names(things: str) -> None:
    found = points(things, "cover", operation="listThings")
    assert list(found["values"]) == ["filter[status]=open", "filter[status]=done", "X-Ids=1", "X-Ids=2"]
    assert list(found["bounds"]) == ["limit=1", "limit=50", "age=9"]
    assert list(found["directions"]) == ["forward"]
    query = "?filter%5Bstatus%5D=open&age=009&limit=50"
    assert send(things, "cover", LIST + query, "X-Ids: 2,\t2").status == 200
    tried = covered(things, "cover", operation="listThings")
    assert tried["parameters"] == ["limit", "filter", "who", "X-Ids"]
    assert tried["values"] == ["filter[status]=open", "X-Ids=2"]
    assert tried["bounds"] == ["limit=50", "age=9"]


def test_a_fault_applies_by_the_names_that_are_sent(things: str) -> None:
    script(
        things, "fault", '{"when": {"query": {"filter[status]": "open"}}, "script": [{"status": 503}]}'
    )
    script(things, "fault", '{"when": {"query": {"age": 5}}, "script": [{"status": 502}]}')
    assert send(things, "fault", f"{LIST}?filter[status]=done&age=4").status == 200
    assert send(things, "fault", f"{LIST}?filter%5Bstatus%5D=open").status == 503
    assert send(things, "fault", f"{LIST}?age=5").status == 502


@pytest.mark.parametrize(
    ("name", "hint"),
    [("filter[stats]", "filter[status]"), ("agee", "age"), ("id", "ids")],
)
def test_a_fault_by_a_name_that_is_never_sent_is_refused_with_the_nearest(
    things: str, name: str, hint: str
) -> None:
    caller = Caller(things, "wanted")
    fault = {"when": {"query": {name: "x"}}, "script": [{"status": 503}]}
    [found] = caller.call("POST", "/faults", fault).violations
    assert (found["code"], found["key"]) == ("unknownParameter", f"/when/query/{name}")
    assert f"did you mean '{hint}'?" in found["message"]


def test_the_journal_names_what_was_sent(things: str) -> None:
    send(things, "journal", f"{LIST}?filter[status]=opn&age=x&ids=1|2")
    [entry] = entries(things, "journal")
    assert [each["key"] for each in entry["violations"]] == ["filter[status]", "age"]


def test_pages_give_no_cursor_that_the_list_does_not_take(things: str) -> None:
    first = wire.get(things, f"{LIST}?limit=2").json["pagination"]
    assert first.keys() == {"after", "totalResultSize"}
    second = wire.get(things, f"{LIST}?limit=2&after={first['after']}").json["pagination"]
    assert second.keys() == {"after", "totalResultSize"}
    [refused] = wire.get(things, f"{LIST}?before={second['after']}").violations
    assert (refused["key"], refused["code"]) == ("before", "unknownParameter")


def test_a_broken_page_gives_no_such_cursor_either(things: str) -> None:
    script(things, "nulls", '{"script": [{"page": "null-cursors"}]}')
    pagination = send(things, "nulls", f"{LIST}?limit=2").json["pagination"]
    assert pagination == {"after": None, "totalResultSize": 5}


def test_conformance_passes_on_a_list_that_leads_forward_only(things: str, path: Path) -> None:
    found = findings(f"{things}/api", document=path)
    assert checks_by_outcome(found, runner.FAILED) == set()
    assert {"walk-backward", "cursor-both"}.isdisjoint(finding.check for finding in found)
    assert {"cursor-presence", "cursor-other-limit", "filter-finds n", "filter-nothing n"} <= (
        checks_by_outcome(found, runner.PASSED)
    )


def test_a_list_without_a_described_total_gives_none_and_conforms(path: Path, serve: Serve) -> None:
    document = path.with_name("no-total.yaml")
    document.write_text(path.read_text().replace(", totalResultSize: {type: integer}", ""))
    url = serve(document=document, count=30, strict=True)
    assert wire.get(url, f"{LIST}?limit=50").json["pagination"] == {}
    assert wire.get(url, f"{LIST}?limit=5").json["pagination"].keys() == {"after"}
    found = findings(f"{url}/api", document=document)
    assert checks_by_outcome(found, runner.FAILED) == set()
    assert "walk-total" not in {finding.check for finding in found}


def test_a_list_without_a_cursor_gives_all_its_records(path: Path, serve: Serve) -> None:
    document = path.with_name("whole.yaml")
    document.write_text(path.read_text().replace("name: after, in: query", "name: later, in: query"))
    answer = wire.get(serve(document=document, count=120), LIST).json
    assert len(answer["items"]) == 120
    assert answer["pagination"] == {"totalResultSize": 120}


def test_integers_of_any_size_are_generated_and_served(path: Path, serve: Serve) -> None:
    document = path.with_name("large.yaml")
    large = "n: {type: integer, minimum: 18446744073709551616, multipleOf: 10}"
    text = path.read_text().replace(
        "n: {anyOf: [{type: number, multipleOf: 0.01}, {type: integer}]}", large
    )
    assert large in text
    document.write_text(text)
    url = serve(document=document, count=3)
    numbers = [item["n"] for item in wire.get(url, LIST).json["items"]]
    assert all(number >= 2**64 and number % 10 == 0 for number in numbers)
    assert len(ids(wire.get(url, f"{LIST}?n={numbers[0]}"))) == numbers.count(numbers[0])
