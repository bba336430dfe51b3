"""The program at a commit before, beside which it is measured; BENCH_BEFORE names the commit."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import peers
from servers import HERE, Command

FOLDER = peers.FOLDER.with_name("before")


def command(*flags: str) -> Command | None:
    """Return the command of the program before, which is installed once; None where none is named."""
    revision = os.environ.get("BENCH_BEFORE")
    if not revision:
        return None
    program = _program(_run("git", "-C", str(HERE), "rev-parse", "--verify", f"{revision}^{{commit}}"))
    return [str(program), "serve", "--port", "PORT", *flags]


def _program(commit: str) -> Path:
    """Return the program of a commit, in an environment with the libraries of this one."""
    venv = FOLDER / commit
    program = venv / Path(sys.executable).parent.name / "mock-server"
    if not program.exists():
        print(f"installing {commit} into {venv}", file=sys.stderr)
        _run(sys.executable, "-m", "venv", str(venv))
        _install(commit, venv)
    return program


def _install(commit: str, venv: Path) -> None:
    python = str(venv / Path(sys.executable).parent.name / Path(sys.executable).name)
    with tempfile.TemporaryDirectory() as folder:
        source, versions = Path(folder) / "source", Path(folder) / "versions.txt"
        archive = Path(folder) / "source.tar"
        source.mkdir()
        _run("git", "-C", str(HERE.parent), "archive", "--output", str(archive), commit)
        _run("tar", "-x", "-f", str(archive), "-C", str(source))
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        versions.write_text(_run(*pip, "freeze", "--exclude-editable"))
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(python, *install, "--constraint", str(versions), f"{source}[server]")


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
