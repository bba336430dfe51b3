"""Checking records by their schema."""

from mock_server.data.records import RecordSchema
from mock_server.openapi.json_schema import AnswerSchemas


def test_formats_are_checked() -> None:
    properties = {
        "when": {"type": "string", "format": "date-time"},
        "id": {"type": "string", "format": "uuid"},
    }
    schema = RecordSchema("things", {"properties": properties})
    messages = [flaw.message for flaw in schema.flaws({"when": "yesterday", "id": "x"})]
    assert messages == ['"yesterday" is not of format date-time', '"x" is not of format uuid']


def test_a_schema_that_composes_others_allows_unknown_fields() -> None:
    part = {"type": "object", "properties": {"a": {"type": "string"}}}
    composed = RecordSchema("things", {"allOf": [part], "properties": {}})
    assert list(composed.flaws({"a": "x", "b": 1})) == []


def test_a_field_that_is_required_is_known_though_nothing_describes_it() -> None:
    named = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]}
    schema = RecordSchema("things", named)
    assert [flaw.place for flaw in schema.flaws({"a": "x", "b": 1, "c": 2})] == [("c",)]
    assert "b" in AnswerSchemas().convert(named)["properties"]
