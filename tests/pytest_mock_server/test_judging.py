"""What fails a test and a run: causes, coverage, markers; and accounts of wider scopes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from pytest_mock_server import accounts
from tests.support.processes import Run, Suite
from tests.support.servers import Serve

GET = """
import httpx

def get(account, query="limit=3"):
    return httpx.get(f"{account.base_url}/usage-metrics?{query}", auth=account.auth).status_code
"""

MIXED = (
    GET
    + """
def test_right(mock_account):
    assert get(mock_account) == 200

def test_violation(mock_account):
    assert get(mock_account, "limit=0") == 400
    assert get(mock_account, "limit=0") == 400

def test_warning(mock_account):
    assert get(mock_account, "limt=3") == 200

def test_unfired(mock_account):
    mock_account.fail({"status": 503})
    get(mock_account, "limit=0")

def test_nothing(mock_account):
    pass

@pytest.mark.mock_account(fail_on="none")
def test_all_allowed(mock_account):
    mock_account.fail({"status": 503})
    get(mock_account, "limit=0&limt=0")

@pytest.mark.mock_account(fail_on=["warnings"])
def test_by_its_marker(mock_account):
    get(mock_account, "limit=0")
    get(mock_account, "limt=3")

def test_failing(mock_account):
    assert get(mock_account, "limit=0") == 200
"""
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "errors"),
    [
        ((), {"test_unfired"}),
        (("violations",), {"test_violation", "test_unfired"}),
        (("violations,unfired",), {"test_violation", "test_unfired"}),
        (("warnings,empty",), {"test_warning", "test_nothing"}),
        (("none",), set()),
    ],
)
def test_causes_fail_the_tests_in_which_they_came(
    tmp_path: Path, url: str, flags: tuple[str, ...], errors: set[str]
) -> None:
    options_ = [word for cause in flags for word in ("--mock-server-fail-on", cause)]
    run = Suite(tmp_path, MIXED).run(*options_, MOCK_SERVER_URL=url)
    assert run.outcomes("ERROR") == errors | {"test_by_its_marker"}, run.output
    assert run.outcomes("FAILED") == {"test_failing"}
    if flags == ("violations",):
        said = run.output.partition("ERROR at teardown of test_violation")[2].partition("ERROR at")[0]
        assert re.search(
            r"2 violations\n  GET /api/usage-metrics\?limit=0: .*from 1 to 100.*2 times", said
        )
        assert re.search(r"\nsee http://\S+/_mock/#requests\?account=\S*test_violation", said)


NOT_RUN = (
    GET
    + """
@pytest.fixture
def broken(mock_account):
    mock_account.fail({"status": 503})
    raise OSError("broken")

def test_broken(broken):
    pass

def test_skipped(mock_account):
    mock_account.fail({"status": 503})
    pytest.skip("today")

@pytest.mark.xfail
def test_expected(mock_account):
    mock_account.fail({"status": 503})
    assert get(mock_account) == 200
"""
)


@pytest.mark.slow
def test_a_test_that_has_not_passed_is_not_judged(tmp_path: Path) -> None:
    run = Suite(tmp_path, NOT_RUN).run("--mock-server-fail-on", "empty,unfired")
    assert run.output.count("ERROR at") == 1, run.output
    assert "no request met" not in run.output
    run = Suite(tmp_path, NOT_RUN).run("--mock-server-fail-on", "unfired", "-k", "not broken")
    assert (run.status, "1 xfailed" in run.output) == (0, True), run.output


@pytest.mark.slow
def test_an_account_that_is_lost_fails_the_test(tmp_path: Path, serve: Serve) -> None:
    url = serve(max_accounts=1)
    tests = (
        GET
        + """
def test_it(mock_account):
    mock_account.clear_requests()
    httpx.get(f"{mock_account.base_url}/usage-metrics", auth=("other", "s"))
