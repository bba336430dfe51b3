"""A server in the process that uses it: `mock_server.serve`."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

import mock_server
from mock_server import setting_values
from mock_server.local_server import CannotStart
from mock_server.setting_table import SETTINGS
from mock_server.settings import ChaosRule, Latency, RateLimit, Settings
from tests.support.tracebacks import shown_files


def test_it_serves_while_the_block_lasts() -> None:
    with mock_server.serve(count=3, rate_limit="5/60") as server:
        account = server.account("nightly")
        assert (account.url, account.base_url) == (server.url, server.base_url)
        assert account.auth == ("nightly", "secret")
        answer = httpx.get(f"{server.base_url}/usage-metrics", auth=account.auth)
        assert len(answer.json()["items"]) == 3
        account.assert_called(times=1)
        with mock_server.serve() as other:
            assert len(other.account("nightly").records()) == 100
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


def test_an_account_has_the_secret_that_the_server_was_given() -> None:
    with mock_server.serve(credentials=["demo:a:b", "ci:c"]) as server:
        assert server.account("demo").auth == ("demo", "a:b")
        assert server.account("ci").faults() == []


def test_what_is_not_given_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_SERVER_COUNT", "4")
    monkeypatch.setenv("MOCK_SERVER_BASE_PATH", "/v1")
    monkeypatch.setenv("MOCK_SERVER_PORT", "9")
    monkeypatch.setenv("MOCK_SERVER_HOST", "203.0.113.1")
    monkeypatch.setenv("PORT", "9")
    with mock_server.serve(base_path="/v2") as server:
        assert server.base_url == f"{server.url}/v2"
        assert len(server.account("me").records()) == 4


def test_what_cannot_be_served_is_refused_with_all_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("usage-metrics:\n  - nam: a\n  - name: 5\n")
    with (
        pytest.raises(CannotStart, match=r"a\.yaml:2 at .*\n.*a\.yaml"),
        mock_server.serve(fixtures=file),
    ):
        pass
    with pytest.raises(ValueError, match=r"(?s)cuont: .*did you mean 'count'.*seed: 'x' is not"):
        mock_server.serve(cuont=5, seed="x")


@pytest.mark.parametrize("given", [{"cuont": 5}, {"seed": "x"}, {"fixtures": "no/such.yaml"}], ids=str)
def test_what_is_refused_shows_the_line_of_the_call_alone(given: dict[str, Any]) -> None:
    with pytest.raises((ValueError, CannotStart)) as caught:
        mock_server.serve(**given)
    assert shown_files(caught) == ["test_local_server.py"]


def test_replaced_threads_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_ident() -> int:
        return 1

    get_ident.__module__ = "gevent.thread"
    monkeypatch.setattr(threading, "get_ident", get_ident)
    with pytest.raises(CannotStart, match="gevent has replaced the threads"), mock_server.serve():
        pass


def printed(script: str) -> list[str]:
    """Return the words that a program of its own prints."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    return done.stdout.split()


def test_importing_the_package_imports_nothing_else() -> None:
    loaded = printed(
        "import sys; before = set(sys.modules); import mock_server; print(*set(sys.modules) - before)"
    )
    assert {*loaded} - {"__future__"} == {"mock_server"}


def test_a_start_loads_no_library_that_it_does_not_need() -> None:
    loaded = printed("""
import sys, urllib.request, mock_server
with mock_server.serve() as server:
    server.account("a").reset()
    page = urllib.request.Request(server.base_url + "/usage-metrics?limit=20")
    page.add_header("Authorization", "Basic YTpzZWNyZXQ=")
    assert urllib.request.urlopen(page).status == 200
print(*{name.partition(".")[0] for name in sys.modules})
""")
    # For values that are wrong, JSONPaths that are not plain, the conformance kit, TLS, and documents of
    # users. Connexion is there, but not for others.
    unneeded = {"jsonschema", "jsonpath", "regex", "faker", "httpx", "requests", "cryptography"}
    assert {*unneeded, "jsonschema_rs", "connexion"}.isdisjoint(loaded)


def test_a_suite_has_a_whole_connexion_after_a_server() -> None:
    found = printed("""
import mock_server
with mock_server.serve():
    pass
import connexion, connexion.json_schema, jsonschema
assert issubclass(connexion.json_schema.ValidationError, jsonschema.ValidationError)
print(type(connexion.FlaskApp("suite").test_client()).__name__)
""")
    assert found == ["TestClient"]


# The values of settings


@pytest.mark.parametrize("name", setting_values.ACCEPTED)
def test_every_setting_takes_its_default_and_its_own_text(name: str) -> None:
    default = setting_values.ACCEPTED[name].default
    assert setting_values.parse({name: default}) == {name: default}
    assert setting_values.parse({name: None}) == {name: default}


GIVEN: list[tuple[str, Any, Any]] = [
    ("count", "5", 5),
    ("count", 5, 5),
    ("strict", True, True),
    ("strict", "off", False),
    ("rate_limit", RateLimit(5, 60), RateLimit(5, 60)),
    ("chaos", "seed=7", ChaosRule(seed=7)),
    ("chaos", ChaosRule(0.5, 7, ("cut",)), ChaosRule(0.5, 7, ("cut",))),
    ("latency", 20, Latency(20, 20)),
    ("latency", Latency(10, 30), Latency(10, 30)),
    ("document", Path("a.yaml"), Path("a.yaml")),
    ("document", "a.yaml", Path("a.yaml")),
    ("fixtures", "a b.yaml", (Path("a b.yaml"),)),
    ("fixtures", ["a.yaml", Path("b.yaml")], (Path("a.yaml"), Path("b.yaml"))),
    ("credentials", ("a:b",), ("a:b",)),
    ("base_path", "/", ""),
]


@pytest.mark.parametrize(("name", "given", "expected"), GIVEN)
def test_a_value_is_the_settings_own_or_its_text(name: str, given: Any, expected: Any) -> None:
    parsed = setting_values.parse({name: given})
    assert parsed == {name: expected}
    settings = setting_values.build(parsed)
    assert setting_values.build(setting_values.parse(setting_values.as_texts(settings))) == settings


@pytest.mark.parametrize(
    ("name", "given"),
    [("count", 5.5), ("count", True), ("count", [5]), ("strict", 2), ("fixtures", [None]), ("host", b"a"),
     ("credentials", [("a", "hidden")]), ("document", {"hidden": 1})],
)  # fmt: skip
def test_a_wrong_value_is_refused_and_no_secret_shown(name: str, given: Any) -> None:
    with pytest.raises(setting_values.WrongSetting, match=f"^{name}: ") as caught:
        setting_values.parse({name: given})
    assert "hidden" not in str(caught.value)


def test_settings_of_the_command_line_are_named_as_such() -> None:
    for setting in SETTINGS:
        if setting.name not in setting_values.ACCEPTED:
            with pytest.raises(setting_values.WrongSetting, match="'mock-server serve' alone"):
                setting_values.parse({setting.name: setting.default})
    assert setting_values.build({}) == Settings(port=0)
