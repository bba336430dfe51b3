"""Schemas: `allOf` merged, and what is not understood refused."""

import re
from typing import Any

import pytest

from mock_server.openapi import object_members, schema_merging
from mock_server.openapi import schema as schemas
from mock_server.openapi.schema import DocumentError
from mock_server.openapi.schema_checks import SchemaChecks


def test_all_of_is_merged_at_any_depth() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "allOf": [
            {"properties": {"b": {}}, "required": ["b"]},
            {"allOf": [{"properties": {"c": {}}}], "description": "deep"},
        ],
    }
    assert schema_merging.merge_all_of(schema) == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {}, "c": {}},
        "required": ["a", "b"],
        "description": "deep",
    }
    assert schema_merging.merge_all_of(None) == {}


@pytest.mark.parametrize(
    ("parts", "merged"),
    [
        ([{"minimum": 1}, {"minimum": 5}], {"minimum": 5}),
        ([{"maximum": 1}, {"maximum": 5}], {"maximum": 1}),
        (
            [{"minimum": 5}, {"minimum": 5, "exclusiveMinimum": True}, {"minimum": 1}],
            {"minimum": 5, "exclusiveMinimum": True},
        ),
        ([{"minimum": 5}, {"minimum": 1, "exclusiveMinimum": True}], {"minimum": 5}),
        ([{"enum": [1, 2, 3]}, {"enum": [3, 2]}], {"enum": [2, 3]}),
        ([{"type": "number"}, {"type": "integer"}], {"type": "integer"}),
        ([{"pattern": "a"}, {"pattern": "b"}], {"pattern": "a", "allOf": [{"pattern": "b"}]}),
        (
            [{"maxItems": 2, "minItems": 1}, {"maxItems": 3, "minItems": 2}],
            {"maxItems": 2, "minItems": 2},
        ),
        ([{"nullable": True}, {"nullable": False}], {"nullable": False}),
        ([{"nullable": True}, {"type": "object"}], {"type": "object", "nullable": False}),
        ([{"nullable": True}, {"title": "any"}], {"nullable": True, "title": "any"}),
        ([{"description": "a"}, {"description": "b"}], {"description": "a"}),
        # Keywords that say something together stay together.
        (
            [
                {"contains": {"enum": [1]}, "minContains": 2},
                {"contains": {"enum": [2]}, "maxContains": 1},
            ],
            {
                "contains": {"enum": [1]},
                "minContains": 2,
                "allOf": [{"contains": {"enum": [2]}, "maxContains": 1}],
            },
        ),
        (
            [{"if": {"type": "null"}, "then": False}, {"if": {"enum": [1]}, "else": False}],
            {
                "if": {"type": "null"},
                "then": False,
                "allOf": [{"if": {"enum": [1]}, "else": False}],
            },
        ),
    ],
)
def test_merged_parts_admit_what_each_of_them_admits(
    parts: list[dict[str, Any]], merged: dict[str, Any]
) -> None:
    assert schema_merging.merge_all_of({"allOf": parts}) == merged


def test_a_property_in_two_parts_is_that_of_both() -> None:
    one, other = {"properties": {"a": {"minimum": 1}}}, {"properties": {"a": {"maximum": 9}, "b": {}}}
    merged = schema_merging.merge_all_of({"allOf": [one, other]})
    assert schemas.property_schema(merged, "a") == {"minimum": 1, "maximum": 9}


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({"type": "integer", "oneOf": [{"type": "string"}]}, ("integer",)),
        ({"oneOf": [{"type": "integer"}, {"anyOf": [{"type": "string"}]}]}, ("integer", "string")),
        (
            {"anyOf": [{"allOf": [{"type": "boolean"}]}, {"enum": [1, None]}]},
            ("boolean", "integer", "null"),
        ),
        ({"enum": [1, 2.5, "x", True]}, ("integer", "number", "string", "boolean")),
        ({"minimum": 1}, ("number",)),
        ({"properties": {}}, ("object",)),
        ({"description": "any"}, ()),
    ],
)
def test_types_come_from_all_that_a_schema_says(schema: dict[str, Any], kinds: tuple[str, ...]) -> None:
    assert schemas.kinds_of(schema) == kinds


def test_values_are_listed_only_where_every_branch_lists_them() -> None:
    both = {"oneOf": [{"enum": ["a"]}, {"allOf": [{"enum": ["b"]}]}]}
    one = {"oneOf": [{"enum": ["a"]}, {"type": "integer"}]}
    assert (schemas.only_values(both), schemas.named_values(both)) == (["a", "b"], ["a", "b"])
    assert (schemas.only_values(one), schemas.named_values(one)) == (None, ["a"])


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"properties": {"a": {"items": {"properties": {"b": {"x-fill": "uuid"}}}}}},
            "'uuid' is nothing",
        ),
        ({"additionalProperties": {"pattern": "("}}, r"the pattern '\(' is not understood"),
        ({"items": {"pattern": r"(?P<year>\d)"}}, "is not understood"),
        ({"oneOf": [{"not": {"pattern": "[z-a]"}}]}, "is not understood"),
        ({"patternProperties": {"[z-a]": {}}}, "is not understood"),
    ],
)
def test_an_unknown_fill_or_pattern_is_found_at_any_depth(schema: dict[str, Any], message: str) -> None:
    checks = SchemaChecks()
    try:
        checks.check(schema, ())
    except DocumentError as refused:
        found = refused
    else:
        [found] = checks.unread
    assert re.search(message, found.message)


def test_the_items_of_two_parts_are_those_of_both() -> None:
    paginated = {"properties": {"items": {"type": "array", "items": {"type": "object"}}}}
    own = {"properties": {"items": {"items": {"required": ["id"]}}}}
    merged = schema_merging.merge_all_of({"allOf": [paginated, own]})
    items = schemas.property_schema(merged, "items")["items"]
    assert schema_merging.merge_all_of(items) == {"type": "object", "required": ["id"]}


@pytest.mark.parametrize(
    ("rest", "named"),
    [({}, ["b", "a"]), ({"additionalProperties": False}, ["b"])],
    ids=["open", "closed"],
)
def test_a_member_is_named_where_it_is_required_and_admitted(
    rest: dict[str, Any], named: list[str]
) -> None:
    schema = {"required": ["a", "b"], "properties": {"b": {}}, **rest}
    assert list(object_members.named_members(schema)) == named
