"""Fixture files: which are read, in which order, and every mistake with its file and line."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from mock_server.data import fixture_files
from mock_server.formats import source_file
from tests.support.documents import FIXTURES, METRIC, SCHEMAS
from tests.support.fixture_files import loaded, written

Refusal = Callable[..., list[str]]


def test_the_same_file_twice_is_a_mistake(tmp_path: Path, refusal: Refusal) -> None:
    path = written(tmp_path / "a.json", METRIC | {"id": "x"})
    [found] = refusal(fixture_files.load, [path, tmp_path], SCHEMAS)
    assert "the id 'x' is there already" in found


def test_every_fault_of_every_file_is_listed_with_its_line(tmp_path: Path, refusal: Refusal) -> None:
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


def test_an_id_that_is_there_twice_is_named_across_files(tmp_path: Path, refusal: Refusal) -> None:
    first = written(tmp_path / "a.json", METRIC | {"id": "x"})
    second = written(tmp_path / "b.json", METRIC, METRIC | {"id": "x"})
    [found] = refusal(fixture_files.load, [first, second], SCHEMAS)
    assert "b.json" in found
    assert "at /usage-metrics/1/id: the id 'x' is there already, in" in found
    assert "a.json at /usage-metrics/0/id" in found


def test_the_files_of_a_folder_count_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.json", "c.yml", ".hidden.json"):
        (tmp_path / name).write_text(json.dumps({"usage-metrics": [METRIC | {"name": name}]}))
    (tmp_path / "notes.txt").write_text("not a fixture")
    (tmp_path / "folder.yaml").mkdir()
    assert [record["name"] for record in loaded(tmp_path)] == ["a.json", "b.yaml", "c.yml"]


def test_a_folder_without_fixture_files_is_a_mistake_unless_it_is_empty(
    tmp_path: Path, refusal: Refusal
) -> None:
    assert fixture_files.load([tmp_path], SCHEMAS) == {}
    (tmp_path / "metrics.ymll").write_text("")
    [found] = refusal(fixture_files.load, [tmp_path], SCHEMAS)
    assert "the folder holds no *.yaml, *.yml, *.json" in found


def test_a_path_that_is_not_there_is_a_mistake(tmp_path: Path, refusal: Refusal) -> None:
    [found] = refusal(fixture_files.load, [tmp_path / "none.yaml"], SCHEMAS)
    assert found.startswith("none.yaml: there is no such file")


def test_unquoted_timestamps_stay_the_text_that_they_are() -> None:
    records = loaded(FIXTURES)
    assert records[2]["createdAt"] == "2024-05-02T14:26:48.63792Z"


def test_the_hand_made_metrics_are_of_every_kind() -> None:
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
