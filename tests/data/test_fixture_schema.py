"""The JSON Schema of fixture files: it admits what the program serves, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from mock_server.data import fixture_files, fixture_schema, starting_data
from mock_server.data.fixture_files import Schemas
from mock_server.formats import source_file
from mock_server.openapi import document
from mock_server.problems import CannotServe
from mock_server.settings import Settings
from tests.support.documents import BUILT_IN, FIXTURES, METRIC, SCHEMAS
from tests.support.fixture_files import written

BUILT_IN_SCHEMA = fixture_schema.schema(BUILT_IN.name, SCHEMAS.values())

# One property for each thing that OpenAPI 3.0 writes otherwise, or that the program fills in.
THING = """
      required: [id, kind, made, secret, parts]
      properties:
        id: {type: string, x-fill: id}
        kind: {type: string, enum: [round, square]}
        made: {type: string, x-fill: timestamp}
        box: {type: object, required: [id, since], properties: {id: {type: string, x-fill: id}, since: {type: integer, x-fill: timestamp}}}
        size: {type: number, minimum: 1, exclusiveMinimum: true, maximum: 9, nullable: true}
        secret: {type: string, writeOnly: true}
        place: {oneOf: [{type: string, pattern: '^[a-z]+$'}, {type: integer}], example: shelf}
        parts:
          type: array
          maxItems: 2
          items:
            allOf:
              - {type: object, required: [id, thing, name], properties: {name: {type: string}}}
              - {properties: {id: {x-fill: id}, thing: {x-fill: parent-id}}}
"""


@pytest.fixture
def things(small: Callable[..., Path]) -> Schemas:
    schema = """
      required: [id, kind]
      properties:
        id: {type: string, format: uuid}
        kind: {type: string, enum: [round, square]}
        size: {type: integer, minimum: 1, maximum: 9}
"""
    return starting_data.schemas(document.load(small((schema, THING))))


def is_served(schemas: Schemas, path: Path) -> bool:
    try:
        fixture_files.load([path], schemas)
    except CannotServe:
        return False
    return True


@pytest.mark.parametrize(
    ("change", "is_right"),
    [
        ({}, True),
        ({"id": "mine", "made": "2024-05-02T14:26:48Z"}, True),
        ({"made": "yesterday"}, False),
        ({"kind": "oval"}, False),
        ({"size": 1.5}, True),
        ({"size": 1}, False),
        ({"size": 9}, True),
        ({"size": 10}, False),
        ({"size": None}, True),
        ({"kind": None}, False),
        ({"colour": "red"}, False),
        ({"secret": "s"}, False),
        ({"place": "shelf"}, True),
        ({"place": 5}, True),
        ({"place": "Shelf"}, False),
        ({"parts": [{"name": "wheel"}]}, True),
        ({"parts": [{"name": "wheel", "id": "1", "thing": "2"}]}, True),
        ({"parts": [{}]}, False),
        ({"parts": [{"name": 1}]}, False),
        ({"parts": [{"name": "a"}] * 3}, False),
        ({"parts": {}}, False),
        ({"box": {}}, True),
        ({"box": {"id": 5}}, False),
    ],
)
def test_editors_and_the_program_agree_about_a_record(
    things: Schemas, tmp_path: Path, change: dict[str, Any], is_right: bool
) -> None:
    data = {"things": [{"kind": "round", "parts": [], **change}]}
    path = tmp_path / "things.json"
    path.write_text(json.dumps(data))
    schema = fixture_schema.schema("Small", things.values())
    found = Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER).is_valid(data)
    assert (found, is_served(things, path)) == (is_right, is_right)


@pytest.mark.parametrize("data", [[], {"thing": []}, {"usage-metrics": {}}, {"usage-metrics": [1]}])
def test_what_is_no_fixture_file_is_invalid(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(data))
    assert not Draft7Validator(BUILT_IN_SCHEMA).is_valid(data)
    assert not is_served(SCHEMAS, path)


def test_the_schema_is_one_of_draft_07_and_describes_each_field() -> None:
    Draft7Validator.check_schema(BUILT_IN_SCHEMA)
    items = BUILT_IN_SCHEMA["properties"]["usage-metrics"]["items"]
    described = [name for name, part in items["properties"].items() if "description" in part]
    assert {"id", "name", "eventType", "createdAt"} <= set(described)
    assert items["properties"]["name"]["examples"] == ["Total length of sent messages."]
    assert items["properties"]["createdAt"]["description"].endswith("(x-fill: timestamp).")


def test_its_example_can_be_served(tmp_path: Path) -> None:
    [[record]] = BUILT_IN_SCHEMA["properties"]["usage-metrics"]["examples"]
    assert is_served(SCHEMAS, written(tmp_path / "a.json", record))


def test_the_built_in_and_generated_fixtures_are_valid_and_name_their_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    made = starting_data.generate(BUILT_IN, Settings(count=20))
    fixture_files.write(path, {name: each.records for name, each in made.items()}, lambda: None)
    for each in (path, FIXTURES):
        first, _, rest = each.read_text().partition("\n")
        assert first.startswith("# yaml-language-server: $schema=http://127.0.0.1:8080/_mock/schemas/")
        assert "yaml-language-server" not in rest
        Draft7Validator(BUILT_IN_SCHEMA).validate(source_file.read(each).data)


def test_a_metric_needs_nothing_that_is_filled_in() -> None:
    Draft7Validator(BUILT_IN_SCHEMA).validate({"usage-metrics": [METRIC]})
