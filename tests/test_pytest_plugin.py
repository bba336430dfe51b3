"""The pytest plugin, in runs of pytest of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from mock_server.server import server
from mock_server.settings import Settings
from tests.support.patience import PATIENCE
from tests.support.processes import MANY, Suite
from tests.support.servers import Serve, build

HEAVY = {"httpx", "requests", "connexion", "flask", "starlette", "uvicorn", "uvloop", "faker", "yaml",
         "orjson", "jsonschema", "click"}  # fmt: skip


# The fixtures


FIXTURES = """
import httpx, requests

def test_who(mock_server, mock_account):
    assert mock_account.url == mock_server.url
    assert mock_server.url.startswith("http://127.0.0.1:")
    assert mock_account.base_url == mock_server.base_url == f"{mock_server.url}/api"
    assert mock_account.auth == (mock_account.client_id, mock_account.client_secret)

def test_the_suites_own_clients(mock_account, tmp_path):
    url = f"{mock_account.base_url}/usage-metrics"
    with requests.Session() as session, httpx.Client(auth=mock_account.auth) as client:
        session.auth = mock_account.auth
        one, other = session.get(url, params={"limit": 5}), client.get(url, params={"limit": 5})
    assert one.json() == other.json()
    assert len(one.json()["items"]) == 5
    mock_account.assert_called(times=2)

def page(account):
    response = requests.get(f"{account.base_url}/usage-metrics", auth=account.auth)
    account.assert_called(times=1)
    note(account, page=response.text)

class TestInAClass:
    def test_page(self, mock_account):
        page(mock_account)

    class TestDeeper:
        def test_page(self, mock_account):
            page(mock_account)

@pytest.mark.parametrize("value", ["a:b", "ä b", "日本", "/", "../x", "x" * 3000, "x" * 3001, "", "a%2Fb", "\\x00"])
def test_parametrized(mock_account, value):
    page(mock_account)

def test_größe(mock_account):
    page(mock_account)

@pytest.fixture(params=["one", "two"])
def loaded(request, mock_account):
    mock_account.load([])
    return mock_account

def test_behind_a_fixture(loaded):
    page(loaded)
"""


@pytest.mark.slow
def test_every_test_has_an_account_of_its_own_and_the_same_in_every_run(
    tmp_path: Path, url: str
) -> None:
    suite = Suite(tmp_path, FIXTURES)
    first = suite.run()
    assert (first.status, "17 passed" in first.output) == (0, True), first.output
    seen = {each["test"]: (each["id"], each["page"]) for each in first.seen}
    ids = [client_id for client_id, _ in seen.values()]
    assert len(set(ids)) == len(ids) == 15
    assert all(
        client_id.isascii() and ":" not in client_id and len(client_id) < 200 for client_id in ids
    )
    assert len({page for _, page in seen.values()}) == 14
    again = suite.run("--mock-account-prefix", "", MOCK_SERVER_URL=url)
    assert {each["test"]: (each["id"], each["page"]) for each in again.seen} == seen
    prefixed = suite.run("--mock-account-prefix", "nightly-", MOCK_SERVER_URL=url)
    assert [each["id"] for each in prefixed.seen] == [f"nightly-{client_id}" for client_id in ids]


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["grün", "日本", "a:b"])
def test_any_prefix_names_the_account_that_clients_reach(tmp_path: Path, url: str, prefix: str) -> None:
    tests = """
import httpx, requests

def test_it(mock_account):
    url = f"{mock_account.base_url}/usage-metrics"
    requests.get(url, auth=mock_account.auth)
    httpx.get(url, auth=mock_account.auth)
    mock_account.assert_called(times=2)
"""
    run = Suite(tmp_path, tests).run("--mock-server-url", url, "--mock-account-prefix", prefix)
    assert "1 passed" in run.output or f"--mock-account-prefix {prefix}" in run.output, run.output


@pytest.mark.slow
def test_the_suites_logs_are_its_own(tmp_path: Path) -> None:
    tests = """
