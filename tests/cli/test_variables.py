"""Environment variables with the program's prefix: which are named as unknown, and which are skipped."""

from __future__ import annotations

import re

import pytest

from mock_server import cli
from mock_server.cli.variables import find_unknown
from mock_server.setting_table import OTHER_VARIABLES, SETTINGS
from tests.support.documents import ROOT

# What kubelet puts into a container beside a Service named mock-server, and one named mock-server-2.
INJECTED = {
    "MOCK_SERVER_SERVICE_HOST": "10.96.0.12",
    "MOCK_SERVER_SERVICE_PORT": "8080",
    "MOCK_SERVER_SERVICE_PORT_HTTP": "8080",
    "MOCK_SERVER_PORT": "tcp://10.96.0.12:8080",
    "MOCK_SERVER_PORT_8080_TCP": "tcp://10.96.0.12:8080",
    "MOCK_SERVER_PORT_8080_TCP_PROTO": "tcp",
    "MOCK_SERVER_PORT_8080_TCP_PORT": "8080",
    "MOCK_SERVER_PORT_8080_TCP_ADDR": "10.96.0.12",
    "MOCK_SERVER_2_PORT": "udp://10.96.0.13:53",
    "MOCK_SERVER_2_SERVICE_HOST": "10.96.0.13",
    "MOCK_SERVER_2_PORT_53_UDP": "udp://10.96.0.13:53",
}


def test_what_kubernetes_injects_and_what_settings_tests_and_clients_read_is_silent() -> None:
    known = [name for setting in SETTINGS for name in setting.variables]
    read = dict.fromkeys([*known, *OTHER_VARIABLES], "x")
    assert list(find_unknown(INJECTED | read | {"PATH": "/bin", "MOCK_SERVERS": "x"})) == []


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("MOCK_SERVER_SEEED", "MOCK_SERVER_SEED"),
        ("MOCK_SERVER_FIXTURE", "MOCK_SERVER_FIXTURES"),
        ("MOCK_SERVER_HTTP_PORT", "MOCK_SERVER_PORT"),
        ("MOCK_SERVER_CREDENTIAL", "MOCK_SERVER_CREDENTIALS"),
    ],
)
def test_an_unknown_variable_is_named_with_the_nearest_one_but_not_its_value(
    name: str, nearest: str
) -> None:
    [sentence] = find_unknown({name: "hush"})
    assert sentence == f"'{name}' is no variable of this program (did you mean '{nearest}'?)."


def test_a_name_with_control_characters_is_shown_without_them() -> None:
    [sentence] = find_unknown({"MOCK_SERVER_\x1b[31m" + "x" * 5000: "1"})
    assert sentence.isprintable()
    assert len(sentence) < 250


@pytest.mark.slow
def test_every_command_names_unknown_variables_on_standard_error_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOCK_SERVER_SEEED", "7")
    assert cli.main(["check"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Usage 0.1")
    assert "'MOCK_SERVER_SEEED' is no variable" in captured.err
    assert cli.main(["check", "--help"]) == 0
    assert capsys.readouterr().err == ""


def test_every_variable_that_some_source_names_is_known() -> None:
    known = {*OTHER_VARIABLES, *(name for setting in SETTINGS for name in setting.variables)}
    for path in (ROOT / "mock_server").rglob("*.py"):
        named = set(re.findall(r"MOCK_SERVER_[A-Z_]+[A-Z]", path.read_text("utf-8")))
        assert {name for name in named - known if name not in INJECTED} <= {
            "MOCK_SERVER_SEDE",
            "MOCK_SERVER_PORT_8080_TCP_ADDR",
        }, path
