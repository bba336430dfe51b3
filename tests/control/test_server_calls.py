"""Calls about the server and the account as a whole: what a reset resets."""

from __future__ import annotations

from mock_server.settings import RateLimit
from tests.support.callers import RECORDS, Caller, metrics
from tests.support.documents import LIST
from tests.support.servers import Serve


def test_reset_restores_starting_data_and_clock_and_clears_journal_and_faults(me: Caller) -> None:
    starting = me.records()
    me.done("PUT", RECORDS, metrics("a"))
    me.done("POST", "/faults", {"script": ["pass"]})
    me.done("PUT", "/clock", {"now": "2000-01-01T00:00:00Z"})
    me.page()
    answer = me.call("POST", "/reset")
    assert (answer.status, answer.body) == (204, b"")
    assert me.records() == starting
    assert me.done("GET", "/requests") == {"items": [], "recorded": 0, "dropped": 0}
    assert me.done("GET", "/faults") == me.done("GET", "/walks") == {"items": []}
    clock = me.done("GET", "/clock")
    assert not clock["frozen"]
    assert clock["now"] > "2025"


def test_reset_restarts_the_rate_limit(serve: Serve) -> None:
    me = Caller(serve(rate_limit=RateLimit(1, 1000)), "reset")
    assert [me.send("GET", LIST).status for _ in range(2)] == [200, 429]
    me.done("POST", "/reset")
    assert [me.send("GET", LIST).status for _ in range(2)] == [200, 429]
