"""Schemas of OpenAPI 3.1: in the words of 3.0 where it has them, and checked by JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.openapi import document
from mock_server.openapi.schema_31 import classic, modern
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.callers import send
from tests.support.servers import build

NAMED = """
openapi: 3.1.0
info: {title: Named, version: '1'}
paths:
  /things:
    get:
      responses:
        '200':
          description: OK
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}
components:
  schemas:
    Thing:
      type: object
      properties:
        anchored: {$ref: '#size'}
        dynamic: {$dynamicRef: '#size'}
        absolute: {$ref: 'https://example.com/schemas/tree'}
        relative: {$ref: 'https://example.com/schemas/forest'}
        beside: {$ref: 'sizes.json#small'}
    Size: {$dynamicAnchor: size, type: integer, maximum: 9}
    Tree:
      $id: https://example.com/schemas/tree
      type: object
      properties: {crown: {$ref: '#'}, leaf: {$ref: '#leaf'}, size: {$ref: '#/components/schemas/Size'}}
      $defs: {Leaf: {$anchor: leaf, type: boolean}}
    Forest: {$id: https://example.com/schemas/forest, type: array, items: {$ref: tree}}
"""


def test_references_follow_the_names_that_schemas_give_themselves(tmp_path: Path) -> None:
    path = tmp_path / "named.yaml"
    path.write_text(NAMED)
    (tmp_path / "sizes.json").write_text(
        '{"Small": {"$anchor": "small", "type": "integer", "maximum": 2}}'
    )
    loaded = document.load(path)
    assert loaded.warnings == ()
    found = loaded.lists["things"].record_schema["properties"]
    assert found["anchored"]["maximum"] == found["dynamic"]["maximum"] == 9
    assert found["beside"]["maximum"] == 2
    tree = found["absolute"]
    assert tree["properties"]["crown"] is tree
    assert tree["properties"]["leaf"]["type"] == "boolean"
    assert tree["properties"]["size"]["maximum"] == 9
    assert found["relative"]["items"] is tree


def test_in_a_30_document_no_schema_has_a_name(tmp_path: Path) -> None:
    path = tmp_path / "named.yaml"
    path.write_text(NAMED.replace("3.1.0", "3.0.3"))
    assert any("'#size' is dangling" in str(warning) for warning in document.load(path).warnings)


@pytest.mark.parametrize(
    ("schema", "older"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {"type": ["string", "integer"]}),
        ({"type": ["string", "integer", "null"]}, {"type": ["string", "integer"], "nullable": True}),
        ({"type": "null"}, {"type": "null"}),
        ({"type": "string", "nullable": True}, {"type": "string"}),
        ({"exclusiveMinimum": 1}, {"minimum": 1, "exclusiveMinimum": True}),
        ({"exclusiveMinimum": 1, "minimum": 2}, {"minimum": 2}),
        ({"exclusiveMaximum": 1, "maximum": 1}, {"maximum": 1, "exclusiveMaximum": True}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"contentEncoding": "base64"}, {"contentEncoding": "base64", "format": "byte"}),
        ({"contentEncoding": "gzip"}, {"contentEncoding": "gzip"}),
        ({"examples": ["a", "b"]}, {"example": "a"}),
        ({"$ref": "#/a"}, {"$ref": "#/a"}),
        ({"$ref": "#/a", "title": "t"}, {"allOf": [{"$ref": "#/a"}], "title": "t"}),
        (
            {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "title": "t"},
            {"type": "string", "maxLength": 3, "title": "t", "nullable": True},
        ),
        (
            {"anyOf": [{"$ref": "#/a"}, {"type": "null"}]},
            {"anyOf": [{"$ref": "#/a"}, {"type": "null"}]},
        ),
        ({"if": {}, "prefixItems": [{}]}, {"if": {}, "prefixItems": [{}]}),
    ],
)
def test_a_schema_has_the_words_of_30(schema: dict[str, Any], older: dict[str, Any]) -> None:
    assert repr(sorted(modern(schema).items())) == repr(sorted(older.items()))


@pytest.mark.parametrize(
    "schema", [{"type": "string"}, {"$ref": "#/a"}, {"type": ["string", "integer"]}]
)
def test_a_schema_that_needs_no_other_words_is_the_same(schema: dict[str, Any]) -> None:
    assert modern(schema) is schema


def test_the_words_of_31_mean_nothing_in_a_document_of_30() -> None:
    plain = {"type": "string", "nullable": True}
    assert classic(plain) is plain
    assert classic({"if": {}, "prefixItems": [], "patternProperties": {}, "title": "t"}) == {
        "title": "t"
    }


@pytest.mark.parametrize(
    ("schema", "valid", "invalid", "keyword"),
    [
        (
            {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
            ["a", 1],
            ["a", "b"],
            "type",
        ),
        ({"contains": {"type": "string"}}, [1, "a"], [1], "contains"),
        ({"contains": {"enum": [1]}, "minContains": 2, "maxContains": 2}, [1, 1], [1], "minContains"),
        ({"contains": {"enum": [1]}, "maxContains": 1}, [1], [1, 1], "maxContains"),
        ({"patternProperties": {r"^\p{Lu}": {"type": "integer"}}}, {"Ä": 1}, {"Ä": "a"}, "type"),
        ({"propertyNames": {"maxLength": 1}}, {"a": 1}, {"ab": 1}, "maxLength"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": 1}, {"a": 1}, "dependentRequired"),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"b": 1}, {"a": 1}, "required"),
        (
            {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": False},
            {"a": 1, "b": 1},
            {},
            "not",
        ),
        (
            {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
            {"a": 1},
            {"a": 1, "b": 1},
            "not",
        ),
        ({"prefixItems": [{}], "unevaluatedItems": False}, [1], [1, 2], "not"),
        ({"type": ["string", "integer"]}, 1, None, "type"),
        ({"type": "null"}, None, 1, "type"),
    ],
)
def test_a_value_is_checked_by_json_schema_2020_12(
    schema: dict[str, Any], valid: Any, invalid: Any, keyword: str
) -> None:
    compiled = CompiledSchema(schema)
    assert list(compiled.flaws(valid)) == []
    assert [flaw.keyword for flaw in compiled.flaws(invalid)] == [keyword]


DOCUMENT = """
openapi: 3.1.0
info: {title: Modern, version: '1'}
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: limit, in: query, schema: {type: [integer, 'null'], exclusiveMinimum: 0, maximum: 50}}
        - {name: after, in: query, schema: {anyOf: [{type: string}, {type: 'null'}]}}
        - {name: size, in: query, schema: {type: number, exclusiveMaximum: 9}}
        - {name: kind, in: query, schema: {$ref: '#/components/schemas/Kind', maxLength: 5}}
        - name: pair
          in: query
          schema: {type: array, prefixItems: [{type: string}], items: {type: integer}, contains: {const: 1}}
        - name: rule
          in: query
          content: {application/json: {schema: {if: {required: [a]}, then: {required: [b]}}}}
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
    Kind: {type: string, enum: [round, square]}
    Thing:
      type: object
      required: [id]
      properties:
        id: {type: string}
        kind: {$ref: '#/components/schemas/Kind', maxLength: 5}
        note: {type: [string, 'null']}
        pet: {$ref: '#/components/schemas/Pet'}
      patternProperties: {'^x-': {type: integer}}
      dependentRequired: {note: [kind]}
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: is, mapping: {feline: Cat}}
    Cat: {type: object, required: [is, meows], properties: {is: {const: feline}, meows: {type: boolean}}}
    Dog: {type: object, required: [is, barks], properties: {is: {const: Dog}, barks: {type: boolean}}}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modern")
    (folder / "modern.yaml").write_text(DOCUMENT)
    return folder / "modern.yaml"


