"""The JSON Schema of overlays: what editors complete, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator

from mock_server.formats import yaml
from mock_server.formats.source_file import Source
from mock_server.lists.filters import MATCHES
from mock_server.openapi import document, overlay, overlay_format, overlay_schema
from mock_server.openapi.schema import FILLS
from mock_server.problems import CannotServe

SCHEMA = overlay_schema.schema()
VALIDATOR = Draft7Validator(SCHEMA)
BUILT_IN = document.overlay_beside(document.BUILT_IN)


def written(**fields: Any) -> dict[str, Any]:
    action = {"target": "$.info", "update": {"title": "New"}}
    return {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [action], **fields}


def acting(**fields: Any) -> dict[str, Any]:
    return written(actions=[{"target": "$.info", "update": {"title": "New"}, **fields}])


def updating(**fields: Any) -> dict[str, Any]:
    return acting(update={"get": {"parameters": [fields]}})


def test_it_is_a_schema_of_draft_07() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_the_built_in_overlay_is_valid_and_names_its_schema() -> None:
    text = BUILT_IN.read_text()
    VALIDATOR.validate(yaml.load(text))
    assert text.startswith("# yaml-language-server: $schema=http://127.0.0.1:8080/_mock/schemas/")


def test_all_that_the_program_reads_is_described() -> None:
    assert SCHEMA["properties"].keys() == overlay_format.FIELDS
    assert SCHEMA["definitions"]["action"]["properties"].keys() == overlay_format.ACTION_FIELDS
    assert SCHEMA["properties"]["info"]["properties"].keys() == overlay_format.INFO_FIELDS
    extensions = SCHEMA["definitions"]["part"]["properties"]
    assert extensions["x-filter"]["properties"]["match"]["enum"] == list(MATCHES)
    assert extensions["x-fill"]["enum"] == list(FILLS)
    named = [*SCHEMA["properties"].values(), *SCHEMA["definitions"]["action"]["properties"].values()]
    assert all(each["description"] for each in [*named, *overlay_schema.EXTENSIONS.values()])


@pytest.mark.parametrize(
    "data",
    [
        written(),
        written(extends="./x.yaml", **{"x-note": {"any": 1}}),
        acting(description="why", **{"x-note": 1}),
        written(actions=[{"target": "$.info", "remove": True}]),
        acting(remove=False),
        written(actions=[{"target": "$.info"}]),
        written(overlay="1.1.3", info={"title": "t", "version": "1", "description": "d"}),
        written(overlay="1.1.0", actions=[{"target": "$.info", "copy": "$.other"}]),
        updating(**{"x-filter": {"field": "name", "match": "any-of"}}),
        updating(**{"x-fill": "id", "x-other": [1]}),
        updating(**{"x-version": {"unknown": {"type": "T", "message": "m"}}}),
        updating(**{"x-realm": "A realm"}),
        acting(update={"x-error": "problem"}),
        acting(update={"x-error": {"body": {"m": "{message}"}, "types": {"400": "a", "429": 1}}}),
        updating(example={"x-fill": "data"}, enum=[{"x-filter": 1}], default={"x-realm": 1}),
        updating(schema={"properties": {"x-fill": {"type": "string"}, "default": {"x-fill": "id"}}}),
    ],
)
def test_what_is_right_is_valid(data: dict[str, Any]) -> None:
    VALIDATOR.validate(data)


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        written(overlay="2.0.0"),
        written(overlay=1.0),
        written(info={"title": "t"}),
        written(actions=[]),
        written(actions={}),
        written(action=[]),
        written(actions=[{"update": {}}]),
        written(info={"title": "t", "version": 1}),
        written(extends={}),
        written(actions=[{"target": "$.info", "remove": True}] * 2),
        acting(description=5),
        acting(target="info"),
        acting(copy=1),
        acting(target=1),
        acting(remove="yes"),
        acting(updates={}),
    ],
)
def test_what_the_program_refuses_in_an_overlay_is_invalid(data: Any) -> None:
    assert not VALIDATOR.is_valid(data)
    with pytest.raises(CannotServe):
        overlay.apply(Source("o.yaml", yaml.dump(data), data), {"info": {"title": "T"}}, [])


@pytest.mark.parametrize(
    "extension",
    [
        {"x-filter": {"field": "name"}},
        {"x-filter": {"field": "name", "match": "regex"}},
        {"x-filter": {"field": "name", "match": "any-of", "case": True}},
        {"x-filter": "name"},
        {"x-fill": "uuid"},
        {"x-version": {"unknown": {"type": "T"}}},
        {"x-version": {}},
        {"x-error": "problems"},
        {"x-error": {}},
        {"x-error": {"body": "x"}},
        {"x-error": {"body": {}, "types": {"200": "a"}}},
        {"x-realm": 'a "quoted" one'},
        {"schema": {"properties": {"default": {"x-fill": "uuid"}}}},
    ],
)
def test_what_the_program_refuses_in_an_extension_is_invalid(extension: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(updating(**extension))
