"""The action for GitHub's workflows: its two steps are run by node, as the runner runs them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import yaml

from mock_server import __version__
from tests.support.documents import AUTH, ROOT
from tests.support.patience import PATIENCE

NODE = shutil.which("node")
METADATA: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
FILES = ("GITHUB_STATE", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY")
BIN = Path(sys.executable).parent
INSTALLERS = (
    "HOME",
    "PIP_",
    "UV_",
    "SSL_CERT_FILE",
    "REQUESTS_CA",
    "http",
    "HTTP",
    "no_proxy",
    "NO_PROXY",
)

pytestmark = pytest.mark.skipif(NODE is None, reason="there is no Node")


@dataclass
class Job:
    """One job of a workflow, with the files that its runner would make."""

    folder: Path
    inputs: dict[str, str] = field(default_factory=dict)
    checkout: Path = ROOT
    path: str = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, step: str, **state: str) -> tuple[int, str]:
        """Run the main or the post step; give its exit status and its log."""
        assert NODE is not None
        for name in FILES:
            (self.folder / name).touch()
        given = {name: str(spec.get("default", "")) for name, spec in METADATA["inputs"].items()}
        environment = {
            "PATH": self.path,
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_WORKSPACE": str(ROOT),
            "GITHUB_REPOSITORY": "Some/Repository",
            **{name: str(self.folder / name) for name in FILES},
            **{f"INPUT_{name.upper()}": value for name, value in {**given, **self.inputs}.items()},
            **{f"STATE_{name}": value for name, value in state.items()},
            **self.variables,
        }
        script = self.checkout / METADATA["runs"][step]
        ended = subprocess.run(
            [NODE, script], env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert ended.stderr == ""
        return ended.returncode, ended.stdout

    def post(self) -> tuple[int, str]:
        """Run the post step with what the main step left for it."""
        return self.run("post", **self.read("GITHUB_STATE"))

    def read(self, name: str) -> dict[str, str]:
        """Give the values in one of the runner's files."""
        found = re.finditer(r"^(\S+)<<(\S+)\n(.*?)\n\2$", self.text(name), re.MULTILINE | re.DOTALL)
        return {value[1]: value[3] for value in found}

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    made = Job(tmp_path, {"from": "path", "port": "0", "junit": str(tmp_path / "out" / "junit.xml")})
    yield made
    server = (
        json.loads(made.read("GITHUB_STATE").get("server", "{}"))
        if (tmp_path / FILES[0]).exists()
        else {}
    )
    if "pid" in server:
        with contextlib.suppress(ProcessLookupError):
            os.kill(server["pid"], signal.SIGKILL)


def stand_in(job: Job, name: str, script: str) -> None:
    """Put a script in place of a program; it finds in CALLS where to write its words."""
    program = job.folder / name
    program.write_text(script)
    program.chmod(0o755)
    job.path = f"{job.folder}{os.pathsep}{job.path}"
    job.variables["CALLS"] = str(job.folder / "calls")


def ask(job: Job, **query: str) -> int:
    """Send what a test of the job would send."""
    url = job.read("GITHUB_OUTPUT")["base-url"]
    return httpx.get(f"{url}/usage-metrics", params=query, auth=AUTH).status_code


def failures(job: Job) -> int:
    root = ElementTree.parse(job.inputs["junit"]).getroot()
    return len(root.findall(".//failure"))


