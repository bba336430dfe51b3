"""A server that a run starts as a process of a command, for suites that can't install one beside them."""

from __future__ import annotations

import os
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from mock_server.settings import Settings
from pytest_mock_server import command, keeper
from tests.support.patience import PATIENCE
from tests.support.processes import MANY, Suite

SERVER = shlex.join([sys.executable, "-W", "error", "-m", "mock_server"])
HASTY = "from pytest_mock_server import command\ncommand.READY_SECONDS = 0.5\n"


def wait_until_gone(url: str) -> None:
    """Fails where a server goes on for longer than it may take to stop."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/_mock/health")
        except httpx.TransportError:
            return
        time.sleep(0.05)
    pytest.fail(f"{url} still answers")


SETTLED = """
import pytest

@pytest.fixture(scope="session")
def mock_server_settings():
    return {"count": 5, "strict": True, "seed": -7, "allow_host": ["a.example", "b.example"]}
"""


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "distributed"])
def test_one_process_with_the_runs_settings_serves_all_tests(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    tests = MANY.replace("note(mock_account)", "note(mock_account, count=len(mock_account.records()))")
    suite = Suite(tmp_path, tests, SETTLED)
    variables = {"MOCK_SERVER_COUNT": "9", "MOCK_SERVER_REPORT": "report.html", "PORT": "9"}
    run = suite.run(*flags, MOCK_SERVER_COMMAND=SERVER, **variables)
    assert "6 passed" in run.output, run.output
    assert run.servers() == set()
    assert {each["count"] for each in run.seen} == {5}
    [url] = {each["url"] for each in run.seen}
    wait_until_gone(url)
    assert not (tmp_path / "report.html").exists()


@pytest.mark.slow
def test_a_flag_goes_before_the_variable_and_this_before_the_file(tmp_path: Path) -> None:
    suite = Suite(tmp_path, MANY)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmock_server_command = no-such-file\n")
    run = suite.run("-x")
    assert "no program 'no-such-file' on the PATH" in run.output, run.output
    run = suite.run("-x", MOCK_SERVER_COMMAND="no-such-variable")
    assert "no program 'no-such-variable' on the PATH" in run.output, run.output
    run = suite.run("--mock-server-command", SERVER, MOCK_SERVER_COMMAND="no-such-variable")
    assert "6 passed" in run.output, run.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("'unbalanced", "it is not a command line as a shell has it: No closing quotation"),
        ("no-such-program serve", "there is no program 'no-such-program' on the PATH"),
        (f"{sys.executable} -c 'import sys; sys.exit(\"no disk is left\")'", "ended with status 1 before it was ready.\n"
         "It printed:\n  no disk is left"),
        (f"{SERVER} --no-such-flag", "It printed:\n  Usage: mock-server"),
        (f"{sys.executable} -c 'import time; print(\"soon\", flush=True); time.sleep(60)'", "was not ready within 0.5 seconds.\n"
         "It printed:\n  soon"),
    ],
    ids=["unbalanced", "missing", "ends", "refuses", "hangs"],
)  # fmt: skip
def test_why_there_is_no_server_is_said_without_waiting_for_it_again(
    tmp_path: Path, line: str, said: str
) -> None:
    conftest = HASTY if "time.sleep" in line else ""
    run = Suite(tmp_path, MANY, conftest).run(MOCK_SERVER_COMMAND=line)
    assert run.outcomes("ERROR") == {f"test_many[{number}]" for number in range(6)}, run.output
    assert run.output.count(said) >= 6, run.output
    assert "Traceback" not in run.output


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_no_server_behind(tmp_path: Path) -> None:
    suite = Suite(tmp_path, "def test_long(mock_account):\n    note(mock_account)\n    time.sleep(60)\n")
    process = suite.start(MOCK_SERVER_COMMAND=SERVER)
    deadline = time.monotonic() + PATIENCE
    while not (tmp_path / "seen.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    wait_until_gone(suite.end(process).seen[0]["url"])


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no SIGTERM")
@pytest.mark.slow
def test_the_end_of_the_input_and_sigterm_at_once_stop_the_server() -> None:
    for _ in range(20):
        command_line = [
            sys.executable,
            "-I",
            "-S",
            keeper.__file__,
            "sh",
            "-c",
            "echo up; exec sleep 60",
        ]
        with subprocess.Popen(command_line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin
            assert process.stdout
            assert process.stdout.readline() == b"up\n"
            process.stdin.close()
            process.terminate()
            # The server holds the other end as long as it runs.
            ended, _, _ = select.select([process.stdout], [], [], PATIENCE)
            assert ended


@pytest.mark.slow
def test_ctrl_c_ends_the_wait_for_a_server(tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(60)"
    suite = Suite(tmp_path, MANY)
    line = shlex.join([sys.executable, "-c", script])
    process = suite.start("-p", "xdist", "-n", "1", MOCK_SERVER_COMMAND=line)
    deadline = time.monotonic() + PATIENCE
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    assert suite.end(process).status == 2


def test_settings_are_passed_as_flags_and_credentials_as_a_variable() -> None:
    settings = Settings(port=0, seed=-7, strict=True, fixtures=(Path("a b.yaml"), Path("c.yaml")),
                        credentials=("me:hidden", "you:hidden"))  # fmt: skip
    assert command._flags(settings) == [
        "--port=0", "--seed=-7", "--fixtures=a b.yaml", "--fixtures=c.yaml", "--strict",
    ]  # fmt: skip
    assert command._environment(settings)["MOCK_SERVER_CREDENTIALS"] == "me:hidden you:hidden"


@pytest.mark.slow
def test_what_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    start = "from pytest_mock_server import keeper; import sys; keeper.STOP_SECONDS = 0.2; keeper.main(sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", start, sys.executable, "-c", script], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    process.stdin.close()
    process.wait(PATIENCE)
    assert process.stdout.read() == b""
    process.stdout.close()
