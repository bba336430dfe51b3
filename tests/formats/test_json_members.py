"""Which values of JSON include what is wanted of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.formats.json_members import includes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=3), VALUES, max_size=4)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"a": 1, "b": 2}, {}),
        ({"a": 1, "b": 2}, {"b": 2.0}),
        ({"a": {"b": {"c": 1, "d": 2}, "e": 3}}, {"a": {"b": {"c": 1}}}),
        ({"a": [{"b": 1, "c": 2}, {"b": 3}]}, {"a": [{"b": 1}, {}]}),
        ({"a": None}, {"a": None}),
        ("text", "text"),
    ],
)
def test_a_value_includes_what_it_has(value: Any, wanted: Any) -> None:
    assert includes(value, wanted)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"b": 1}),
        ({}, {"a": None}),
        ({"a": [1, 2]}, {"a": [1]}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": {"b": 1}}, {"a": [1]}),
        ([], {}),
        ({}, []),
        (1, True),
        (False, 0),
        ("1", 1),
        (None, {}),
        (None, False),
    ],
)
def test_a_value_does_not_include_what_it_lacks(value: Any, wanted: Any) -> None:
    assert not includes(value, wanted)


@given(VALUES)
def test_a_value_includes_itself(value: Any) -> None:
    assert includes(value, value)


@given(OBJECTS, OBJECTS)
def test_an_object_includes_what_it_was_made_of(wanted: dict[str, Any], more: dict[str, Any]) -> None:
    assert includes({**more, **wanted}, wanted)
    assert includes([{**more, **wanted}], [wanted])


def test_values_of_many_levels_are_compared() -> None:
    value: Any = 1
    for _ in range(10_000):
        value = [value]
    assert includes(value, value)
