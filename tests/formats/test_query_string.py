"""Reading queries, and the truth table of comma-separated lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.formats import query_string
from tests.support.documents import TRUTH_TABLE


@pytest.mark.parametrize(("raw_value", "values"), TRUTH_TABLE)
def test_a_list_is_read_as_the_truth_table_says(raw_value: str, values: set[str]) -> None:
    split, second = query_string.split_list(raw_value, query_string.decode(raw_value))
    assert set(split + second) == values


def test_an_ambiguous_list_has_a_second_reading_that_holds_the_comma() -> None:
    assert query_string.split_list("COUNT%2CSUM", "COUNT,SUM") == (["COUNT", "SUM"], ["COUNT,SUM"])


def test_names_are_decoded_and_values_stay_raw() -> None:
    assert query_string.parse(b"a=1&%61=%2C&b&c=x=y&&") == {"a": ["1", "%2C"], "b": [""], "c": ["x=y"]}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_query(raw: bytes) -> None:
    for name, values in query_string.parse(raw).items():
        assert name.isprintable() or name
        for value in values:
            decoded = query_string.decode(value)
            query_string.split_list(value, decoded)
            decoded.encode()
