"""Generated records: their fields fit each other, and a seed always gives the same ones."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.data import generator, starting_data
from mock_server.data.records import RecordSchema
from mock_server.data.usage_metrics import UsageMetricProvider
from mock_server.openapi import document
from mock_server.settings import Settings

SCHEMA = starting_data.schemas(document.load(document.BUILT_IN))["usage-metrics"]

seeds = st.integers(-(10**18), 10**18)


def records(count: int, seed: int) -> list[dict[str, Any]]:
    return list(generator.generate(SCHEMA, count, seed))


GOLDEN = "43c85005701d728d305be19c065c31adfe4586895b429d4dce27acfa7ebd858a"


def test_the_golden_digest_of_seed_0() -> None:
    digest = hashlib.sha256(json.dumps(records(1000, 0)).encode()).hexdigest()
    assert digest == GOLDEN, "a seed gives other records: that is a new major version"


@pytest.mark.slow
@given(seeds, st.integers(0, 60))
def test_the_first_records_do_not_depend_on_the_count(seed: int, count: int) -> None:
    assert records(60, seed)[:count] == records(count, seed)


@pytest.mark.slow
def test_different_seeds_give_different_records() -> None:
    assert len({json.dumps(records(3, seed)) for seed in range(50)}) == 50


@pytest.mark.slow
@given(seeds)
def test_any_twenty_consecutive_records_have_all_types(seed: int) -> None:
    made = records(45, seed)
    for start in range(26):
        window = made[start : start + 20]
        assert {r["aggregationType"] for r in window} == {"COUNT", "UNIQUE", "SUM", "CUSTOM"}
        assert {r["metricType"] for r in window} == {"SIMPLE", "GROUPED"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, -5, 10**15])
def test_the_fields_of_a_record_fit_each_other(seed: int) -> None:
    made = records(3000, seed)
    units: dict[str, set[str | None]] = {}
    for record in made:
        kind = record["aggregationType"]
        if kind in ("SUM", "UNIQUE"):
            assert record["aggregationProperty"]
        if kind == "COUNT":
            assert "aggregationProperty" not in record
        assert (record["metricType"] == "GROUPED") == ("groupingProperty" in record)
        assert (1 <= len(record["parameters"]) <= 4) == (kind == "CUSTOM")
        assert all(p["usageMetricId"] == record["id"] for p in record["parameters"])
        assert len({p["name"] for p in record["parameters"]}) == len(record["parameters"])
        assert record["createdAt"] < record.get("deletedAt", "9")
        units.setdefault(record["eventType"], set()).add(record.get("unit"))
        assert list(SCHEMA.flaws(record)) == []
    assert all(len(found - {None}) == 1 for found in units.values())
    created = [r["createdAt"] for r in made]
    assert created == sorted(created, reverse=True)


@pytest.mark.slow
def test_names_and_ids_are_unique_and_optional_fields_are_left_out_of_some_records() -> None:
    made = records(20_000, 3)
    assert len({r["name"] for r in made}) == len({r["id"] for r in made}) == len(made)
    parameters = [p["id"] for r in made for p in r["parameters"]]
    assert len(set(parameters)) == len(parameters)
    for field in ("description", "unit", "caseSensitive", "propertiesToNegate", "deletedAt"):
        assert {field in r for r in made} == {True, False}, field
    assert {bool(r["propertyFilters"]) for r in made} == {True, False}
    assert any("aggregationProperty" in r for r in made if r["aggregationType"] == "CUSTOM")


def test_records_of_another_collection_follow_its_schema(small: Callable[..., Path]) -> None:
    loaded = document.load(small(("id: {type: string,", "id: {x-fill: id, type: string,")))
    schema = starting_data.schemas(loaded)["things"]
    made = list(generator.generate(schema, 50, 4))
    assert made == list(generator.generate(schema, 50, 4))
    assert [flaw for record in made for flaw in schema.flaws(record)] == []
    assert {record["kind"] for record in made} == {"round", "square"}
    assert len({record["id"] for record in made}) == 50


def test_every_type_and_format_can_be_generated() -> None:
    properties = {
        "moment": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "mail": {"type": "string", "format": "email"},
        "link": {"type": "string", "format": "uri"},
        "uid": {"type": "string", "format": "uuid"},
        "text": {"type": "string", "example": "an example", "maxLength": 5},
        "long": {"type": "string", "minLength": 30},
        "number": {"type": "number", "minimum": 2},
        "flag": {"type": "boolean"},
        "list": {"type": "array", "items": {"type": "integer", "maximum": 3}},
        "inner": {"properties": {"a": {"type": "string"}}, "required": ["a"]},
        "step": {
            "type": "integer",
            "minimum": 0,
            "exclusiveMinimum": True,
            "maximum": 9,
            "multipleOf": 3,
        },
        "below": {"type": "number", "minimum": 0, "maximum": 1, "exclusiveMaximum": True},
        "choice": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        "all": {"allOf": [{"properties": {"b": {"type": "boolean"}}, "required": ["b"]}]},
        "id": {"type": "string", "example": "f092246c-6b90-4106-bcca-304ccf06bf45"},
        "at": {"type": "string", "example": "2022-06-28T16:47:00Z"},
    }
    schema = RecordSchema("things", {"properties": properties, "required": [*properties, "undescribed"]})
    made = list(generator.generate(schema, 30, 0))
    assert len({record["id"] for record in made}) == len({record["at"] for record in made}) == 30
    for record in generator.generate(schema, 30, 0):
        assert {*record} == {*properties, "undescribed"}
        assert list(schema.flaws(record)) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number", "multipleOf": 0.01},
        {"type": "number", "multipleOf": 0.1, "minimum": 0, "maximum": 0.3, "exclusiveMaximum": True},
        {"type": "number", "multipleOf": 1e-300},
        {"type": "number", "multipleOf": 1e308},
        {"type": "number", "minimum": 1e308, "multipleOf": 1e-300},
        {"type": "number", "minimum": -1e308, "maximum": 1e308},
        {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 0.1},
        {"type": "number", "maximum": -5},
        {"type": "integer", "multipleOf": 0.5},
        {"type": "integer", "minimum": 1.5, "maximum": 2.5},
        {"type": "integer", "minimum": 2**64},
        {"allOf": [{"type": "integer", "minimum": 1}, {"minimum": 7, "maximum": 9}, {"maximum": 8}]},
    ],
)
def test_numbers_are_multiples_within_their_bounds(schema: dict[str, Any]) -> None:
    record = RecordSchema("things", {"properties": {"n": schema}, "required": ["n"]})
    made = list(generator.generate(record, 100, 0))
    assert [flaw for each in made for flaw in record.flaws(each)] == []


@pytest.mark.parametrize("bounds", [{}, {"minimum": 165475, "maximum": 165476}])
def test_multiples_are_such_by_the_division_of_floats_too(bounds: dict[str, Any]) -> None:
    price = {"type": "number", "multipleOf": 0.01, **bounds}
    record = RecordSchema("things", {"properties": {"n": price}, "required": ["n"]})
    assert all((each["n"] / 0.01).is_integer() for each in generator.generate(record, 300, 0))


def test_a_collection_says_that_its_records_do_not_fit_their_schema(small: Callable[..., Path]) -> None:
    contradiction = "id: {type: string, minLength: 9, maxLength: 2}"
    loaded = document.load(small(("id: {type: string, format: uuid}", contradiction)))
    data = starting_data.load(loaded, Settings(count=5))
    assert data.origins["things"] == "generated with seed 0"
    assert str(data.misfit("things")).startswith("/id: ")


def test_faker_takes_the_provider_of_usage_metrics() -> None:
    # The tests of the oldest versions of libraries run without it.
    fake = pytest.importorskip("faker").Faker()
    fake.add_provider(UsageMetricProvider)
    assert [fake.usage_metric(7, i) for i in range(5)] == [
        UsageMetricProvider().usage_metric(7, i) for i in range(5)
    ]


def test_usage_metrics_of_another_schema_follow_that() -> None:
    schema = RecordSchema("usage-metrics", {"properties": {"a": {"type": "integer"}}, "required": ["a"]})
    assert all(isinstance(r["a"], int) for r in generator.generate(schema, 5, 0))
