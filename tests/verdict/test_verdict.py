"""The verdict: what fails it, what does not, and why; and the report, which has all of it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.data.snapshot import Snapshot
from mock_server.sandbox import faults as scripts
from mock_server.sandbox.faults import Faults
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server import server
from mock_server.settings import Settings, Standard
from mock_server.verdict import coverage
from mock_server.verdict import verdict as judge
from tests.support import wire
from tests.support.callers import bad, ledger, script, send
from tests.support.documents import CONTROL, LIST, assert_described
from tests.support.servers import Serve, build

FAULT = '{"script": [{"status": 503}, {"status": 503}]}'
FOREVER = '{"script": [{"status": 503}], "repeat": "forever"}'


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of 100 generated records, whose accounts are these tests' own."""
    with server.in_thread(build(Settings())) as root:
        yield root


def verdict(url: str, client_id: str, query: str = "") -> dict[str, Any]:
    answer = send(url, client_id, "/_mock/verdict" + query)
    assert answer.status == 200, answer.body
    assert_described(answer, CONTROL["paths"]["/verdict"]["get"]["responses"])
    found: dict[str, Any] = answer.json
    assert list(found) == [
        "passed", "reasons", "requests", "violations", "warnings", "unfiredFaults", "coverage",
    ]  # fmt: skip
    return found


def report(url: str, client_id: str, query: str = "") -> dict[str, Any]:
    answer = send(url, client_id, "/_mock/report" + query)
    assert answer.status == 200, answer.body
    assert_described(answer, CONTROL["paths"]["/report"]["get"]["responses"])
    found: dict[str, Any] = answer.json
    return found


NOTHING = {
    "requests": 0,
    "violations": 0,
    "warnings": 0,
    "unfiredFaults": 0,
    "coverage": 0.0,
}
NOBODY = "no request came: there is no account 'nobody'"


def test_a_verdict_on_an_account_that_never_was_fails(url: str) -> None:
    assert verdict(url, "nobody") == {"passed": False, "reasons": [NOBODY], **NOTHING}
    assert report(url, "nobody")["reasons"] == [NOBODY]


def test_a_verdict_on_an_account_that_sent_nothing_fails_until_a_request_comes(url: str) -> None:
    send(url, "silent", "/_mock/reset", method="POST")
    assert verdict(url, "silent") == {"passed": False, "reasons": ["no request came"], **NOTHING}
    send(url, "silent", LIST)
    assert verdict(url, "silent")["requests"] == 1
    assert verdict(url, "silent")["passed"] is True
    send(url, "silent", "/_mock/requests", method="DELETE")
    assert verdict(url, "silent")["passed"] is False


@pytest.mark.slow
@pytest.mark.parametrize("call", ["verdict", "report"])
@pytest.mark.parametrize(
    ("query", "passed"),
    [
        ("allowEmpty=true", True), ("allowEmpty=false", False), ("failOn=empty", False), ("failOn=", True),
        ("failOn=empty&allowEmpty=true", True), ("failOn=violations,warnings,unfired", True),
        ("allowEmpty=true&failUnder=1", False), ("account=*", False), ("account=*&allowEmpty=true", True),
        ("account=anonymous", False), ("account=anonymous&allowEmpty=true", True),
    ],
)  # fmt: skip
def test_nothing_passes_only_where_it_is_allowed(
    serve: Serve, call: str, query: str, passed: bool
) -> None:
    assert send(serve(count=1), "nobody", f"/_mock/{call}?{query}").json["passed"] is passed


def test_requests_of_accounts_that_were_given_up_are_no_nothing(serve: Serve) -> None:
    url = serve(count=1, max_accounts=1)
    send(url, "gone", LIST)
    send(url, "other", "/_mock/reset", method="POST")
    assert verdict(url, "other", "?account=*")["requests"] == 1
    assert verdict(url, "other", "?account=*")["passed"] is True
    [reason] = verdict(url, "gone")["reasons"]
    assert reason == (
        "no request came: there is no account 'gone', or not any more: 1 were given up "
        "(raise --max-accounts)"
    )


def violate(url: str, client_id: str) -> None:
    bad(url, client_id)


def warn(url: str, client_id: str) -> None:
    bad(url, client_id, "limt=1")


def arm(url: str, client_id: str) -> None:
    script(url, client_id, FAULT)


