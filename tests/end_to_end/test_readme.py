"""The README: each command and example in it is run, and its table is the code's."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mock_server import __version__, cli, setting_parsers, settings
from mock_server.conform import http_probe
from mock_server.data import fixture_files
from mock_server.formats import source_file
from mock_server.lists import broken_pages
from mock_server.problems import CannotServe
from mock_server.report import writer
from mock_server.setting_table import SETTINGS, Setting
from tests.support.documents import AUTH, ROOT, SCHEMAS
from tests.support.processes import Process
from tests.support.servers import Serve

README = (ROOT / "README.md").read_text()
DEFAULT = "http://127.0.0.1:8080"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


COMMANDS = [line for block in blocks("bash") for line in block.splitlines()]


def commands(beginning: str) -> list[str]:
    found = [command for command in COMMANDS if command.startswith(beginning)]
    assert found, beginning
    return found


def test_every_command_is_of_a_kind_that_is_tested_here() -> None:
    kinds = ("make ", "curl ", "mock-server ", "docker ", "mkdir ")
    assert [command for command in COMMANDS if not command.startswith(kinds)] == []


def row(setting: Setting) -> str:
    default = setting.shown or ("off" if setting.parse is None else f"`{setting.default}`")
    flag = f"{setting.flag} {setting.metavar}".strip()
    variables = ", ".join(f"`{variable}`" for variable in setting.variables)
    return (
        f"| `{flag}` | {variables} | {default} | {setting.help}{' Repeatable.' * setting.repeatable} |"
    )


def test_the_table_of_settings_is_that_of_the_code() -> None:
    assert [line for line in README.splitlines() if line.startswith("| `--")] == [
        row(setting) for setting in SETTINGS
    ]


def test_the_curl_commands_answer_what_follows_them(serve: Serve) -> None:
    url = serve()
    pairs = re.findall(
        r"^```bash\n(curl .*?)\n```\n\n```json\n(.*?)^```", README, re.DOTALL | re.MULTILINE
    )
    assert len(pairs) == len(commands("curl "))
    for command, answer in pairs:
        words = shlex.split(command.replace(DEFAULT, url))
        output = subprocess.run([*words, "--silent"], capture_output=True, check=True).stdout
        assert json.loads(output) == json.loads(answer)


def run_pytest(example: str, folder: Path, **environment: str) -> str:
    """Runs an example by itself, with no plugin but the one of this package."""
    (folder / "test_example.py").write_text(example)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider",
               "-p", "mock_server.pytest_plugin", f"--rootdir={folder}"]  # fmt: skip
    done = subprocess.run(
        command,
        env=inherited | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | environment,
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    return done.stdout + done.stderr


@pytest.mark.slow
def test_the_pytest_example_passes(url: str, tmp_path: Path) -> None:
    example = next(block for block in blocks("python") if "def test_" in block)
    output = run_pytest(example, tmp_path, USAGE_API=f"{url}/api")
    assert "1 passed" in output, output


STEERED = [block for block in blocks("python") if "(mock_account)" in block]


@pytest.mark.slow
@pytest.mark.parametrize(
    "example", STEERED, ids=lambda example: re.findall(r"def (test_\w+)", example)[0]
)
def test_the_steering_examples_pass(serve: Serve, tmp_path: Path, example: str) -> None:
    limit = re.search(r"mock-server serve --rate-limit (\S+)`", README)
    assert limit
    limited = {"MOCK_SERVER_URL": serve(rate_limit=setting_parsers.rate_limit(limit[1]))}
    output = run_pytest(example, tmp_path, **limited if "backs_off" in example else {})
    assert "1 passed" in output, output


def test_there_are_three_steering_examples() -> None:
    assert [name for block in STEERED for name in re.findall(r"def (test_\w+)", block)] == [
        "test_it_retries",
        "test_it_reads_every_page",
        "test_it_backs_off",
    ]


@pytest.mark.slow
def test_the_fixtures_for_wider_scopes_work_as_shown(tmp_path: Path) -> None:
    [conftest] = [block for block in blocks("python") if "mock_server_settings" in block]
    (tmp_path / "conftest.py").write_text(conftest)
    test = """
def test_it(mock_account, orders):
    assert (len(mock_account.records()), len(orders.records())) == (250, 500)
