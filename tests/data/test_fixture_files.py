"""Fixture files: records completed and checked, every flaw with file, pointer and line."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.data import fixture_files, starting_data
from mock_server.data.columns import encode
from mock_server.formats import source_file
from mock_server.openapi import document
from tests.support.documents import FIXTURES

Refusal = Callable[..., list[str]]

SCHEMAS = starting_data.schemas(document.load(document.BUILT_IN))

MINIMAL = {
    "name": "n",
    "metricType": "SIMPLE",
    "eventType": "e",
    "aggregationType": "COUNT",
    "propertyFilters": {},
    "parameters": [],
}


def loaded(*paths: Path) -> list[dict[str, Any]]:
    return fixture_files.load(paths, SCHEMAS)["usage-metrics"]


def written(path: Path, *records: Any) -> Path:
    path.write_text(json.dumps({"usage-metrics": records}, indent=1))
    return path


def test_a_record_is_completed_with_the_same_values_every_time(tmp_path: Path) -> None:
    parameter = {"name": "p", "type": "NUMBER", "description": "d", "defaultValue": "1"}
    path = written(tmp_path / "a.json", MINIMAL, MINIMAL | {"parameters": [parameter]})
    first, second = loaded(path)
    assert first["id"] == "5f93a185-b011-419f-83f4-ffdb122a6f51"
    assert first["createdAt"] == "2024-07-30T00:00:00Z"
    assert second["createdAt"] == "2024-07-29T23:59:00Z"
    assert first["sequenceAccountId"] == second["sequenceAccountId"]
    assert second["parameters"][0]["usageMetricId"] == second["id"] != first["id"]
    assert second["parameters"][0]["id"] not in (first["id"], second["id"])
    assert loaded(path) == [first, second]


def test_values_in_a_file_are_kept_and_put_in_schema_order(tmp_path: Path) -> None:
    own = {
        "createdAt": "2024-02-29T23:59:59.25+01:00",
        "id": "mine",
        "sequenceAccountId": "me",
    } | MINIMAL
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
def test_a_flaw_is_reported_with_its_pointer(
    tmp_path: Path, refusal: Refusal, change: dict[str, Any], problem: str
) -> None:
    path = written(tmp_path / "a.json", MINIMAL, MINIMAL | change)
    found = refusal(fixture_files.load, [path], SCHEMAS)
    assert any(f" at /usage-metrics/1{problem}" in line for line in found), found


def test_one_flaw_is_reported_once(tmp_path: Path, refusal: Refusal) -> None:
    path = written(tmp_path / "a.json", MINIMAL | {"aggregationType": None})
    found = refusal(fixture_files.load, [path], SCHEMAS)
    assert [line.partition(": ")[2].split(";")[0] for line in found] == [
        "null is not of type string",
        "null is not allowed",
    ]


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**307])
def test_a_number_of_up_to_308_digits_is_taken_and_written(tmp_path: Path, number: int) -> None:
    path = written(tmp_path / "a.json", MINIMAL | {"propertyFilters": {"a": [1, number]}})
    [record] = loaded(path)
    assert f'{{"a":[1,{number}]}}'.encode() in encode(record)


def test_the_same_file_twice_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    path = written(tmp_path / "a.json", MINIMAL | {"id": "x"})
    [found] = refusal(fixture_files.load, [path, tmp_path], SCHEMAS)
    assert "the id 'x' is there already" in found


def test_a_missing_field_is_reported_at_its_own_place(tmp_path: Path, refusal: Refusal) -> None:
    bare = {key: value for key, value in MINIMAL.items() if key not in ("name", "parameters")}
    found = refusal(fixture_files.load, [written(tmp_path / "a.json", bare)], SCHEMAS)
    assert sorted(line.partition(": ")[0] for line in found) == [
        "a.json:3 at /usage-metrics/0/name",
        "a.json:3 at /usage-metrics/0/parameters",
    ]


def test_every_flaw_of_every_file_is_reported_with_its_line(tmp_path: Path, refusal: Refusal) -> None:
    (tmp_path / "one.yaml").write_text(
        "usage-metrics:\n- name: a\n  metricType: BOTH\n  eventType: e\n  aggregationType: COUNT\n"
        "  propertyFilters: {}\n  parameters: []\n  unti: x\n"
    )
    (tmp_path / "two.yaml").write_text("usage-metrics: {}\n")
    (tmp_path / "three.yml").write_text("metrics: []\n")
    (tmp_path / "four.yaml").write_text("- 1\n")
    (tmp_path / "five.json").write_text("{")
    found = refusal(fixture_files.load, [tmp_path], SCHEMAS)
    assert sorted(re.match(r"[\w.]+:\d+", line)[0] for line in found) == [  # type: ignore[index]
        "five.json:1",
        "four.yaml:1",
        "one.yaml:3",
        "one.yaml:8",
        "three.yml:1",
        "two.yaml:1",
    ]


def test_an_id_that_two_files_have_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    first = written(tmp_path / "a.json", MINIMAL | {"id": "x"})
    second = written(tmp_path / "b.json", MINIMAL, MINIMAL | {"id": "x"})
    [found] = refusal(fixture_files.load, [first, second], SCHEMAS)
    assert "b.json" in found
    assert "at /usage-metrics/1/id: the id 'x' is there already, in" in found
    assert "a.json at /usage-metrics/0/id" in found


def test_the_files_of_a_folder_are_read_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.json", "c.yml", ".hidden.json"):
        (tmp_path / name).write_text(json.dumps({"usage-metrics": [MINIMAL | {"name": name}]}))
    (tmp_path / "notes.txt").write_text("not a fixture")
    (tmp_path / "folder.yaml").mkdir()
    assert [record["name"] for record in loaded(tmp_path)] == ["a.json", "b.yaml", "c.yml"]


def test_a_folder_without_fixture_files_is_refused_unless_it_is_empty(
    tmp_path: Path, refusal: Refusal
) -> None:
    assert fixture_files.load([tmp_path], SCHEMAS) == {}
    (tmp_path / "metrics.ymll").write_text("")
    [found] = refusal(fixture_files.load, [tmp_path], SCHEMAS)
    assert "the folder holds no *.yaml, *.yml, *.json" in found


def test_a_path_without_a_file_is_refused(tmp_path: Path, refusal: Refusal) -> None:
    [found] = refusal(fixture_files.load, [tmp_path / "none.yaml"], SCHEMAS)
    assert found.startswith("none.yaml: there is no such file")


def test_unquoted_timestamps_are_read_as_texts() -> None:
    records = loaded(FIXTURES)
    assert records[2]["createdAt"] == "2024-05-02T14:26:48.63792Z"


def test_the_built_in_fixtures_have_every_type_and_every_optional_field() -> None:
    records = loaded(FIXTURES)
    schema = SCHEMAS["usage-metrics"].schema
    assert len(records) >= 12
    for field in ("metricType", "aggregationType"):
        assert {r[field] for r in records} == set(schema["properties"][field]["enum"])
    parameter_types = schema["properties"]["parameters"]["items"]["properties"]["type"]["enum"]
    assert {p["type"] for r in records for p in r["parameters"]} == set(parameter_types)
    source = source_file.read(FIXTURES).data["usage-metrics"]
    for field in set(schema["properties"]) - set(schema["required"]):
        assert {field in record for record in source} == {True, False}, field
    names = [r["name"] for r in records]
    assert any(not name.isascii() for name in names)
    assert len({name.lower() for name in names}) < len(set(names))
    assert any("," in r["eventType"] for r in records)
    assert any("%" in r["eventType"] for r in records)
    assert {r["caseSensitive"] for r in records if "caseSensitive" in r} == {True, False}


def test_what_volumes_and_desktops_put_into_a_folder_does_not_count(tmp_path: Path) -> None:
    for name in ("lost+found", "..2026_01_01", ".snapshot", "@eaDir", "$RECYCLE.BIN"):
        (tmp_path / name).mkdir()
    for name in (".DS_Store", "..data", "Thumbs.db", ".hidden.yaml", "metrics.yaml~"):
        (tmp_path / name).write_text("none of ours")
    assert fixture_files.load([tmp_path], SCHEMAS) == {}
    written(tmp_path / "metrics.json", MINIMAL)
    assert len(loaded(tmp_path)) == 1


def test_a_folder_of_other_files_is_still_a_mistake(tmp_path: Path, refusal: Refusal) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "metrics.csv").write_text("a,b")
    [problem] = refusal(fixture_files.load, [tmp_path], SCHEMAS)
    assert "the folder holds no *.yaml, *.yml, *.json; put fixture files into it" in problem


@pytest.mark.parametrize("moment", ["nope", "2024-05-02", "2024-13-01T00:00:00Z", "2024-05-02T14:26:48"])
def test_a_time_that_is_none_is_a_flaw(tmp_path: Path, refusal: Refusal, moment: str) -> None:
    path = written(tmp_path / "a.json", MINIMAL | {"createdAt": moment})
    [problem] = refusal(fixture_files.load, [path], SCHEMAS)
    assert problem.endswith(
        f'/usage-metrics/0/createdAt: "{moment}" is not of format date-time; '
        "write a value of format date-time, such as 2024-05-02T14:26:48Z."
    )
