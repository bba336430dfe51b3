"""Chaos and latency over a real socket: what requests meet, what tells of it, and what is left alone."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.client import Sandbox, SandboxError
from mock_server.data.budget import Budget
from mock_server.sandbox.chaos import Chaos
from mock_server.server.connection import Connection
from mock_server.settings import ChaosRule, Latency
from tests.support import wire
from tests.support.callers import Caller
from tests.support.documents import CONTROL, LIST, assert_described
from tests.support.faults import get, statuses
from tests.support.servers import Serve

pytestmark = pytest.mark.usefixtures("no_error_is_logged")

STATUSES = ["503", "429", "500", "502"]


def met(account: Sandbox) -> dict[int, str]:
    """What the account's requests met, by their numbers."""
    found = [entry["chaos"] for entry in account.requests()]
    return {each["n"]: each["fault"] for each in found if each is not None}


def expected(seed: int, rate: float, number: int, faults: list[Any]) -> dict[int, str]:
    chaos = Chaos({"seed": seed, "rate": rate, "faults": faults})
    found = [chaos.trouble(each) for each in range(1, number + 1)]
    return {each.number: each.name for each in found if each is not None}


def test_requests_meet_what_the_seed_and_their_numbers_say(account: Sandbox) -> None:
    account.chaos(seed=7, rate=0.3, faults=STATUSES)
    seen = statuses(account, 40)
    wanted = expected(7, 0.3, 40, STATUSES)
    assert seen == [int(wanted.get(number, 200)) for number in range(1, 41)]
    assert met(account) == wanted
    assert {e["fault"] for e in account.requests() if e["chaos"]} == {"chaos"}


def test_accounts_have_the_same_trouble_however_their_requests_are_mixed(account: Sandbox) -> None:
    others = [Sandbox(account.url, f"{account.client_id}-{n}", "secret") for n in range(3)]
    turns = [other for other in others for _ in range(30)]
    random.Random(1).shuffle(turns)
    for other in others:
        other.chaos(seed=7, rate=0.4, faults=STATUSES)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(get, turns))
    assert [met(other) for other in others] == [expected(7, 0.4, 30, STATUSES)] * 3


def test_a_reset_begins_again_and_ends_the_chaos(account: Sandbox) -> None:
    account.chaos(seed=3, rate=0.4, faults=STATUSES)
    first = statuses(account, 15)
    account.reset()
    assert statuses(account, 15) == [200] * 15
    account.reset()
    account.chaos(seed=3, rate=0.4, faults=STATUSES)
    account.clear_requests()
    assert statuses(account, 15) == first


def test_all_requests_of_an_account_are_numbered_and_valid_ones_have_trouble(account: Sandbox) -> None:
    get(account)
    account.chaos(rate=1, faults=["503"])
    targets = [LIST, f"{LIST}?limit=0", "/nowhere", LIST]
    assert [get(account, target).status for target in targets] == [503, 400, 404, 503]
    assert met(account) == {2: "503", 5: "503"}
    assert account.chaos(rate=0)["requests"] == 5


def test_what_was_cached_has_trouble_too_and_trouble_is_never_cached(account: Sandbox) -> None:
    assert statuses(account, 2) == [200, 200]
    account.chaos(rate=1, faults=["503"])
    assert statuses(account, 2) == [503, 503]
    account.chaos(rate=0)
    assert statuses(account, 2) == [200, 200]


def test_scripted_faults_and_prefer_come_first(account: Sandbox) -> None:
    account.chaos(rate=1, faults=["503"])
    account.fail({"status": 418}, "pass")
    assert statuses(account, 3) == [418, 200, 503]
    assert get(account, LIST, "Prefer: code=404").status == 404
    assert met(account) == {3: "503"}


def test_control_calls_have_no_trouble(account: Sandbox) -> None:
    account.chaos(rate=1, faults=["503", "cut"])
    assert account.requests() == []
    assert account.chaos(rate=1)["fired"] == 0
    assert httpx.get(f"{account.url}/_mock/health", auth=account.auth).status_code == 200


@pytest.mark.parametrize(
    ("fault", "happens"),
    [("cut", ConnectionError), ("truncate", httpx.RemoteProtocolError), ("short-page", None)],
)
def test_cuts_and_broken_pages_are_trouble_too(
    account: Sandbox, fault: str, happens: type[Exception] | None
) -> None:
    account.chaos(rate=1, faults=[fault])
    if fault == "truncate":
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(account.base_url + "/usage-metrics", auth=account.auth)
    elif happens is not None:
        with pytest.raises((ConnectionError, AssertionError)):
            get(account)
    else:
        assert len(get(account, f"{LIST}?limit=10").json["items"]) == 5
    assert met(account) == {1: fault}


