"""Records that are made by a schema, whatever it says, are valid by it, and differ from each other."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator

from mock_server.data import generator
from mock_server.data.pattern_texts import make_text
from mock_server.data.records import RecordSchema
from mock_server.openapi import document
from mock_server.openapi.patterns import compile_pattern
from mock_server.openapi.schema_errors import CompiledSchema

Schema = dict[str, Any]


def records(schema: Schema, count: int = 6, name: str = "things", **options: Any) -> list[Any]:
    return list(generator.generate(RecordSchema(name, schema, **options), count, 0))


def flaws(schema: Schema, made: list[Any]) -> list[str]:
    """Return what another library finds wrong with records."""
    validator = OAS30Validator(schema)
    return [f"{error.message} {record}" for record in made for error in validator.iter_errors(record)]


names = st.sampled_from(["id", "name", "createdAt", "kind", "size", "a", "b"])
low = st.integers(-50, 50)
strings = st.one_of(
    st.just({"type": "string"}),
    st.builds(lambda form: {"type": "string", "format": form},
              st.sampled_from(["date-time", "date", "uuid", "email", "uri", "ipv4", "byte", "other"])),
    st.builds(lambda least, more: {"type": "string", "minLength": least, "maxLength": least + more},
              st.integers(0, 40), st.integers(0, 40)),
    st.builds(lambda pattern: {"type": "string", "pattern": pattern},
              st.sampled_from([r"^\-?[0-9]+(\.[0-9]+)?$", r"^[A-Z]{2}[\w.-]{0,9}$", r"^(a|b)+\/$"])),
    st.builds(lambda values: {"type": "string", "enum": values},
              st.lists(st.text(max_size=5), min_size=1, max_size=4, unique=True)),
)  # fmt: skip
numbers = st.one_of(
    st.builds(lambda kind, least, more: {"type": kind, "minimum": least, "maximum": least + more},
              st.sampled_from(["integer", "number"]), low, st.integers(0, 9)),
    st.builds(lambda step: {"type": "number", "multipleOf": step}, st.sampled_from([0.01, 0.5, 3])),
    st.builds(lambda least: {"type": "integer", "minimum": least, "exclusiveMinimum": True}, low),
)  # fmt: skip


def objects(parts: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    def build(properties: Schema, required: list[str]) -> Schema:
        needed = [name for name in dict.fromkeys(required) if name in properties]
        found = {"type": "object", "properties": properties, "additionalProperties": False}
        return found | ({"required": needed} if needed else {})

    return st.builds(build, st.dictionaries(names, parts, max_size=4), st.lists(names, max_size=4))


def composed(parts: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    arrays = st.builds(
        lambda part, least: {"type": "array", "items": part, "minItems": least}, parts, st.integers(0, 3)
    )
    maps = st.builds(lambda part: {"type": "object", "additionalProperties": part}, parts)
    any_of = st.builds(lambda branches: {"anyOf": branches}, st.lists(parts, min_size=1, max_size=3))
    all_of = st.builds(lambda part: {"allOf": [part, {}]}, parts)
    nullable = st.builds(lambda part: part | ({"nullable": True} if "type" in part else {}), parts)
    told = st.builds(
        lambda one, other: {"oneOf": [
            {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["x"]}, "a": one}},
            {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["y"]}, "b": other}},
        ]}, parts, parts)  # fmt: skip
    return st.one_of(objects(parts), arrays, maps, any_of, all_of, nullable, told)


scalars = st.one_of(strings, numbers, st.just({"type": "boolean"}))
schemas = st.recursive(scalars, composed, max_leaves=8)


@pytest.mark.slow
@settings(max_examples=150)
@given(schemas)
def test_records_are_valid_by_any_schema_and_the_same_for_a_seed(schema: Schema) -> None:
    made = records(schema)
    assert flaws(schema, made) == []
    assert made == records(schema)
    assert made[:2] == records(schema, count=2)


ID = st.one_of(
    st.just({"type": "string"}),
    st.sampled_from([{"type": "integer"}, {"type": "number"}, {"type": "number", "example": 1}]),
    st.builds(lambda example: {"type": "string", "example": example},
              st.sampled_from(["cus_NffrFeUfNV2Hib", "7", "thing", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "AC5ef872f6da5a21de157d80997a64bd33"])),
    st.builds(lambda pattern: {"type": "string", "pattern": pattern}, st.sampled_from(["^[0-9a-f]{12}$", "^x-\\d{6}$"])),
)  # fmt: skip


@pytest.mark.slow
@given(ID, st.sampled_from(["id", "thing_id"]))
def test_ids_differ_within_a_collection_and_between_collections(described: Schema, key: str) -> None:
    schema = {"type": "object", "properties": {key: described}}
    ids = [
        record[key]
        for name in ("things", "others")
        for record in records(schema, 60, name, key=("thing_id",))
    ]
    assert len(set(ids)) == 120


@pytest.mark.parametrize(
    ("example", "style"),
    [
        ("cus_NffrFeUfNV2Hib", r"cus_[0-9A-Za-z]{14}"),
        ("AC5ef872f6da5a21de157d80997a64bd33", r"AC[0-9a-f]{32}"),
        ("01ARZ3NDEKTSV4RRFFQ69G5FAV", r"01ARZ3NDEK[0-9A-Z]{16}"),
        ("0185a140-194a-7e9d-9fae-6a034fd4a725", r"0185a140-194a-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("1234567890123", r"[1-9][0-9]{12}"),
    ],
)  # fmt: skip
def test_ids_have_the_style_of_the_example(example: str, style: str) -> None:
    schema = {"type": "object", "properties": {"id": {"type": "string"}}}
    made = records(schema, guides=lambda: [{"id": example}])
    for record in made:
        assert re.fullmatch(style, record["id"]), record


def test_the_answers_example_gives_shape_and_style() -> None:
    schema = {
        "type": "object",
        "required": ["id", "tags"],
        "properties": {
            "id": {"type": "string"},
            "kind": {"type": "string", "enum": ["round", "square"]},
            "note": {"type": "string"},
            "price": {"type": "number"},
            "created": {"type": "string", "format": "date-time"},
            "made_at": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "owner": {"type": "object", "properties": {"name": {"type": "string"}}},
            "left_out": {"type": "string"},
        },
    }
    example = {
        "id": "thing_8fkLq2", "kind": "round", "note": "As it is.", "price": 19.99, "unknown": 1,
        "created": "2021-03-04T05:06:07.123+02:00", "made_at": 1680893993, "tags": ["a", "b"],
        "owner": {"name": "Ada"},
    }  # fmt: skip
    made = records(schema, 20, guides=lambda: [example])
    assert flaws(schema, made) == []
    assert all({*record} == {*example} - {"unknown"} for record in made)
    for varied in ("id", "price", "created", "made_at"):
        assert len({record[varied] for record in made}) == 20, varied
    assert {record["kind"] for record in made} == {"round", "square"}
    assert {record["note"] for record in made} == {"As it is."}
    assert all(record["tags"] == ["a", "b"] for record in made)
    assert made[0]["created"] == "2021-03-04T05:06:07.123+02:00"
    assert made[1]["created"] == "2021-03-04T05:05:07.123+02:00"
    assert [record["made_at"] for record in made[:2]] == [1680893993, 1680893933]
    assert [record["owner"]["name"] for record in made[:2]] == ["Ada", "Ada 2"]


def test_what_of_an_example_does_not_fit_is_made_by_the_schema() -> None:
    schema = {
        "type": "object",
        "required": ["size", "code", "kind"],
        "properties": {
            "size": {"type": "integer", "maximum": 5},
            "code": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "kind": {"type": "string", "enum": ["round"]},
            "note": {"type": "string"},
        },
    }
    example = {"size": "large", "code": "abc", "kind": "flat", "note": "kept"}
    made = records(schema, guides=lambda: [example])
    assert flaws(schema, made) == []
    assert {record["note"] for record in made} == {"kept"}


def test_schemas_that_contain_themselves_end() -> None:
    node: Schema = {"type": "object", "required": ["id", "next", "kids"], "properties": {}}
    node["properties"] = {
        "id": {"type": "string"},
        "next": {"anyOf": [node, {"type": "object", "properties": {}, "nullable": True}]},
        "kids": {"type": "array", "items": node},
        "parent": node,
        "choice": {"oneOf": [node, {"type": "string"}]},
    }
    schema = RecordSchema("things", node)
    made = list(generator.generate(schema, 5, 0))
    assert [flaw for record in made for flaw in schema.flaws(record)] == []
    assert len(json.dumps(made)) < 20_000


def test_a_discriminator_names_the_branch() -> None:
    base: Schema = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    cat = {
        "allOf": [
            base,
            {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer"}}},
        ]
    }
    dog = {"allOf": [base, {"type": "object", "required": ["bark"], "properties": {"bark": {"type": "string"}}}]}  # fmt: skip
    rule = {"propertyName": "kind", "mapping": {"cat": cat, "dog": dog}}
    for schema in ({"oneOf": [cat, dog], "discriminator": rule}, base | {"discriminator": rule}):
        made = records(schema)
        assert {record["kind"]: "lives" in record for record in made} == {"cat": True, "dog": False}


def test_a_schema_that_extends_one_with_a_discriminator_is_what_its_own_name_says() -> None:
    reference: Schema = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}},
    }
    user = {"allOf": [reference, {"properties": {"obj": {"type": "string"}}, "required": ["obj"]}]}
    team = {"allOf": [reference, {"properties": {"obj": {"type": "integer"}}, "required": ["obj"]}]}
    reference["discriminator"] = {"propertyName": "kind", "mapping": {"user": user, "team": team}}

    made = records(
        {"type": "object", "properties": {"owner": user, "any": reference}, "required": ["owner", "any"]}
    )

    assert {(record["owner"]["kind"], type(record["owner"]["obj"])) for record in made} == {
        ("user", str)
    }
    assert {record["any"]["kind"] for record in made} == {"user", "team"}


def test_schemas_that_extend_one_whose_discriminator_maps_nothing_are_told_by_their_names(
    tmp_path: Path,
) -> None:
    def ref(name: str) -> Schema:
        return {"$ref": f"#/components/schemas/{name}"}

    def listed(name: str) -> Schema:
        content = {"application/json": {"schema": {"type": "array", "items": ref(name)}}}
        return {"get": {"responses": {"200": {"description": "x", "content": content}}}}

    text = {"type": "string"}
    animal = {"type": "object", "required": ["kind"], "properties": {"kind": text}}
    schemas = {
        "Animal": animal | {"discriminator": {"propertyName": "kind"}},
        "Bird": {"allOf": [ref("Animal"), {"required": ["wings"], "properties": {"wings": text}}]},
        "Parrot": {"allOf": [ref("Bird"), {"required": ["says"], "properties": {"says": text}}]},
        "Fish": {"allOf": [ref("Animal")]},
    }
    names = ("Animal", "Parrot", "Fish")
    document_file = tmp_path / "animals.json"
    described = {
        "openapi": "3.0.3",
        "info": {"title": "Animals", "version": "1"},
        "paths": {f"/{name}": listed(name) for name in names},
        "components": {"schemas": schemas},
    }
    document_file.write_text(json.dumps(described))
    lists = document.load(document_file).lists

    made = {name: records(dict(lists[name].record_schema), 9) for name in names}
    kinds = {name: {record["kind"] for record in made[name]} for name in names}

    assert kinds == {"Animal": {"Bird", "Parrot", "Fish"}, "Parrot": {"Parrot"}, "Fish": {"Fish"}}


@pytest.mark.parametrize(
    "pattern",
    [r"^\p{Lu}\p{L}+$", r"^[\w-.]+$", r"^(?<year>\d{4})\/\k<year>$", r"^\u{61}[^\s]+$", r"^(?=.*\d).{8,}$",
     r"^[[\]]{3}$", "^a{40}$", "^(?=.{9,12}$)[0-9]+(-[0-9]+)*$"],
)  # fmt: skip
def test_texts_match_patterns_of_ecma_262(pattern: str) -> None:
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "pattern": pattern}},
    }
    for record in records(schema):
        assert compile_pattern(pattern).is_in(record["a"])


@pytest.mark.parametrize("pattern", ["^[a-z]+$", "^[a-z0-9]*$"])
def test_a_text_of_a_pattern_has_a_length_that_is_named_exactly(pattern: str) -> None:
    made = [make_text(pattern, random.Random(seed).random, 30, 30) for seed in range(100)]
    assert {len(text or "") for text in made} == {30}


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["^a{100000}$", "(a{1000}){1000}", "^(?!)$"])
def test_a_pattern_that_no_short_text_matches_is_given_up(pattern: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}}
    assert records(schema) == [{}] * 6
    assert len(records(schema | {"required": ["a"]})) == 6


def test_records_may_be_texts_and_numbers() -> None:
    assert records({"type": "string"}, 3) == ["things 1", "things 2", "things 3"]
    assert flaws({"type": "integer", "maximum": 3}, records({"type": "integer", "maximum": 3})) == []
    assert records({"type": "string"}, 2, guides=lambda: ["Ada"]) == ["Ada", "Ada 2"]


@pytest.mark.parametrize("key", ["id", "gid", "sid", "uuid", "_id", "key"])
def test_a_property_named_like_an_id_is_in_every_record_and_none_is_twice(key: str) -> None:
    schema = {"type": "object", "properties": {"done": {"type": "boolean"}, key: {"type": "string"}}}
    assert len({record[key] for record in records(schema, 40)}) == 40


@pytest.mark.parametrize(
    ("schema", "examples"),
    [
        ({"properties": {"done": {"type": "boolean"}, "note": {"type": "string"}}}, []),
        ({"properties": {"kind": {"type": "string"}, "parts": {"type": "array", "items": {"type": "string"}}}},
         [{"kind": "disk", "parts": ["a"]}]),
        ({"properties": {"kind": {"type": "string", "enum": ["disk"]}, "size": {"type": "integer"}}},
         [{"kind": "disk"}]),
        ({"properties": {"bundle": {"type": "object", "properties": {"note": {"type": "string", "example": "x"}}}}},
         [{"bundle": {"note": "plain"}}]),
        ({"oneOf": [{"properties": {"a": {"type": "string", "enum": ["x"]}, "n": {"type": "number"}}}]}, []),
    ],
)  # fmt: skip
def test_records_without_an_id_differ(schema: Schema, examples: list[Any]) -> None:
    described = {"type": "object", **schema}
    made = records(described, 40, guides=lambda: examples)
    assert len({json.dumps(record, sort_keys=True) for record in made}) == 40
    assert flaws(described, made) == []


def test_records_are_equal_where_their_schema_has_no_others() -> None:
    schema = {
        "type": "object",
        "properties": {"done": {"type": "boolean"}},
        "additionalProperties": False,
    }
    made = records(schema, 500)
    assert {json.dumps(record) for record in made} == {"{}", '{"done": true}', '{"done": false}'}


def components(kinds: int, levels: int) -> Schema:
    """Return a schema of components that hold each other, each told by its number, in some levels."""
    kept: list[Schema] = []
    inner: Schema = {"oneOf": kept}
    lists = {f"parts{n}": {"type": "array", "minItems": 1, "items": inner} for n in range(4)}
    for n in range(kinds):
        told = {"type": {"type": "integer", "enum": [n]}, f"only{n}": {"type": "string"}}
        required = ["type", f"only{n}", *["parts0"] * (n % 2)]
        kept.append({"type": "object", "properties": told | lists, "required": required})
    for _ in range(levels):
        held = {"type": "array", "items": inner}
        branches = [
            {"type": "object", "required": ["type", "held", "next"],
             "properties": {"type": {"type": "integer", "enum": [n]}, "held": held, "next": inner}}
            for n in range(kinds)
        ]  # fmt: skip
        inner = {"oneOf": branches}
    return inner


@pytest.mark.slow
@pytest.mark.parametrize(("kinds", "levels"), [(6, 0), (25, 3)])
def test_components_that_hold_each_other_are_made_within_bounds(kinds: int, levels: int) -> None:
    schema = {
        "type": "object",
        "properties": {"parts": {"type": "array", "items": components(kinds, levels)}},
    }
    made = records(schema, 3, guides=lambda: [{"parts": [{}]}])
    described = CompiledSchema.of_answer(schema)
    assert [flaw.message for record in made for flaw in described.flaws(record)] == []
    assert all(record["parts"] for record in made)


def test_scalar_branches_are_tried_however_many_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.data.branch_choice._MOST_SAMPLES", 0)
    scopes = {"type": "string", "oneOf": [{"enum": [name]} for name in "abcdefgh"]}
    schema = {"type": "object", "properties": {"scope": {"enum": ["c", "g"], "allOf": [scopes]}}}
    assert {record["scope"] for record in records(schema | {"required": ["scope"]})} <= {"c", "g"}


def test_a_record_that_two_branches_take_is_made_anew() -> None:
    # Only the value 40 is of both, which the few values by which branches are tried are not.
    branches = [
        {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"} | bounds}}
        for bounds in ({"minimum": 0, "maximum": 40}, {"minimum": 40, "maximum": 80})
    ]
    assert flaws({"oneOf": branches}, records({"oneOf": branches}, 60)) == []


def test_values_of_an_enum_are_not_numbered() -> None:
    schema = {"type": "string", "enum": ["read", "write"], "example": "read"}
    made = records(schema, 40, guides=lambda: ["read"])
    assert {*made} == {"read", "write"}


def test_a_part_that_several_equal_branches_take_is_left_out_where_it_may_be() -> None:
    def branch() -> Schema:
        return {"type": "object", "properties": {"smart": {"type": "boolean", "example": True}}}

    options = {"oneOf": [branch(), branch()]}
    beside = {"name": {"type": "string"}, "note": {"type": "string"}}
    inner = {"type": "object", "properties": {"options": options, **beside}, "required": ["name"]}
    schema = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "inner": inner},
        "required": ["inner"],
    }
    made = records(
        schema,
        guides=lambda: [{"id": "a1", "inner": {"name": "x", "note": "y", "options": {"smart": True}}}],
    )
    assert all(record["inner"].keys() == {"name", "note"} for record in made)
    assert flaws(schema, made) == []
