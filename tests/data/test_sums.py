"""Tests of data/sums.py: adding up numbers, and texts that are numbers."""

from decimal import Decimal
from typing import Any

import pytest

from mock_server.data.sums import read_number, total, written


@pytest.mark.parametrize(
    ("values", "like", "expected"),
    [
        (["1.50", "2.25"], "0.00", "3.75"),
        (["1.5", "2.255"], "", "3.755"),
        (["1.5", "2.25"], None, "3.75"),
        (["1.00", None, True, "none"], "9.99", "1.00"),
        ([], "7.40", "0.00"),
        ([1, 2], 0, 3),
        ([0.1, 0.2], 5.5, 0.3),
        ([10**20, 1], 1, 10**20 + 1),
        ([1, 2], None, 3),
        (["-1.00", "0.25"], "0.00", "-0.75"),
    ],
)
def test_a_sum_is_exact_and_written_like_its_member(values: Any, like: Any, expected: Any) -> None:
    assert total(values, like) == expected


def test_halves_are_rounded_away_from_zero() -> None:
    assert written(Decimal("2.345"), "0.00") == "2.35"


@pytest.mark.parametrize("value", [None, True, "1e5", "twelve", "9" * 1000, [], float("inf")])
def test_what_is_no_plain_number_is_read_as_none(value: Any) -> None:
    assert read_number(value) is None
