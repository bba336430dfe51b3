"""Environments of their own, made by uv, and what is resolved for one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.documents import ROOT

UV = Path(sys.executable).with_name("uv")

# A guard against a hang, with room for a first download.
SECONDS = 300

# What a build takes from the repository; a folder `build/` of an earlier one is not among it.
SOURCES = ("pyproject.toml", "setup.cfg", "README.md", "LICENSE", "NOTICE", "mock_server",
           "pytest_mock_server", "spec", "fixtures")  # fmt: skip

# Tests take the packages from where they are installed, and all else from the repository.
PACKAGES = ("mock_server", "pytest_mock_server")


def copy_sources(folder: Path) -> Path:
    """Copy what a build takes into a new folder, and return it."""
    folder.mkdir(parents=True)
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


def build_wheel(folder: Path) -> None:
    """Build the wheel into a folder."""
    sources = copy_sources(folder / "sources")
    call(str(UV), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(sources))


def call(*command: str, given: str = "", folder: Path | None = None) -> str:
    """Return what a command prints on standard output; it must succeed."""
    done = run(*command, given=given, folder=folder)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def run(
    *command: str, given: str = "", folder: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command without the variables of the tests that run it."""
    # Without bytecode, each process of a new environment would compile all that it imports.
    own = ("PYTEST_", "COV_", "MOCK_SERVER_", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    return subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, timeout=SECONDS, cwd=folder,
        env=environment | variables,
    )  # fmt: skip


def resolve(*requirements: str, flags: tuple[str, ...] = (), source: str = "-") -> dict[str, str]:
    """Return the versions that fit all requirements, by their names, e.g. `{"click": "8.1.8"}`."""
    python = (".".join(map(str, sys.version_info[:2])), sys.executable)
    command = [str(UV), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version",
               python[0], "--python", python[1], *flags, source]  # fmt: skip
    found = call(*command, given="\n".join(requirements))
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", found, re.MULTILINE))


class Environment:
    """A virtual environment with what is given, and nothing else."""

    def __init__(self, folder: Path, *requirements: str, flags: tuple[str, ...] = ()) -> None:
        self.folder = folder
        call(str(UV), "venv", "--quiet", "--python", sys.executable, str(folder / "venv"))
        self._bin = next(
            p for p in (folder / "venv" / name for name in ("bin", "Scripts")) if p.is_dir()
        )
        self.install(*requirements, flags=flags)

    @property
    def python(self) -> str:
        return str(self._bin / "python")

    def install(self, *requirements: str, flags: tuple[str, ...] = ()) -> None:
        call(str(UV), "pip", "install", "--quiet", "--python", self.python, *flags, *requirements)

    def packages(self) -> dict[str, str]:
        found = call(str(UV), "pip", "list", "--format", "freeze", "--python", self.python)
        return dict(re.findall(r"^(\S+)==(\S+)", found, re.MULTILINE))

    def mock_server(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `mock-server` in an empty folder."""
        return run(str(self._bin / "mock-server"), *arguments, folder=self.folder, **variables)

    def pytest(self, tests: str, *flags: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a suite of one file."""
        (self.folder / "test_suite.py").write_text(tests)
        command = [
            self.python,
            "-m",
            "pytest",
            "-q",
            "-rA",
            "-p",
            "no:cacheprovider",
            *flags,
            "test_suite.py",
        ]
        return run(*command, folder=self.folder, **variables)

    def own_tests(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run tests of this repository against the packages that are installed."""
        for path in ROOT.iterdir():
            if path.name not in PACKAGES and not path.name.startswith("."):
                (self.folder / path.name).symlink_to(path)
        # With -P, the folder is not on the path of imports before what is installed.
        return run(self.python, "-P", "-m", "pytest", "-q", *arguments, folder=self.folder)
