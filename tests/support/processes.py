"""The program and pytest as processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.documents import ROOT
from tests.support.patience import PATIENCE

OUTER = ("PYTEST_", "COV_", "MOCK_SERVER_")
SUITE = "test_suite.py"

# Each process leaves behind whether it has started a server, and which libraries it has.
CONFTEST = """
import json, os, sys

def pytest_unconfigure(config):
    who = getattr(config, "workerinput", {}).get("workerid", "controller")
    with open(config.rootpath / f"{who}.modules", "w") as file:
        json.dump(sorted(sys.modules), file)
"""
# Each test leaves behind what it was given.
NOTE = """
import json, os, pathlib, time

import pytest

def note(account, **more):
    seen = dict(url=account.url, id=account.client_id, pid=os.getpid(), worker=os.environ.get("PYTEST_XDIST_WORKER"))
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    with open(pathlib.Path(__file__).parent / "seen.jsonl", "a") as file:
        file.write(json.dumps(dict(test=test, **seen, **more)) + "\\n")
"""
MANY = """
@pytest.mark.parametrize("number", range(6))
def test_many(mock_account, number):
    note(mock_account)
    time.sleep(0.1)
"""


class Process:
    """A running `mock-server serve`."""

    def __init__(self, *flags: str, stderr: int = subprocess.PIPE, cwd: Path = ROOT) -> None:
        command = [sys.executable, "-W", "error", "-m", "mock_server", "serve", "--port", "0", *flags]
        # It changes how a process writes to a pipe, and users start servers without it.
        environment = {key: os.environ[key] for key in os.environ if key != "PYTHONUNBUFFERED"}
        self.popen = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=cwd, bufsize=1,
            env=environment,
        )  # fmt: skip
        assert self.popen.stdout is not None
        self.banner = ""
        while "try  curl" not in self.banner:
            line = self.popen.stdout.readline()
            assert line, self.popen.communicate()
            self.banner += line
        found = re.search(r"at (https?://\S+)", self.banner)
        assert found
        self.url = found[1]

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; gives the exit status and what was written to stderr."""
        self.popen.send_signal(number)
        _, errors = self.popen.communicate(timeout=PATIENCE)
        return self.popen.returncode, errors


@dataclass(frozen=True)
class Run:
    """A run of pytest that has ended, in its folder."""

    folder: Path
    status: int
    output: str

    @property
    def seen(self) -> list[dict[str, Any]]:
        lines = (self.folder / "seen.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def outcomes(self, word: str) -> set[str]:
        """The tests that the summary has under PASSED, FAILED or ERROR."""
        return set(re.findall(rf"^{word} {SUITE}::(\S+)", self.output, re.MULTILINE))

    def modules(self, who: str) -> set[str]:
        found: list[str] = json.loads((self.folder / f"{who}.modules").read_text())
        return set(found)

    def servers(self) -> set[str]:
        """The processes that have started one."""
        paths = self.folder.glob("*.modules")
        return {path.stem for path in paths if "mock_server.server" in self.modules(path.stem)}


class Suite:
    """A suite of one file, in a folder of its own."""

    def __init__(self, folder: Path, tests: str, conftest: str = "") -> None:
        self.folder = folder
        (folder / SUITE).write_text(NOTE + tests)
        (folder / "conftest.py").write_text(CONFTEST + conftest)

    def start(
        self, *flags: str, plugins: str = "mock_server", **environment: str
    ) -> subprocess.Popen[str]:
        """Every warning is an error, in the interpreter and in pytest; no plugin but those named."""
        for path in (*self.folder.glob("*.modules"), *self.folder.glob("seen.jsonl")):
            path.unlink()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(OUTER)}
        alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} if plugins else {}
        chosen = [word for plugin in plugins.split() for word in ("-p", plugin)]
        command = [sys.executable, "-W", "error", "-m", "pytest", "-W", "error", "-rA", "--strict-markers",
                   "-p", "no:cacheprovider", f"--rootdir={self.folder}", *chosen, *flags]  # fmt: skip
        return subprocess.Popen(
            command,
            env=inherited | alone | environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *flags: str, plugins: str = "mock_server", **environment: str) -> Run:
        return self.end(self.start(*flags, plugins=plugins, **environment))

    def end(self, process: subprocess.Popen[str]) -> Run:
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            pytest.fail(f"it hangs: {output}")
        return Run(self.folder, process.returncode, output)

    def run_distributed(self, *flags: str, **environment: str) -> Run:
        return self.run("-n", "2", *flags, plugins="mock_server xdist", **environment)
