"""Queries, and the truth table of comma-separated lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.formats import query_string
from tests.support.documents import TRUTH_TABLE


@pytest.mark.parametrize(("wire", "values"), TRUTH_TABLE)
def test_the_truth_table_of_api_facts(wire: str, values: set[str]) -> None:
    split, second = query_string.decode_list(wire)
    assert set(split + second) == values


def test_only_the_second_reading_holds_the_comma() -> None:
    assert query_string.decode_list("COUNT%2CSUM") == (["COUNT", "SUM"], ["COUNT,SUM"])


def test_names_are_decoded_and_values_stay_in_their_wire_form() -> None:
    assert query_string.parse(b"a=1&%61=%2C&b&c=x=y&&") == {"a": ["1", "%2C"], "b": [""], "c": ["x=y"]}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_query(raw: bytes) -> None:
    for name, values in query_string.parse(raw).items():
        assert name.isprintable() or name
        for value in values:
            query_string.decode_list(value)
            query_string.decode(value).encode()