CAUSES: dict[str, tuple[Callable[[str, str], None], str]] = {
    "violations": (violate, "1 violation"), "warnings": (warn, "1 warning"), "unfired": (arm, "1 unfired fault"),
}  # fmt: skip


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize(
    "fail_on",
    [
        None, "", "violations", "warnings", "unfired", "violations,warnings", "warnings%2Cunfired",
        "unfired&failOn=violations", "violations,warnings,unfired", "warnings,warnings", ",unfired,",
    ],
)  # fmt: skip
def test_the_verdict_fails_on_the_causes_of_fail_on(url: str, cause: str, fail_on: str | None) -> None:
    client_id = f"{cause} {fail_on}"
    make, reason = CAUSES[cause]
    send(url, client_id, LIST)
    make(url, client_id)
    query = "" if fail_on is None else f"?failOn={fail_on}"
    fails = cause in ("violations,unfired" if fail_on is None else fail_on)
    found = verdict(url, client_id, query)
    assert found["passed"] is not fails
    assert (found["violations"], found["warnings"], found["unfiredFaults"]) == (
        cause == "violations", cause == "warnings", cause == "unfired",
    )  # fmt: skip
    assert report(url, client_id, query)["reasons"] == [reason] * fails


def test_all_reasons_are_given_in_one_order(url: str) -> None:
    for _ in range(2):
        violate(url, "reasons")
        warn(url, "reasons")
    arm(url, "reasons")
    script(url, "reasons", FOREVER)
    found = report(url, "reasons", "?failOn=unfired,warnings,violations&failUnder=50")
    percent = f"{found['coverage']['percent']:g}"
    assert found["reasons"] == [
        "2 violations", "2 warnings", "2 unfired faults", f"coverage of {percent} % is below 50 %",
    ]  # fmt: skip
    assert found["failOn"] == ["violations", "warnings", "unfired"]
    assert (found["failUnder"], found["passed"]) == (50, False)


def test_coverage_may_fall_short(url: str) -> None:
    send(url, "short", f"{LIST}?limit=1")
    percent = verdict(url, "short")["coverage"]
    assert percent == send(url, "short", "/_mock/coverage").json["percent"] == 17.2
    for under, passed in (("0", True), ("17.2", True), ("17.3", False), ("100", False), ("1e1", True)):
        assert verdict(url, "short", f"?failUnder={under}")["passed"] is passed
    assert report(url, "short", "?failUnder=17.3")["reasons"] == ["coverage of 17.2 % is below 17.3 %"]
    assert verdict(url, "short")["passed"] is True


def test_a_share_that_is_rounded_up_falls_short_all_the_same(url: str) -> None:
    """Of 29 points, 10 are 34.483 %, which is shown as 34.5 %."""
    send(url, "rounded", f"{LIST}?limit=1&name=a&id=b")
    found = report(url, "rounded", "?failUnder=34.5")
    assert (found["coverage"]["covered"], found["coverage"]["percent"]) == (10, 34.5)
    assert found["reasons"] == ["coverage of 34.4828 % is below 34.5 %"]
    assert report(url, "rounded", "?failUnder=34.48")["passed"] is True


@pytest.mark.parametrize(
    ("covered", "total", "percent"),
    [(0, 0, 0.0), (0, 5, 0.0), (5, 5, 100.0), (2_999, 3_000, 99.9), (1, 3, 33.3)],
)
def test_only_all_of_something_is_100_percent(covered: int, total: int, percent: float) -> None:
    assert coverage.percentage(covered, total) == percent


def test_nothing_to_cover_is_not_enough() -> None:
    sandbox = SandboxState(Snapshot({}))
    found = judge.report(sandbox, [], "*", Standard((), 80))
    assert found["reasons"] == ["coverage of 0 % is below 80 %: the document has nothing to cover"]
    assert judge.report(sandbox, [], "*", Standard((), 0))["passed"] is True


# Faults


def test_a_fault_is_fired_when_its_last_step_is(url: str) -> None:
    arm(url, "steps")
    for left in (1, 1, 0):
        assert verdict(url, "steps")["unfiredFaults"] == left
        send(url, "steps", LIST)
    assert verdict(url, "steps")["passed"] is True


def test_a_fault_that_runs_for_ever_is_fired_when_it_fired_once(url: str) -> None:
    fault = script(url, "for-ever", FOREVER)
    send(url, "for-ever", f"{LIST}?limit=0")
    found = report(url, "for-ever", "?failOn=unfired")
    assert (found["passed"], found["reasons"]) == (False, ["1 unfired fault"])
    [unfired] = found["unfiredFaults"]
    assert (unfired["id"], unfired["repeat"], unfired["fired"], unfired["remaining"]) == (
        fault,
        "forever",
        0,
        "forever",
    )
    send(url, "for-ever", LIST)
    assert verdict(url, "for-ever")["unfiredFaults"] == 0
    assert report(url, "for-ever")["unfiredFaults"] == []


