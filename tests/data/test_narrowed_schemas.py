"""Records by schemas that refuse values in other words than types and bounds: conditions, `not`, overlaps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator

from mock_server.data import generator, starting_data
from mock_server.data.records import RecordSchema
from mock_server.openapi import document
from mock_server.openapi.schema_31 import modern

Schema = dict[str, Any]

TEXT, WHOLE, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def thing(required: str = "", /, _more: Schema | None = None, **properties: Any) -> Schema:
    """Return the schema of an object; `required` are names divided by spaces."""
    found = {"type": "object", "properties": properties, "required": required.split()}
    return found | (_more or {})


# Schemas of 3.0 and of 3.1, by what they have.
OF_30: dict[str, Schema] = {
    "not enum": thing("a b n", a={"type": "string", "enum": ["a", "b", "c"], "not": {"enum": ["a", "b"]}},
                      b=FLAG | {"not": {"enum": [True]}},
                      n={"type": "integer", "minimum": 1, "maximum": 4, "not": {"enum": [1, 2, 3]}}),
    "not pattern": thing("a b", a=TEXT | {"not": {"pattern": "^a"}}, b=TEXT | {"not": {"pattern": "[0-9]"}}),
    "not bounds": thing("a", a={"type": "integer", "minimum": 0, "maximum": 100, "not": {"minimum": 5}}),
    "not any": thing("a", a={"type": "integer", "minimum": 0, "maximum": 20,
                             "not": {"anyOf": [{"minimum": 10}, {"multipleOf": 2}]}}),
    "not both": thing("", {"not": {"required": ["a", "b"]}, "minProperties": 1}, a=TEXT, b=TEXT),
    "not as told": thing("a b", {"not": {"properties": {"a": {"enum": [1]}, "b": {"enum": [1]}}}},
                         a={"type": "integer", "enum": [1, 2]}, b={"type": "integer", "enum": [1, 2]}),
    "look-ahead": thing("p q r", p=TEXT | {"pattern": "^(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z]).{8,20}$"},
                        q=TEXT | {"pattern": "^(?!admin)[a-z]{3,8}$"},
                        r=TEXT | {"pattern": "^(?=.{5,10}$)[a-z]+(-[a-z]+)*$"}),
    "length": thing("p", p=TEXT | {"pattern": "^[a-z]+$", "minLength": 12, "maxLength": 14}),
    "two patterns": thing("p", p={"allOf": [TEXT | {"pattern": "^[a-z]+"}, {"pattern": "[0-9]+$"}, {"minLength": 6}]}),
    "pattern and format": thing("d", d=TEXT | {"format": "date", "pattern": "-01$"}),
    "multiples": thing("a b c", a={"type": "number", "multipleOf": 0.25, "minimum": 0.1, "maximum": 0.6},
                       b={"type": "integer", "multipleOf": 7, "minimum": 8, "maximum": 20},
                       c={"allOf": [WHOLE | {"multipleOf": 4}, {"multipleOf": 6, "minimum": 1, "maximum": 13}]}),
    "unlike objects": thing("a", a={"type": "array", "uniqueItems": True, "minItems": 5, "items": thing(
        "k b", {"additionalProperties": False}, k={"type": "string", "enum": ["x", "y", "z"]}, b=FLAG)}),
    "all of an enum": thing("a", a={"type": "array", "uniqueItems": True, "minItems": 6,
                                    "items": {"type": "string", "enum": list("abcdef")}}),
    "overlapping numbers": thing("n", n={"oneOf": [WHOLE | {"multipleOf": 3}, WHOLE | {"multipleOf": 5}]}),
    "overlapping objects": {"oneOf": [thing("a", a=TEXT, b=TEXT), thing("b", b=TEXT, c=TEXT)]},
    "one within another": {"oneOf": [thing("a", a=TEXT), thing("a b", a=TEXT, b=TEXT)]},
    "one required": thing("", {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, a=TEXT, b=TEXT, c=TEXT),
    "least members": thing("", {"minProperties": 2, "additionalProperties": False}, a=TEXT, b=TEXT, c=TEXT),
    "further members": {"type": "object", "minProperties": 4, "maxProperties": 5, "properties": {"a": TEXT}},
    "most members": thing("f", {"maxProperties": 2}, **dict.fromkeys("abcdef", TEXT)),
    "deep": thing("a", a=thing("b", b=thing("c", c=thing("d", d=thing("e", e=thing("f", f=thing("g", g=WHOLE))))))),
}  # fmt: skip
_US = {"properties": {"country": {"const": "US"}}, "required": ["country"]}
OF_31: dict[str, Schema] = {
    "condition": thing("country zip", {
        "if": _US, "then": {"properties": {"zip": {"pattern": "^[0-9]{5}$"}}},
        "else": {"properties": {"zip": {"pattern": "^[A-Z][0-9][A-Z]$"}}},
    }, country={"enum": ["US", "CA"]}, zip=TEXT),
    "condition that leaves out": thing("kind", {
        "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["x"]},
        "else": {"required": ["y"], "properties": {"x": False}},
    }, kind={"enum": ["a", "b"]}, x=WHOLE, y=TEXT),
    "several conditions": thing("kind v", {"allOf": [
        {"if": {"properties": {"kind": {"const": kind}}}, "then": {"properties": {"v": part}}}
        for kind, part in (("a", WHOLE), ("b", FLAG), ("c", {"type": "array", "items": TEXT, "minItems": 2}))
    ]}, kind={"enum": ["a", "b", "c"]}, v={}),
    "condition of a number": thing("n", n=WHOLE | {"minimum": 0, "maximum": 100, "if": {"minimum": 50},
                                                   "then": {"multipleOf": 10}, "else": {"multipleOf": 7}}),
    "condition that refuses": thing("n", {"if": {"required": ["m"]}, "then": False}, n=WHOLE, m=WHOLE),
    "dependent names": thing("card", {"dependentRequired": {"card": ["cvv"], "cvv": ["extra"]}}, card=TEXT, cvv=TEXT),
    "dependent schemas": thing("n", {"dependentSchemas": {"card": {
        "properties": {"n": {"minimum": 1000, "maximum": 1010}}, "required": ["billing"]}}}, card=TEXT, n=WHOLE),
    "contains": thing("a", a={"type": "array", "items": WHOLE, "minItems": 5, "minContains": 3, "maxContains": 4,
                              "contains": {"minimum": 100, "maximum": 105}}),
    "contains none": thing("a", a={"type": "array", "items": WHOLE | {"minimum": 0, "maximum": 9}, "minItems": 4,
                                   "contains": {"const": 5}, "minContains": 0, "maxContains": 0}),
    "contains after a prefix": thing("a", a={"type": "array", "prefixItems": [TEXT, WHOLE], "contains": FLAG,
                                             "minContains": 2}),
    "not a type": thing("a b", a={"not": TEXT}, b={"not": {"type": ["string", "number", "null"]}}),
    "names": {"type": "object", "propertyNames": {"pattern": "^[a-z]{3}_[0-9]{2}$"},
              "additionalProperties": WHOLE, "minProperties": 3},
    "few names": {"type": "object", "propertyNames": {"enum": ["de", "en", "fr"]},
                  "additionalProperties": TEXT, "minProperties": 3},
    "names by patterns": thing("x-a s_b x-n", {"patternProperties": {"^x-": WHOLE, "^s_": TEXT},
                                               "additionalProperties": False}, **{"x-n": {"minimum": 5}}),
    "names of patterns": {"type": "object", "patternProperties": {"^[a-z]{2}-[A-Z]{2}$": TEXT},
                          "additionalProperties": False, "minProperties": 2},
    "closed over parts": {"allOf": [thing("a", a=TEXT), thing("b", b=WHOLE)], "unevaluatedProperties": False},
    "two of several": thing("v", v={"allOf": [{"oneOf": [TEXT, WHOLE]}, {"oneOf": [WHOLE, FLAG]}]}),
}  # fmt: skip


def read(schema: Any) -> Any:
    """Return a schema of 3.1 as the program reads it."""
    if isinstance(schema, list):
        return [read(part) for part in schema]
    return (
        {name: read(part) for name, part in modern(schema).items()}
        if isinstance(schema, dict)
        else schema
    )


def made(described: dict[str, Schema], version: str, folder: Path) -> dict[str, list[Any]]:
    """Return records of each schema, from a document with a list of each, and that no misfit is told."""
    listed = {
        f"/{number}": {"get": {"responses": {"200": {"description": "OK", "content": {"application/json": {
            "schema": {"type": "array", "items": schema}}}}}}}
        for number, schema in enumerate(described.values())
    }  # fmt: skip
    path = folder / "document.json"
    path.write_text(
        json.dumps({"openapi": version, "info": {"title": "T", "version": "1"}, "paths": listed})
    )
    schemas = starting_data.schemas(document.load(path))
    records = {}
    for name, schema in zip(described, schemas.values(), strict=True):
        records[name] = list(generator.generate(schema, 15, 0))
        assert not [flaw for record in records[name] for flaw in schema.misfits(record)], name
    return records


def test_records_are_valid_by_schemas_of_3_0(tmp_path: Path) -> None:
    found = made(OF_30, "3.0.3", tmp_path)
    for name, records in found.items():
        validator = OAS30Validator(OF_30[name])
        assert not [(name, each, record) for record in records for each in validator.iter_errors(record)]
    assert {len(record) for record in found["most members"]} == {2}


def test_records_are_valid_by_schemas_of_3_1(tmp_path: Path) -> None:
    for name, records in made(OF_31, "3.1.0", tmp_path).items():
        validator = Draft202012Validator(OF_31[name])
        assert not [(name, each, record) for record in records for each in validator.iter_errors(record)]


def test_only_a_member_that_may_be_absent_is_left_out_where_not_all_may_be_there(tmp_path: Path) -> None:
    *required, last = names = [f"f{number}" for number in range(60)]
    schema = thing(" ".join(required), {"not": {"required": names}}, **dict.fromkeys(names, FLAG))
    assert all(last not in record for record in made({"not all": schema}, "3.0.3", tmp_path)["not all"])


def joined(one: Schema, other: Schema, how: str) -> Schema:
    match how:
        case "branches":
            return {"anyOf": [one, other]}
        case "items":
            return thing("list", list={"type": "array", "items": one, "minItems": 2})
        case "condition":
            told = {"kind": {"const": "one"}}
            return thing("kind part", {"if": {"properties": told}, "then": {"properties": {"part": one}},
                                       "else": {"properties": {"part": other}}},
                         kind={"enum": ["one", "other"]}, part={})  # fmt: skip
    return thing("one other", {"additionalProperties": False}, one=one, other=other)


PARTS = st.sampled_from([*OF_30.values(), *OF_31.values()])


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.builds(joined, PARTS, PARTS, st.sampled_from(["members", "branches", "items", "condition"])))
def test_records_are_valid_by_such_schemas_within_each_other(schema: Schema) -> None:
    records = RecordSchema("things", read(schema))
    validator = Draft202012Validator(schema)
    for record in generator.generate(records, 5, 0):
        assert not list(records.misfits(record)), record
        assert not list(validator.iter_errors(record)), record
