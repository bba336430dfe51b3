"""Numbers: exact decimal arithmetic, and one text for all spellings."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.formats import numbers

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SMALL = st.integers(-(10**6), 10**6)


@pytest.mark.parametrize(
    ("number", "step", "expected"),
    [
        (19.99, 0.01, True),
        (19.999, 0.01, False),
        (9.21, 0.01, True),
        (0.3, 0.1, True),
        (1e300, 1e-300, True),
        (5e-324, 1e308, False),
        (10**400, 7, 10**400 % 7 == 0),
        (2**64, 0.5, True),
        (-0.0, 0.1, True),
        (7, 2, False),
    ],
)
def test_multiples_are_those_of_the_written_decimals(number: float, step: float, expected: bool) -> None:
    assert numbers.is_multiple(number, step) is expected


@given(times=SMALL, cents=st.integers(1, 10**6))
def test_each_multiple_of_a_decimal_is_one(times: int, cents: int) -> None:
    step = float(f"{cents}e-4")
    assert numbers.is_multiple(float(f"{times * cents}e-4"), step)


@pytest.mark.parametrize(
    ("spellings", "text"),
    [
        (["10", "10.0", "1e1", "0010", "100e-1", 10, 10.0], "10"),
        (["1.5", "1.50", "15e-1", 1.5], "1.5"),
        (["0", "-0", "-0.0", "0e5", 0, -0.0], "0"),
        (["-3", "-3.0", -3], "-3"),
        (["1e300", 1e300], "1" + "0" * 300),
        (["9223372036854775808", 2**63], "9223372036854775808"),
        (["5e-324", 5e-324], "0." + "0" * 323 + "5"),
    ],
)
def test_all_spellings_of_a_number_have_one_text(spellings: list[str | float], text: str) -> None:
    assert {numbers.plain_text(spelling) for spelling in spellings} == {text}


@pytest.mark.parametrize(
    "text", ["", "x", "+1", " 1", "1.", ".5", "1_0", "NaN", "1e9999", "١", "9" * 400]
)
def test_what_spells_no_number_is_left_as_it_is(text: str) -> None:
    assert numbers.plain_text(text) == text


@given(st.one_of(FLOATS, st.integers(-(2**80), 2**80)))
def test_the_text_of_a_number_spells_it_and_is_its_own(number: float) -> None:
    text = numbers.plain_text(number)
    assert type(number)(text) == number
    assert numbers.plain_text(text) == text
    assert numbers.plain_text(json.dumps(number)) == text


@pytest.mark.parametrize("text", ["1e309", "-1e400", "+1", "", "0x1", "9" * 309])
def test_no_number_beyond_the_floats_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        numbers.parse_number(text)