@pytest.fixture(scope="module")
def root(path: Path) -> Iterator[str]:
    fixture = path.parent / "things.yaml"
    fixture.write_text(
        "things:\n  - {id: a, kind: round, note: null, x-a: 1, pet: {is: Dog, barks: true}}\n  - {id: b}\n"
    )
    with server.in_thread(build(Settings(document=path, fixtures=(fixture,)))) as url:
        yield url


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=1", None),
        ("limit=0", "range"),
        ("size=8.5", None),
        ("size=9", "range"),
        ("kind=round", None),
        ("kind=square", "maxLength"),
        ("kind=oval", "enum"),
        ("pair=a,1", None),
        ("pair=a,2", "contains"),
        ("rule=%7B%22a%22:1%7D", "required"),
        ("rule=%7B%22a%22:1,%22b%22:1%7D", None),
    ],
)
def test_a_parameter_is_checked_by_31(root: str, query: str, code: str | None) -> None:
    answer = send(root, "demo", f"/things?{query}")
    codes = [] if answer.status == 200 else [violation["code"] for violation in answer.violations]
    assert codes == ([] if code is None else [code]), answer.body


@pytest.mark.parametrize(
    ("record", "place", "message"),
    [
        ("{id: a, x-a: b}", "/x-a", "is not of type integer"),
        ("{id: a, note: n}", "", "does not satisfy dependentRequired"),
        ("{id: a, note: 1, kind: round}", "/note", "is not of type string"),
        ("{id: a, kind: square}", "/kind", "does not satisfy maxLength"),
        ("{id: a, other: 1}", "/other", "the schema does not name this field"),
        ("{id: a, pet: {is: Dog, meows: true}}", "/pet/barks", "the field is missing"),
        ("{id: a, pet: {is: feline, barks: true}}", "/pet/meows", "the field is missing"),
    ],
)
def test_a_record_is_checked_by_31(
    path: Path, tmp_path: Path, refusal: Any, record: str, place: str, message: str
) -> None:
    fixture = tmp_path / "things.yaml"
    fixture.write_text(f"things:\n  - {record}\n")
    [problem] = refusal(build, Settings(document=path, fixtures=(fixture,)))
    assert f"/things/0{place}" in problem
    assert message in problem


def test_null_is_no_type_that_stands_in_the_way_of_filters(path: Path) -> None:
    [operation] = document.load(path).operations
    assert [p.name for p in operation.query if p.filters] == ["kind"]
