"""Records: completed, checked, each fault with its pointer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.data import fixture_files
from mock_server.data.records import RecordSchema
from tests.support.documents import METRIC, SCHEMAS
from tests.support.fixture_files import loaded, written

Refusal = Callable[..., list[str]]


def test_what_a_record_lacks_is_given_the_same_always(tmp_path: Path) -> None:
    parameter = {"name": "p", "type": "NUMBER", "description": "d", "defaultValue": "1"}
    path = written(tmp_path / "a.json", METRIC, METRIC | {"parameters": [parameter]})
    first, second = loaded(path)
    assert first["id"] == "5f93a185-b011-419f-83f4-ffdb122a6f51"
    assert first["createdAt"] == "2024-07-30T00:00:00Z"
    assert second["createdAt"] == "2024-07-29T23:59:00Z"
    assert first["sequenceAccountId"] == second["sequenceAccountId"]
    assert second["parameters"][0]["usageMetricId"] == second["id"] != first["id"]
    assert second["parameters"][0]["id"] not in (first["id"], second["id"])
    assert loaded(path) == [first, second]


def test_what_is_written_is_kept_in_the_schemas_order(tmp_path: Path) -> None:
    own = {"createdAt": "yesterday", "id": "mine", "sequenceAccountId": "me"} | METRIC
    [record] = loaded(written(tmp_path / "a.json", own))
    assert record == own
    assert list(record)[:3] == ["id", "sequenceAccountId", "name"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"eventTyp": "x"}, "/eventTyp: the schema does not name this field; write 'eventType'."),
        ({"colour": "x"}, "/colour: the schema does not name this field; use one of id, "),
        ({"name": 5}, "/name: 5 is not of type string; write a value of type string."),
        ({"aggregationType": "AVG"}, '/aggregationType: "AVG" is not allowed; use one of COUNT, UNIQUE'),
        ({"caseSensitive": "true"}, '/caseSensitive: "true" is not of type boolean'),
        ({"propertiesToNegate": [1]}, "/propertiesToNegate/0: 1 is not of type string"),
        ({"parameters": [{}]}, "/parameters/0/name: the field is missing; add it."),
        ({"parameters": [{"typ": 1}]}, "/parameters/0/typ: the schema does not name this field"),
        ({"description": None}, "/description: null is not of type string"),
    ],
)
def test_a_fault_is_named_with_its_pointer(
    tmp_path: Path, refusal: Refusal, change: dict[str, Any], problem: str
) -> None:
    path = written(tmp_path / "a.json", METRIC, METRIC | change)
    found = refusal(fixture_files.load, [path], SCHEMAS)
    assert any(f" at /usage-metrics/1{problem}" in line for line in found), found


def test_one_fault_is_named_once(tmp_path: Path, refusal: Refusal) -> None:
    path = written(tmp_path / "a.json", METRIC | {"aggregationType": None})
    found = refusal(fixture_files.load, [path], SCHEMAS)
    assert [line.partition(": ")[2].split(";")[0] for line in found] == [
        "null is not of type string",
        "null is not allowed",
    ]


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**30])
def test_a_number_that_json_encoders_cannot_hold_is_named(
    tmp_path: Path, refusal: Refusal, number: int
) -> None:
    path = written(tmp_path / "a.json", METRIC | {"propertyFilters": {"a": [1, number]}})
    [found] = refusal(fixture_files.load, [path], SCHEMAS)
    assert "/usage-metrics/0/propertyFilters/a/1: the number has more than 64 bits" in found


def test_formats_are_checked(tmp_path: Path) -> None:
    properties = {
        "when": {"type": "string", "format": "date-time"},
        "id": {"type": "string", "format": "uuid"},
    }
    schema = RecordSchema("things", {"properties": properties})
    faults = [fault.message for fault in schema.flaws({"when": "yesterday", "id": "x"})]
    assert faults == ['"yesterday" is not of format date-time', '"x" is not of format uuid']


def test_a_missing_field_is_named_at_its_own_place(tmp_path: Path, refusal: Refusal) -> None:
    bare = {key: value for key, value in METRIC.items() if key not in ("name", "parameters")}
    found = refusal(fixture_files.load, [written(tmp_path / "a.json", bare)], SCHEMAS)
    assert sorted(line.partition(": ")[0] for line in found) == [
        "a.json:3 at /usage-metrics/0/name",
        "a.json:3 at /usage-metrics/0/parameters",
    ]


def test_a_schema_that_composes_is_not_closed() -> None:
    part = {"type": "object", "properties": {"a": {"type": "string"}}}
    composed = RecordSchema("things", {"allOf": [part], "properties": {}})
    assert list(composed.flaws({"a": "x", "b": 1})) == []
