"""The workflows of .github: what they run is what runs here, and what others wrote is pinned."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.documents import ROOT

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