"""
    output = run_pytest(test, tmp_path)
    assert "1 passed" in output, output


def test_a_server_runs_in_a_program_as_shown(capsys: pytest.CaptureFixture[str]) -> None:
    [example] = [block for block in blocks("python") if "mock_server.serve(" in block]
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out == "250\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MOCK_SERVER_URL", "USAGE_API"])
def test_the_python_examples_run(url: str, name: str) -> None:
    for example in blocks("python"):
        if name in example and "def test_" not in example:
            environment = os.environ | {"USAGE_API": f"{url}/api", "MOCK_SERVER_URL": url}
            output = subprocess.run(
                [sys.executable, "-W", "error", "-c", example],
                env=environment,
                capture_output=True,
                check=True,
                text=True,
            ).stdout
            assert output.strip() == {"MOCK_SERVER_URL": "[429, 200]", "USAGE_API": "4"}[name]
            return
    pytest.fail(f"no example takes {name}")


def test_every_control_call_and_every_page_is_named() -> None:
    source = source_file.read(ROOT / "spec" / "control.yaml").data
    for path in source["paths"]:
        if path != "/health":
            assert f"/_mock{path}`" in README, path
    for kind in broken_pages.KINDS:
        assert f'`{{"page": "{kind}"}}`' in README
    for client_id in settings.RESERVED:
        assert f"| `{client_id}` |" in README


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
def test_the_javascript_example_runs(url: str) -> None:
    [example] = blocks("javascript")
    environment = os.environ | {"USAGE_API": f"{url}/api"}
    command = ["node", "--input-type=module", "-e", example]
    output = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    assert output.split() == [b"5", b"70"]


def test_the_verdict_is_that_of_its_example(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    url = serve()
    [example] = [block for block in blocks("python") if '"billing"' in block]
    monkeypatch.setenv("USAGE_API", f"{url}/api")
    exec(compile(example, "README.md", "exec"), {})
    [command], [shown] = commands("mock-server report "), blocks("text")
    assert cli.main(shlex.split(command.replace(DEFAULT, url))[1:]) == 1
    assert capsysbinary.readouterr().out.decode() == shown


def test_every_format_of_a_report_is_named() -> None:
    for name in writer.FORMATS:
        suffix = next((f"`{s}`" for s, form in writer.SUFFIXES.items() if form == name), "any other")
        assert f"| `{name}` | {suffix} |" in README


@pytest.mark.slow
def test_the_server_is_proved_as_shown(
    fixtures_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(http_probe, "sleep", lambda _seconds: None)
    [command], [shown] = commands("mock-server conform "), blocks("console")
    assert cli.main(shlex.split(command.replace(DEFAULT, fixtures_url))[1:]) == 0
    printed = iter(capsys.readouterr().out.splitlines())
    assert [line for line in shown.splitlines() if line != "..." and line not in printed] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [c for c in commands("mock-server ") if shlex.split(c)[1] not in ("report", "conform")]
)
def test_the_programs_commands_run(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(command)[1:]
    if words[0] == "serve":
        flags = words[1:] if "--port" in words else [*words[1:], "--port", "0"]
        process = Process(*flags[flags.index("--port") + 2 :] if flags[0] == "--port" else flags[:-2])
        assert process.end()[0] == 0
        return
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec").symlink_to(ROOT / "spec")
    assert cli.main(words) == 0
    assert capsys.readouterr().out


def test_the_make_targets_are_there() -> None:
    for target in {shlex.split(command)[1] for command in commands("make ")}:
        done = subprocess.run(
            ["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=True, text=True
        )
        assert {"serve": "mock-server serve", "test": "-m pytest"}[target] in done.stdout


@pytest.mark.slow
def test_make_serve_serves(tmp_path: Path) -> None:
    environment = os.environ | {"MOCK_SERVER_PORT": "0", "VENV": str(tmp_path)}
    # The venv that runs these tests stands in for a fresh one, which takes a minute.
    (tmp_path / "bin").symlink_to(Path(sys.executable).parent)
    for stamp in (".served", ".tested"):
        (tmp_path / stamp).touch()
    with subprocess.Popen(
        ["make", f"VENV={tmp_path}", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        banner = next(line for line in process.stdout if "serves Usage" in line)
        process.terminate()
    assert "serves Usage 0.1 at http://127.0.0.1:" in banner


def test_the_docker_commands_name_what_there_is() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "EXPOSE 8080" in dockerfile
    assert f'image.version="{__version__}"' in dockerfile
    assert "MOCK_SERVER_FIXTURES=/fixtures" in dockerfile
    flags = {setting.flag for setting in SETTINGS}
    # Docker makes a folder that is missing as root, and another user could not write into it.
    folder = re.search(r"--volume \./(reports):", README)
    assert folder
    assert README.index("mkdir -p reports\n") < folder.start()
    for command in commands("docker run"):
        arguments = shlex.split(command.partition(" mock_server")[2])
        assert {word for word in arguments if word.startswith("--")} <= flags


def test_the_yaml_examples_name_what_there_is() -> None:
    variables = {variable for setting in SETTINGS for variable in setting.variables}
    examples = [block for block in blocks("yaml") if "usage-metrics:" not in block]
    assert len(examples) == 3
    for example in examples:
        assert yaml.safe_load(example)
        assert set(re.findall(r"MOCK_SERVER_\w+", example)) <= variables


def test_the_fixture_example_can_be_served(tmp_path: Path) -> None:
    [example] = [block for block in blocks("yaml") if "usage-metrics:" in block]
    (tmp_path / "metrics.yaml").write_text(example)
    [record] = fixture_files.load([tmp_path], SCHEMAS)["usage-metrics"]
    assert record["name"] == "API calls"
    (tmp_path / "metrics.yaml").write_text(example.replace("eventType", "eventTyp"))
    with pytest.raises(CannotServe) as caught:
        fixture_files.load([tmp_path], SCHEMAS)
    promised = re.search(r"`metrics\.yaml:\d+( at .*?)`", README, re.DOTALL)
    assert promised
    assert " ".join(promised[1].split()) in str(caught.value)


def test_the_links_lead_somewhere() -> None:
    headings = re.findall(r"^##+ (.*)", README, re.MULTILINE)
    places = {f"#{heading.lower().replace(' ', '-')}" for heading in headings}
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert link in places or (ROOT / link).exists(), link


def test_the_base_url_is_the_documents() -> None:
    assert f"`{DEFAULT}/api`, in place of `https://sandbox.sequencehq.com/api`" in README
    assert AUTH == ("demo", "secret")
