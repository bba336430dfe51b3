"""Tests of data/sums.py: adding up numbers, and texts that are numbers."""

from decimal import Decimal
from typing import Any

import pytest

from mock_server.data.sums import OwnSums, read_number, total, written


@pytest.mark.parametrize(
    ("values", "like", "expected"),
    [
        (["1.50", "2.25"], "0.00", "3.75"),
        (["1.5", "2.255"], "", "3.755"),
        (["1.5", "2.25"], None, "3.75"),
        (["1.00", None, True, "none"], "9.99", "1.00"),
        ([], "7.40", "0.00"),
        (["1.25", "2"], "3", "3.25"),
        ([1, 2], 0, 3),
        ([0.1, 0.2], 5.5, 0.3),
        ([10**20, 1], 1, 10**20 + 1),
        ([1, 2], None, 3),
        (["-1.00", "0.25"], "0.00", "-0.75"),
        (["-0.00"], "0.00", "0.00"),
    ],
)
def test_a_sum_is_exact_and_written_like_its_member(values: Any, like: Any, expected: Any) -> None:
    assert total(values, like) == expected


def test_halves_are_rounded_away_from_zero() -> None:
    assert written(Decimal("2.345"), "0.00") == "2.35"
    assert written(Decimal("-2.345"), "0.00") == "-2.35"


def test_nothing_has_no_sign() -> None:
    assert written(Decimal("-0.004"), "0.00") == "0.00"
    assert written(Decimal("-5") * 0, "0.00") == "0.00"


@pytest.mark.parametrize("value", [None, True, "1e5", "twelve", "9" * 1000, [], float("inf")])
def test_what_is_no_plain_number_is_read_as_none(value: Any) -> None:
    assert read_number(value) is None


_LINE: dict[str, Any] = {
    "gross": {"type": "string", "x-sum": {"add": ["net", "tax"]}},
    "net": {"type": "string", "x-sum": {"multiply": ["quantity", "rate"]}},
    "tax": {"type": "string", "x-sum": {"multiply": ["net", "percent"], "percent": True}},
}


def test_members_are_worked_out_in_the_order_of_their_terms() -> None:
    line: dict[str, Any] = {
        "quantity": 3, "rate": "1.25", "percent": 20, "net": "0.00", "tax": "0.00", "gross": "0.00",
    }  # fmt: skip

    OwnSums(_LINE).work_out(line)

    assert (line["net"], line["tax"], line["gross"]) == ("3.75", "0.75", "4.50")


def test_a_product_of_nothing_stays_as_it_is() -> None:
    line = {"quantity": 3, "rate": None, "net": "7.00"}

    OwnSums(_LINE).work_out(line)

    assert line["net"] == "7.00"