def test_a_fault_that_was_removed_is_not_waited_for(url: str) -> None:
    send(url, "removed", LIST)
    arm(url, "removed")
    send(url, "removed", "/_mock/faults", method="DELETE")
    assert verdict(url, "removed")["passed"] is True


def test_unfired_faults_are_named_whole(url: str) -> None:
    body = '{"operation": "getUsageMetrics", "when": {"page": 3}, "script": [{"delay": 1}, "pass"]}'
    fault = script(url, "whole", body)
    [unfired] = report(url, "whole")["unfiredFaults"]
    assert unfired | {"account": ""} == {
        "id": fault, "operation": "getUsageMetrics", "when": {"page": 3}, "script": [{"delay": 1}, "pass"],
        "repeat": 1, "fired": 0, "remaining": 2, "spent": False, "account": "",
    }  # fmt: skip
    assert unfired["account"] == "whole"


def test_faults_that_come_and_go_do_not_break_a_verdict() -> None:
    """Reports are made in a worker, while the event loop goes on changing what they are about."""
    faults = Faults()
    for _ in range(1_000):
        faults.register(faults.prepare({"script": ["pass"]}, 1))
    done = threading.Event()

    def change() -> None:
        while not done.is_set():
            faults.register(fault := faults.prepare({"script": ["pass"]}, 1))
            faults.remove(fault.id)

    changing = threading.Thread(target=change)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    changing.start()
    try:
        for _ in range(50):
            assert len(scripts.unfired_faults(faults)) >= 1_000
    finally:
        done.set()
        changing.join()
        sys.setswitchinterval(interval)


# All accounts


def test_all_accounts_are_judged_together(serve: Serve) -> None:
    url = serve(count=30)
    assert verdict(url, "looker", "?account=*&allowEmpty=true")["passed"] is True
    violate(url, "a")
    warn(url, "b")
    arm(url, "c")
    wire.get(url, LIST, auth=False)
    found = verdict(url, "looker", "?account=*")
    assert (found["passed"], found["violations"], found["warnings"], found["unfiredFaults"]) == (
        False,
        2,
        1,
        1,
    )
    whole = report(url, "looker", "?account=*&failOn=violations,warnings,unfired")
    assert whole["account"] == "*"
    assert whole["reasons"] == ["2 violations", "1 warning", "1 unfired fault"]
    assert [fault["account"] for fault in whole["unfiredFaults"]] == ["c"]
    assert verdict(url, "looker", "?account=anonymous")["violations"] == 1
    assert report(url, "looker", "?account=anonymous")["account"] == "anonymous"
    assert verdict(url, "looker", "?allowEmpty=true")["passed"] is True


def test_faults_of_accounts_that_were_given_up_were_not_fired(serve: Serve) -> None:
    url = serve(count=1, max_accounts=2)
    for number in range(4):
        arm(url, f"armed-{number}")
    assert verdict(url, "looker", "?account=*")["unfiredFaults"] == 4
    assert verdict(url, "looker", "?account=*")["passed"] is False


def test_a_reset_makes_the_verdict_good(url: str) -> None:
    for make, _ in CAUSES.values():
        make(url, "reset")
    assert verdict(url, "reset", "?failOn=violations,warnings,unfired")["passed"] is False
    send(url, "reset", "/_mock/reset", method="POST")
    found = verdict(url, "reset", "?failOn=violations,warnings,unfired")
    assert found == {"passed": True, "reasons": [], **NOTHING}


def test_asking_for_the_verdict_has_no_side_effect(url: str) -> None:
    violate(url, "asked")
    before = report(url, "asked")
    for call in ("verdict", "report", "coverage", "violations"):
        send(url, "asked", f"/_mock/{call}")
    assert report(url, "asked") == before


# The report


def test_a_report_has_all_of_it(url: str) -> None:
    for make, _ in CAUSES.values():
        make(url, "report")
    found = report(url, "report")
    groups = ledger(url, "report")
    assert found["violations"] == [group for group in groups if group["kind"] == "violation"]
    assert found["warnings"] == [group for group in groups if group["kind"] == "warning"]
    assert found["counts"] == {"violations": 1, "warnings": 1, "unfired": 1}
    assert found["coverage"] == send(url, "report", "/_mock/coverage").json
    assert found["unfiredFaults"][0]["id"] == send(url, "report", "/_mock/faults").json["items"][0]["id"]
    assert (found["account"], found["failUnder"]) == ("report", None)
    assert found["failOn"] == ["violations", "unfired", "empty"]
    assert found["requests"] == 2