"""
    )
    for causes in ("violations", "unfired"):
        run = Suite(tmp_path, tests).run("--mock-server-fail-on", causes, MOCK_SERVER_URL=url)
        assert "is not the one that it was" in run.output, run.output


@pytest.mark.slow
@pytest.mark.parametrize("text", ["viol", "violations,none", "101"])
def test_an_option_that_is_not_understood_ends_the_run(tmp_path: Path, text: str) -> None:
    name = "under" if text == "101" else "on"
    run = Suite(tmp_path, MIXED).run(f"--mock-server-fail-{name}", text)
    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert re.search(rf"ERROR: --mock-server-fail-{name}: '[a-z0-9]+' is n", run.output), run.output


def rule(node: Any, *marks: pytest.MarkDecorator) -> accounts.Rule:
    for mark in marks:
        node.add_marker(mark, append=False)
    return accounts.rule(node, None)


@pytest.mark.parametrize(
    ("marks", "fail_on"),
    [
        ([], ("unfired",)),
        ([{"unfired": "allow"}], ()),
        ([{"fail_on": "violations"}], ("violations",)),
        ([{"fail_on": ("violations", "unfired")}], ("violations", "unfired")),
        ([{"fail_on": "violations", "unfired": "fail"}], ("violations", "unfired")),
        ([{"fail_on": "unfired", "unfired": "allow"}], ()),
        ([{"fail_on": "warnings"}, {"unfired": "fail"}], ("warnings", "unfired")),
        ([{"fail_on": ()}], ()),
    ],
)
def test_a_marker_changes_what_fails_a_test(
    request: pytest.FixtureRequest, marks: list[dict[str, Any]], fail_on: tuple[str, ...]
) -> None:
    found = rule(request.node, *(pytest.mark.mock_account(**each) for each in marks))
    assert found.fail_on == fail_on
    assert set(found.allowed) & set(found.fail_on) == set()


@pytest.mark.parametrize(
    "given",
    [{}, {"fail_on": "viol"}, {"fail_on": 5}, {"fail_on": ["unfired", 5]}, {"failon": "none"}],
)
def test_a_marker_with_a_mistake_is_refused(
    request: pytest.FixtureRequest, given: dict[str, Any]
) -> None:
    with pytest.raises(accounts.Refused, match=r"mock_account\("):
        rule(request.node, pytest.mark.mock_account(**given))


# The run

PASSING = (
    GET
    + """
@pytest.mark.mock_account(unfired="allow")
@pytest.mark.parametrize("number", range(3))
def test_unfired(mock_account, number):
    mock_account.fail({"status": 503})

@pytest.mark.mock_account(fail_on="none")
@pytest.mark.parametrize("number", range(3))
def test_violation(mock_account, number):
    get(mock_account, "limit=0")
    time.sleep(0.1)
"""
)
BY_HAND = (
    PASSING
    + """
def test_by_hand(mock_account_factory):
    get(mock_account_factory("by-hand"), "limit=0")
"""
)


def verdict(run: Run) -> str:
    found = re.search(
        "^ERROR: the mock server's verdict falls short: (.*?)(;|$)", run.output, re.MULTILINE
    )
    return found[1] if found else ""


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "distributed"])
def test_what_markers_allow_counts_in_no_verdict(tmp_path: Path, flags: tuple[str, ...]) -> None:
    judged = (*flags, "--mock-server-fail-on", "violations,unfired,warnings")
    run = Suite(tmp_path, PASSING).run(*judged)
    assert (run.status, verdict(run)) == (0, ""), run.output
    run = Suite(tmp_path, BY_HAND).run(*judged, "--mock-server-report")
    assert (run.status, verdict(run)) == (1, "4 violations, of which markers allow 3"), run.output
    assert "7 passed" in run.output
    assert "Unfired faults: 0" in run.output


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "distributed"])
def test_a_run_falls_short_of_a_coverage(tmp_path: Path, flags: tuple[str, ...]) -> None:
    suite = Suite(tmp_path, PASSING)
    run = suite.run(*flags, "--mock-server-fail-under", "99.5")
    assert run.status == 1
    assert re.fullmatch(r"coverage of [0-9.]+ % is below 99.5 %", verdict(run)), run.output
    assert suite.run(*flags, "--mock-server-fail-under", "1").status == 0
    assert suite.run(*flags, "-o", "mock_server_fail_under=99").status == 1
    assert suite.run(*flags, MOCK_SERVER_FAIL_UNDER="99", MOCK_SERVER_FAIL_ON="else").status == 0


@pytest.mark.slow
def test_a_run_without_the_server_has_no_coverage_and_no_mistakes(tmp_path: Path) -> None:
    suite = Suite(tmp_path, "def test_it(): pass\n")
    assert suite.run("--mock-server-fail-on", "violations").status == 0
    for flags in (("--mock-server-fail-under", "1"), ("--mock-server-fail-on", "empty")):
        run = suite.run(*flags)
        assert (run.status, verdict(run)) == (1, "no test has used the server"), run.output
        assert run.servers() == set()
    assert suite.run("--mock-server-fail-under", "1", "--collect-only").status == 0


@pytest.mark.slow
def test_a_failed_verdict_changes_no_other_status(tmp_path: Path) -> None:
    run = Suite(tmp_path, "").run("--mock-server-fail-under", "1")
    assert run.status == pytest.ExitCode.NO_TESTS_COLLECTED


# Accounts of wider scopes

FACTORY = (
    GET
    + """