import logging
import httpx

def test_logs(mock_account, caplog):
    caplog.set_level(logging.INFO)
    mock_account.fail("pass")
    httpx.get(f"{mock_account.base_url}/usage-metrics", auth=mock_account.auth)
    assert [record.name for record in caplog.records] == ["httpx"]
"""
    run = Suite(tmp_path, tests).run()
    assert run.status == 0, run.output


STEERED = """
import httpx

@pytest.mark.mock_account(unfired="allow")
def test_it(mock_account):
    assert mock_account.requests() == mock_account.faults() == mock_account.walks() == []
    response = httpx.get(f"{mock_account.base_url}/usage-metrics", auth=mock_account.auth)
    note(mock_account, page=response.text)
    mock_account.load([])
    mock_account.freeze("2001-01-01T00:00:00Z")
    mock_account.fail({"status": 503}, repeat="forever")
"""


@pytest.mark.slow
def test_a_named_server_is_used_and_the_account_reset(tmp_path: Path, url: str) -> None:
    suite = Suite(tmp_path, STEERED)
    runs = [
        suite.run(MOCK_SERVER_URL=url),
        suite.run("--mock-server-url", f"{url}/", MOCK_SERVER_URL="http://127.0.0.1:9"),
        suite.run("--mock-server-url", url, MOCK_SERVER_URL=""),
    ]
    for run in runs:
        assert (run.status, run.servers()) == (0, set()), run.output
    [seen] = runs[-1].seen
    assert (seen["url"], len(json.loads(seen["page"])["items"])) == (url, 20)


@pytest.mark.slow
def test_a_named_server_is_waited_for(tmp_path: Path) -> None:
    listening = server.listen("127.0.0.1", 0)
    host, port = listening.getsockname()[:2]
    listening.close()
    suite = Suite(tmp_path, MANY)
    process = suite.start(MOCK_SERVER_URL=f"http://{host}:{port}")
    time.sleep(1)
    with server.in_thread(build(Settings()), server.listen(host, port)) as url:
        run = suite.end(process)
    assert "6 passed" in run.output, run.output
    assert {each["url"] for each in run.seen} == {url}


@pytest.mark.slow
def test_where_there_is_no_server_the_message_says_so(tmp_path: Path) -> None:
    hasty = """
from mock_server import client
from pytest_mock_server import run

wait = client.wait_until_healthy
run.HEALTHY_SECONDS = 0.2

def counted(*args):
    with open("waits", "a") as file:
        print(args, file=file)
    return wait(*args)

client.wait_until_healthy = counted
"""
    run = Suite(tmp_path, MANY, hasty).run("--mock-server-url", "http://127.0.0.1:9")
    # Once after collection, and for the first test alone.
    assert len((tmp_path / "waits").read_text().splitlines()) == 2
    assert run.status == 1
    assert "no healthy mock server at http://127.0.0.1:9" in run.output
    assert "Traceback" not in run.output
    assert "6 errors" in run.output


@pytest.mark.slow
def test_a_server_that_restricts_credentials_is_named(tmp_path: Path, serve: Serve) -> None:
    url = serve(credentials=("me:secret",))
    run = Suite(tmp_path, MANY).run("--mock-server-url", url)
    assert run.outcomes("ERROR") == {f"test_many[{number}]" for number in range(6)}
    assert f"the mock server at {url} accepts only the credentials" in run.output
    assert "--credentials" in run.output
    assert "Traceback" not in run.output


# Faults that did not fire

FAULTS = """
import httpx

def get(account):
    return httpx.get(f"{account.base_url}/usage-metrics?limit=3", auth=account.auth).status_code

def test_unfired(mock_account):
    mock_account.fail({"status": 599})
    mock_account.fail({"status": 598}, query={"limit": 3})
    assert get(mock_account) == 599