@pytest.mark.parametrize("call", ["verdict", "report"])
@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("failOn=violation", ["failOn"]), ("failOn=violations,all", ["failOn"]), ("failUnder=101", ["failUnder"]),
        ("failUnder=-1", ["failUnder"]), ("failUnder=eighty", ["failUnder"]), ("failUnder=", ["failUnder"]),
        ("failUnder=80%25", ["failUnder"]), ("failUnder=1&failUnder=2", ["failUnder"]), ("account=me", ["account"]),
        ("failUnder=nan", ["failUnder"]), ("failUnder=1e999", ["failUnder"]), ("fail_on=violations", ["fail_on"]),
        ("account=me&failOn=x&failUnder=y", ["account", "failOn", "failUnder"]),
        ("allowEmpty=yes", ["allowEmpty"]), ("allowEmpty=", ["allowEmpty"]),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(url: str, call: str, query: str, keys: list[str]) -> None:
    answer = send(url, "refused", f"/_mock/{call}?{query}")
    assert (answer.status, [violation["key"] for violation in answer.violations]) == (400, keys)


@pytest.mark.parametrize("call", ["violations", "coverage"])
def test_invalid_parameters_of_a_verdict_are_refused(url: str, call: str) -> None:
    assert send(url, "refused", f"/_mock/{call}?failUnder=80").status == 400


@pytest.mark.parametrize("call", ["violations", "coverage", "verdict", "report"])
def test_the_verdict_without_credentials_is_401(url: str, call: str) -> None:
    assert wire.get(url, f"/_mock/{call}", auth=False).status == 401
    assert wire.get(url, f"/_mock/{call}", method="POST").status == 405


# What was called, and all


def test_the_coverage_asked_for_is_that_of_what_was_called(
    serve: Serve, small: Callable[..., Path]
) -> None:
    other = "  /others:\n    get: {operationId: listOthers, responses: {'200': {description: made}}}\n"
    url = serve(document=small(("paths:\n", f"paths:\n{other}")))
    send(url, "called", "/v1/things?limit=1")
    found = report(url, "called", "?failUnder=1&failUnderAll=100")["coverage"]
    mine = next(each for each in found["operations"] if each["operation"] == "listThings")
    assert {each["operation"]: each["called"] for each in found["operations"]} == {
        "listOthers": False, "listThings": True,
    }  # fmt: skip
    assert found["called"] == {name: mine[name] for name in ("percent", "covered", "total")}
    assert found["called"]["total"] < found["total"]
    shares = {name: 100 * found[name]["covered"] / found[name]["total"] for name in ("called",)}
    under = (shares["called"] + 100 * found["covered"] / found["total"]) / 2
    assert verdict(url, "called", f"?failUnder={under}")["passed"] is True
    assert report(url, "called", f"?failUnderAll={under}")["reasons"] == [
        f"coverage of {found['percent']:g} % of all operations is below {under:g} %"
    ]
    both = verdict(url, "called", "?failUnder=100&failUnderAll=100")
    assert (len(both["reasons"]), both["coverage"]) == (2, found["percent"])


def test_an_operation_was_called_whatever_it_was_answered(serve: Serve) -> None:
    url = serve(count=1)
    for client_id, target in (("wrong", f"{LIST}?limit=0"), ("faulty", LIST)):
        if client_id == "faulty":
            script(url, client_id, '{"script": [{"cut": "reset"}]}')
            with pytest.raises(ConnectionResetError):
                send(url, client_id, target)
        else:
            assert send(url, client_id, target).status == 400
        [operation] = report(url, client_id)["coverage"]["operations"]
        assert operation["called"] is True


def test_that_no_operation_was_called_is_told(serve: Serve) -> None:
    url = serve(count=1)
    send(url, "lost", "/nowhere")
    assert report(url, "lost", "?failOn=&failUnder=1&failUnderAll=2")["reasons"] == [
        "coverage of 0 % is below 1 %: no operation was called",
        "coverage of 0 % of all operations is below 2 %",
    ]
    assert verdict(url, "lost", "?failOn=&failUnder=0")["passed"] is True
    # Where no request came, that is the reason.
    assert report(url, "none", "?failUnder=1")["reasons"] == [
        "no request came: there is no account 'none'", "coverage of 0 % is below 1 %",
    ]  # fmt: skip
