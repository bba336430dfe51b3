"""Tables and names in the README and the documentation are those of the code."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from mock_server import settings
from mock_server.lists import broken_pages
from mock_server.report import writer
from mock_server.setting_table import SETTINGS, Setting
from tests.support import pages
from tests.support.documents import AUTH, ROOT
from tests.support.page_runner import DEFAULT
from tests.support.pages import PAGES

README = pages.page("README.md").text


def row(setting: Setting) -> str:
    default = setting.shown or ("off" if setting.parse is None else f"`{setting.default}`")
    flag = f"{setting.flag} {setting.metavar}".strip()
    variables = ", ".join(f"`{variable}`" for variable in setting.variables)
    return (
        f"| `{flag}` | {variables} | {default} | {setting.help}{' Repeatable.' * setting.repeatable} |"
    )


def test_the_table_of_settings_is_that_of_the_code() -> None:
    lines = pages.page("docs/reference/settings.md").text.splitlines()
    assert [line for line in lines if line.startswith("| `--")] == [row(each) for each in SETTINGS]


def test_every_page_fault_and_every_reserved_client_id_is_named() -> None:
    text = pages.page("docs/reference/faults.md").text
    for kind in broken_pages.KINDS:
        assert f'`{{"page": "{kind}"}}`' in text
    for client_id in settings.RESERVED:
        assert f"| `{client_id}` |" in text


def test_every_format_of_a_report_is_named() -> None:
    text = pages.page("docs/reference/reports.md").text
    for name in writer.FORMATS:
        suffix = next((f"`{s}`" for s, form in writer.SUFFIXES.items() if form == name), "any other")
        assert f"| `{name}` | {suffix} |" in text


def test_the_base_url_is_the_documents() -> None:
    assert f"`{DEFAULT}/api`, in place of `https://sandbox.sequencehq.com/api`" in README
    assert AUTH == ("demo", "secret")


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 250


def test_the_make_targets_do_what_the_readme_says() -> None:
    for target, command in {"serve": "mock-server serve", "test": "-m pytest"}.items():
        assert f"\nmake {target}\n" in README
        done = subprocess.run(
            ["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=True, text=True
        )
        assert command in done.stdout


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


IMAGE = re.compile(r"^(?:\S+/)?(?:mock_server|openapi-sandbox)(?::\S+)?$")


def test_the_docker_commands_name_what_there_is() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "EXPOSE 8080" in dockerfile
    assert "MOCK_SERVER_FIXTURES=/fixtures" in dockerfile
    flags = {setting.flag for setting in SETTINGS}
    for block in (block for page in PAGES for block in page.blocks if block.language == "bash"):
        for command in (each for each in block.commands if each.startswith("docker run")):
            words = shlex.split(command)
            image = next(index for index, word in enumerate(words) if IMAGE.match(word))
            given = {word.partition("=")[0] for word in words[image:] if word.startswith("--")}
            assert given <= flags, str(block)
            # Docker makes a folder that is missing as root, and another user could not write into it.
            if "./reports:" in command:
                assert "mkdir -p reports" in block.commands, str(block)


def test_each_page_has_the_title_that_the_navigation_gives_it() -> None:
    found = re.findall(r"- (?:(.+): )?(\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    titles = {path: pages.page(f"docs/{path}").text.splitlines()[0] for _, path in found}
    # The first page has the project's name, and the tutorial says what it leads to.
    assert {path: f"# {title}" for title, path in found if title} | {
        "index.md": "# openapi-sandbox",
        "tutorial.md": "# Tutorial: from nothing to a suite in CI",
        "reference/index.md": "# Reference",
    } == titles


def test_the_architecture_names_each_folder() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True)
    folders = {name.split("/")[0] for name in listed.stdout.split() if "/" in name}
    named = re.findall(r"`(\w+)[/`]", pages.page("docs/architecture.md").text)
    assert {name for name in folders if not name.startswith(".")} <= set(named)
