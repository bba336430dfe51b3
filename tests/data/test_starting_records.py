"""The starting data hold together: references lead somewhere, parents have records, and sums are right."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.data import starting_data
from mock_server.data.starting_data import StartingData
from mock_server.openapi import document
from mock_server.settings import Settings

NAMES = ("shops", "policies", "boxes", "aliases")
SINGULAR = {"shops": "shop", "policies": "policy", "boxes": "box", "aliases": "alias"}
KEYS: dict[str, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "styled": {"type": "string", "example": "shp_4Fa92KxQ"},
    "number": {"type": "integer"},
    "pattern": {"type": "string", "pattern": "^[A-Z]{4}[0-9]{4}$"},
}
OWN_ID = b"5d9fc073-6435-4568-b565-662b85d0839e"


def load(described: dict[str, Any], **more: Any) -> StartingData:
    """Return the starting data of a document with these paths and schemas."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "small.json"
        whole = {"openapi": "3.0.3", "info": {"title": "Small", "version": "1"}, **described}
        path.write_text(json.dumps(whole))
        return starting_data.load(document.load(path), Settings(document=path, **more))


def records(data: StartingData, name: str) -> list[dict[str, Any]]:
    collection = data.collections[name]
    return [collection.record_at(position, OWN_ID) for position in collection.positions]


def json_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "It.", "content": {"application/json": {"schema": schema}}}


