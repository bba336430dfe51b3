"""The dialect of schemas: multiples are decimal, and items are compared in time that grows with them."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.openapi.schema_dialect import compile_schema


@pytest.mark.parametrize(
    ("value", "valid"), [(19.99, True), (19.999, False), (20, True), ("x", True), (True, True)]
)
def test_multiples_are_decimal(value: Any, valid: bool) -> None:
    assert compile_schema({"multipleOf": 0.01}).is_valid(value) is valid


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ([1, 2], True),
        ([1, 1.0], False),
        ([1, True], True),
        ([{"a": 1, "b": 2}, {"b": 2, "a": 1.0}], False),
        ([[1], ["1"]], True),
        ([10**20, 1e20], False),
        ([{"n": number} for number in range(20_000)], True),
    ],
    ids=["distinct", "spellings", "boolean", "objects", "texts", "large", "many"],
)
def test_items_are_unique_by_their_values(value: list[Any], valid: bool) -> None:
    assert compile_schema({"uniqueItems": True}).is_valid(value) is valid
    assert compile_schema({"uniqueItems": False}).is_valid(value)


@pytest.mark.parametrize("text", ["12:30:00Z", "12:30:00", "23:59:60.5+02:00"])
def test_a_time_is_that_of_rfc_3339(text: str) -> None:
    is_time = compile_schema({"type": "string", "format": "time"}).is_valid
    assert is_time(text)
    assert not is_time(text.replace("12:", "24:").replace("23:", "24:"))