@pytest.fixture(scope="module")
def orders(mock_account_factory):
    account = mock_account_factory("orders")
    account.generate(5)
    return account

@pytest.fixture(scope="session")
def others(mock_account_factory):
    return [mock_account_factory("orders"), mock_account_factory("a b:c")]

@pytest.mark.parametrize("number", range(4))
def test_orders(orders, others, number):
    assert len(orders.records()) == 5
    assert [len(other.records()) for other in others] == [100, 100]
    assert get(orders) == get(others[1]) == 200
    note(orders, others=[other.client_id for other in others], requests=len(orders.requests()))
    time.sleep(0.1)
"""
)


@pytest.mark.slow
def test_a_factory_makes_accounts_of_wider_scopes(tmp_path: Path, url: str) -> None:
    run = Suite(tmp_path, FACTORY).run("--mock-account-prefix", "nightly-", MOCK_SERVER_URL=url)
    assert "4 passed" in run.output, run.output
    assert {each["id"] for each in run.seen} <= {"nightly-orders", "nightly-orders-2"}
    assert [each["requests"] for each in run.seen] == [1, 2, 3, 4]
    [others] = {tuple(each["others"]) for each in run.seen}
    assert len({run.seen[0]["id"], *others}) == 3
    assert re.fullmatch(r"nightly-a-b-c-[0-9a-f]{12}", others[1])
    run = Suite(tmp_path, FACTORY).run_distributed()
    assert "4 passed" in run.output, run.output
    assert {each["id"] for each in run.seen} <= {f"orders{n}-gw{w}" for n in ("", "-2") for w in "01"}


@pytest.mark.slow
def test_a_factory_refuses_reserved_and_empty_names_and_gives_none_twice(
    tmp_path: Path, url: str
) -> None:
    tests = """
def test_reserved(mock_account_factory):
    mock_account_factory("slow")

def test_empty(mock_account_factory):
    mock_account_factory("")

def test_numbered(mock_account_factory):
    made = [mock_account_factory(name).client_id for name in ("a", "a", "a-2", "a", "a-2")]
    assert made == ["a", "a-2", "a-2-2", "a-3", "a-2-3"]
"""
    run = Suite(tmp_path, tests).run(MOCK_SERVER_URL=url)
    assert run.outcomes("FAILED") == {"test_reserved", "test_empty"}, run.output
    assert "'slow' is a reserved client id" in run.output
    assert "the name of an account is empty" in run.output


# What is refused


@pytest.fixture
def other_server(tmp_path: Path) -> Iterator[str]:
    """The URL of a server of files, which answers 404 to all that is asked of it here."""
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_a_refused_call_shows_the_test_alone(tmp_path: Path, url: str) -> None:
    tests = """
def test_fail(mock_account):
    mock_account.fail({"statsu": 503})

def test_load(mock_account):
    mock_account.load([{"nam": "a"}])

def test_gone(mock_account):
    mock_account.url
    from mock_server.client import Sandbox
    Sandbox("http://127.0.0.1:9", "me", "secret").requests()
"""
    run = Suite(tmp_path, tests).run(MOCK_SERVER_URL=url)
    assert run.outcomes("FAILED") == {"test_fail", "test_load", "test_gone"}
    shown = run.output.partition("short test summary")[0]
    assert "statsu" in shown
    for internal in ("control_api.py", "sandbox.py", "http_connection.py", "_api.call", "def "):
        found = [line for line in shown.splitlines() if internal in line]
        assert [line for line in found if "def test_" not in line] == [], shown


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "distributed"])
def test_a_url_of_another_server_ends_the_run_at_once(
    tmp_path: Path, url: str, other_server: str, flags: tuple[str, ...]
) -> None:
    tests = "@pytest.mark.parametrize('number', range(9))\ndef test_it(mock_account, number): pass\n"
    run = Suite(tmp_path, tests).run(*flags, "--mock-server-url", other_server)
    assert f"{other_server} does not answer as a mock server" in run.output, run.output
    assert "During handling" not in run.output
    assert run.status == pytest.ExitCode.USAGE_ERROR
    # A worker ends the run with the test that has found it out.
    assert len(run.outcomes("ERROR")) <= (2 if flags else 0)
    assert "Traceback" not in run.output
    behind = Suite(tmp_path, tests).run(*flags, "--mock-server-url", f"{url}/api")
    assert f"'/api' is behind the root of the mock server; give {url}" in behind.output, behind.output
    unused = Suite(tmp_path, "def test_it(): pass\n").run(*flags, "--mock-server-url", other_server)
    assert unused.status == 0, unused.output
