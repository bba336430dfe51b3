"""Parts of documents are compared, also those that lead back to themselves."""

from typing import Any

import pytest

from mock_server.openapi.equality import is_surely_same


def node(of: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"properties": {"of": {"type": of}}}
    schema["properties"]["parent"] = {"allOf": [schema]}
    return schema


def test_schemas_that_lead_back_to_themselves_are_compared() -> None:
    assert is_surely_same(node("string"), node("string"))
    assert not is_surely_same(node("string"), node("integer"))


@pytest.mark.parametrize(
    ("one", "other"),
    [({"a": 1}, {"b": 1}), ([1], [1, 2]), ({"a": 1}, [1]), ({"a": True}, {"a": 1}), ([1, 2], [1, 3])],
)
def test_what_differs_is_not_the_same(one: Any, other: Any) -> None:
    assert not is_surely_same(one, other)
    assert is_surely_same(one, one)
