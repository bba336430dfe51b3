"""The workflows of .github: what they run is what runs here, and what others wrote is pinned."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from mock_server.cli.commands import cli
from tests.support.documents import ROOT
from tests.support.pages import PAGES

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
VERSION = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")

# What only a release does: it publishes, and signs, so that no target of the Makefile may.
PUBLISHING = ("npm publish ", "gh release create ", "cosign sign ")

EXPRESSION = re.compile(r"\$\{\{")


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text())["jobs"]
    return found


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in WORKFLOWS:
        for name, job in jobs(path).items():
            for step in job.get("steps", []):
                yield f"{path.name}/{name}", step


RUNS = [(where, step["run"]) for where, step in steps() if "run" in step]


@pytest.mark.parametrize(("where", "command"), RUNS)
def test_each_step_is_a_make_target_that_exists_or_publishes(where: str, command: str) -> None:
    words = command.split()
    is_target = len(words) == 2 and words[0] == "make" and words[1] in TARGETS
    assert is_target or command.startswith(PUBLISHING)
    if not is_target:
        assert where in {"release.yml/npm", "release.yml/release", "container.yml/publish"}


@pytest.mark.parametrize(("where", "command"), RUNS)
def test_values_reach_scripts_by_their_environment_alone(where: str, command: str) -> None:
    assert not EXPRESSION.search(command)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_of_others_are_pinned_by_commit_and_say_their_version(path: Path) -> None:
    used = re.findall(r"^ +(?:- )?uses: (.+)$", path.read_text(), re.MULTILINE)
    assert used
    for text in used:
        assert text.startswith("./") or VERSION.fullmatch(text), text


def test_one_action_has_one_commit_in_all_workflows() -> None:
    texts = "".join(path.read_text() for path in WORKFLOWS)
    commits: dict[str, set[str]] = {}
    for action, pin in re.findall(r"uses: ([\w/-]+)@(.+)$", texts, re.MULTILINE):
        commits.setdefault(action, set()).add(pin)
    assert {action: pins for action, pins in commits.items() if len(pins) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_has_its_own_permissions_and_a_limit_of_time(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    for job in workflow["jobs"].values():
        assert "permissions" in job
        assert "uses" in job or job["timeout-minutes"] <= 60


def test_the_pythons_that_ci_tests_begin_with_the_oldest_that_is_supported() -> None:
    tested = jobs(ROOT / ".github/workflows/ci.yml")["tests"]["strategy"]["matrix"]["python"]
    assert tested == ["3.11", "3.12", "3.13", "3.14"]
    assert "python_requires = >=3.11\n" in (ROOT / "setup.cfg").read_text()


def test_no_owner_of_the_repository_is_named() -> None:
    for path in [*(ROOT / ".github").rglob("*.*"), ROOT / "action.yml"]:
        assert set(re.findall(r"(?:github\.com|ghcr\.io)/([\w-]+)", path.read_text())) <= {"OWNER"}, path


def read(text: str) -> dict[str, Any]:
    """Read YAML 1.2, in which `on` is a text."""
    from ruamel.yaml import YAML

    found: dict[str, Any] = YAML(typ="safe").load(text)
    return found


def validator(name: str) -> Draft7Validator:
    """Return what checks files by a schema that check-jsonschema brings, e.g. `github-workflows`."""
    # Here, since every run of tests collects this module, and the program loads many libraries.
    from check_jsonschema.builtin_schemas import get_builtin_schema

    return Draft7Validator(get_builtin_schema(f"vendor.{name}"))


FILES = {
    ".github/workflows/*.yml": "github-workflows",
    "action.yml": "github-actions",
    ".github/dependabot.yml": "dependabot",
    ".github/ISSUE_TEMPLATE/[bf]*.yml": "github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "github-issue-config",
}


@pytest.mark.parametrize("pattern", FILES)
def test_files_fit_the_published_schemas(pattern: str) -> None:
    check = validator(FILES[pattern])
    paths = list(ROOT.glob(pattern))
    assert paths
    for path in paths:
        assert [error.message for error in check.iter_errors(read(path.read_text()))] == [], path


# What is marked as not run in the pages, by the CI system that it is for.
SHOWN = {
    "azure": "azure-pipelines",
    "circleci": "circle-ci",
    "github": "github-workflows",
    "gitlab": "gitlab-ci",
}


@pytest.mark.parametrize("system", SHOWN)
def test_the_pages_show_files_that_fit_the_published_schemas(system: str) -> None:
    check = validator(SHOWN[system])
    blocks = [block for page in PAGES for block in page.blocks if block.not_run == system]
    assert blocks
    for block in blocks:
        # A page may show a part, without what begins a workflow.
        begun = {"on": "push"} if system == "github" else {}
        assert [error.message for error in check.iter_errors(begun | read(block.text))] == [], str(block)


def test_the_pages_pin_actions_like_the_workflows() -> None:
    pinned = {text for path in WORKFLOWS for text in VERSION.findall(path.read_text())}
    shown = {line for page in PAGES for line in re.findall(r"uses: (actions/.+)", page.text)}
    assert shown <= pinned


def test_the_page_describes_each_input_of_the_action() -> None:
    page = (ROOT / "docs/how-to/ci.md").read_text()
    rows = re.findall(r"^\| (`.+?) \| (.+?) \|", page, re.MULTILINE)
    described = {name: default for names, default in rows for name in re.findall(r"`(.+?)`", names)}
    inputs = read((ROOT / "action.yml").read_text())["inputs"]
    assert set(described) == set(inputs)
    for name, spec in inputs.items():
        if spec["default"]:
            assert described[name] == f"`{spec['default']}`"


def test_the_hook_of_pre_commit_runs_a_command_that_its_extra_brings() -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, command = hook["entry"].split()
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    assert f"{program} = mock_server.cli:run" in parser["options.entry_points"]["console_scripts"]
    assert [extra[2:-1] for extra in hook["additional_dependencies"]] == ["server"]
    assert "server" in parser["options.extras_require"]
    [shown] = [block for page in PAGES for block in page.blocks if block.not_run == "pre-commit"]
    [used] = yaml.safe_load(shown.text)["repos"][0]["hooks"]
    assert used["id"] == hook["id"]
    flags = {option for parameter in cli.commands[command].params for option in parameter.opts}
    assert {word for word in used["args"] if word.startswith("--")} <= flags


def test_the_devcontainer_installs_what_the_makefile_can_make() -> None:
    text = (ROOT / ".devcontainer/devcontainer.json").read_text()
    container = json.loads(re.sub(r"^ *//.*$", "", text, flags=re.MULTILINE))
    makes = container["postCreateCommand"].removeprefix("make ").split()
    rules = (ROOT / "Makefile").read_text().replace("$(VENV)", ".venv")
    assert all(f"\n{target}: " in rules for target in makes)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm")
def test_the_package_for_npm_names_the_repository_whose_workflow_packs_it(tmp_path: Path) -> None:
    environment = os.environ | {
        "GITHUB_REPOSITORY": "acme/sandbox",
        "GITHUB_SERVER_URL": "https://github.com",
    }
    command = ["bash", str(ROOT / "tools/javascript_pack.sh"), str(tmp_path)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    [path] = tmp_path.glob("*.tgz")
    with tarfile.open(path) as archive:
        member = archive.extractfile("package/package.json")
        assert member is not None
        assert json.load(member)["repository"] == {
            "type": "git",
            "url": "git+https://github.com/acme/sandbox.git",
            "directory": "clients/javascript",
        }


CHANGELOG = """# Changelog

