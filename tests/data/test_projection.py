"""Projections: what was shown by one schema is shown by another as if nothing had shown it before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.data.blanks import Occasion
from mock_server.data.projection import Projection

NOW = Occasion("things/1", "2024-07-30T00:00:00Z")

LINE = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": {"type": "integer"}, "text": {"type": "string"}},
}
PLACE = {"type": "object", "properties": {"city": {"type": "string"}}}
KEPT = {
    "type": "object",
    "required": ["lines"],
    "properties": {
        "lines": {"type": "array", "items": LINE},
        "place": PLACE,
        "other": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
    },
}
ANSWERED = {
    "type": "object",
    "required": ["place", "total"],
    "properties": {
        "other": {"type": "object", "required": ["c"], "properties": {"b": {}, "c": {"type": "null"}}},
        "place": PLACE,
        "lines": {"type": "array", "items": dict(LINE)},
        "total": {"type": "number"},
    },
}

# All that it shows is shown by KEPT, or by FURTHER.
FURTHER = {"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}}
LIKE = {
    "type": "object",
    "required": ["total", "lines"],
    "properties": {
        "total": {"type": "number", "description": "In all."},
        "place": PLACE,
        "lines": {"type": "array", "items": dict(LINE)},
    },
}

VALUES = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "x"])
NAMES = st.sampled_from(["amount", "text", "city", "a", "b", "c", "lines", "place", "other", "total"])
PARTS = st.recursive(
    VALUES, lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=4)
)
RECORDS = st.dictionaries(NAMES, PARTS, max_size=6)


@given(RECORDS, st.sampled_from([ANSWERED, LIKE]))
def test_what_both_describe_alike_needs_no_second_look(
    record: dict[str, Any], answered: dict[str, Any]
) -> None:
    before, answer = [Projection(KEPT), Projection(FURTHER)], Projection(answered)
    shown = before[1].show(record, NOW) | before[0].show(record, NOW)
    made = {name: value for name, value in record.items() if name not in shown} | shown
    quick = answer.after(before).show(made, NOW)
    assert quick == answer.show(made, NOW)
    assert [*quick] == [*answer.show(made, NOW)]


def test_parts_that_are_described_alike_are_shown_as_they_are() -> None:
    kept = Projection(KEPT)
    lines = [{"amount": 1, "text": "x"}]
    made = kept.show({"lines": lines, "other": {"a": "x", "b": "y"}}, NOW)
    shown = Projection(ANSWERED).after([kept]).show(made, NOW)
    assert shown["lines"] is made["lines"]
    assert shown["other"] == {"b": "y", "c": None}


@pytest.mark.parametrize("is_shared", [False, True])
def test_schemas_may_contain_themselves(is_shared: bool) -> None:
    def nested() -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "required": ["n"]}
        schema["properties"] = {"n": {"type": "integer"}, "child": schema}
        return schema

    one = nested()
    kept, answer = Projection(one), Projection(one if is_shared else nested())
    made = kept.show({"child": {"child": {"x": 1}}}, NOW)
    assert answer.after([kept]).show(made, NOW) == answer.show(made, NOW) == made