def test_a_delay_is_waited_for(account: Sandbox, pauses: list[float]) -> None:
    account.chaos(rate=1, faults=["delay", {"delay": 1.5, "status": 503}], seed=1)
    answers = statuses(account, 6)
    assert {(200, 0.5), (503, 1.5)} == set(zip(answers, pauses, strict=True))


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of each pause, none of which is waited."""
    seconds: list[float] = []

    async def pause(_self: Connection, length: float, **_more: Any) -> None:
        seconds.append(length)

    monkeypatch.setattr(Connection, "pause", pause)
    return seconds


# The verdict


def test_no_trouble_is_blamed_on_a_client_that_retries(account: Sandbox) -> None:
    account.chaos(seed=7, rate=0.4, faults=[*STATUSES, "cut", "truncate"])
    target, seen = f"{LIST}?limit=5", 0
    while target:
        try:
            answer = get(account, target)
            page = answer.json
        except (AssertionError, ConnectionError, ValueError):
            continue
        if answer.status != 200:
            assert answer.status in (429, 500, 502, 503)
            continue
        seen += len(page["items"])
        after = page["pagination"].get("after")
        target = f"{LIST}?limit=5&after={after}" if after else ""
    assert seen == 100
    report = account.report(fail_on="violations,warnings,unfired,empty")
    assert (report["passed"], report["reasons"]) == (True, [])
    assert len(met(account)) == account.chaos(rate=0)["requests"] - 20 > 5
    account.assert_walked(complete=True, repeats=False)
    account.assert_faults_fired()
    [statuses_covered] = [
        {point["name"] for point in group["points"] if point["covered"]}
        for group in report["coverage"]["operations"][0]["groups"]
        if group["group"] == "statuses"
    ]
    assert statuses_covered == {"200"}


def test_chaos_that_met_no_request_is_no_unfired_fault(account: Sandbox) -> None:
    account.chaos(rate=0.001)
    get(account)
    account.assert_faults_fired()
    assert account.report()["counts"]["unfired"] == 0


# The calls


@pytest.mark.parametrize("faults", ["503", 503, {"status": 503}])
def test_faults_that_are_no_list_are_refused(account: Sandbox, faults: Any) -> None:
    with pytest.raises(TypeError, match=re.escape(f"{faults!r} is no list of faults")):
        account.chaos(faults=faults)


def test_the_calls_show_set_and_end_chaos(account: Sandbox) -> None:
    caller = Caller(account.url, account.client_id)
    described = CONTROL["paths"]["/chaos"]
    none = {"seed": 0, "rate": 0, "faults": [], "requests": 0, "fired": 0}
    answer = caller.call("GET", "/chaos")
    assert answer.json == none
    assert_described(answer, described["get"]["responses"])
    put = caller.call("PUT", "/chaos", {"seed": 7, "rate": 1, "faults": [503, "cut", {"delay": 0.1}]})
    assert put.json == {**none, "seed": 7, "rate": 1, "faults": ["503", "cut", {"delay": 0.1}]}
    assert_described(put, described["put"]["responses"])
    account.chaos(rate=1, faults=[503])
    get(account)
    assert caller.done("GET", "/chaos") | {"faults": []} == {
        **none,
        "rate": 1,
        "requests": 1,
        "fired": 1,
    }
    assert caller.call("DELETE", "/chaos").status == 204
    assert caller.done("GET", "/chaos") == {**none, "requests": 1}
    assert get(account).status == 200
    assert caller.done("PUT", "/chaos", {})["faults"] == ["503", "429", "500", "502", "cut", "delay"]


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({"rate": 1.1}, ["/rate"]), ({"rate": -0.1}, ["/rate"]), ({"rate": "0.1"}, ["/rate"]),
        ({"seed": 1.5}, ["/seed"]), ({"seed": 10**18}, ["/seed"]), ({"seed": None}, ["/seed"]), ({"faults": []}, ["/faults"]),
        ({"faults": "503"}, ["/faults"]), ({"faults": ["503", "cutt"]}, ["/faults/1"]), ({"faults": ["pass"]}, ["/faults/0"]),
        ({"faults": [199, "600", True, None, []]}, ["/faults/0", "/faults/1", "/faults/2", "/faults/3", "/faults/4"]),
        ({"faults": [{"status": 503, "cut": "reset"}]}, ["/faults/0"]), ({"faults": [{"stat": 1}]}, ["/faults/0/stat"]),
        ({"faults": [{"status": 503, "headers": {"Connection": "x"}}]}, ["/faults/0/headers/Connection"]),
        ({"faults": ["503"] * 101}, ["/faults"]), ({"faults": [""]}, ["/faults/0"]), ({"faults": ["٥٠٣"]}, ["/faults/0"]),
        ({"rates": 1}, ["/rates"]), ([], [""]), (None, [""]),
    ],
)  # fmt: skip
def test_chaos_that_is_not_understood_is_refused(account: Sandbox, asked: Any, keys: list[str]) -> None:
    before = account.chaos(rate=1, faults=["418"])
    answer = httpx.put(f"{account.url}/_mock/chaos", auth=account.auth, json=asked)
    assert answer.status_code == 400, answer.text
    errors = answer.json()["error"]["errors"]
    assert all(each["code"] and each["message"].endswith(".") for each in errors)
    assert sorted({each["key"] for each in errors}) == keys
    assert Caller(account.url, account.client_id).done("GET", "/chaos") == before


def test_a_client_names_what_is_no_fault(account: Sandbox) -> None:
    with pytest.raises(
        SandboxError, match=r"'cutt' is no fault of chaos .did you mean 'cut'.*name statuses"
    ):
        account.chaos(faults=["cutt"])


def test_chaos_counts_for_the_memory_of_faults(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(5_000)
    monkeypatch.setattr("mock_server.sandbox.sandbox.Budget", lambda _limit: budget)
    account = Sandbox(serve(), "full", "secret")
    account.chaos()
    account.chaos(faults=[{"status": 503, "body": "x" * 3_000}])
    assert 3_000 < budget.held < 4_000
    with pytest.raises(SandboxError, match="hold more than"):
        Sandbox(account.url, "other", "secret").chaos(faults=[{"status": 503, "body": "x" * 2_000}])
    account.reset()
    assert budget.held == 0


# The settings


def test_the_setting_gives_every_account_chaos_and_a_reset_gives_it_back(serve: Serve) -> None:
    url = serve(chaos=ChaosRule(1, 0, ("503",)))
    one, two = (Sandbox(url, name, "secret") for name in ("one", "two"))
    assert statuses(one, 2) == statuses(two, 2) == [503, 503]
    Caller(url, "one").done("DELETE", "/chaos")
    assert statuses(one, 1) == [200]
    one.reset()
    assert statuses(one, 1) == [503]
    assert Caller(url, "new").done("GET", "/chaos")["rate"] == 1


def test_reserved_client_ids_get_their_one_answer(serve: Serve) -> None:
    url = serve(chaos=ChaosRule(1, 0, ("418",)))
    ids = {"forbidden": 403, "throttled": 429, "broken": 500, "unauthorized": 401, "another": 418}
    assert {each: get(Sandbox(url, each, "secret")).status for each in ids} == ids


def test_requests_that_need_no_credentials_have_the_trouble_of_the_default_account(
    serve: Serve, small: Callable[..., Path]
) -> None:
    rule = ChaosRule(0.5, 7, ("503",))
    url = serve(document=small(), chaos=rule)
    answers = [wire.get(url, "/v1/things", auth=False).status for _ in range(20)]
    wanted = expected(7, 0.5, 20, ["503"])
    assert answers == [503 if number in wanted else 200 for number in range(1, 21)]


def test_every_answer_waits_as_long_as_the_seed_says(serve: Serve, pauses: list[float]) -> None:
    url = serve(latency=Latency(10, 30), seed=7)
    one, two = (Sandbox(url, name, "secret") for name in ("one", "two"))
    for target in (LIST, LIST, f"{LIST}?limit=0", "/nowhere"):
        get(one, target)
        get(two, target)
    assert pauses[::2] == pauses[1::2]
    assert pauses[::2] == [0.030, 0.021, 0.026, 0.021]
    pauses.clear()
    wire.get(url, LIST, auth=False)
    assert pauses == [0.030]
    one.requests()
    assert len(pauses) == 1
    assert one.report()["counts"] == {"violations": 2, "warnings": 0, "unfired": 0}
    assert [entry["fault"] for entry in one.requests()] == [None] * 4


@pytest.mark.slow
def test_a_wait_takes_its_time_and_holds_up_nobody(serve: Serve) -> None:
    url = serve(latency=Latency(300, 300))
    accounts = [Sandbox(url, f"waits-{number}", "secret") for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(get, accounts))
    took = [entry["durationMs"] or 0 for account in accounts for entry in account.requests()]
    assert len(took) == 20
    # A loop that counts in milliseconds may end a wait a part of one early.
    assert min(took) >= 299
    # One after the other, the last would have taken 6 s.
    assert max(took) < 3_000
