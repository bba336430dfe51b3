"""Filters that a document's own words make certain, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.conform import runner
from mock_server.openapi import document
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.callers import entries, send
from tests.support.conformance import checks_by_outcome, findings
from tests.support.servers import Serve, build

DOCUMENT = """
openapi: 3.0.3
info: {title: Things, version: '1'}
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: after, in: query, schema: {type: string}}
        - {name: status, in: query, schema: {type: string, enum: [open, closed]}}
        - {name: state, in: query, schema: {type: string, enum: ['on', 'off', all], default: all}}
        - {name: phase, in: query, schema: {type: string, enum: [a, b, c]}}
        - {name: size, in: query, schema: {type: number, minimum: 1}}
        - {name: is_open, in: query, schema: {type: boolean, default: false}}
        - {name: customer_id, in: query, schema: {type: string}}
        - {name: kind, in: query, schema: {type: array, items: {type: string}}}
        - {name: sort, in: query, schema: {type: string}}
        - {name: created, in: query, schema: {type: string, format: date}}
        - {name: day, in: query, schema: {type: string, format: date}}
        - {name: note, in: query, x-filter: false, schema: {type: string}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
        - {name: twice, in: query, schema: {type: string}}
        - name: filter
          in: query
          style: deepObject
          schema: {type: object, properties: {color: {type: string}, q: {type: string}}}
        - {name: range, in: query, style: deepObject, schema: {type: object, properties: {weight: {type: integer}}}}
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                type: object
                properties:
                  items: {type: array, items: {$ref: '#/components/schemas/Thing'}}
                  pagination: {type: object}
components:
  schemas:
    Thing:
      type: object
      properties:
        id: {type: string}
        status: {type: string, enum: [open, closed]}
        state: {type: string, enum: ['on', 'off']}
        phase: {type: string, enum: [a, b]}
        size: {type: integer, nullable: true}
        isOpen: {type: boolean}
        customerId: {type: string}
        kind: {type: string, enum: [round, square]}
        sort: {type: string}
        created: {type: string, format: date-time}
        day: {type: string, format: date}
        note: {type: string}
        tags: {type: array, items: {type: string}}
        color: {type: string}
        twice: {type: string}
        Twice: {type: string}
        weight: {type: integer}
"""
FIXTURE = """
things:
  - {id: a, status: open, state: 'on', size: 10, isOpen: true, customerId: 'x,y', kind: round, day: 2024-05-02}
  - {id: b, status: closed, state: 'off', size: null, isOpen: false, customerId: z, kind: square, color: red}
  - {id: c, status: open, state: 'on', size: 2, isOpen: false, customerId: z, kind: round, note: n}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("found")
    (folder / "things.yaml").write_text(FIXTURE)
    (folder / "document.yaml").write_text(DOCUMENT)
    return folder / "document.yaml"


@pytest.fixture(scope="module")
def root(path: Path) -> Iterator[str]:
    settings = Settings(document=path, fixtures=(path.parent / "things.yaml",))
    with server.in_thread(build(settings)) as url:
        yield url


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", "abc"),
        ("status=closed", "b"),
        ("state=off", "b"),
        ("state=all", "abc"),
        ("size=2", "c"),
        ("size=2.0", "c"),
        ("size=1e1", "a"),
        ("is_open=true", "a"),
        ("is_open=false", "abc"),
        ("customer_id=z", "bc"),
        ("customer_id=x,y", "a"),
        ("customer_id=z&status=open", "c"),
        ("kind=round,square", "abc"),
        ("kind=square", "b"),
        ("kind=other", ""),
        ("day=2024-05-02", "a"),
        ("filter[color]=red", "b"),
        ("filter[q]=red", "abc"),
        ("sort=nothing", "abc"),
        ("note=n", "abc"),
        ("phase=c", "abc"),
        ("created=2024-05-02", "abc"),
        ("tags=a", "abc"),
        ("twice=a", "abc"),
        ("range[weight]=3", "abc"),
        ("customer_id=", "abc"),
    ],
)
def test_a_parameter_named_like_a_property_filters_by_equality(root: str, query: str, ids: str) -> None:
    answer = send(root, "demo", f"/things?{query}")
    assert answer.status == 200, answer.json
    assert "".join(item["id"] for item in answer.json["items"]) == ids