def test_partly(mock_account):
    mock_account.fail("pass", {"status": 503})
    assert get(mock_account) == 200

def test_never(mock_account):
    mock_account.fail({"status": 503}, repeat="forever")

def test_for_ever(mock_account):
    mock_account.fail({"status": 503}, repeat="forever")
    assert get(mock_account) == 503

def test_fired(mock_account):
    mock_account.fail({"status": 503})
    assert get(mock_account) == 503

def test_reset(mock_account):
    mock_account.fail({"status": 503})
    mock_account.reset()

@pytest.mark.mock_account(unfired="allow")
def test_allowed(mock_account):
    mock_account.fail({"status": 503})

@pytest.mark.mock_account(unfired="allow")
class TestMarked:
    def test_allowed(self, mock_account):
        mock_account.fail({"status": 503})

    @pytest.mark.mock_account(unfired="fail")
    def test_refused(self, mock_account):
        mock_account.fail({"status": 503})
"""


@pytest.mark.slow
def test_a_fault_that_did_not_fire_fails_the_test(tmp_path: Path, url: str) -> None:
    run = Suite(tmp_path, FAULTS).run("--mock-server-url", url)
    assert run.status == 1
    unfired = {"test_unfired", "test_partly", "test_never", "TestMarked::test_refused"}
    assert run.outcomes("ERROR") == unfired, run.output
    assert run.outcomes("FAILED") == set()
    said = run.output.partition("ERROR at teardown of test_unfired")[2].partition("ERROR at")[0]
    assert "fault-2" in said
    assert "598" in said
    assert "GET /api/usage-metrics?limit=3 -> 599" in said
    assert said.count("fault-2") == 1, said


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        'unfired="alow"',
        *(
            pytest.param(each, marks=pytest.mark.slow)
            for each in ("unfired=True", 'unfire="allow"', '"allow"')
        ),
    ],
)
def test_a_marker_that_is_not_understood_is_refused(tmp_path: Path, url: str, arguments: str) -> None:
    tests = f"@pytest.mark.mock_account({arguments})\ndef test_it(mock_account): pass\n"
    run = Suite(tmp_path, tests).run("--mock-server-url", url)
    assert run.outcomes("ERROR") == {"test_it"}, run.output
    assert re.search(r"mock_account\(.*(allow|unfire)", run.output.partition("ERRORS")[2])
    assert "During handling" not in run.output


# What it costs a suite that does not use it


@pytest.mark.slow
def test_importing_it_imports_nothing_else() -> None:
    script = """
import sys, pytest
before = set(sys.modules)
import pytest_mock_server
print(*sorted(set(sys.modules) - before))
"""
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    imported = {
        name for name in done.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names
    }
    assert {name.partition(".")[0] for name in imported} == {"pytest_mock_server"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [(), pytest.param(("-p", "xdist", "-n", "2"), marks=pytest.mark.slow)],
    ids=["alone", "distributed"],
)
def test_a_suite_that_does_not_use_it_starts_and_imports_nothing(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    run = Suite(tmp_path, "def test_it(): pass\n").run(*flags)
    assert run.status == 0, run.output
    assert run.servers() == set()
    for who in ("controller", *(("gw0", "gw1") if flags else ())):
        assert {name.partition(".")[0] for name in run.modules(who)} & HEAVY == set()
        assert "mock_server.client" not in run.modules(who)


# pytest-xdist


@pytest.mark.slow
def test_workers_share_one_server_in_the_controlling_process(tmp_path: Path) -> None:
    run = Suite(tmp_path, MANY).run_distributed()
    assert "6 passed" in run.output, run.output
    assert {each["worker"] for each in run.seen} == {"gw0", "gw1"}
    assert len({each["url"] for each in run.seen}) == 1
    assert run.servers() == {"controller"}
    with pytest.raises(httpx.TransportError):
        httpx.get(run.seen[0]["url"])


FAILING = """
def test_failing(mock_account):
    note(mock_account)
    assert not mock_account.fail({"status": 503})