def is_gone(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 0
    except httpx.TransportError:
        return True


@pytest.mark.slow
def test_a_job_whose_tests_send_what_is_right_passes_with_a_summary_and_junit(job: Job) -> None:
    job.inputs |= {"fixtures": "fixtures\n", "args": "--strict  --seed 7"}
    status, log = job.run("main")
    assert status == 0, log
    assert log == job_line(job)
    outputs = job.read("GITHUB_OUTPUT")
    assert job.read("GITHUB_ENV") == {"MOCK_SERVER_URL": outputs["url"]}
    assert outputs["base-url"] == f"{outputs['url']}/api"
    assert ask(job) == 200
    command = [*outputs["command"].split(), "report", outputs["url"]]
    subprocess.run(command, env={"PATH": job.path}, capture_output=True, check=True)
    status, log = job.post()
    assert status == 0
    assert "✅" in job.text("GITHUB_STEP_SUMMARY")
    assert failures(job) == 0
    assert "GET /api/usage-metrics" in log
    wait_until_gone(outputs["url"])


def job_line(job: Job) -> str:
    outputs = job.read("GITHUB_OUTPUT")
    return f"mock-server {__version__} serves {outputs['base-url']}; its pages are at {outputs['url']}/_mock/\n"


def wait_until_gone(url: str) -> None:
    for _ in range(200):
        if is_gone(url):
            return
        time.sleep(0.05)
    pytest.fail("the server goes on")


@pytest.mark.slow
@pytest.mark.parametrize(("fail_on", "status"), [("", 1), ("warnings", 0)])
def test_a_job_whose_tests_send_mistakes_fails_unless_they_do_not_count(
    job: Job, fail_on: str, status: int
) -> None:
    job.inputs["fail-on"] = fail_on
    job.run("main")
    assert ask(job, limit="0", name="\n::error::sent by a client\n") == 400
    ended, log = job.post()
    assert ended == status
    assert ("❌" in job.text("GITHUB_STEP_SUMMARY")) == bool(status)
    assert ("\n::error title=mock server::The verdict falls short" in log) == bool(status)
    assert (failures(job) > 0) == bool(status)


@pytest.mark.slow
def test_a_job_fails_below_the_coverage_and_when_no_request_came(job: Job) -> None:
    job.inputs["fail-under"] = "90"
    job.run("main")
    ended, log = job.post()
    assert ended == 1
    assert "no request came" in log


@pytest.mark.slow
def test_a_server_that_does_not_start_fails_the_main_step_with_its_log(job: Job) -> None:
    job.inputs["document"] = "missing.yaml"
    status, log = job.run("main")
    assert status == 1
    assert "::group::What the server printed\n::stop-commands::" in log
    assert "missing.yaml" in log
    assert "::error title=mock server::The server ended before it was ready" in log
    assert job.post() == (0, "")
    assert job.text("GITHUB_STEP_SUMMARY") == ""


@pytest.mark.slow
def test_a_server_that_ended_before_the_verdict_fails_the_post_step(job: Job) -> None:
    job.run("main")
    pid = json.loads(job.read("GITHUB_STATE")["server"])["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(job.read("GITHUB_OUTPUT")["url"])
    status, log = job.post()
    assert status == 1
    assert (
        "::error title=mock server::The verdict cannot be had: Error: there is no healthy mock server"
        in log
    )


@pytest.mark.slow
def test_the_package_is_installed_from_the_action_itself_into_a_venv_of_its_own(job: Job) -> None:
    # A build leaves files behind.
    job.checkout = job.folder / "action's checkout"
    others = shutil.ignore_patterns(
        ".*", "build", "dist", "site", "tests", "docs", "node_modules", "*.egg-info"
    )
    shutil.copytree(ROOT, job.checkout, ignore=others)
    job.inputs["from"] = "package"
    # Where packages come from, in the environment or the user's own settings; the suite has hidden the
    # authorities that the environment names.
    job.variables = {name: value for name, value in os.environ.items() if name.startswith(INSTALLERS)}
    job.variables["UV_SYSTEM_CERTS"] = "true"
    status, log = job.run("main")
    assert status == 0, log
    assert log == job_line(job)
    assert job.read("GITHUB_OUTPUT")["command"].startswith(str(job.folder))
    assert ask(job) == 200
    assert job.post()[0] == 0


# A mock-server whose report falls short.
SERVER = """#!/bin/sh
echo "$1" >> "$CALLS"
[ "$1" = report ] && echo "the $4"; exit 1
"""


@pytest.fixture
def server(job: Job) -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for the server of a job."""
    stand_in(job, "mock-server", SERVER)
    (job.folder / "log").touch()
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("unwritable", ["GITHUB_STEP_SUMMARY", "junit"])
def test_the_server_is_ended_and_the_verdict_told_whatever_cannot_be_written(
    job: Job, server: subprocess.Popen[bytes], unwritable: str
) -> None:
    if unwritable == "junit":
        job.inputs["junit"] = str(job.folder)
    else:
        job.variables[unwritable] = str(job.folder)
    state = {"command": ["mock-server"], "pid": server.pid, "log": str(job.folder / "log")}
    status, log = job.run("post", server=json.dumps(state), url="http://127.0.0.1:1")
    assert server.wait(PATIENCE) == -signal.SIGTERM
    assert status == 1
    assert "::error title=mock server::The verdict falls short" in log
    if unwritable == "junit":
        assert job.text("GITHUB_STEP_SUMMARY") == "the markdown\n"
        assert f"The verdict cannot be written into '{job.folder}' (EISDIR).\n" in log
    else:
        assert Path(job.inputs["junit"]).read_text() == "the junit\n"
        assert "The verdict cannot be written into the summary of the step (EISDIR).\n" in log


def test_a_server_that_the_post_step_would_not_know_is_not_started(job: Job) -> None:
    stand_in(job, "mock-server", SERVER)
    job.variables["GITHUB_STATE"] = ""
    sentence = "GITHUB_STATE is not set; the action runs in a step of a workflow."
    assert job.run("main") == (1, f"::error title=mock server::{sentence}\n")
    assert not (job.folder / "calls").exists()


# Python without uv: it writes down each call, and makes a venv whose server ends at once.
PYTHON = """#!/bin/sh
for word in "$@"; do echo "$word"; done >> "$CALLS"
if [ "$2" = venv ]; then
  mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && printf '#!/bin/sh\nexit 1' > "$3/bin/mock-server"
  chmod +x "$3/bin/mock-server"
fi
"""


def test_without_uv_a_venv_of_python_gets_the_package(job: Job) -> None:
    stand_in(job, "python3", PYTHON)
    job.path = f"{job.folder}{os.pathsep}/usr/bin{os.pathsep}/bin"
    job.inputs["from"] = "package"
    status, log = job.run("main")
    words = job.text("calls").splitlines()
    assert words[words.index("venv") + 2 :] == ["-m", "pip", "install", "--quiet", f"{ROOT}[server]"]
    assert (status, "ended before it was ready" in log) == (1, True)


# A program in place of docker, which writes down each call, and answers `inspect` like a container that has ended.
DOCKER = """#!/bin/sh
for word in "$@"; do echo "$word"; done >> "$CALLS"
case $1 in inspect) echo false ;; logs) echo '::error::from within' ;; esac
"""


def test_what_does_not_run_is_told_without_the_credentials_in_its_flags(job: Job) -> None:
    stand_in(job, "docker", "#!/bin/sh\necho 'no daemon' >&2\nexit 125\n")
    job.inputs |= {"from": "image", "args": "--credentials ci:hidden"}
    status, log = job.run("main")
    assert status == 1
    assert "no daemon" in log
    assert "::error title=mock server::`docker run` ended with 125; the log" in log
    assert "hidden" not in log


def test_the_image_is_run_restricted_with_the_workspace_and_the_settings_of_the_step(job: Job) -> None:
    stand_in(job, "docker", DOCKER)
    job.inputs |= {"from": "image", "port": "0", "overlay": "my overlay.yaml"}
    job.variables = {
        "CALLS": str(job.folder / "calls"),
        "MOCK_SERVER_SEED": "7",
        "GITHUB_TOKEN": "secret",
    }
    status, log = job.run("main")
    words = job.text("calls").split("\n")
    run = words[: words.index("inspect")]
    assert (status, run[:2]) == (1, ["run", "--detach"])
    assert f"ghcr.io/some/repository:{__version__}" in run
    assert run[run.index("serve") :] == [
        "serve",
        "--host",
        "0.0.0.0",
        "--port",
        "8080",
        "--overlay",
        "my overlay.yaml",
    ]
    assert {"--read-only", "--cap-drop=all", "MOCK_SERVER_SEED", f"{ROOT}:{ROOT}:ro"} <= set(run)
    assert "secret" not in job.text("calls")
    assert re.search(r"::stop-commands::(\S+)\n::error::from within\n::\1::\n", log)


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"from": "pip"}, "'pip' was given for 'from', which must be one of package, image, path."),
        ({"port": "http"}, "'http' was given for 'port', which must be a whole number up to 65535."),
        ({"timeout": "-1"}, "'-1' was given for 'timeout', which must be a whole number up to 3600."),
    ],
)
def test_what_an_input_cannot_be_is_refused(job: Job, inputs: dict[str, str], sentence: str) -> None:
    job.inputs |= inputs
    assert job.run("main") == (1, f"::error title=mock server::{sentence}\n")
    assert job.post() == (0, "")


def test_a_port_that_another_server_has_is_refused(job: Job) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        job.inputs["port"] = str(taken.getsockname()[1])
        status, log = job.run("main")
    assert status == 1
    assert "cannot be listened on (EADDRINUSE); give another as 'port', or 0 for a free one." in log


def test_the_scripts_read_each_input_and_no_other() -> None:
    scripts = "".join(path.read_text() for path in (ROOT / "action").glob("*.mjs"))
    read = set(re.findall(r'(?:input|readNumber)\("([a-z-]+)"', scripts))
    listed = {
        name
        for names in re.findall(r"\[([^\]]*)\]\.filter\(input\)", scripts)
        for name in re.findall(r'"(.+?)"', names)
    }
    assert read | listed == set(METADATA["inputs"])
    set_by = set(re.findall(r'setOutput\("([a-z-]+)"', scripts))
    assert set_by == set(METADATA["outputs"])
