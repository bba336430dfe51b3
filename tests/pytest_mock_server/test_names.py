"""The plugin beside a project's own modules and fixtures of its name, and named in several ways."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import Suite

OWN = """
import mock_server

@pytest.fixture(name="mock_server")
def own_server():
    return "own"

def test_own(mock_server):
    assert (mock_server, globals()["mock_server"].WHOSE) == ("own", "the project's")
"""
OURS = "\ndef test_ours(mock_account): pass\n\ndef test_ours_too(mock_account_factory): pass\n"


def hide(folder: Path) -> Path:
    """Puts a module of the package's name beside a suite, where pytest imports from."""
    file = folder / "mock_server.py"
    file.write_text('WHOSE = "the project\'s"\n')
    return file


@pytest.mark.slow
def test_a_projects_own_module_and_fixture_of_the_name_break_nothing(tmp_path: Path) -> None:
    hide(tmp_path)
    run = Suite(tmp_path, OWN).run("-p", "xdist", "-n", "1", plugins="pytest_mock_server")
    assert (run.status, run.outcomes("PASSED")) == (0, {"test_own"}), run.output


@pytest.mark.slow
def test_a_projects_own_fixture_leaves_the_account_a_server(tmp_path: Path, url: str) -> None:
    own = "\n@pytest.fixture\ndef mock_server():\n    return 'own'\n"
    tests = (
        own + "\ndef test_both(mock_server, mock_account):\n    assert mock_account.requests() == []\n"
    )
    run = Suite(tmp_path, tests).run(MOCK_SERVER_URL=url)
    assert run.outcomes("PASSED") == {"test_both"}, run.output


@pytest.mark.slow
@pytest.mark.parametrize(
    "named", [(), ("--mock-server-url", "http://127.0.0.1:9")], ids=["own", "named"]
)
def test_where_the_package_is_hidden_a_sentence_names_the_file(
    tmp_path: Path, named: tuple[str, ...]
) -> None:
    file = hide(tmp_path)
    run = Suite(tmp_path, OWN + OURS).run(*named, plugins="pytest_mock_server")
    assert run.outcomes("PASSED") == {"test_own"}, run.output
    assert run.outcomes("ERROR") == {"test_ours", "test_ours_too"}
    assert run.output.count(f"\n{file} hides the package mock_server") == 2, run.output
    assert "Traceback" not in run.output


@pytest.mark.slow
def test_a_folder_of_the_name_is_named_too(tmp_path: Path) -> None:
    package = tmp_path / "mock_server"
    package.mkdir()
    (package / "__init__.py").touch()
    run = Suite(tmp_path, OURS).run(plugins="pytest_mock_server")
    assert f"{package}/__init__.py hides the package mock_server" in run.output


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["--collect-only", "--help", "--markers", "--fixtures"])
def test_pytest_shows_what_there_is_where_the_package_is_hidden(tmp_path: Path, flag: str) -> None:
    hide(tmp_path)
    flags = (
        "--mock-server-fail-on",
        "violations",
        "--mock-server-fail-under",
        "50",
        "--mock-server-report",
    )
    run = Suite(tmp_path, OWN + OURS).run(flag, *flags, plugins="pytest_mock_server")
    assert run.status == 0, run.output
    shown = {"--collect-only": "test_ours_too", "--help": "mock_server_rate_limit"}
    assert shown.get(flag, "mock_account") in run.output


WAYS = [
    ("pytest_mock_server",),
    ("mock_server",),
    ("mock_server.pytest_plugin",),
    ("mock_server", "mock_server.pytest_plugin", "pytest_mock_server"),
]


@pytest.mark.slow
@pytest.mark.parametrize("is_installed", [True, False], ids=["beside the entry point", "alone"])
@pytest.mark.parametrize("names", WAYS, ids=" ".join)
def test_it_may_be_named_in_any_way_and_often(
    tmp_path: Path, url: str, names: tuple[str, ...], is_installed: bool
) -> None:
    conftest = f"\npytest_plugins = {list(names)!r}\n"
    flags = [word for name in names for word in ("-p", name)]
    alone = {} if is_installed else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    others = [word for name in ("hypothesispytest", "schemathesis", "pytest_cov", "xdist", "anyio", "faker")
              for word in ("-p", f"no:{name}")]  # fmt: skip
    suite = Suite(tmp_path, OURS, conftest)
    run = suite.run(*others, *flags, plugins="", MOCK_SERVER_URL=url, **alone)
    assert "2 passed" in run.output, run.output


@pytest.mark.slow
def test_the_plugin_and_the_client_need_the_standard_library_alone() -> None:
    script = """
import sys

class Only:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in {*sys.stdlib_module_names, "mock_server", "pytest_mock_server", "pytest"}:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

import pytest
sys.meta_path.insert(0, Only())
import pytest_mock_server
assert "mock_server" not in sys.modules
from pytest_mock_server import accounts, package, run, run_verdict, server_settings, sharing
from mock_server import client
from mock_server.report import writer
package.require()
try:
    client.wait_until_healthy("http://127.0.0.1:9", 0)
except TimeoutError as error:
    print(error)
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"httpx", "orjson", "yaml", "jinja2"}))
"""
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "there is no healthy mock server at http://127.0.0.1:9: "
        "GET http://127.0.0.1:9/_mock/health: Connection refused\n\n"
    )
