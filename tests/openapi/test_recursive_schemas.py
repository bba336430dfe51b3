"""Schemas that lead back to themselves, or that many others share."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator

from mock_server.openapi import schema as schemas
from mock_server.openapi import schema_merging
from mock_server.openapi.json_schema import AnswerSchemas
from mock_server.openapi.schema_checks import SchemaChecks
from mock_server.openapi.schema_dialect import compile_schema
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.violation_sentences import allowed


def tree() -> dict[str, Any]:
    """A node with a name, whose children are nodes."""
    node: dict[str, Any] = {"type": "object", "required": ["name"]}
    node["properties"] = {"name": {"type": "string"}, "children": {"type": "array", "items": node}}
    return node


def diamonds(levels: int) -> dict[str, Any]:
    """A schema of two parts, each of two parts, and so on: 2 to the power of `levels` if written out."""
    part: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "integer"}}}
    for _ in range(levels):
        part = {"allOf": [part, {"allOf": [part]}], "properties": {"inner": part}}
    return part


def nested(levels: int, **last: Any) -> dict[str, Any]:
    value: dict[str, Any] = {"name": "n", **last}
    for _ in range(levels):
        value = {"name": "n", "children": [value]}
    return value


def test_a_value_is_checked_as_far_as_it_goes() -> None:
    compiled = CompiledSchema.of_answer(tree())
    assert list(compiled.flaws(nested(5))) == []
    [flaw] = compiled.flaws(nested(3, more=1))
    assert flaw.place == ("children", 0) * 3 + ("more",)
    assert flaw.keyword == "additionalProperties"


def test_a_value_nested_as_deeply_as_json_may_be_is_checked() -> None:
    assert list(CompiledSchema.of_answer(tree()).flaws(nested(49))) == []
    node: dict[str, Any] = {"properties": {}}
    node["properties"]["children"] = {"items": {"allOf": [{"oneOf": [{"allOf": [{"allOf": [node]}]}]}]}}
    [flaw] = CompiledSchema.of_answer(node).flaws(nested(49))
    assert flaw.keyword == "nesting"


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_a_schema_that_is_a_part_of_itself_says_what_it_says_beside(keyword: str) -> None:
    schema: dict[str, Any] = {"type": "string", "maxLength": 2}
    schema[keyword] = [schema]
    assert compile_schema(schema).is_valid("ab")
    assert not compile_schema(schema).is_valid("abc")
    assert schemas.kinds_of(schema_merging.merge_all_of(schema)) == ("string",)


def test_a_schema_of_branches_that_hold_each_other_is_read() -> None:
    one: dict[str, Any] = {"oneOf": [{"type": "integer", "enum": [1]}]}
    other = {"anyOf": [one, {"enum": ["a"], "properties": {"x": {"type": "string"}}}]}
    one["oneOf"].append(other)
    assert schemas.kinds_of(one) == ("integer", "string")
    assert schemas.named_values(one) == schemas.only_values(one) == [1, "a"]
    assert schemas.members_of(one) == {"x": {"type": "string"}}
    assert "one of 1" in allowed(one)


def test_an_array_of_itself_has_a_sentence() -> None:
    schema: dict[str, Any] = {"type": "array"}
    schema["items"] = schema
    assert allowed(schema).startswith("a list of values, each a list of values")


@pytest.mark.slow
def test_parts_that_many_share_are_read_once() -> None:
    schema = diamonds(60)
    assert schema_merging.merge_all_of(schema)["properties"].keys() == {"a", "inner"}
    compiled = CompiledSchema.of_answer(schema)
    value: dict[str, Any] = {"a": 1}
    for _ in range(20):
        value = {"a": 1, "inner": value}
    assert [flaw.place for flaw in compiled.flaws({"a": "x"})] == [("a",)]
    assert list(compiled.flaws(value)) == []
    SchemaChecks().check(schema, ())
    written = AnswerSchemas()
    assert len(str((written.convert(schema), written.definitions))) < 500_000


def test_branches_that_lead_to_the_same_schema_are_checked_once() -> None:
    node: dict[str, Any] = {"required": ["name"]}
    ways = [{"properties": {"children": {"items": node}}, "title": str(way)} for way in range(4)]
    node["anyOf"] = ways
    value: Any = {"name": "n", "children": [1]}
    for _ in range(40):
        value = {"name": "n", "children": [value]}
    assert list(CompiledSchema(node).flaws(value)) == []
    value["children"][0]["children"][0]["children"][0].pop("name")
    assert {flaw.keyword for flaw in CompiledSchema(node).flaws(value)} == {"required"}


def test_a_recursive_schema_is_written_with_definitions() -> None:
    written = AnswerSchemas()
    schema = {**written.convert(tree()), "definitions": written.definitions}
    validator = Draft7Validator(schema)
    assert validator.is_valid(nested(5))
    assert not validator.is_valid(nested(3, more=1))
    assert len(written.definitions) == 1


def test_a_message_shows_a_schema_that_leads_back_to_itself() -> None:
    schema: dict[str, Any] = {"title": "x"}
    schema["not"] = {"items": {"not": {"anyOf": [schema]}}, "enum": [1]}
    [flaw] = CompiledSchema(schema).flaws(1)
    assert flaw.keyword == "not"


def test_a_required_member_may_be_missing_where_another_part_marks_it() -> None:
    marked = {"properties": {"secret": {"writeOnly": True, "type": "string"}}}
    schema = {"allOf": [marked, {"required": ["secret", "id"]}]}
    [flaw] = CompiledSchema.of_answer(schema).flaws({})
    assert flaw.place == ("id",)
    assert len(list(CompiledSchema.of_body(schema).flaws({}))) == 2


def test_a_discriminator_chooses_the_schema_that_a_value_is_checked_by() -> None:
    once = {"required": ["kind"], "properties": {"kind": {"enum": ["ONCE"]}}}
    monthly = {"required": ["kind", "day"], "properties": {"day": {"type": "integer"}}}
    rule = {"propertyName": "kind", "mapping": {"ONCE": once, "MONTHLY": monthly}}
    compiled = CompiledSchema.of_answer({"oneOf": [once, monthly], "discriminator": rule})
    # By `oneOf` alone, both fit.
    assert list(compiled.flaws({"kind": "ONCE", "day": 1})) == []
    [flaw] = compiled.flaws({"kind": "MONTHLY", "day": "x"})
    assert (flaw.place, flaw.keyword) == (("day",), "type")
    [flaw] = compiled.flaws({"kind": "NEVER"})
    assert (flaw.place, flaw.remedy) == (("kind",), "use one of ONCE, MONTHLY")


def test_a_parents_discriminator_leads_to_a_child_that_includes_it() -> None:
    parent: dict[str, Any] = {"type": "object", "required": ["is"]}
    child = {"allOf": [parent, {"required": ["meows"]}]}
    parent["discriminator"] = {"propertyName": "is", "mapping": {"cat": child}}
    compiled = CompiledSchema.of_answer(parent)
    assert [flaw.place for flaw in compiled.flaws({"is": "cat"})] == [("meows",)]
    assert list(compiled.flaws({"is": "cat", "meows": True})) == []
    assert list(compiled.flaws({"is": "dog"})) == []


def test_a_keyword_with_a_value_of_a_wrong_type_says_nothing() -> None:
    schema = {"minimum": "1", "maxLength": [], "properties": 1, "required": True, "type": "string"}
    assert [flaw.keyword for flaw in CompiledSchema(schema).flaws({"a": 1})] == ["type"]
    assert list(CompiledSchema(schema).flaws("a")) == []