"""


@pytest.mark.slow
@pytest.mark.parametrize("flags", [("-x",), ("--dist", "no")], ids=" ".join)
def test_a_distributed_run_that_fails_ends(tmp_path: Path, flags: tuple[str, ...]) -> None:
    run = Suite(tmp_path, FAILING + MANY).run_distributed(*flags)
    assert run.status == (2 if "-x" in flags else 1), run.output
    assert "test_failing" in run.outcomes("FAILED"), run.output
    assert len({each["url"] for each in run.seen}) == 1
    assert run.servers() == {"controller"}


@pytest.mark.slow
def test_a_worker_that_crashes_leaves_the_server_to_the_others(tmp_path: Path) -> None:
    crash = "def test_crash(mock_account):\n    note(mock_account)\n    os._exit(9)\n"
    run = Suite(tmp_path, crash + MANY).run_distributed()
    assert "1 failed, 6 passed" in run.output, run.output
    assert len({each["url"] for each in run.seen}) == 1


@pytest.mark.slow
def test_without_workers_the_run_has_its_own_server(tmp_path: Path) -> None:
    run = Suite(tmp_path, MANY).run("-n", "0", plugins="mock_server xdist")
    assert "6 passed" in run.output, run.output
    assert run.servers() == {"controller"}


@pytest.mark.slow
def test_workers_use_the_server_that_is_named(tmp_path: Path, url: str) -> None:
    suite = Suite(tmp_path, MANY)
    run = suite.run_distributed("--mock-server-url", url, MOCK_SERVER_URL="http://127.0.0.1:9")
    assert "6 passed" in run.output, run.output
    assert {each["url"] for each in run.seen} == {url}
    assert run.servers() == set()


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "distributed"])
def test_ctrl_c_ends_the_run(tmp_path: Path, flags: tuple[str, ...]) -> None:
    suite = Suite(tmp_path, "def test_long(mock_account):\n    note(mock_account)\n    time.sleep(60)\n")
    process = suite.start(*flags)
    killer = threading.Timer(PATIENCE, process.kill)
    killer.start()
    while process.poll() is None and not (tmp_path / "seen.jsonl").exists():
        time.sleep(0.02)
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    run = suite.end(process)
    killer.cancel()
    assert run.status == 2, run.output
    assert "KeyboardInterrupt" in run.output
    with pytest.raises(httpx.TransportError):
        httpx.get(run.seen[0]["url"])


# How pytest shows it


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flag", "shown"),
    [
        ("--markers", ["@pytest.mark.mock_account(unfired=", '"allow"']),
        ("--help", ["--mock-server-url=URL", "MOCK_SERVER_URL", "--mock-account-prefix=PREFIX"]),
        ("--fixtures", ["mock_server [session scope]", "mock_account --", "The test's own account"]),
    ],
)  # fmt: skip
def test_pytest_shows_what_it_brings(tmp_path: Path, flag: str, shown: list[str]) -> None:
    run = Suite(tmp_path, "").run(flag)
    assert [text for text in shown if text not in run.output] == []
    assert run.servers() == set()


@pytest.mark.slow
def test_the_plugin_is_installed_and_can_be_disabled(tmp_path: Path, url: str) -> None:
    suite = Suite(tmp_path, "def test_it(mock_account): pass\n")
    others = [word for name in ("hypothesispytest", "schemathesis", "pytest_cov", "xdist", "anyio")
              for word in ("-p", f"no:{name}")]  # fmt: skip
    assert "1 passed" in suite.run(*others, plugins="", MOCK_SERVER_URL=url).output
    run = suite.run(*others, "-p", "no:mock_server", plugins="")
    assert "fixture 'mock_account' not found" in run.output
    assert "pytest_mock_server" not in run.modules("controller")