def test_a_value_is_checked_by_the_parameters_own_schema(root: str) -> None:
    [violation] = send(root, "demo", "/things?size=0").violations
    assert (violation["key"], violation["code"]) == ("size", "range")
    [violation] = send(root, "demo", "/things?customer_id=z&customer_id=x").violations
    assert violation["code"] == "repeated"


def test_a_found_filter_is_one_among_others(path: Path) -> None:
    [operation] = document.load(path).operations
    found = [(p.name, p.filters.field) for p in operation.query if p.filters and p.filters.is_found]
    assert found == [
        ("status", "status"), ("state", "state"), ("size", "size"), ("is_open", "isOpen"),
        ("customer_id", "customerId"), ("kind", "kind"), ("day", "day"), ("filter[color]", "color"),
    ]  # fmt: skip
    assert "note" in operation.ineffective_parameters


def test_a_value_that_no_record_has_is_warned_of(root: str) -> None:
    send(root, "warned", "/things?customer_id=nobody")
    [warning] = entries(root, "warned")[-1]["warnings"]
    assert (warning["code"], warning["key"]) == ("noSuchValue", "customer_id")


def test_the_conformance_kit_checks_found_filters(path: Path, root: str) -> None:
    found = findings(root, document=path)
    assert checks_by_outcome(found, runner.FAILED) == set()
    assert {f"filter-finds {name}" for name in ("status", "state", "kind")} <= checks_by_outcome(
        found, runner.PASSED
    )


UNION = """
openapi: 3.0.3
info: {title: Union, version: '1'}
paths:
  /apps:
    get:
      operationId: listApps
      parameters:
        - {name: type, in: query, schema: {type: string, enum: [paid, free]}}
        - {name: label, in: query, schema: {type: array}}
        - {name: plan, in: query, schema: {type: string}}
        - {name: price, in: query, schema: {type: integer}}
        - {name: note, in: query, schema: {type: string}}
        - {name: count, in: query, schema: {type: array}}
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                type: array
                items:
                  oneOf:
                    - type: object
                      required: [type]
                      properties:
                        type: {type: string, enum: [paid]}
                        label: {type: string}
                        price: {type: integer}
                        note: {type: string}
                        count: {type: integer}
                    - type: object
                      required: [type]
                      properties:
                        type: {type: string, enum: [free]}
                        label: {type: string}
                        plan: {oneOf: [{type: string, enum: [a]}, {type: string, enum: [b]}]}
                        note: {type: integer}
                        count: {type: integer}
"""
APPS = """
apps:
  - {type: paid, label: x, price: 5, note: n, count: 1}
  - {type: free, label: y, plan: a, note: 1, count: 1}
  - {type: free, label: z, plan: b, note: 1, count: 2}
"""


def test_a_property_of_the_branches_of_records_filters_where_all_say_the_same(
    tmp_path: Path, serve: Serve
) -> None:
    (tmp_path / "apps.yaml").write_text(APPS)
    (tmp_path / "document.yaml").write_text(UNION)
    url = serve(document=tmp_path / "document.yaml", fixtures=(tmp_path / "apps.yaml",))
    for query, labels in (
        ("type=free", "yz"), ("label=x&label=z", "xz"), ("label=none", ""), ("plan=b", "z"),
        ("price=5", "x"), ("price=6", ""), ("note=n", "xyz"), ("count=2", "xyz"),
    ):  # fmt: skip
        answer = send(url, "demo", f"/apps?{query}")
        assert (answer.status, "".join(app["label"] for app in answer.json)) == (200, labels), query
