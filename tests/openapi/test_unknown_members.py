"""Unknown members of bodies: by every part of the schema that applies."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.openapi.body_schema import BodySchema

TEXT = {"type": "string"}
A = {"type": "object", "properties": {"a": TEXT}}
B = {"type": "object", "required": ["b"], "properties": {"b": TEXT}}
NODE: dict[str, Any] = {"type": "object", "properties": {"a": TEXT}}
NODE["properties"]["inner"] = NODE


def unknown(schema: dict[str, Any], value: Any) -> list[str]:
    judgement = BodySchema(schema, None).judge(value)
    return [each.key for each in judgement.warnings if each.code == "unknownMember"]


@pytest.mark.parametrize(
    ("schema", "value", "keys"),
    [
        (A, {"a": "1", "x": 1, "y": {"z": 1}}, ["/x", "/y"]),
        ({"properties": {"list": {"items": A}}}, {"list": [{"a": ""}, {"b": ""}]}, ["/list/1/b"]),
        ({"allOf": [A, {"allOf": [B]}]}, {"a": "", "b": "", "c": ""}, ["/c"]),
        ({"oneOf": [A, B]}, {"b": "", "a": 1}, ["/a"]),
        ({"anyOf": [A, B]}, {"a": "", "b": "", "c": ""}, ["/c"]),
        ({**A, "oneOf": [B]}, {"a": "", "b": "", "c": ""}, ["/c"]),
        ({"oneOf": [A]}, {"c": ""}, ["/c"]),
        (NODE, {"inner": {"inner": {"a": "", "b": ""}}}, ["/inner/inner/b"]),
        ({"additionalProperties": A}, {"any": {"a": "", "b": ""}}, ["/any/b"]),
        ({"items": A}, [{"b": ""}], ["/0/b"]),
        ({**A, "required": ["b"]}, {"b": "", "c": ""}, ["/c"]),
        ({**A, "if": {"required": ["a"]}, "then": B}, {"a": "", "b": "", "c": ""}, ["/c"]),
        ({**A, "patternProperties": {"^x-": {}}}, {"x-1": 1, "y": 1}, ["/y"]),
        # What admits any member, or says nothing of them
        ({**A, "additionalProperties": True}, {"b": 1}, []),
        ({"allOf": [A, {"additionalProperties": True}]}, {"b": 1}, []),
        ({"type": "object"}, {"b": 1}, []),
        ({"type": "object", "properties": {}}, {"b": {"c": 1}}, []),
        ({"required": ["a"]}, {"a": 1, "b": 1}, []),
        ({}, {"a": 1}, []),
    ],
)
def test_members_that_no_schema_names_are_unknown(
    schema: dict[str, Any], value: Any, keys: list[str]
) -> None:
    assert unknown(schema, value) == keys


def test_what_is_forbidden_is_told_once() -> None:
    judgement = BodySchema({**A, "additionalProperties": False}, None).judge({"b": 1})
    assert [(each.code, each.key) for each in judgement.violations] == [("unknownMember", "/b")]
    assert judgement.warnings == ()


def test_a_thousand_mistakes_are_named_up_to_a_hundred() -> None:
    judgement = BodySchema(A, None).judge({f"x{number}": 1 for number in range(1_000)})
    assert len(judgement.warnings) == 100
    judgement = BodySchema({"items": TEXT}, None).judge([1] * 1_000)
    assert len(judgement.violations) == 100


def test_what_takes_too_long_is_looked_into_once() -> None:
    text = {"type": "string", "pattern": r"^(a+)+\1$"}
    schema = {"items": {"type": "object", "properties": {"a": {"properties": {"b": text}}}}}
    value = [{"a": {"b": "a" * 60 + "!"}}] * 1_000
    judgement = BodySchema(schema, None).judge(value)
    assert [each.code for each in judgement.violations] == ["patternTimeout"]


def test_ten_thousand_objects_are_looked_into_those_that_are_right_not_counted() -> None:
    schema = {"items": {**A, "required": ["a"]}}
    judgement = BodySchema(schema, None).judge([{"a": "x"}] * 10_001 + [{"a": "x", "b": 1}])
    assert [each.key for each in judgement.warnings] == ["/10001/b"]
    judgement = BodySchema({"items": A}, None).judge([{"b": 1, "a": 1}] + [{"a": 1}] * 10_000)
    assert [each.key for each in judgement.warnings] == ["/0/b"]
    late: list[Any] = [{"a": 1}] * 10_000
    assert BodySchema({"items": A}, None).judge([*late, {"a": "x", "b": 1}]).warnings == ()


def test_a_key_of_any_length_is_cut() -> None:
    [warning] = BodySchema(A, None).judge({"x" * 5_000: 1}).warnings
    assert len(warning.key) < 300
    assert len(warning.message) < 500
