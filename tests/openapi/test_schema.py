"""Schemas: `allOf` merged, and what is not understood refused."""

from typing import Any

import pytest

from mock_server.openapi import schema as schemas
from mock_server.openapi.schema import DocumentError


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
    assert schemas.merge_all_of(schema) == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {}, "c": {}},
        "required": ["a", "b"],
        "description": "deep",
    }
    assert schemas.merge_all_of(None) == {}


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
    ],
)
def test_an_unknown_fill_or_pattern_is_refused_at_any_depth(
    schema: dict[str, Any], message: str
) -> None:
    with pytest.raises(DocumentError, match=message):
        schemas.check_schema(schema, ())
