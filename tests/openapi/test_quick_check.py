"""The quick check of bodies: what it finds right is right, and it changes no judgement."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.openapi.body_schema import BodySchema
from mock_server.openapi.quick_check import QuickCheck
from mock_server.openapi.schema_access import READ_ONLY, WRITE_ONLY
from mock_server.openapi.schema_dialect import compile_schema
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.unknown_members import UnknownMembers

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, "", "x", "abc", "2024-01-01"])
    | st.sampled_from(["2024-02-29T01:02:03.5z", "2023-02-29T01:02:03Z", "2024-01-01T24:00:00+01:00"])
    | st.sampled_from(["0D7c6a3e-0000-4000-8000-000000000000", "0d7c6a3e000040008000000000000000"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
BOUNDS = st.integers(-1, 3)


def keywords(**of: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=of)


LEAVES = keywords(
    type=st.sampled_from(["string", "integer", "number", "boolean", "object", "array"]),
    nullable=st.booleans(),
    readOnly=st.booleans(),
    writeOnly=st.booleans(),
    enum=st.lists(SCALARS, min_size=1, max_size=3),
    minLength=BOUNDS,
    maxLength=BOUNDS,
    pattern=st.sampled_from(["^a", "x$"]),
    format=st.sampled_from(["date", "date-time", "uuid", "int32", "password", "unknown"]),
    minimum=BOUNDS,
    maximum=BOUNDS,
    exclusiveMinimum=st.booleans(),
    multipleOf=st.sampled_from([1, 2, 0.5]),
    minItems=BOUNDS,
    maxItems=BOUNDS,
    uniqueItems=st.booleans(),
    minProperties=BOUNDS,
    maxProperties=BOUNDS,
    required=st.lists(NAMES, max_size=2, unique=True),
    title=st.just("t"),
    **{"x-fill": st.just("timestamp")},
)


def with_parts(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    parts = keywords(
        properties=st.dictionaries(NAMES, inner, max_size=3),
        additionalProperties=st.booleans() | inner,
        items=inner,
        allOf=st.lists(inner, min_size=1, max_size=2),
        oneOf=st.lists(inner, min_size=1, max_size=3),
        anyOf=st.lists(inner, min_size=1, max_size=2),
    )
    parts |= keywords(properties=st.dictionaries(NAMES, inner, min_size=1, max_size=3))
    parts |= keywords(**{"not": inner})
    return st.tuples(LEAVES, parts).map(lambda both: {**both[0], **both[1]})


SCHEMAS = st.recursive(LEAVES, with_parts, max_leaves=6)

# Those that the quick check knows, so that it finds many values right.
USUAL = st.recursive(
    keywords(type=st.sampled_from(["string", "integer", "object"]), nullable=st.booleans()),
    lambda inner: (
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, min_size=1)},
            optional={"required": st.lists(NAMES, max_size=2, unique=True)},
        )
        | st.fixed_dictionaries({"type": st.just("array"), "items": inner})
        | st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)})
    ),
    max_leaves=6,
)


def admits(value: Any, part: Any) -> bool:
    if not isinstance(part, dict):
        return part is not False
    return compile_schema(part, READ_ONLY).is_valid(value)


def never(_value: Any, _schema: Any) -> bool:
    return False


class Never(QuickCheck):
    """A quick check that is never sure."""

    def is_right(self, value: Any, schema: Any) -> bool:
        return never(value, schema)


NEVER = Never()


@given(SCHEMAS | USUAL, VALUES, st.sampled_from([None, READ_ONLY, WRITE_ONLY]), st.booleans())
def test_what_is_quickly_found_right_is_right(
    schema: dict[str, Any], value: Any, left_out: str | None, is_closed: bool
) -> None:
    if QuickCheck(left_out).is_right(value, schema):
        slow = CompiledSchema(schema, left_out, is_closed=is_closed, is_right=never)
        assert list(slow.flaws(value)) == []
        if left_out == READ_ONLY:
            assert list(UnknownMembers(schema, admits, never).find(value)) == []


@given(SCHEMAS | USUAL, VALUES)
def test_the_quick_check_changes_no_judgement(schema: dict[str, Any], value: Any) -> None:
    slow = BodySchema(schema, None)
    slow._quick = NEVER
    slow._compiled = CompiledSchema(schema, READ_ONLY, is_closed=False, is_right=never)
    slow._members = UnknownMembers(schema, admits, never)
    assert BodySchema(schema, None).judge(value) == slow.judge(value)


BODY: dict[str, Any] = {
    "type": "object",
    "required": ["name", "id"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^[a-z]+$"},
        "on": {"type": "string", "format": "date", "nullable": True},
        "size": {"type": "integer", "minimum": 1, "maximum": 9, "format": "int32"},
        "share": {"type": "number", "multipleOf": 0.01},
        "kind": {"allOf": [{"type": "string", "enum": ["a", "b"]}], "description": "d"},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2, "uniqueItems": True},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "free": {"type": "object"},
        "pay": {
            "oneOf": [
                {
                    "type": "object",
                    "properties": {"type": {"enum": ["card"]}, "number": {"type": "string"}},
                },
                {
                    "type": "object",
                    "properties": {"type": {"enum": ["bank"]}, "iban": {"type": "string"}},
                },
            ]
        },
        "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    },
}


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a"},
        {"name": "a", "on": None, "size": 3, "share": 19.99, "kind": "a", "tags": ["x", "y"]},
        {"name": "a", "on": "2024-01-01", "labels": {"x": "y"}, "free": {"x": [1]}},
        {"name": "a", "pay": {"type": "card", "number": "1"}, "either": 1},
        {"name": "a", "pay": {"type": "bank", "iban": "1"}, "either": "1"},
    ],
)
def test_usual_bodies_need_no_validator(body: dict[str, Any]) -> None:
    assert QuickCheck().is_right(body, BODY)


@pytest.mark.parametrize(
    "more",
    [
        {"id": "1"}, {"other": 1}, {"name": ""}, {"name": "abcdef"}, {"name": "A"}, {"on": "x"}, {"size": 0},
        {"size": 1.0}, {"size": True}, {"size": 10}, {"share": 0.001}, {"kind": "c"}, {"kind": None},
        {"tags": ["x", "x"]}, {"tags": ["x", "y", "z"]}, {"tags": [1]}, {"labels": {"x": 1}}, {"free": 1},
        {"pay": {"type": "card", "iban": "1"}}, {"pay": {"type": "cash"}}, {"either": 1.5},
    ],
)  # fmt: skip
def test_other_bodies_are_left_to_the_validator(more: dict[str, Any]) -> None:
    body = {"name": "a", **more}
    assert not QuickCheck().is_right(body, BODY)
    judgement = BodySchema(BODY, None).judge(body)
    assert judgement.violations or judgement.warnings


def test_a_schema_within_itself_is_checked_quickly() -> None:
    node: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
    node["properties"]["inner"] = node
    node["properties"]["list"] = {"type": "array", "items": node}
    value: dict[str, Any] = {"name": "a", "inner": {"name": "b", "list": [{"name": "c"}, {}]}}
    quick = QuickCheck()
    assert quick.is_right(value, node)
    value["inner"]["list"][1]["x"] = 1
    assert not quick.is_right(value, node)
    loop: dict[str, Any] = {}
    loop["oneOf"] = [loop]
    assert not quick.is_right({}, loop)
