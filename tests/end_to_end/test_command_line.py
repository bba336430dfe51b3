"""The command line as a function: what it prints, and with which status it ends."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server import __version__, cli
from mock_server.cli import serving
from mock_server.data import fixture_files, starting_data
from mock_server.formats import source_file
from mock_server.openapi import document
from mock_server.server import tls
from mock_server.setting_table import SETTINGS, Setting
from mock_server.settings import ChaosRule, Latency, RateLimit, Settings
from tests.support.documents import FIXTURES, ROOT

Small = Callable[..., Path]

COMMANDS = ["serve", "check", "generate", "report", "conform", "schema", "overlay"]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MOCK_SERVER_") or name == "PORT":
            monkeypatch.delenv(name)


def parsed(monkeypatch: pytest.MonkeyPatch, *flags: str) -> Settings:
    """The settings that `serve` starts with."""
    seen: list[Settings] = []

    def stop(settings: Settings) -> None:
        seen.append(settings)
        sys.exit(0)

    # There is no certificate in the files that the samples name.
    monkeypatch.setattr(tls, "load", lambda settings: None)
    monkeypatch.setattr(serving, "load_document", stop)
    assert cli.main(["serve", *flags]) == 0
    return seen[0]


def test_without_anything_the_defaults_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parsed(monkeypatch) == Settings()


SAMPLES = {
    "host": ("::1", "::1"),
    "port": ("0", 0),
    "tls_cert": ("c.pem", Path("c.pem")),
    "tls_key": ("k.pem", Path("k.pem")),
    "tls_self_signed": ("true", True),
    "tls_ca_out": ("ca.pem", Path("ca.pem")),
    "document": ("d.yaml", Path("d.yaml")),
    "overlay": ("o.yaml", Path("o.yaml")),
    "base_path": ("/v1/", "/v1"),
    "count": ("7", 7),
    "seed": ("-3", -3),
    "fixtures": ("a.yaml", (Path("a.yaml"),)),
    "watch": ("true", True),
    "credentials": ("a:b:c", ("a:b:c",)),
    "strict": ("1", True),
    "rate_limit": ("1500/60", RateLimit(1500, 60)),
    "chaos": (" rate=.25  faults=cut,404 ", ChaosRule(0.25, 0, ("cut", "404"))),
    "latency": ("10-30", Latency(10, 30)),
    "max_accounts": ("1", 1),
    "max_records": ("0", 0),
    "journal_size": ("0", 0),
    "max_journal": ("5", 5),
    "on_violation": ("record", "record"),
    "max_body": ("0", 0),
    "max_control_body": ("9", 9),
    "max_bodies": ("10", 10),
    "allow_host": ("Mock.Example.com", ("mock.example.com",)),
    "cors_origin": ("*", ("*",)),
    "trust_proxy": ("true", True),
    "keep_alive": ("5", 5),
    "replica_name": ("mock-0", "mock-0"),
    "log_format": ("json", "json"),
    "quiet": ("yes", True),
    "report": ("r.xml", Path("r.xml")),
    "report_format": ("junit", "junit"),
    "fail_on": ("warnings, violations", ("violations", "warnings")),
    "fail_under": ("79.5", 79.5),
    "fail_under_all": ("12", 12.0),
    "allow_empty": ("true", True),
}
NEEDED = {
    "tls_cert": ("TLS_KEY", "k.pem"),
    "tls_key": ("TLS_CERT", "c.pem"),
    "tls_ca_out": ("TLS_SELF_SIGNED", "true"),
    "watch": ("FIXTURES", "a.yaml"),
    "report_format": ("REPORT", "a.yaml"),
    "fail_on": ("REPORT", "a.yaml"),
    "fail_under": ("REPORT", "a.yaml"),
    "fail_under_all": ("REPORT", "a.yaml"),
}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_has_a_flag_and_a_variable(
    monkeypatch: pytest.MonkeyPatch, setting: Setting
) -> None:
    text, value = SAMPLES[setting.name]
    flags = [setting.flag] if setting.parse is None else [setting.flag, text]
    if setting.name in NEEDED:
        variable, needed = NEEDED[setting.name]
        monkeypatch.setenv(f"MOCK_SERVER_{variable}", needed)
    assert getattr(parsed(monkeypatch, *flags), setting.name) == value
    monkeypatch.setenv(setting.variables[0], text)
    assert getattr(parsed(monkeypatch), setting.name) == value


def test_a_flag_goes_before_its_variable_even_if_it_says_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOCK_SERVER_COUNT", "7")
    assert parsed(monkeypatch, "--count", "100").count == 100


def test_the_own_variable_goes_before_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1000")
    assert parsed(monkeypatch).port == 1000
    monkeypatch.setenv("MOCK_SERVER_PORT", "2000")
    assert parsed(monkeypatch).port == 2000
    assert parsed(monkeypatch, "--port", "3000").port == 3000


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.setenv(setting.variables[0], "")
    assert parsed(monkeypatch) == Settings()


def test_a_repeatable_flags_variable_is_split_at_white_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_SERVER_FIXTURES", " a.yaml\tb:c.yaml\n")
    monkeypatch.setenv("MOCK_SERVER_CREDENTIALS", "a:b c:d")
    settings = parsed(monkeypatch)
    assert settings.fixtures == (Path("a.yaml"), Path("b:c.yaml"))
    assert settings.credentials == ("a:b", "c:d")
    assert parsed(monkeypatch, "--fixtures", "x", "--fixtures", "y z").fixtures == (
        Path("x"),
        Path("y z"),
    )


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("port", "65536", "65536 is not a whole number from 0 to 65535"),
        ("port", "http", "'http' is not a whole number of at most 18 digits"),
        ("port", "8_080", "'8_080' is not a whole number"),
        ("count", "-1", "-1 is not a whole number from 0 to 1000000"),
        ("count", "1" * 5000, "is not a whole number"),
        ("seed", "x", "'x' is not a whole number of at most 18 digits"),
        ("chaos", "0.1", "'0.1' stands there; write one or more of rate=0.1, seed=7 and faults="),
        ("chaos", " ", "nothing stands there; write one or more of rate=0.1"),
        ("chaos", "rate=0.1 rate=0.2", "'rate=0.2' stands there a second time"),
        ("chaos", "rate=1.1", "'1.1' is no rate of chaos, a number from 0 to 1 such as 0.1"),
        ("chaos", "rate=1e-2", "'1e-2' is no rate"),
        ("chaos", "rate=", "'' is no rate"),
        ("chaos", "seed=x", "'x' is not a whole number of at most 18 digits"),
        ("chaos", "faults=503,", "'' is no fault of chaos; name statuses such as 503, or some of cut,"),
        ("chaos", "faults=truncat", "'truncat' is no fault of chaos (did you mean 'truncate'?)"),
        ("chaos", "faults=199", "'199' is no fault of chaos"),
        ("latency", "30-10", "'30-10' is neither a number of milliseconds such as 20, nor a range"),
        ("latency", "60001", "'60001' is neither a number of milliseconds"),
        ("latency", "0.5", "'0.5' is neither"),
        ("latency", "-5", "'-5' is neither"),
        ("max_body", "-1", "-1 is not a whole number of at least 0"),
        ("keep_alive", "0", "0 is not a whole number from 1"),
        ("base_path", "api", "'api' is not a path such as '/v1'"),
        ("base_path", "/a//b", "is not a path"),
        ("base_path", "/_mock", "is where the control API lives"),
        ("credentials", ":secret", "the value is not of the form id:secret"),
        ("cors_origin", "localhost", "'localhost' is neither '*' nor an origin"),
        ("cors_origin", "http://a/b", "is neither '*' nor an origin"),
        ("replica_name", "a b", "'a b' is no name of at most 253 letters"),
        ("replica_name", "é", "is no name of"),
        ("replica_name", "a" * 254, "is no name of"),
        ("log_format", "xml", "'xml' is neither 'text' nor 'json'"),
        ("report_format", "xml", "'xml' is none of text, json, junit, markdown, html"),
        ("fail_on", "mistakes", "'mistakes' is none of violations, warnings, unfired"),
        ("fail_under", "eighty", "'eighty' is not a percentage, a number from 0 to 100"),
        ("strict", "maybe", "'maybe' is not a valid boolean"),
    ],
)
def test_a_bad_value_refuses_the_start_and_names_itself(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    text: str,
    reason: str,
) -> None:
    setting = next(setting for setting in SETTINGS if setting.name == name)
    if setting.parse is not None:
        assert cli.main(["serve", setting.flag, text]) == 2
        assert reason in " ".join(capsys.readouterr().err.split())
    monkeypatch.setenv(setting.variables[0], text)
    assert cli.main(["serve"]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert reason in error
    assert setting.variables[0] in error
    assert "secret" not in error.replace("id:secret", "")


@pytest.mark.parametrize(
    "arguments", [["serve", "--nope"], ["nope"], [], ["serve", "extra"], ["generate"]]
)
def test_what_is_not_understood_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("command", ["serve", "check", "generate"])
def test_help_names_every_setting(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert cli.main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "MOCK_SERVER_COUNT" in text
    if command == "serve":
        assert all(setting.flag in text and setting.variables[0] in text for setting in SETTINGS)


def test_check_says_what_would_be_served(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--fixtures", str(FIXTURES)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Usage 0.1, from the built-in document and the overlay beside it"
    assert lines[1] == "GET /api/usage-metrics (getUsageMetrics)"
    assert lines[2] == f"  14 records, from {FIXTURES}"
    assert "  limit             sets the size of a page, from 1 to 100, 20 by default" in lines
    assert "  eventProperty     filters by aggregationProperty (any-of)" in lines


def test_check_says_what_creates_and_what_has_no_effect(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    path = small(
        ("    get:\n", "    post: {responses: {'201': {description: made}}}\n    get:\n"),
        ("{name: kind, in: query,", "{name: sort, in: query,"),
    )
    assert cli.main(["check", "--document", str(path)]) == 0
    text = capsys.readouterr().out
    assert "POST /v1/things (post /things)\n  creates a record of things; answers 201" in text
    assert "sort    is checked, but has no effect: no x-sort says what it sorts" in text


def test_check_prints_every_problem_and_exits_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "metrics.yaml"
    path.write_text("usage-metrics:\n- {nmae: x}\n- 5\n")
    assert cli.main(["check", "--fixtures", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert all(line.startswith(f"mock-server: {path}:") for line in lines)
    assert any(
        "/usage-metrics/0/nmae: the schema does not name this field; write 'name'" in x for x in lines
    )
    assert any("/usage-metrics/1: 5 is not of type object" in line for line in lines)


@pytest.mark.parametrize("command", ["serve", "generate"])
def test_serve_and_generate_refuse_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    missing = tmp_path / "none.yaml"
    more = ["--out", str(tmp_path / "x.yaml")] if command == "generate" else []
    assert cli.main([command, "--document", str(missing), *more]) == 2
    expected = f"mock-server: {missing}: there is no such file; give the path of an existing one.\n"
    assert capsys.readouterr().err == expected


def test_the_effective_document_can_be_served_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", "--effective"]) == 0
    path = tmp_path / "effective.yaml"
    path.write_text(capsys.readouterr().out)
    again, first = document.load(path), document.load(document.BUILT_IN)
    assert again.effective == first.effective
    assert again.operations == first.operations


@pytest.mark.parametrize("name", ["out.yaml", "out.json"])
@pytest.mark.parametrize("count", [0, 1, 25])
def test_a_generated_file_holds_the_records_that_are_served_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, count: int
) -> None:
    path = tmp_path / name
    assert cli.main(["generate", "--count", str(count), "--seed", "9", "--out", str(path)]) == 0
    assert capsys.readouterr().out == f"Wrote {count} record{'' if count == 1 else 's'} to {path}\n"
    loaded = document.load(document.BUILT_IN)
    direct = starting_data.generate(loaded, Settings(count=count, seed=9))
    read = fixture_files.load([path], starting_data.schemas(loaded))
    assert read == {name: list(each.records) for name, each in direct.items()}
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_generate_says_where_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none" / "x.yaml"
    assert cli.main(["generate", "--out", str(path)]) == 2
    assert f"{path}: it cannot be written (No such file or directory)" in capsys.readouterr().err


def test_watching_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--watch"]) == 2
    assert "--watch needs --fixtures, --document or --overlay" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--fixtures", "--document", "--overlay"])
def test_whatever_can_change_can_be_watched(monkeypatch: pytest.MonkeyPatch, flag: str) -> None:
    assert parsed(monkeypatch, "--watch", flag, "x.yaml").watch


def test_the_address_of_a_service_is_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_SERVER_PORT", "tcp://10.96.0.12:8080")
    assert parsed(monkeypatch).port == 8080
    assert parsed(monkeypatch, "--port", "3000").port == 3000
    monkeypatch.setenv("PORT", "1000")
    assert parsed(monkeypatch).port == 1000


def test_a_flag_in_place_of_a_command_is_one_of_serve(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Settings] = []
    monkeypatch.setattr(serving, "run_server", seen.append)
    assert cli.main(["--seed", "7", "--strict"]) == 0
    assert seen == [Settings(seed=7, strict=True)]
    assert cli.main(["--nope"]) == 2
    assert "No such option" in capsys.readouterr().err
    for flag, beginning in (
        ("--version", "mock-server, version"),
        ("--help", "Usage: mock-server [OPT"),
    ):
        assert cli.main([flag]) == 0
        assert capsys.readouterr().out.startswith(beginning)
    assert len(seen) == 1


@pytest.mark.parametrize("width", ["80", "100"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_help_is_cut_or_wider_than_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    assert cli.main([*filter(None, [command]), "--help"]) == 0
    usage, *lines = capsys.readouterr().out.splitlines()
    assert usage.startswith("Usage: ")
    assert not [line for line in lines if "..." in line or len(line) > int(width)]
    if not command:
        assert sorted(line.split()[0] for line in lines[-len(COMMANDS) :]) == sorted(COMMANDS)


# The title and the version of a document on a console; one of ASCII is taken for one of UTF-8.
CONSOLES = {
    "ascii": "Gr\xf6\xdfe \N{SNOWMAN} 1".encode(),
    "cp1252": b"Gr\xf6\xdfe \\u2603 1",
    "utf-8": "Gr\xf6\xdfe \N{SNOWMAN} 1".encode(),
}


@pytest.mark.slow
@pytest.mark.parametrize("encoding", CONSOLES)
def test_a_console_that_lacks_characters_gets_escapes(
    small: Small, tmp_path: Path, encoding: str
) -> None:
    path = small(("title: Small", "title: Gr\xf6\xdfe \N{SNOWMAN}"))
    fixture = tmp_path / "gr\xf6\xdfe \N{SNOWMAN}.yaml"

    def run(*arguments: str, status: int = 0) -> subprocess.CompletedProcess[bytes]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MOCK_SERVER_")}
        done = subprocess.run(
            [sys.executable, "-m", "mock_server", *arguments], capture_output=True, check=False, cwd=ROOT,
            env=environment | {"PYTHONIOENCODING": encoding},
        )  # fmt: skip
        assert (done.returncode, b"Traceback" in done.stderr) == (status, False), done.stderr
        return done

    assert run("check", "--document", str(path)).stdout.startswith(CONSOLES[encoding])
    effective = run("check", "--effective", "--document", str(path)).stdout.decode("utf-8")
    assert "Gr\xf6\xdfe \N{SNOWMAN}" in effective
    run("check", "--document", str(path), "--fixtures", str(fixture), status=1)
    run("generate", "--document", str(path), "--count", "1", "--out", str(fixture))
    run("--help")
    run("report", "http://127.0.0.1:9/\N{SNOWMAN}", status=2)
    run("conform", "http://127.0.0.1:9/\N{SNOWMAN}", "--credentials", "a:b", status=2)


@pytest.mark.parametrize("out", [".", "/", ""])
def test_generate_writes_no_folder(capsys: pytest.CaptureFixture[str], out: str) -> None:
    assert cli.main(["generate", "--out", out]) == 2
    assert "it cannot be written (Is a directory); give another path" in capsys.readouterr().err


def test_generate_writes_through_links_and_into_devices(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "target.json")
    assert cli.main(["generate", "--count", "3", "--out", str(tmp_path / "link.json")]) == 0
    assert (tmp_path / "link.json").is_symlink()
    assert len(json.loads((tmp_path / "target.json").read_text())["usage-metrics"]) == 3
    assert cli.main(["generate", "--count", "3", "--out", "/dev/null"]) == 0
    assert not Path("/dev/null").is_file()


def test_a_port_that_is_taken_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    from mock_server.server import server

    with server.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert cli.main(["serve", "--port", str(port)]) == 2
    assert f"cannot listen on 127.0.0.1:{port} (Address already in use)" in capsys.readouterr().err


def test_an_invalid_host_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--host", "no.such.host.invalid", "--port", "0"]) == 2
    assert "cannot listen on no.such.host.invalid:0" in capsys.readouterr().err


@pytest.mark.slow
def test_python_dash_m_is_the_same_program() -> None:
    command = [sys.executable, "-m", "mock_server", "--version"]
    output = subprocess.run(command, capture_output=True, check=True, text=True, cwd=ROOT).stdout
    assert output == f"mock-server, version {__version__}\n"


def test_every_package_has_a_layer_and_every_large_one_has_layers() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")

    def layers(contract: str) -> set[str]:
        return set(re.sub(r"[|:]", " ", config[f"importlinter:contract:{contract}"]["layers"]).split())

    root = ROOT / "mock_server"
    modules = {path.stem for path in root.glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in root.glob("*/__init__.py")}
    assert modules | packages == layers("packages")
    for package in packages:
        within = {path.stem for path in (root / package).glob("*.py")} - {"__init__"}
        if len(within) > 5:
            assert within == layers(package), package


def test_the_effective_document_is_yaml(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cli.main(["check", "--effective"])
    (tmp_path / "e.yaml").write_text(capsys.readouterr().out)
    assert json.dumps(source_file.read(tmp_path / "e.yaml").data)