## 2.0.0 (unreleased)

- New.

## 1.1.0 (2026-12-01)

### Changes

- Old.

## 1.0.0 (2026-01-01)
"""


@pytest.mark.parametrize(
    ("tag", "number", "refusal"),
    [
        ("v1.1.0", "1.1.0", None),
        ("v1.0.0", "1.1.0", "The tag is 'v1.0.0', mock_server/__init__.py says 1.1.0; tag v1.1.0."),
        ("1.1.0", "1.1.0", "The tag is '1.1.0', mock_server/__init__.py says 1.1.0; tag v1.1.0."),
        ("v2.0.0", "2.0.0", "CHANGELOG.md says 'unreleased' at 2.0.0; write the day, e.g. 2026-12-01."),
        ("v3.0.0", "3.0.0", "CHANGELOG.md has no section '## 3.0.0 (DATE)'; write one."),
    ],
)
def test_a_tag_is_released_only_with_its_version_and_a_dated_section(
    tmp_path: Path, tag: str, number: str, refusal: str | None
) -> None:
    for folder in ("tools", "mock_server"):
        (tmp_path / folder).mkdir()
    (tmp_path / "tools/release.py").write_text((ROOT / "tools/release.py").read_text())
    (tmp_path / "mock_server/__init__.py").write_text(f'__version__ = "{number}"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    command = [sys.executable, "-S", str(tmp_path / "tools/release.py")]
    checked = subprocess.run([*command, "check-tag", tag], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (
        0 if refusal is None else 1,
        f"{refusal}\n" * bool(refusal),
    )
    if refusal is None:
        notes = subprocess.run([*command, "notes"], capture_output=True, text=True, check=True).stdout
        assert notes == "### Changes\n\n- Old.\n"
