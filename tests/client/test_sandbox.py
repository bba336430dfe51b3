"""The client: what it does to an account, what it tells of it, and when its assertions fail."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import httpx
import pytest
import yaml

from mock_server import setting_parsers
from mock_server.client import Sandbox, SandboxError, TransportError
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.documents import ROOT, SMALL
from tests.support.servers import Serve, build
from tests.support.tracebacks import shown_files

Assertion = Callable[[Sandbox], None]

METRIC = {
    "name": "m",
    "metricType": "SIMPLE",
    "eventType": "e",
    "aggregationType": "COUNT",
    "propertyFilters": {},
    "parameters": [],
}
ASSERTIONS: dict[str, Assertion] = {
    "called": lambda account: account.assert_called(times=1),
    "never called": lambda account: account.assert_called(times=0),
    "walked": lambda account: account.assert_walked(),
    "fired": lambda account: account.assert_faults_fired(),
    "right": lambda account: account.assert_no_violations(),
}
each_assertion = pytest.mark.parametrize("judge", ASSERTIONS.values(), ids=ASSERTIONS)


@pytest.fixture
def account(url: str, request: pytest.FixtureRequest) -> Sandbox:
    """An account of the shared server for the test alone."""
    account = Sandbox(url, request.node.name, "secret")
    account.reset()
    return account


def get(account: Sandbox, query: str = "", path: str = "/usage-metrics") -> httpx.Response:
    """A request as the client under test would send it."""
    url = f"{account.base_url}{path}?{query}"
    # Without `verify`, each would read all certificates that there are.
    return httpx.get(url, auth=account.auth, trust_env=False, verify=False)


def walk(account: Sandbox, limit: int = 40) -> str:
    """Follow `after` to the end; gives the first cursor."""
    first = cursor = get(account, f"limit={limit}").json()["pagination"].get("after")
    while cursor is not None:
        cursor = get(account, f"limit={limit}&after={cursor}").json()["pagination"].get("after")
    return str(first)


def names(account: Sandbox) -> list[str]:
    return [item["name"] for item in get(account, "limit=100").json()["items"]]


def failure(judge: Callable[[], None]) -> str:
    with pytest.raises(AssertionError) as caught:
        judge()
    return str(caught.value)


# Where and who


@pytest.mark.parametrize("end", ["", "/"])
def test_base_url_is_that_of_the_mocked_api(url: str, end: str) -> None:
    account = Sandbox(url + end, "me", "s3cret")
    assert account.base_url == f"{url}/api"
    assert account.auth == (account.client_id, account.client_secret) == ("me", "s3cret")
    assert get(account).status_code == 200


def test_a_restricted_server_is_told_the_secret(serve: Serve) -> None:
    url = serve(credentials=("me:right",))
    assert Sandbox(url, "me", "right").requests() == []
    with pytest.raises(SandboxError, match="none of those") as caught:
        Sandbox(url, "me", "wrong").requests()
    assert caught.value.status == 401


# Data


def test_load_replaces_and_add_goes_in_front_in_order(account: Sandbox) -> None:
    account.load([METRIC | {"name": "a"}, METRIC | {"name": "b"}])
    account.add([METRIC | {"name": "c"}, METRIC | {"name": "d"}], collection="usage-metrics")
    assert names(account) == ["c", "d", "a", "b"]
    account.load([], collection="usage-metrics")
    assert names(account) == []


def test_generate_is_the_same_for_the_same_seed(account: Sandbox) -> None:
    starting = get(account, "limit=5").content
    account.generate(30, seed=7)
    other = get(account, "limit=5")
    assert other.json()["pagination"]["totalResultSize"] == 30
    assert other.content != starting
    account.generate(100, collection="usage-metrics")
    assert get(account, "limit=5").content == starting


def test_remove_takes_one_record_and_no_other(account: Sandbox) -> None:
    first, second = get(account, "limit=2").json()["items"]
    account.remove(first["id"])
    account.remove(second["id"], collection="usage-metrics")
    page = get(account, "limit=100").json()
    assert page["pagination"]["totalResultSize"] == 98
    assert not {first["id"], second["id"]} & {item["id"] for item in page["items"]}
    with pytest.raises(SandboxError, match=first["id"]) as caught:
        account.remove(first["id"])
    assert caught.value.status == 404


@pytest.mark.parametrize("odd", ["a/b", "..", ".", "x?y#z", "50%", "größe"])
def test_an_odd_id_removes_nothing(account: Sandbox, odd: str) -> None:
    with pytest.raises(SandboxError):
        account.remove(odd)
    assert len(names(account)) == 100


@pytest.mark.parametrize("change", [Sandbox.load, Sandbox.add])
def test_an_error_lists_every_fault_of_a_load(account: Sandbox, change: Callable[..., None]) -> None:
    broken = [
        METRIC | {"eventTyp": "x"},
        METRIC,
        {**METRIC, "name": 5},
        {**METRIC, "aggregationType": "ALL"},
    ]
    with pytest.raises(SandboxError) as caught:
        change(account, broken)
    said = str(caught.value)
    assert caught.value.status == 400
    for place in ("/items/0/eventTyp", "/items/2/name", "/items/3/aggregationType"):
        assert place in said
    assert "/items/1" not in said
    assert len(names(account)) == 100


@pytest.fixture
def two_lists(serve: Serve, tmp_path: Path) -> Sandbox:
    document = yaml.safe_load(SMALL)
    things = document["paths"]["/things"]["get"]
    document["paths"]["/others"] = {"get": things | {"operationId": "listOthers"}}
    path = tmp_path / "two.json"
    path.write_text(json.dumps(document))
    return Sandbox(serve(document=path), "two", "secret")


def test_a_call_must_name_one_of_several_collections(two_lists: Sandbox) -> None:
    calls: list[Callable[[], None]] = [
        lambda: two_lists.load([]),
        lambda: two_lists.add([]),
        lambda: two_lists.generate(3),
        lambda: two_lists.remove("x"),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"things.*others|others.*things"):
            call()
    two_lists.generate(3, collection="others")
    totals = [
        get(two_lists, path=path).json()["pagination"]["totalResultSize"]
        for path in ("/things", "/others")
    ]
    assert totals == [100, 3]
    with pytest.raises(SandboxError, match="things, others"):
        two_lists.load([], collection="thing")


def test_assert_called_counts_only_the_operation_that_is_named(two_lists: Sandbox) -> None:
    two_lists.fail({"status": 503}, operation="listOthers")
    assert [get(two_lists, path=path).status_code for path in ("/things", "/others")] == [200, 503]
    two_lists.assert_called(times=1, operation="listThings")
    assert [entry["operation"] for entry in two_lists.requests(operation="listOthers")] == ["listOthers"]
    assert "GET /v1/things" in failure(lambda: two_lists.assert_called(times=2, operation="listThings"))


def test_reset_leaves_nothing_behind(account: Sandbox) -> None:
    starting = get(account, "limit=100").content
    account.load([METRIC])
    account.fail("pass")
    account.freeze("2030-01-01T00:00:00Z")
    account.reset()
    assert (account.requests(), account.walks(), account.faults()) == ([], [], [])
    assert get(account, "limit=100").content == starting
    account.add([METRIC])
    assert not get(account, "limit=1").json()["items"][0]["createdAt"].startswith("2030-01-01")


# Faults


def test_steps_are_used_up_in_order_and_the_id_is_the_faults(account: Sandbox) -> None:
    fault_id = account.fail({"status": 503, "headers": {"Retry-After": "1"}}, "pass", {"status": 418})
    assert [get(account).status_code for _ in range(4)] == [503, 200, 418, 200]
    [fault] = account.faults()
    assert (fault["id"], fault["fired"], fault["remaining"], fault["spent"]) == (fault_id, 3, 0, True)
    assert {entry["fault"] for entry in account.requests()} == {fault_id, None}


def test_a_fault_meets_the_page_and_the_query_that_it_is_for(account: Sandbox) -> None:
    account.fail({"status": 503}, page=2, query={"limit": 40, "eventType": ["a", "b"]}, repeat=2)
    assert walk(account)
    account.fail({"status": 500}, query={"limit": 7}, operation="getUsageMetrics", repeat="forever")
    assert [get(account, query).status_code for query in ("limit=7", "limit=8", "limit=7")] == [
        500,
        200,
        500,
    ]
    first, second = account.faults()
    assert first["when"] == {"page": 2, "query": {"limit": 40, "eventType": ["a", "b"]}}
    assert (first["fired"], first["repeat"], first["remaining"]) == (0, 2, 2)
    assert (second["operation"], second["fired"], second["remaining"]) == (
        "getUsageMetrics",
        2,
        "forever",
    )


def test_an_error_lists_every_fault_of_a_script(account: Sandbox) -> None:
    with pytest.raises(SandboxError) as caught:
        account.fail({"status": 99}, {"cut": "off"}, page=0, repeat=0, operation="nope")
    said = str(caught.value)
    for place in ("/script/0", "/script/1", "/when/page", "/repeat"):
        assert place in said
    assert account.faults() == []


# What came


def test_requests_are_told_apart(account: Sandbox) -> None:
    get(account, "limit=1")
    get(account, "limit=0")
    get(account, "limit=2", path="/nope")
    assert [entry["status"] for entry in account.requests()] == [200, 400, 404]
    assert [entry["query"] for entry in account.requests(status=400)] == ["limit=0"]
    assert [entry["query"] for entry in account.requests(limit=2)] == ["limit=0", "limit=2"]
    assert [entry["query"] for entry in account.requests(operation="getUsageMetrics", limit=1)] == [
        "limit=0"
    ]
    entry = account.requests()[0]
    assert (entry["method"], entry["path"]) == ("GET", "/api/usage-metrics")
    assert entry["headers"]["authorization"] == "Basic [redacted]"
    assert account.requests()[1]["violations"][0]["key"] == "limit"


def test_requests_without_an_account_are_the_anonymous_ones(serve: Serve) -> None:
    account = Sandbox(serve(), "me", "secret")
    assert account.requests(account="anonymous") == []
    httpx.get(f"{account.base_url}/usage-metrics")
    assert [entry["status"] for entry in account.requests(account="anonymous")] == [401]
    assert account.requests() == []


def test_walks_tell_pages_and_filters(account: Sandbox) -> None:
    walk(account)
    get(account, "aggregationType=SUM&limit=100")
    first, second = account.walks()
    assert (first["pages"], first["items"], first["complete"], first["repeatedCursors"]) == (
        3,
        100,
        True,
        0,
    )
    assert (first["filters"], first["filtersConstant"], first["backward"]) == ({}, True, False)
    assert (second["filters"], second["pages"]) == ({"aggregationType": "SUM"}, 1)


# The clock


def test_advance_lets_the_rate_limit_pass(serve: Serve) -> None:
    account = Sandbox(serve(rate_limit=setting_parsers.rate_limit("1/60")), "me", "secret")
    account.freeze("2026-01-01T00:00:00Z")
    assert [get(account).status_code for _ in range(2)] == [200, 429]
    account.advance(59.5)
    assert get(account).status_code == 429
    account.advance(0.5)
    account.advance(60)
    assert get(account).status_code == 200


@pytest.mark.parametrize(
    ("moment", "created"),
    [
        ("2026-02-03T04:05:06.5+01:00", "2026-02-03T03:05:06.5Z"),
        (datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=UTC), "2026-02-03T04:05:06.000007Z"),
        (
            datetime(2026, 2, 3, 4, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            "2026-02-02T22:30:00Z",
        ),
    ],
)
def test_freeze_takes_a_datetime_or_a_text(
    account: Sandbox, moment: datetime | str, created: str
) -> None:
    account.freeze(moment)
    account.add([METRIC])
    assert get(account, "limit=1").json()["items"][0]["createdAt"] == created


def test_a_datetime_without_a_zone_is_no_moment(account: Sandbox) -> None:
    """It would be another moment on another machine."""
    with pytest.raises((ValueError, TypeError)):
        account.freeze(datetime(2026, 2, 3))


@pytest.mark.parametrize("call", [lambda a: a.freeze("soon"), lambda a: a.advance(-1)])
def test_a_wrong_move_of_the_clock_is_an_error(
    account: Sandbox, call: Callable[[Sandbox], None]
) -> None:
    with pytest.raises(SandboxError, match=r"/now|/advance") as caught:
        call(account)
    assert caught.value.status == 400


# Assertions


def test_assert_called_counts_the_requests_that_match(account: Sandbox) -> None:
    account.assert_called(times=0)
    get(account, "limit=5&eventType=a&eventType=b")
    get(account, "limit=5&name=API%20calls")
    get(account, "limit=6")
    account.assert_called()
    account.assert_called(3)
    account.assert_called(times=2, query={"limit": 5})
    account.assert_called(
        times=1, operation="getUsageMetrics", query={"limit": "5", "name": "API calls"}
    )
    account.assert_called(times=1, query={"eventType": ["a", "b"]})
    account.assert_called(times=0, query={"eventType": "a"})


def test_a_tuple_of_values_is_a_list_of_them(account: Sandbox) -> None:
    account.fail({"status": 503}, query={"eventType": ("a", "b")})
    assert get(account, "eventType=a&eventType=b").status_code == 503
    account.assert_called(times=1, query={"eventType": ("a", "b")})


@pytest.mark.parametrize("expected", [None, 1, 3])
def test_assert_called_shows_the_requests_that_came_instead(
    account: Sandbox, expected: int | None
) -> None:
    get(account, "limit=5&name=x")
    get(account, "limit=5&name=y")
    said = failure(lambda: account.assert_called(times=expected, query={"limit": 5, "name": "z"}))
    assert "0 came" in said
    assert "GET /api/usage-metrics?limit=5&name=x -> 200" in said
    assert "GET /api/usage-metrics?limit=5&name=y -> 200" in said


def test_assert_called_fails_for_too_many(account: Sandbox) -> None:
    get(account)
    get(account)
    assert "expected 1 request, but 2 came" in failure(lambda: account.assert_called(times=1))


def test_assert_called_says_that_nothing_came(account: Sandbox) -> None:
    assert "no request came" in failure(account.assert_called)


def test_the_nearest_requests_are_shown_and_not_the_last(account: Sandbox) -> None:
    get(account, "limit=5&name=y")
    for _ in range(15):
        get(account, path="/nope")
    assert "limit=5&name=y" in failure(lambda: account.assert_called(query={"limit": 5, "name": "x"}))


def test_the_nearest_requests_are_those_of_the_operation(two_lists: Sandbox) -> None:
    get(two_lists, "kind=round", path="/things")
    for _ in range(15):
        get(two_lists, path="/others")
    said = failure(lambda: two_lists.assert_called(times=2, operation="listThings"))
    assert "GET /v1/things?kind=round -> 200" in said


def test_the_nearest_requests_stand_first_with_what_was_wrong(account: Sandbox) -> None:
    for query in ("limit=5&name=x", "limt=5", "limit=0", "eventType=a", "eventType=a"):
        get(account, query)
    said = failure(lambda: account.assert_called(query={"limit": 5, "name": "y"}))
    shown = [line.strip() for line in said.splitlines() if line.startswith("  ")]
    assert [line for line in shown if line.startswith("GET")] == [
        f"GET /api/usage-metrics?{query} -> {status}"
        for query, status in (
            ("limit=5&name=x", 200), ("limit=0", 400), ("limt=5", 200), ("eventType=a", 200),
            ("eventType=a", 200),
        )
    ]  # fmt: skip
    assert shown[shown.index("GET /api/usage-metrics?limit=0 -> 400") + 1].startswith("violation range")
    after = shown[shown.index("GET /api/usage-metrics?limt=5 -> 200") + 1]
    assert after.startswith("warning unknownParameter: 'limt' is no parameter")


@each_assertion
def test_a_failed_assertion_links_the_account_in_the_inspector(
    account: Sandbox, judge: Assertion
) -> None:
    odd = Sandbox(account.url, "a b~*é", "secret")
    odd.fail("pass", query={"limit": 9})
    get(odd, "limit=0")
    get(odd, "limit=8")
    said = failure(lambda: judge(odd))
    assert re.search(
        rf"see {account.url}/_mock/#(requests|walks|faults)\?account=a\+b%7E\*%C3%A9$", said
    )
    odd.reset()


@pytest.mark.parametrize("judge", ["assert_called", "assert_walked", "assert_no_violations"])
def test_an_account_without_requests_is_told_which_others_got_some(serve: Serve, judge: str) -> None:
    account = Sandbox(serve(count=1), "mine", "secret")
    assert "nor to any other" in failure(getattr(account, judge))
    other = Sandbox(account.url, "other", "secret")
    get(other, "limit=1")
    get(other, "limit=2")
    httpx.get(f"{account.base_url}/usage-metrics", trust_env=False, verify=False)
    said = failure(getattr(account, judge))
    assert "no request came to the account 'mine', but these got some" in said
    assert "  without a valid account: 1 request, the last one GET /api/usage-metrics -> 401\n" in said
    assert "  'other': 2 requests, the last one GET /api/usage-metrics?limit=2 -> 200\n" in said


def test_assert_no_violations_lists_each_with_its_request_and_remedy(account: Sandbox) -> None:
    get(account, "limit=5")
    account.assert_no_violations()
    account.assert_no_violations(warnings=True)
    get(account, "limt=5")
    account.assert_no_violations()
    said = failure(lambda: account.assert_no_violations(warnings=True))
    assert "1 warning came:\n  GET /api/usage-metrics?limt=5 -> 200\n      warning unknown" in said
    get(account, "limit=0")
    get(account, "limit=500&aggregationType=TOTAL")
    said = failure(account.assert_no_violations)
    assert "but 3 came:\n  GET /api/usage-metrics?limit=0 -> 400\n      violation range: '0' was" in said
    assert said.count("GET /api/usage-metrics?limit=500&aggregationType=TOTAL -> 400") == 2
    assert "must be one of COUNT, UNIQUE, SUM, CUSTOM; send that, or leave it out." in said
    assert "limt" not in said
    account.clear_requests()
    assert "no request came" in failure(account.assert_no_violations)


def test_assert_no_violations_knows_what_the_journal_has_dropped(serve: Serve) -> None:
    account = Sandbox(serve(journal_size=1, count=1), "mine", "secret")
    for query in ("limit=0", "limit=0", "limit=1"):
        get(account, query)
    said = failure(account.assert_no_violations)
    assert "  GET /api/usage-metrics?limit=0 (2×, first by request 1)\n      violation range" in said


def test_a_parameter_that_the_document_does_not_have_is_refused_with_the_nearest(
    account: Sandbox, two_lists: Sandbox
) -> None:
    nearest = r"did you mean 'limit'\?"
    with pytest.raises(SandboxError, match=nearest):
        account.assert_called(times=0, query={"limt": 5})
    with pytest.raises(SandboxError, match=nearest):
        account.fail("pass", query={"limt": 5})
    assert account.faults() == []
    with pytest.raises(SandboxError, match=r"listOthers has no query parameter 'kin' .*'kind'"):
        two_lists.assert_called(operation="listOthers", query={"kin": "round"})
    two_lists.fail("pass", operation="listThings", query={"kind": "round"})


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ((), TypeError), ((503, 200), TypeError), (("reset",), ValueError), ((None,), TypeError),
        (([{"status": 503}],), TypeError), (({"status": 503}, b"pass"), TypeError),
    ],
    ids=str,
)  # fmt: skip
def test_fail_names_its_steps_where_it_is_misused(
    account: Sandbox, steps: tuple[Any, ...], error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        account.fail(*steps)
    for word in ("status", "delay", "cut", "page", "pass"):
        assert word in str(caught.value)
    assert shown_files(caught) == ["test_sandbox.py"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda account: account.assert_called(query={"id": UUID(int=1)}),
            TypeError,
            "type UUID is not",
        ),
        (lambda account: account.fail({"body": datetime.now(UTC)}), TypeError, "type datetime is not"),
        (lambda account: account.advance(float("nan")), ValueError, "Out of range float"),
        (lambda account: account.load([{"name": "\ud800"}]), ValueError, "surrogates not allowed"),
    ],
    ids=["UUID", "datetime", "NaN", "surrogate"],
)
def test_what_has_no_json_is_refused_with_a_sentence_at_the_tests_line(
    account: Sandbox, call: Assertion, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=rf"can't be sent as JSON: .*{message}") as caught:
        call(account)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert set(shown_files(caught)) == {"test_sandbox.py"}


@pytest.mark.parametrize("fail_on", ["empty,warnings", ("empty", "warnings")])
def test_the_causes_of_a_report_are_a_collection_or_a_text(account: Sandbox, fail_on: Any) -> None:
    assert account.report(fail_on=fail_on)["failOn"] == ["warnings", "empty"]


def test_a_sandbox_is_shown_without_its_secret() -> None:
    shown = repr(Sandbox("http://127.0.0.1:8080/", "me", "s3cr3t"))
    assert shown == "<Sandbox 'me' at http://127.0.0.1:8080/_mock/#requests?account=me>"


def test_asking_about_an_account_that_is_not_there_yet_is_no_change_of_it(serve: Serve) -> None:
    account = Sandbox(serve(max_accounts=1, count=1), "mine", "secret")
    account.assert_called(times=0)
    get(account)
    account.assert_called(times=1)
    evict(account)
    assert "--max-accounts" in failure(lambda: account.assert_called(times=0))


def test_an_operation_that_is_none_is_no_verdict(account: Sandbox) -> None:
    with pytest.raises(SandboxError, match="getUsageMetrics"):
        account.assert_called(times=0, operation="getUsageMetric")


def test_assert_walked_passes_for_a_walk_to_the_end(account: Sandbox) -> None:
    walk(account)
    account.assert_walked()
    account.assert_walked(complete=True, repeats=False)
    assert "3" in failure(lambda: account.assert_walked(complete=False))
    assert "GET /api/usage-metrics?limit=40 -> 200" in failure(
        lambda: account.assert_walked(repeats=True)
    )


def test_assert_walked_fails_for_a_walk_that_stops(account: Sandbox) -> None:
    get(account, "limit=40")
    said = failure(account.assert_walked)
    assert "to the end" in said
    assert "GET /api/usage-metrics?limit=40 -> 200" in said
    account.assert_walked(complete=False)


def test_assert_walked_fails_for_a_page_that_was_asked_for_twice(account: Sandbox) -> None:
    cursor = walk(account)
    get(account, f"limit=40&after={cursor}")
    said = failure(account.assert_walked)
    assert "repeated" in said
    assert cursor in said
    account.assert_walked(repeats=True)


def test_a_retry_is_no_repeat(account: Sandbox) -> None:
    account.fail({"status": 503}, {"cut": "reset"}, page=2)
    cursor = get(account, "limit=60").json()["pagination"]["after"]
    assert get(account, f"limit=60&after={cursor}").status_code == 503
    with pytest.raises(httpx.TransportError):
        get(account, f"limit=60&after={cursor}")
    assert get(account, f"limit=60&after={cursor}").status_code == 200
    account.assert_walked()
    account.assert_faults_fired()


def test_assert_walked_fails_where_no_list_was_asked_for(account: Sandbox) -> None:
    get(account, path="/nope")
    assert "GET /api/nope -> 404" in failure(account.assert_walked)
    assert "GET /api/nope -> 404" in failure(lambda: account.assert_walked(complete=False))


def test_assert_faults_fired_names_those_that_did_not(account: Sandbox) -> None:
    account.assert_faults_fired()
    account.fail({"status": 503}, "pass")
    unfired = account.fail({"status": 504}, query={"limit": 9})
    get(account, "limit=8")
    said = failure(account.assert_faults_fired)
    assert "504" in said
    assert unfired in said
    assert "GET /api/usage-metrics?limit=8 -> 503" in said
    get(account, "limit=8")
    assert "503" not in failure(account.assert_faults_fired).split("GET ", maxsplit=1)[0]
    get(account, "limit=9")
    account.assert_faults_fired()


def test_a_fault_without_end_has_fired_when_it_fired_once(account: Sandbox) -> None:
    account.fail({"status": 503}, "pass", repeat="forever")
    assert "forever" in failure(account.assert_faults_fired)
    get(account)
    account.assert_faults_fired()


@pytest.mark.parametrize("query", ["", "limit=40"])
@each_assertion
def test_a_failed_assertion_shows_the_line_of_the_test(
    account: Sandbox, judge: Assertion, query: str
) -> None:
    account.fail("pass", query={"limit": 9})
    if query and judge is ASSERTIONS["right"]:
        get(account, "limit=0")
    if query or judge is ASSERTIONS["never called"]:
        get(account, query)
        get(account, query)
    with pytest.raises(AssertionError) as caught:
        judge(account)
    shown = [entry for entry in caught.traceback if "__tracebackhide__" not in entry.frame.f_locals]
    assert {Path(entry.path) for entry in shown} == {Path(__file__)}


# What can't be judged


@pytest.fixture
def lone(serve: Serve) -> Sandbox:
    """The only account that its server keeps, with one complete walk."""
    account = Sandbox(serve(max_accounts=1), "lone", "secret")
    account.reset()
    get(account, "limit=100")
    return account


def evict(account: Sandbox) -> None:
    httpx.post(f"{account.url}/_mock/reset", auth=("other", "secret")).raise_for_status()


@each_assertion
def test_an_account_that_was_given_up_is_not_judged(lone: Sandbox, judge: Assertion) -> None:
    evict(lone)
    for _ in range(2):
        assert "--max-accounts" in failure(lambda: judge(lone))
    get(lone, "limit=100")
    assert "--max-accounts" in failure(lambda: judge(lone))
    lone.reset()
    get(lone, "limit=100")
    if judge is not ASSERTIONS["never called"]:
        judge(lone)


@pytest.mark.slow
@pytest.mark.parametrize("calls", [1, 2, 3])
@each_assertion
def test_an_account_that_is_given_up_meanwhile_is_not_judged_wrong(
    lone: Sandbox, judge: Assertion, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lone.fail({"status": 503}, query={"limit": 7})
    right = {
        "called": "",
        "walked": "",
        "right": "",
        "fired": "no request met",
        "never called": "1 came",
    }
    [name] = [name for name, each in ASSERTIONS.items() if each is judge]
    original, left = httpx.HTTPTransport.handle_request, calls

    def send(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        nonlocal left
        answer = original(self, request)
        if "/_mock/" in str(request.url):
            left -= 1
            if not left:
                evict(lone)
        return answer

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", send)
    try:
        judge(lone)
        said = ""
    except AssertionError as error:
        said = str(error)
    assert "--max-accounts" in said or (right[name] in said if right[name] else not said)


def on_port(port: int, **settings: Any) -> Any:
    return server.in_thread(build(Settings(**settings)), server.listen("127.0.0.1", port))


@pytest.mark.slow
@each_assertion
def test_an_account_of_a_server_that_was_restarted_is_not_judged(judge: Assertion) -> None:
    with on_port(0) as url:
        account = Sandbox(url, "me", "secret")
        account.fail("pass")
        assert get(account).status_code == 200
    with on_port(httpx.URL(url).port or 0) as again:
        assert again == url
        assert "restarted" in failure(lambda: judge(account))
        account.reset()
        account.assert_called(times=0)


@pytest.mark.slow
@each_assertion
def test_an_account_that_is_on_another_replica_now_is_not_judged(judge: Assertion) -> None:
    with on_port(0, replica_name="first") as url:
        account = Sandbox(url, "me", "secret")
        account.requests()
        account.fail("pass")
        assert get(account).status_code == 200
    with on_port(httpx.URL(url).port or 0, replica_name="second"):
        said = failure(lambda: judge(account))
        assert "it was on replica first and is now on second, which knows nothing" in said
        account.reset()
        account.assert_called(times=0)


def test_a_call_of_a_tokens_account_carries_the_token_where_a_load_balancer_looks() -> None:
    assert answered_headers(token="sk_test")["x-api-key"] == "sk_test"
    for account in ({"token": "a b"}, {"token": "é"}, {"client_id": "me"}):
        assert "x-api-key" not in answered_headers(**account)


def answered_headers(**account: str) -> dict[str, str]:
    """The headers with which a client calls as an account."""
    heard: dict[str, str] = {}

    class Hearing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.update({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.send_header("Content-Length", "12")
            self.end_headers()
            self.wfile.write(b'{"items":[]}')

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hearing) as listening:
        thread = Thread(target=listening.handle_request)
        thread.start()
        Sandbox(f"http://127.0.0.1:{listening.server_port}", **account).walks()
        thread.join()
    return heard


def test_without_a_server_a_call_says_so() -> None:
    with on_port(0) as url:
        account = Sandbox(url, "me", "secret")
        account.reset()
    for call in (account.reset, account.assert_called, account.faults):
        with pytest.raises(TransportError, match="Connection refused"):
            call()


@pytest.mark.parametrize(
    ("limits", "dropped"),
    [({"journal_size": 2}, 1), ({"max_journal": 2}, 1), ({"journal_size": 0}, 3)],
    ids=str,
)
def test_a_journal_that_has_dropped_requests_is_no_evidence(
    serve: Serve, limits: dict[str, int], dropped: int
) -> None:
    account = Sandbox(serve(**limits), "me", "secret")
    walk(account)
    judges: list[Callable[[], None]] = [
        lambda: account.assert_called(times=2),
        lambda: account.assert_called(times=3),
        lambda: account.assert_called(times=0, query={"limit": 99}),
        lambda: account.assert_called(query={"limit": 99}),
        account.assert_walked,
        lambda: account.assert_walked(complete=False),
    ]
    for judge in judges:
        said = failure(judge)
        assert f"dropped {dropped} of 3" in said
        assert "--journal-size" in said
    account.reset()
    account.assert_called(times=0)


def test_dropped_requests_make_an_assertion_undecidable(serve: Serve) -> None:
    account = Sandbox(serve(journal_size=0), "me", "secret")
    account.fail({"status": 503}, query={"limit": 9})
    get(account, "limit=8")
    said = failure(account.assert_faults_fired)
    assert "503" in said
    assert "no request came" not in said


# Around it


def test_proxies_of_the_environment_are_not_used(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", os.devnull)
    account = Sandbox(url, "proxied", "secret")
    account.reset()
    assert get(account).status_code == 200
    account.assert_called(times=1)


def test_threads_may_share_it(account: Sandbox) -> None:
    def steer(number: int) -> str:
        account.add([METRIC | {"name": f"n{number}"}])
        fault_id = account.fail("pass", query={"limit": number})
        get(account, f"limit={number}")
        account.assert_called(times=1, query={"limit": number})
        return fault_id

    with ThreadPoolExecutor(8) as pool:
        fault_ids = list(pool.map(steer, range(1, 25)))
    assert len(set(fault_ids)) == 24
    assert sorted(names(account)[:24]) == sorted(f"n{number}" for number in range(1, 25))
    account.assert_called(times=25)
    account.assert_faults_fired()


@pytest.mark.slow
def test_nothing_warns_where_it_is_never_closed(url: str) -> None:
    script = f"""
import gc
from mock_server.client import Sandbox
account = Sandbox({url!r}, "unclosed", "secret")
account.reset()
account.add([])
try:
    account.remove("nothing")
except Exception as error:
    del error
del account
gc.collect()
left = Sandbox({url!r}, "unclosed", "secret")
left.assert_called(times=0)
"""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", script]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
def test_a_script_in_node_steers_it_too(url: str) -> None:
    command = ["node", str(ROOT / "tests" / "steer.mjs")]
    done = subprocess.run(
        command,
        env=os.environ | {"MOCK_SERVER_URL": url},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
