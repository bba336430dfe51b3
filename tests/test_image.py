"""What the image is built from: the locks, the build arguments, and the Dockerfile."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from mock_server import __version__
from tests.support.documents import ROOT

DIGEST = "sha256:" + "0123456789abcdef" * 4
DOCKERFILE = (ROOT / "Dockerfile").read_text()

# The image's platform, as the markers of requirements name it.
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "extra": ""}


def pins(name: str) -> dict[str, Version]:
    """The versions of a lock; each has the hash of a file at least."""
    entry = re.compile(
        r"^([a-z0-9._-]+)==(\S+)[^\\]*((?: *\\\n +--hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE
    )
    text = (ROOT / "locks" / f"{name}.txt").read_text()
    assert len(re.findall(r"^\S+==", text, re.MULTILINE)) == len(entry.findall(text))
    return {pin: Version(version) for pin, version, _ in entry.findall(text)}


def require(requirements: list[str], locked: dict[str, Version]) -> None:
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate(LINUX):
            name = re.sub(r"[-_.]+", "-", requirement.name).lower()
            assert name in locked, f"{name} is not in the lock; run 'make lock'"
            assert locked[name] in requirement.specifier, f"{requirement}; run 'make lock'"


def test_the_lock_of_the_server_is_what_setup_cfg_asks_for() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    texts = config["options"]["install_requires"], config["options.extras_require"]["server"]
    lines = [line for text in texts for line in text.splitlines() if line and line[0] != "#"]
    require(lines, pins("server"))


def test_the_lock_of_the_build_is_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    require([*project["build-system"]["requires"], "pip"], pins("build"))


@pytest.mark.parametrize("lock", sorted((ROOT / "locks").glob("*")), ids=lambda path: path.name)
def test_a_lock_names_no_place_that_packages_come_from(lock: Path) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|^/", lock.read_text(), re.MULTILINE)


def arguments(
    folder: Path, *given: str, answer: str = DIGEST, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the script that prints the build arguments, with a stand-in for docker that knows a digest."""
    docker = folder / "docker"
    docker.write_text(f"#!/bin/sh\necho \"$@\" >>'{folder}/asked'\necho '{answer}'\n")
    docker.chmod(0o755)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(
        [ROOT / "tools" / "image_arguments.sh", *given], env={**inherited, "PATH": path, **environment},
        check=False, capture_output=True, text=True,
    )  # fmt: skip


def test_the_base_of_an_image_to_publish_has_its_digest(tmp_path: Path) -> None:
    output = tmp_path / "output"
    made = arguments(
        tmp_path,
        GITHUB_OUTPUT=str(output),
        GITHUB_REPOSITORY="OWNER/NAME",
        SOURCE_DATE_EPOCH="1700000000",
    )
    found = dict(line.split("=", 1) for line in made.stdout.splitlines())
    assert found.pop("REVISION", None) is None or len(found) == 4
    assert found == {
        "BASE": f"python:3.13-slim@{DIGEST}",
        "VERSION": __version__,
        "SOURCE": "https://github.com/OWNER/NAME",
        "SOURCE_DATE_EPOCH": "1700000000",
    }
    asked = "buildx imagetools inspect python:3.13-slim --format {{.Manifest.Digest}}\n"
    assert (tmp_path / "asked").read_text() == asked
    assert output.read_text() == f"arguments<<END_OF_ARGUMENTS\n{made.stdout}END_OF_ARGUMENTS\n"


def test_a_base_with_a_digest_is_taken_as_it_is(tmp_path: Path) -> None:
    made = arguments(tmp_path, f"python:3.12-slim@{DIGEST}")
    assert f"BASE=python:3.12-slim@{DIGEST}\n" in made.stdout
    assert "BASE=python:3.12-slim\n" in arguments(tmp_path, "--as-given", "python:3.12-slim").stdout
    assert not (tmp_path / "asked").exists()


def test_without_a_digest_of_the_base_nothing_is_to_be_published(tmp_path: Path) -> None:
    made = arguments(tmp_path, answer="no such image")
    assert (made.returncode, made.stdout) == (1, "")
    assert "the registry gives no digest of python:3.13-slim, but 'no such image'" in made.stderr


def test_the_dockerfile_writes_no_version_and_names_no_folder_of_the_package() -> None:
    assert __version__ not in DOCKERFILE
    assert 'image.version="${VERSION}"' in DOCKERFILE
    script = (ROOT / "tools" / "image_root.sh").read_text()
    for accident in (r"lib/python3", r"\bspec\b", r"pytest_mock_server", r"site-packages/"):
        assert not re.search(accident, DOCKERFILE + script), accident


def test_the_image_needs_nothing_that_the_build_leaves_out() -> None:
    left_out = {
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] not in ("#", "")
    }
    used = set(re.findall(r"\b(?:locks|tools|mock_server)\b", DOCKERFILE))
    assert used >= {"locks", "tools"}
    assert (
        left_out
        & {*used, "setup.cfg", "pyproject.toml", "README.md", "LICENSE", "NOTICE", "spec", "fixtures"}
        == set()
    )
