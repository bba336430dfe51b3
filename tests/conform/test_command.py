"""The command `mock-server conform`: its pace, its output and its exit status."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from mock_server import cli
from mock_server.conform import http_probe
from tests.support import wire
from tests.support.rewriting_server import rewriting
from tests.support.servers import Serve


@pytest.mark.slow
@pytest.mark.parametrize(("flags", "gap"), [([], 0.5), (["--rate", "4"], 0.25)])
def test_the_command_keeps_its_pace_and_exits_0(
    fixtures_url: str, no_pace: list[float], capsys: pytest.CaptureFixture[str],
    flags: list[str], gap: float,
) -> None:  # fmt: skip
    assert cli.main(["conform", f"{fixtures_url}/api", "--credentials", "pace:secret", *flags]) == 0
    gaps = {round(later - earlier, 6) for earlier, later in pairwise(no_pace)}
    assert gaps == {gap}
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "passed       answers  getUsageMetrics"
    assert lines[-1] == f"96 passed, 0 FAILED, 5 undecidable; {len(no_pace)} requests"


def echo(_status: int, query: bytes, body: bytes) -> bytes:
    """Send the credentials back for a limit of 2, across the place where an excerpt is cut."""
    token = wire.BASIC.removeprefix("Basic ")
    filling = "x" * (http_probe.HEAD - 14)
    return f'["secret", "{filling}{token}{filling}"]'.encode() if b"limit=2" in query else body


@pytest.mark.slow
def test_the_command_exits_1_and_shows_the_exchange_without_the_credentials(
    no_pace: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with rewriting(body=echo) as root:
        assert cli.main(["conform", f"{root}/api", "--credentials", "demo:secret"]) == 1
    text = capsys.readouterr().out
    assert "FAILED       limit-obeyed  getUsageMetrics\n" in text
    assert (
        "\n\nlimit-obeyed  getUsageMetrics: the body has no array 'items' of objects\n"
        "  GET /api/usage-metrics?limit=2\n"
        "      limit = '2'\n"
        "  was answered with 200, application/json; charset=utf-8\n"
        '      ["…", "xxx'
    ) in text
    assert re.search(r"\n\d+ passed, \d FAILED, 5 undecidable; \d+ requests\n$", text)
    assert wire.BASIC.removeprefix("Basic ")[:4] not in text


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["http://127.0.0.1:9/api"], "Missing option '--credentials'"),
        (["127.0.0.1:9/api", "--credentials", "a:b"], "is not the base URL of an API"),
        (["http://x/api?a=b", "--credentials", "a:b"], "is not the base URL of an API"),
        (["http://a:hush@x/api", "--credentials", "a:b"], "the URL holds credentials"),
        (["http://a:1/hush@x/api", "--credentials", "a:b"], "an '@' behind its host; write it as %40"),
        (["http://x:port/api", "--credentials", "a:b"], "nobody can be asked at http://x:port/api"),
        (["http://[x/api", "--credentials", "a:b"], "Invalid IPv6 URL"),
        (["http://x/api", "--credentials", "hush"], "the value is not of the form id:secret"),
        (["http://x/api", "--credentials", "a:b", "--rate", "0"], "'0' is not a number of requests"),
        (["http://x/api", "--credentials", "a:b", "--rate", "nan"], "'nan' is not a number"),
        (["http://127.0.0.1:9/api", "--credentials", "a:b"], "GET http://127.0.0.1:9/api/usage-metrics"),
        (["http://x/api", "--credentials", "a:b", "--document", "no.yaml"], "no.yaml"),
        ([], "Missing argument 'URL'"),
    ],
)
def test_the_command_exits_2_where_nothing_can_be_asked(
    capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    assert cli.main(["conform", *arguments]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert reason in error
    assert "hush" not in error


@pytest.mark.slow
def test_the_credentials_may_come_from_the_environment(
    fixtures_url: str, no_pace: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_SERVER_CONFORM_CREDENTIALS", "a:b")
    assert cli.main(["conform", f"{fixtures_url}/api"]) == 0


@pytest.mark.parametrize("path", ["", "/", "/_mock", "/v1", "/api/usage-metrics"])
def test_a_url_without_the_base_path_stops_at_once_and_names_the_right_one(
    fixtures_url: str, no_pace: list[float], capsys: pytest.CaptureFixture[str], path: str
) -> None:
    assert cli.main(["conform", f"{fixtures_url}{path}", "--credentials", "a:b"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"Error: there is no list at {fixtures_url}{path.rstrip('/')}/usage-metrics; "
        f"give the base URL with its path, {fixtures_url}/api\n"
    )
    assert len(no_pace) <= 3


def test_the_base_path_of_a_server_that_was_given_another_one_is_named(
    serve: Serve, no_pace: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    root = serve(base_path="/else/where")
    assert cli.main(["conform", f"{root}/api", "--credentials", "a:b"]) == 2
    assert capsys.readouterr().err.endswith(f"with its path, {root}/else/where\n")
