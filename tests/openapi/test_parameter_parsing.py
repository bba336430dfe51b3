"""Parameters: which values and filters a query asks for, by types and compositions of schemas."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.lists.filters import AnyOf, Filter
from mock_server.openapi.filter_rules import FilterRule
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_compilation import compile_parameter
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.request_validation import Validator
from tests.support.parameters import codes, operation, query, validate, violations

OPERATION = Operation(
    "listThings", "GET", "/things", "/things", (), "things", {"properties": {"name": {}, "kind": {}}}
)


def read(match: str, *raw_values: str) -> tuple[Filter | None, list[str]]:
    """The filter that raw values ask for, and the texts that they stand for."""
    rule = FilterRule(("kind",), match)
    parameter = compile_parameter(Parameter("kind", "query", False, {}, rule), OPERATION)
    sent, found = parameter.values_of("kind", raw_values), dict[str, Filter | None]()
    assert list(parameter.read(sent, found)) == []
    return found["kind"], [text for value in sent for text in value.texts]


def test_an_empty_value_filters_nothing() -> None:
    assert read("contains", "")[0] is None
    assert read("any-of", "", ",", "%2C") == (None, [])


def test_repeated_lists_add_up() -> None:
    asked, split = read("any-of", "a,b", "c%2Cd")
    assert asked == AnyOf("kind", frozenset(["a", "b", "c", "d", "c,d"]))
    assert split == ["a", "b", "c", "d"]


INTEGER: dict[str, Any] = {"type": "integer"}
AGE_OR_ALL = {"oneOf": [INTEGER, {"type": "string", "enum": ["all"]}]}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        (INTEGER, "1722297600000000000", 1722297600000000000),
        (INTEGER | {"format": "int64"}, "9223372036854775807", 2**63 - 1),
        (INTEGER | {"format": "int64"}, "-9223372036854775808", -(2**63)),
        (INTEGER, "9" * 308, int("9" * 308)),
        (INTEGER, "-0", 0),
        (INTEGER, "007", 7),
        ({"type": "number"}, "9007199254740993", 2**53 + 1),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "number"}, "-0.50", -0.5),
        ({"type": "number", "multipleOf": 0.01}, "19.99", 19.99),
        ({"type": "boolean"}, "true", True),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": ["1", 1]}, "1", 1),
        ({"minimum": 1}, "2", 2),
        ({}, "2", "2"),
        (AGE_OR_ALL, "5", 5),
        (AGE_OR_ALL, "all", "all"),
        ({"anyOf": [{"type": "boolean"}, {"type": "string"}]}, "true", True),
        ({"anyOf": [INTEGER | {"maximum": 3}, {"type": "string"}]}, "5", "5"),
        ({"allOf": [INTEGER, {"minimum": 1}, {"allOf": [{"maximum": 9}]}]}, "9", 9),
        (INTEGER | {"nullable": True}, "", None),
        (INTEGER | {"nullable": True, "minimum": 3}, "null", None),
        ({"type": "string", "nullable": True}, "null", "null"),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, "", None),
        ({"type": "string", "format": "binary"}, "x", "x"),
        ({"type": "array", "items": {"allOf": [INTEGER, {"minimum": 1}]}}, "3", [3]),
        ({"type": "array", "items": AGE_OR_ALL}, "1,all", [1, "all"]),
        ({"type": "array", "items": {"type": "object"}}, "%7B%22a%22:1%7D", [{"a": 1}]),
        ({"oneOf": [{"enum": ["a"]}, {"type": "array", "items": INTEGER}]}, "a", "a"),
        ({"oneOf": [{"enum": ["a"]}, {"type": "array", "items": INTEGER}]}, "1,2", [1, 2]),
    ],
)  # fmt: skip
def test_a_text_is_of_the_first_type_by_which_it_is_valid(
    schema: dict[str, Any], text: str, value: Any
) -> None:
    found = validate(query("p", **schema), f"p={text}").values["p"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("schema", "text", "code"),
    [
        (INTEGER | {"format": "int64"}, "9223372036854775808", "format"),
        (INTEGER | {"format": "int32"}, "2147483648", "format"),
        (INTEGER, "9" * 309, "type"),
        ({"type": "number"}, "1e400", "type"),
        ({"type": "number", "multipleOf": 0.01}, "19.999", "multipleOf"),
        ({"type": "number", "multipleOf": 1e-300}, "1e-310", "multipleOf"),
        ({"enum": [1, 2]}, "3", "enum"),
        ({"enum": [1, 2]}, "x", "type"),
        (AGE_OR_ALL, "x", "oneOf"),
        ({"oneOf": [INTEGER, {"type": "number"}]}, "5", "oneOf"),
        ({"allOf": [INTEGER, {"minimum": 1}, {"minimum": 5}]}, "3", "range"),
        (INTEGER | {"nullable": True}, "nil", "type"),
        (INTEGER | {"not": {"maximum": 3}}, "3", "not"),
        ({"type": "array", "items": {"not": {"enum": ["x"]}}}, "a,x", "not"),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, "b", "enum"),
        ({"type": "array", "items": AGE_OR_ALL}, "1,x", "oneOf"),
        ({"type": "array", "items": {"type": "object"}}, "3", "type"),
        ({"type": "string", "format": "date-time"}, "2024-01-01", "format"),
        ({"type": "string", "format": "uuid"}, "x", "format"),
        ({"type": "array", "minItems": 2}, "", "minItems"),
        ({"type": "array", "maxItems": 2}, "1,2,3", "maxItems"),
        ({"type": "array", "uniqueItems": True, "items": {"type": "number"}}, "1,1.0", "uniqueItems"),
        ({"oneOf": [{"enum": ["a"]}, {"type": "array", "items": INTEGER}]}, "b", "oneOf"),
    ],
)
def test_what_is_valid_as_no_type_is_one_violation(schema: dict[str, Any], text: str, code: str) -> None:
    assert codes(query("p", **schema), f"p={text}") == [("p", code)]


@pytest.mark.parametrize(
    ("kind", "text", "hint"),
    [
        ("integer", "1.0", "a whole number, in digits alone, without point or exponent"),
        ("integer", "1e3", "a whole number, in digits alone, without point or exponent"),
        ("integer", "+1", "a whole number, without spaces or a plus sign"),
        ("integer", "%201", "a whole number, without spaces or a plus sign"),
        ("integer", "%2B1", "a whole number, without spaces or a plus sign"),
        ("integer", "9" * 400, "a whole number, in at most 308 digits"),
        ("number", "+1.5", "a number, without spaces or a plus sign"),
        ("number", "1e999", "a number, not so large"),
        ("number", "1,5", "which must be a number; send that"),
    ],
)
def test_a_number_in_another_spelling_is_told_the_right_one(kind: str, text: str, hint: str) -> None:
    [found] = violations(query("p", type=kind), f"p={text}")
    assert hint in found.message


def test_the_pattern_that_a_text_violates_is_named_among_several() -> None:
    both: dict[str, Any] = {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "b$"}]}
    [found] = violations(query("p", **both), "p=ac")
    assert "with pattern b$" in found.message


def test_what_a_text_must_not_be_is_told() -> None:
    refused: dict[str, Any] = {"type": "string", "not": {"enum": ["x"]}}
    [found] = violations(query("p", **refused), "p=x")
    assert 'which must be a text that does not fit {"enum": ["x"]}; send that' in found.message


def test_each_repetition_counts_as_a_value_of_an_array() -> None:
    described = query("p", type="array", maxItems=2, uniqueItems=True, items=INTEGER)
    assert codes(described, "p=1&p=2") == []
    assert codes(described, "p=1&p=1") == [("p", "uniqueItems")]
    assert codes(described, "p=1&p=2,x,4") == [("p", "type"), ("p", "maxItems")]


@pytest.mark.parametrize("sent", ["p", "p=", "p&q=1"])
def test_an_empty_value_is_right_where_the_document_allows_it(sent: str) -> None:
    for kind in ("boolean", "integer", "array"):
        allowed = query("p", type=kind, minItems=2, allowEmptyValue=True, required=True)
        assert codes(allowed, sent) == []
    assert codes(query("p", type="boolean"), sent) == [("p", "type")]
    assert codes(query("p", type="boolean", allowEmptyValue=True), "p=1") == [("p", "type")]


KIND: dict[str, Any] = {"x-filter": {"field": "kind", "match": "any-of"}}
NUMBER: dict[str, Any] = {"x-filter": {"field": "n", "match": "any-of"}}


def test_a_filter_knows_an_enum_behind_all_of() -> None:
    assert codes(query("k", **KIND, type="string"), "k=A,Z") == [("k", "enum")]


def test_a_filter_obeys_the_schema_of_its_own_parameter() -> None:
    schema: dict[str, Any] = {"type": "array", "maxItems": 2, "items": {"type": "string", "enum": ["A"]}}
    assert codes(query("k", **KIND, **schema), "k=A,B") == [("k", "enum")]
    assert codes(query("k", **KIND, **schema), "k=A,A,A") == [("k", "maxItems")]
    assert codes(query("k", **KIND, type="string", enum=["B"]), "k=A") == [("k", "enum")]


@pytest.mark.parametrize("text", ["10", "10.0", "1e1", "010"])
def test_a_filter_asks_for_a_number_however_it_is_spelled(text: str) -> None:
    asked = validate(query("n", **NUMBER, type="string"), f"n={text}")
    assert asked.filters == {AnyOf("n", frozenset(["10"]))}
    assert codes(query("n", **NUMBER, type="string"), "n=x") == [("n", "type")]


@pytest.mark.parametrize("schema", [{}, {"oneOf": [{"type": "string"}, {"type": "number"}]}])
def test_a_filter_asks_for_a_number_or_a_text_where_records_have_both(schema: dict[str, Any]) -> None:
    fields = {"properties": {"code": schema}}
    operation = Operation("listThings", "GET", "/things", "/things", (), "things", fields)
    described = Parameter("code", "query", False, {}, FilterRule(("code",), "any-of"))
    parameter, found = compile_parameter(described, operation), dict[str, Filter | None]()
    assert list(parameter.read(parameter.values_of("code", ["1.50,x"]), found)) == []
    assert found["code"] == AnyOf("code", frozenset(["1.5", "1.50", "x"]))


def test_a_text_with_a_comma_is_right_between_pipes() -> None:
    items = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    described = query("p", style="pipeDelimited", explode=False, type="array", items=items)
    assert validate(described, "p=a,b|1").values["p"] == ["a,b", 1]


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"type": "number", "default": 10.0}, {"10"}),
        ({"type": "array", "items": {"type": "number"}, "default": [1.5, 100.0]}, {"1.5", "100"}),
        ({"type": "string", "default": "1,2"}, {"1", "2"}),
    ],
)
def test_the_default_of_a_filter_is_spelled_as_records_are(
    schema: dict[str, Any], wanted: set[str]
) -> None:
    assert validate(query("n", **NUMBER, **schema)).filters == {AnyOf("n", frozenset(wanted))}


@pytest.mark.parametrize(
    ("style", "sent"), [("pipeDelimited", "A|B"), ("spaceDelimited", "A%20B"), ("form", "A,B")]
)
def test_a_filter_takes_its_values_in_the_style_of_the_parameter(style: str, sent: str) -> None:
    described = query("k", style=style, explode=False, **KIND, type="array", items={"type": "string"})
    assert validate(described, f"k={sent}").filters == {AnyOf("kind", frozenset(["A", "B"]))}


def test_mistakes_are_taken_out_of_what_was_sent_and_replaced_by_defaults() -> None:
    described = [
        query("f", style="deepObject", type="object", properties={"a": INTEGER}),
        query("p", default=3, **INTEGER),
        query("q", **INTEGER),
    ]
    found = validate(described, "f[a]=x&p=y&q=1", defers=True)
    assert (found.values, list(found.sent)) == ({"p": 3, "q": 1}, ["q"])


def test_thousands_of_unknown_names_are_answered_with_the_first_of_them() -> None:
    sent = "&".join(f"x{number}" for number in range(300))
    assert len(violations(query("p", **INTEGER), sent, strict=True)) == 100
    assert len(violations(query("p", **INTEGER), sent + "&p=x", strict=True)) == 100


LIST_OF_NUMBERS: dict[str, Any] = {"type": "array", "items": INTEGER, "maxItems": 2}
MEMBERS = {"a": INTEGER, "b": {"type": "string", "enum": ["x"]}}
KINDS = [
    query("limit", type="integer", minimum=1, maximum=9),
    query("kind", **KIND),
    {"name": "name", "in": "query", "x-filter": {"field": "id", "match": "contains"}},
    query("list", explode=False, **LIST_OF_NUMBERS),
    query("object", style="deepObject", type="object", properties=MEMBERS),
    query("empty", allowEmptyValue=True, **INTEGER),
    query("either", oneOf=[INTEGER, {"type": "array", "items": INTEGER}]),
]
NAMES = ["limit", "kind", "name", "list", "object[a]", "object[b]", "object", "empty", "either", "other"]
PAIRS = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(["1", "10", "A", "a,B", "1,2,3", "%31", "x", "", "é"])
)


@given(st.lists(st.lists(PAIRS, max_size=4), min_size=2, max_size=8))
def test_what_was_read_before_is_read_alike(queries: list[list[tuple[str, str]]]) -> None:
    described = operation(*KINDS)
    used = Validator(described, strict=False, defers=True)
    for pairs in [*queries, *reversed(queries)]:
        sent = "&".join("=".join(pair) for pair in pairs).encode()
        fresh = Validator(described, strict=False, defers=True)
        assert used.validate({}, sent, {}) == fresh.validate({}, sent, {})


def test_neither_many_values_nor_long_ones_are_kept() -> None:
    [described] = operation(query("p", type="string")).query
    compiled = compile_parameter(described, OPERATION)
    for text in [*map(str, range(1_000)), *(f"{number}" * 1_000 for number in range(9))]:
        assert list(compiled.read(compiled.values_of("p", [text]), {})) == []
    kept = [each.cache_info() for each in (compiled._known_value, compiled._known_outcome)]
    assert [(each.currsize, each.misses) for each in kept] == [(64, 1_000)] * 2
