"""Clocks: moments are exact, and no clock leads beyond the years that there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.formats.timestamps import SECOND, NoMoment, format_moment, parse_moment
from mock_server.sandbox.clock import Clock

moments = st.integers(0, 4_000_000_000 * SECOND)


@given(moments)
def test_a_moment_is_shown_and_read_exactly(moment: int) -> None:
    assert parse_moment(format_moment(moment)) == moment


@given(moments, st.integers(0, 10**9).map(lambda number: number / 1000))
def test_a_frozen_clock_advances_exactly_and_stays_frozen(moment: int, seconds: float) -> None:
    advanced = Clock().freeze(moment).advance(seconds)
    assert (advanced.is_frozen, advanced.now()) == (True, moment + round(seconds * SECOND))


def test_a_clock_runs_on_from_where_it_stood() -> None:
    frozen = Clock().freeze(parse_moment("2024-07-30T00:00:00Z"))
    running = frozen.run()
    assert not running.is_frozen
    assert 0 <= running.now() - frozen.now() < 60 * SECOND
    assert running.run() == running


@pytest.mark.parametrize("seconds", [1e300, 1.8e308, float("inf"), 10**12])
def test_no_clock_advances_beyond_the_years(seconds: float) -> None:
    for each in (Clock(), Clock().freeze(0)):
        with pytest.raises(NoMoment):
            each.advance(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "now", "2024-07-30", "2024-07-30T00:00:00", "2024-02-30T00:00:00Z", "2024-07-30T24:00:01Z",
     "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2024-07-30T00:00:00+25:00", "２０24-07-30T00:00:00Z"],
)  # fmt: skip
def test_a_text_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(NoMoment):
        parse_moment(text)
