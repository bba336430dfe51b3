"""The base of the package, without the extra `server`: in an empty environment, and beside applications."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from install.environments import UV, Environment, call, run
from mock_server.settings import REPORT_FORMATS

# Applications under test, whose requirements the extra's exclude.
APPLICATIONS = ("fastapi==0.115.*", "uvicorn==0.34.*", "httpx==0.27.*", "flask==3.0.*", "click==8.1.*")

# What needs the extra: commands that serve, read a document, or ask an API.
NEEDY = (
    ("serve", "--port", "0"), ("--port", "0"), ("check",), ("generate", "--out", "out.yaml"),
    ("conform", "http://127.0.0.1:9/api", "--credentials", "a:b"),
)  # fmt: skip

SUITE = """
import urllib.error, urllib.request

def test_it(mock_account):
    url = f"{mock_account.base_url}/usage-metrics"
    try:
        urllib.request.urlopen(url)
    except urllib.error.HTTPError as error:
        assert error.code == 401
    mock_account.reset()
    assert len(mock_account.records()) == 100
"""


@pytest.fixture(scope="module", params=["alone", "oldest", "beside"])
def environment(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """The base: alone, with the oldest versions that it takes, and beside five applications."""
    oldest = ("click==8.1.0", "jinja2==3.1.0")
    others = {"alone": (), "oldest": oldest, "beside": APPLICATIONS}[request.param]
    folder = tmp_path_factory.mktemp("base")
    environment = Environment(folder, str(wheel), *others)
    if request.param == "alone":
        found = environment.packages()
        assert set(found) == {"openapi-sandbox", "click", "jinja2", "markupsafe"}
    environment.install("pytest")
    return environment


READ: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "junit": ElementTree.fromstring,
    "html": lambda text: text.index("<!doctype html>"),
}


def test_the_base_reports_steers_tests_and_names_the_extra(
    environment: Environment, wheel: Path, url: str
) -> None:
    """In one test, so that each environment is made once."""
    for form in REPORT_FORMATS:
        done = environment.mock_server("report", url, "--format", form, "--fail-on", "none")
        assert (done.returncode, done.stderr) == (0, ""), (form, done)
        READ.get(form, str)(done.stdout.lower() if form == "html" else done.stdout)
    for command in NEEDY:
        done = environment.mock_server(*command)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert "needs the extra 'server'" in done.stderr, done
        assert f"pip install 'openapi-sandbox[server] @ {wheel.as_uri()}'" in done.stderr, done
        assert "Traceback" not in done.stderr, done
    for name in ("serve", "check", "generate", "conform", "report"):
        assert "Usage: mock-server" in environment.mock_server(name, "--help").stdout
    done = environment.pytest(SUITE, "--mock-server-url", url)
    assert "1 passed" in done.stdout, done
    done = environment.pytest(SUITE)
    assert "a server in this process needs the extra 'server'" in done.stdout, done
    assert "MOCK_SERVER_COMMAND" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_command_starts_the_server_from_an_environment_of_its_own(
    base: Environment, wheel: Path
) -> None:
    base.install("pytest", *APPLICATIONS)
    command = [str(UV), "tool", "run", "--from", f"{wheel}[server]", "mock-server"]
    done = base.pytest(SUITE, MOCK_SERVER_COMMAND=shlex.join(command))
    assert "1 passed" in done.stdout, done


def test_a_program_is_told_what_to_install(base: Environment, wheel: Path) -> None:
    script = "import mock_server\ntry: mock_server.serve()\nexcept ImportError as error: print(error)"
    said = call(base.python, "-c", script, folder=base.folder)
    assert "mock_server.serve() needs the extra 'server'" in said
    assert f"pip install 'openapi-sandbox[server] @ {wheel.as_uri()}'" in said
    done = run(base.python, "-m", "mock_server", "serve", folder=base.folder)
    assert (done.returncode, "needs the extra 'server'" in done.stderr) == (2, True), done
