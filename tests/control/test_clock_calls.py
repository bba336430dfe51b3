"""Calls about the clock: it freezes, advances and runs on, and refuses moments out of its range."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.callers import JSON, Caller, keys


def clock(me: Caller, body: Any) -> Any:
    answer = me.call("PUT", "/clock", body)
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"),
        ("2024-02-29t12:00:00.5z", "2024-02-29T12:00:00.5Z"),
        ("2024-02-29T12:00:00.123456Z", "2024-02-29T12:00:00.123456Z"),
        ("2024-02-29T12:00:00.1234567Z", "2024-02-29T12:00:00.123456Z"),
        ("2024-02-29T12:00:00.123456789012Z", "2024-02-29T12:00:00.123456Z"),
        ("2024-02-29T23:30:00-01:30", "2024-03-01T01:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_the_clock_freezes_at_a_moment(me: Caller, now: str, shown: str) -> None:
    assert clock(me, {"now": now}) == {"now": shown, "frozen": True}
    assert me.done("GET", "/clock") == {"now": shown, "frozen": True}


def test_a_frozen_clock_advances_exactly_and_stays_frozen(me: Caller) -> None:
    clock(me, {"now": "2030-01-01T00:00:00Z"})
    assert clock(me, {"advance": 61}) == {"now": "2030-01-01T00:01:01Z", "frozen": True}
    assert clock(me, {"advance": 0.1}) == {"now": "2030-01-01T00:01:01.1Z", "frozen": True}
    assert clock(me, {"advance": 0.2}) == {"now": "2030-01-01T00:01:01.3Z", "frozen": True}
    assert clock(me, {"advance": 0}) == {"now": "2030-01-01T00:01:01.3Z", "frozen": True}
    assert clock(me, {"advance": 1e-6}) == {"now": "2030-01-01T00:01:01.300001Z", "frozen": True}


def test_a_frozen_clock_can_run_on(me: Caller) -> None:
    assert not me.done("GET", "/clock")["frozen"]
    assert not clock(me, {"advance": 86_400})["frozen"]
    clock(me, {"now": "2030-01-01T00:00:00Z"})
    first = clock(me, {"frozen": False})
    assert not first["frozen"]
    assert "2030-01-01T00:00:00" <= first["now"] < "2030-01-01T00:00:05"
    later = clock(me, {"frozen": False})
    assert first["now"] < later["now"] < "2030-01-01T00:00:05"
    assert "2030-01-01T01:00:00" <= clock(me, {"advance": 3600})["now"] < "2030-01-01T01:00:05"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, {""}), ({"now": "2030-01-01T00:00:00Z", "advance": 1}, {""}), ([], {""}), (None, {""}),
        ({"frozen": False, "advance": 0}, {""}), ({"frozen": True}, {"/frozen"}), ({"frozen": 0}, {"/frozen"}),
        ({"frozen": None}, {"/frozen"}), ({"advance": -0.1}, {"/advance"}), ({"advance": "1"}, {"/advance"}),
        ({"advance": True}, {"/advance"}), ({"advance": 1e300}, {"/advance"}), ({"when": 1}, {"/when"}),
        ({"now": "yesterday"}, {"/now"}), ({"now": "2030-01-01"}, {"/now"}), ({"now": 5}, {"/now"}),
        ({"now": "2030-01-01T00:00:00"}, {"/now"}), ({"now": "2030-02-30T00:00:00Z"}, {"/now"}),
        ({"now": "2030-01-01T25:00:00Z"}, {"/now"}), ({"now": "2030-01-01T00:00:00+25:00"}, {"/now"}),
        ({"now": "2030-01-01 00:00:00Z"}, {"/now"}), ({"now": "0000-01-01T00:00:00Z"}, {"/now"}),
        ({"now": "9999-12-31T23:59:59Z"}, {"/now"}), ({"now": "0001-01-01T00:00:00+01:00"}, {"/now"}),
        ({"now": "9999-12-31T23:59:59-23:59"}, {"/now"}), ({"now": "٢030-01-01T00:00:00Z"}, {"/now"}),
        ({"now": "2030-01-01T00:00:00.Z"}, {"/now"}), ({"now": "2030-01-01T00:00:00Z\n"}, {"/now"}),
        ({"now": {}, "advance": 0.5}, {"", "/now"}), ({"now": {}} | dict.fromkeys("ab", 1), {"", "/now", "/a", "/b"}),
        ({"now": {}} | {str(number): 1 for number in range(1_001)}, {""}),
    ],
)  # fmt: skip
def test_an_invalid_change_leaves_the_clock_unchanged(me: Caller, body: Any, found: set[str]) -> None:
    clock(me, {"now": "2020-01-01T00:00:00Z"})
    content = b"null" if body is None else body
    assert set(keys(me.call("PUT", "/clock", content, *([JSON] if body is None else [])))) == found
    assert me.done("GET", "/clock") == {"now": "2020-01-01T00:00:00Z", "frozen": True}


def test_the_clock_cannot_advance_beyond_the_year_9000(me: Caller) -> None:
    clock(me, {"now": "8990-01-01T00:00:00Z"})
    assert keys(me.call("PUT", "/clock", {"advance": 3_155_760_000})) == ["/advance"]
    clock(me, {"frozen": False})
    assert keys(me.call("PUT", "/clock", {"advance": 3_155_760_000})) == ["/advance"]
    assert me.done("GET", "/clock")["now"].startswith("8990-01-01T00:00:0")


def test_concurrent_advances_add_up(me: Caller) -> None:
    clock(me, {"now": "2030-01-01T00:00:00Z"})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: clock(me, {"advance": 1}), range(59)))
    assert me.done("GET", "/clock")["now"] == "2030-01-01T00:00:59Z"
