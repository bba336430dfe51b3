"""The base of the package, with all else blocked: the client, the plugin, `mock-server report`, messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mock_server import server_extra
from mock_server.local_server import LocalServer
from mock_server.settings import REPORT_FORMATS
from tests.support.patience import PATIENCE

# Refuses to import what is neither Python's own nor named, and notes what was tried.
BLOCKED = """
import sys

class OnlyThese:
    refused = []

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in {allowed!r}:
            self.refused.append(name)
            raise ModuleNotFoundError(f"{{name}} is blocked", name=name)

sys.meta_path.insert(0, OnlyThese())
"""

OWN = {"mock_server", "pytest_mock_server"}
PYTEST = {"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "py", "pygments"}
REPORT = {"click", "jinja2", "markupsafe"}


def run_blocked(allowed: set[str], script: str, *arguments: str, folder: Path) -> str:
    """Return what a script prints that imports the standard library and what is allowed."""
    inherited = {
        name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCKED.format(allowed=allowed) + script, *arguments],
        capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, cwd=folder, check=False,
        env={**inherited, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


CLIENT = """
import base64, json, ssl, urllib.error, urllib.request
import mock_server
from mock_server.client import NoReport, Sandbox, SandboxError, report_of, wait_until_healthy
from mock_server.trust import context

def get(account, **query):
    url = f"{account.base_url}/usage-metrics?{urllib.parse.urlencode(query)}"
    pair = base64.b64encode(":".join(account.auth).encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {pair}"})
    try:
        with urllib.request.urlopen(request, context=context(account.ca)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code

url, ca = sys.argv[1:]
wait_until_healthy(url, 5, ca)
account = Sandbox(url, "base", "secret", ca)
account.reset()
account.generate(7)
account.freeze("2001-01-01T00:00:00Z")
account.advance(5)
account.fail({"status": 503})
assert get(account) == 503
assert len(get(account, limit=2)["items"]) == 2
account.assert_called(times=2)
account.assert_faults_fired()
account.assert_no_violations()
assert len(account.records()) == 7
assert get(account, limit=0) == 400
for failing in (account.assert_no_violations, account.assert_walked, lambda: account.assert_called(times=9)):
    try:
        failing()
    except AssertionError as error:
        assert "base" in str(error) or "GET" in str(error), error
    else:
        raise SystemExit(f"{failing} did not fail")
assert not report_of(url, "base:secret", fail_on=("violations",), ca=ca)["passed"]
assert account.chaos(seed=7, rate=0.5)["rate"] == 0.5
try:
    mock_server.serve()
except ImportError as error:
    assert "needs the extra 'server'" in str(error), error
    OnlyThese.refused.clear()
assert OnlyThese.refused == [], OnlyThese.refused
"""


@pytest.mark.slow
def test_the_client_takes_the_standard_library_alone(secured: LocalServer, tmp_path: Path) -> None:
    run_blocked(OWN, CLIENT, secured.url, str(secured.ca), folder=tmp_path)


SUITE = """
import urllib.error, urllib.request
import pytest

def test_the_account(mock_account, mock_server):
    assert mock_account.url == mock_server.url
    assert len(mock_account.records()) == 100
    mock_account.fail("pass")

def test_a_factory(mock_account_factory):
    assert mock_account_factory("one").records()
"""

PLUGIN = """
import pytest
pytest.main(["-q", "-p", "pytest_mock_server", "-p", "no:cacheprovider", *sys.argv[1:]])
"""


@pytest.mark.slow
def test_the_plugin_takes_pytest_and_the_standard_library_alone(
    secured: LocalServer, tmp_path: Path
) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    named = ("--mock-server-url", secured.url, "--mock-server-ca", str(secured.ca))
    said = run_blocked(OWN | PYTEST, PLUGIN, *named, "--mock-server-report", folder=tmp_path)
    assert "1 fault did not fire" in said or "unfired" in said, said
    assert "1 passed, 1 error" in said or "2 passed, 1 error" in said, said
    assert "mock server report" in said, said
    said = run_blocked(OWN | PYTEST, PLUGIN, folder=tmp_path)
    assert "a server in this process needs the extra 'server'" in said, said
    assert "is blocked" in said, said


@pytest.mark.slow
def test_a_report_takes_click_and_jinja_alone(secured: LocalServer, tmp_path: Path) -> None:
    script = (
        "from mock_server import cli\n"
        "url, ca, *forms = sys.argv[1:]\n"
        "for form in forms:\n"
        "    assert cli.main(['report', url, '--ca', ca, '--format', form, '--allow-empty', '--fail-on', 'none']) == 0\n"
        "    print('\\0', end='')\n"
    )
    said = run_blocked(
        OWN | REPORT, script, secured.url, str(secured.ca), *REPORT_FORMATS, folder=tmp_path
    )
    found = dict(zip(REPORT_FORMATS, said.split("\0"), strict=False))
    assert set(found) == {"text", "json", "junit", "markdown", "html"}
    assert "passed" in json.loads(found["json"])
    assert ElementTree.fromstring(found["junit"]).tag == "testsuites"
    assert found["html"].lower().startswith("<!doctype html>")
    assert all(found.values())


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (None, "'openapi-sandbox[server]'"),
        (
            {"url": "https://example.com/sandbox", "vcs_info": {"vcs": "git", "commit_id": "0123"}},
            "'openapi-sandbox[server] @ git+https://example.com/sandbox'",
        ),
        (
            {"url": "https://example.com/sandbox",
             "vcs_info": {"vcs": "git", "commit_id": "0123", "requested_revision": "v1"}},
            "'openapi-sandbox[server] @ git+https://example.com/sandbox@v1'",
        ),
        (
            {"url": "file:///home/me/sandbox", "dir_info": {"editable": True}},
            "'openapi-sandbox[server] @ file:///home/me/sandbox'",
        ),
    ],
    ids=["index", "git", "revision", "checkout"],
)  # fmt: skip
def test_a_message_says_where_to_take_the_extra_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, origin: object, wanted: str
) -> None:
    """Nothing may be taken by a name that the index does not have, or has of others."""
    folder = tmp_path / "openapi_sandbox-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: openapi-sandbox\nVersion: 1\n")
    if origin is not None:
        (folder / "direct_url.json").write_text(json.dumps(origin))
    monkeypatch.syspath_prepend(tmp_path)
    with (
        pytest.raises(server_extra.ServerNotInstalled) as caught,
        server_extra.required("'mock-server check'", "run it as {command} check"),
    ):
        raise ModuleNotFoundError("No module named 'flask'", name="flask")
    assert str(caught.value).endswith(
        f"; run pip install {wanted}, or run it as uvx --from {wanted} mock-server check"
    )