def paths_of(name: str, schema: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    """Return the paths of a collection: its list, and its item."""
    given_ones = [
        {"name": each, "in": "path", "required": True, "schema": {"type": "string"}}
        for each in parameters
    ]
    own = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    page = {"type": "object", "properties": {"items": {"type": "array", "items": schema}}}
    return {
        f"/{name}": {"parameters": given_ones, "get": {"responses": {"200": json_of(page)}}},
        f"/{name}/{{id}}": {
            "parameters": [*given_ones, own],
            "get": {"responses": {"200": json_of(schema)}},
        },
    }


def record_of(key: dict[str, Any], **members: Any) -> dict[str, Any]:
    properties = {"id": key, **members}
    return {"type": "object", "required": list(properties), "properties": properties}


@st.composite
def webs(draw: st.DrawFn) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the paths of collections that refer to each other, with who refers to whom."""
    keys = {name: KEYS[draw(st.sampled_from(sorted(KEYS)))] for name in NAMES}
    pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))
    links = [each for each in draw(st.lists(pairs, max_size=8, unique=True)) if each[0] != each[1]]
    paths: dict[str, Any] = {}
    for name in NAMES:
        members: dict[str, Any] = {}
        for target in (to for each, to in links if each == name):
            noun, key = SINGULAR[target], {k: v for k, v in keys[target].items() if k != "example"}
            shape = draw(st.sampled_from(["plain", "snake", "nullable", "list", "nested", "object"]))
            members |= {
                "plain": {f"{noun}Id": key},
                "snake": {f"{noun}_id": key},
                "nullable": {f"{noun}Id": {**key, "nullable": True}},
                "list": {f"{noun}Ids": {"type": "array", "items": key}},
                "nested": {"part": {"type": "object", "required": ["x"], "properties": {
                    "x": {"type": "array", "minItems": 1, "items": record_of(key, **{f"{noun}Id": key})}}}},
                "object": {noun: record_of(key)},
            }[shape]  # fmt: skip
        paths |= paths_of(name, record_of(keys[name], **members), {})
    return paths, links


def references(value: Any) -> list[tuple[str, Any]]:
    """Return what a record refers to, by the rules of names alone: the collections, and the keys."""
    found: list[tuple[str, Any]] = []
    for name, inner in value.items() if isinstance(value, dict) else ():
        for collection, noun in SINGULAR.items():
            if name in (f"{noun}Id", f"{noun}_id") and inner is not None:
                found.append((collection, inner))
            elif name == f"{noun}Ids":
                found += [(collection, each) for each in inner]
            elif name == noun:
                found.append((collection, inner["id"]))
        found += references(inner)
    for item in value if isinstance(value, list) else ():
        found += references(item)
    return found


@settings(max_examples=15, deadline=None)
@given(webs(), st.integers(0, 9), st.sampled_from([1, 3, 7]))
def test_each_reference_leads_to_a_record(
    web: tuple[dict[str, Any], list[tuple[str, str]]], seed: int, count: int
) -> None:
    data = load({"paths": web[0]}, seed=seed, count=count)
    keys = {name: {str(each["id"]) for each in records(data, name)} for name in NAMES}
    for name in NAMES:
        assert len(keys[name]) == count
        for record in records(data, name):
            for collection, key in references(record):
                assert str(key) in keys[collection], (name, record)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 99), st.integers(1, 10), st.sampled_from(sorted(KEYS)))
def test_each_parent_has_one_to_five_records_of_each_level(seed: int, count: int, kind: str) -> None:
    key = KEYS[kind]
    reference = {name: value for name, value in key.items() if name != "example"}
    paths = {
        **paths_of("shops", record_of(key), {}),
        **paths_of("shops/{shop}/boxes", record_of(key, shopId=reference), {"shop": "shops"}),
        **paths_of(
            "shops/{shop}/boxes/{box}/labels",
            record_of(key, shopId=reference, boxId=reference),
            {"shop": "shops", "box": "boxes"},
        ),
    }
    data = load({"paths": paths}, seed=seed, count=count)
    shops, boxes = records(data, "shops"), records(data, "shops/{shop}/boxes")
    labels = records(data, "shops/{shop}/boxes/{box}/labels")
    for parents, children, field in ((shops, boxes, "shopId"), (boxes, labels, "boxId")):
        counted = Counter(str(each[field]) for each in children)
        assert set(counted) == {str(each["id"]) for each in parents}
        assert set(counted.values()) <= {1, 2, 3, 4, 5}
    owners = {str(each["id"]): each["shopId"] for each in boxes}
    assert all(each["shopId"] == owners[str(each["boxId"])] for each in labels)


def sales(**more: Any) -> StartingData:
    """Return the starting data of sales with items, whose totals are those of the items."""
    text = {"type": "string", "format": "uuid"}
    money = {"type": "string", "example": "10.00"}
    item = record_of(
        text,
        saleId=text,
        quantity={"type": "integer", "minimum": 0, "maximum": 9},
        price=money,
        total={**money, "x-sum": {"multiply": ["quantity", "price"]}},
    )
    total = {**money, "x-sum": {"field": "total", "of": "items", "by": "saleId"}}
    state = {"type": "string", "enum": ["OPEN", "CLOSED", "SENT", "VOID"]}
    paid = {"type": "string", "enum": ["YES", "NO"]}
    when = {"type": "string", "format": "date-time", "nullable": True}
    sale = record_of(text, total=total, state=state, paid=paid, archivedAt=when, sentAt=when, name=text)
    sale["properties"]["name"] = {"type": "string", "example": "Fair"}
    paths = {
        **paths_of("sales", sale, {}),
        **paths_of("sales/{sale}/items", item, {"sale": "sales"}),
    }
    body = {"content": {"application/json": {"schema": sale, "example": {"name": "Fair"}}}}
    paths["/sales"]["post"] = {
        "requestBody": body, "responses": {"201": json_of(sale)}, "x-unique": "name",
    }  # fmt: skip
    paths["/sales"]["get"]["x-hidden"] = {"field": "archivedAt", "unless": "all"}
    paths["/sales"]["get"]["parameters"] = [
        {"name": "all", "in": "query", "schema": {"type": "boolean"}}
    ]
    for verb, rule in {
        "send": {"when": [{"state": ["CLOSED"]}], "set": {"state": "SENT", "sentAt": {"now": True}}},
        "void": {"when": [{"state": ["SENT"], "paid": ["NO"]}], "set": {"state": "VOID"}},
    }.items():
        paths[f"/sales/{{id}}/{verb}"] = {
            "parameters": paths["/sales/{id}"]["parameters"],
            "post": {"responses": {"200": json_of(sale)}, "x-action": rule},
        }
    return load({"paths": paths}, **more)


def test_sums_are_those_of_the_lines() -> None:
    data = sales(count=12)
    items = records(data, "sales/{sale}/items")
    for item in items:
        assert Decimal(item["total"]) == item["quantity"] * Decimal(item["price"])
    for sale in records(data, "sales"):
        own = [Decimal(each["total"]) for each in items if each["saleId"] == sale["id"]]
        assert Decimal(sale["total"]) == sum(own)
        assert len(sale["total"].partition(".")[2]) == 2


def test_there_is_a_record_in_each_state_that_an_action_names() -> None:
    found = records(sales(count=6), "sales")
    states = {(each["state"], each["paid"]) for each in found}
    assert "CLOSED" in {state for state, _ in states}
    assert ("SENT", "NO") in states
    assert {each["state"] for each in records(sales(), "sales")} == {"OPEN", "CLOSED", "SENT", "VOID"}


def test_what_a_state_implies_is_there_and_what_it_excludes_is_not() -> None:
    for sale in records(sales(), "sales"):
        if sale["state"] == "SENT":
            assert sale["sentAt"] is not None
        elif sale["state"] != "VOID":
            assert sale["sentAt"] is None


def test_some_records_are_left_out_of_lists_and_most_are_not() -> None:
    archived = [each["archivedAt"] is not None for each in records(sales(count=20), "sales")]
    assert 0 < sum(archived) < 10


def test_no_record_has_the_unique_value_of_an_example() -> None:
    names = [each["name"] for each in records(sales(count=30), "sales")]
    assert "Fair" not in names
    assert len(set(names)) == 30


def test_fixture_files_hold_any_collection_and_others_refer_to_them(tmp_path: Path) -> None:
    shop = record_of({"type": "string"})
    box = record_of({"type": "string", "format": "uuid"}, shopId={"type": "string"})
    paths = {**paths_of("shops", shop, {}), **paths_of("shops/{shop}/boxes", box, {"shop": "shops"})}
    file = tmp_path / "shops.json"
    file.write_text(json.dumps({"shops": [{"id": "a"}, {"id": "b"}]}))

    boxes = records(load({"paths": paths}, fixtures=(file,)), "shops/{shop}/boxes")

    assert {each["shopId"] for each in boxes} == {"a", "b"}
    assert [each["shopId"] for each in boxes] == sorted(each["shopId"] for each in boxes)


def test_the_sums_of_some_parents_are_zero_and_those_of_most_are_not() -> None:
    totals = [Decimal(each["total"]) for each in records(sales(count=20), "sales")]
    assert 0 < totals.count(Decimal(0)) < 10
