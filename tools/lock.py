"""Write the locks that the image is built from, with the hashes of all files.

    python tools/lock.py UV [OPTION ...]     e.g. python tools/lock.py .venv/bin/uv --upgrade

`locks/server.txt` pins what the package with its extra `server` needs, `locks/build.txt` what builds
it. A version that a lock names already stays while setup.cfg allows it; `--upgrade` takes the newest
ones. Every package must have wheels for both platforms of the image, since nothing is compiled in it.
"""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "locks"

# The image's platforms, by uv's names; those of python:slim are Debian, which has a newer glibc.
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")

# The installer of the build is no requirement of the package, and is pinned like one.
INSTALLER = "pip>=25"


def requirements() -> dict[str, list[str]]:
    """Return the requirements to lock by the lock's name, e.g. `{"server": ["click >=8.1, <9"]}`."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    texts = config["options"]["install_requires"], config["options.extras_require"]["server"]
    lines = (line.strip() for text in texts for line in text.splitlines())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        "server": [line for line in lines if line and not line.startswith("#")],
        "build": [INSTALLER, *project["build-system"]["requires"]],
    }


def oldest_python() -> str:
    """Return the oldest Python that the package takes, e.g. `3.11`; a lock holds from there on."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config["options"]["python_requires"].removeprefix(">=")


def image_python() -> str:
    """Return the Python of the image, e.g. `3.13`."""
    found = re.search(r"^ARG BASE=python:(\d+\.\d+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit("The Dockerfile's ARG BASE names no version of Python.")
    return found[1]


def write(uv: str, name: str, wanted: list[str], options: list[str]) -> None:
    """Resolve the requirements, and write their lock."""
    path = LOCKS / f"{name}.txt"
    command = [
        uv, "pip", "compile", "-", "--quiet", "--universal", "--python-version", oldest_python(),
        "--generate-hashes", "--only-binary", ":all:", "--no-emit-index-url", "--no-emit-find-links",
        "--custom-compile-command", "make lock", "--output-file", str(path), *options,
    ]  # fmt: skip
    subprocess.run(command, input="\n".join(wanted), text=True, check=True, stdout=subprocess.DEVNULL)
    text = path.read_text(encoding="utf-8")
    if re.search(r"https?:|file:", text):
        raise SystemExit(f"{path} names a place that packages come from; nothing may depend on one.")
    for platform in PLATFORMS:
        require_wheels(uv, path, platform)
    print(f"{path.relative_to(ROOT)}: {len(re.findall('^[^ #]+==', text, re.MULTILINE))} packages")


def require_wheels(uv: str, path: Path, platform: str) -> None:
    """Raise CalledProcessError where a package of the lock has no wheel for the platform."""
    with TemporaryDirectory() as target:
        command = [
            uv, "pip", "install", "--quiet", "--dry-run", "--require-hashes", "--only-binary", ":all:",
            "--python-version", image_python(), "--python-platform", platform, "--target", target,
            "--requirement", str(path),
        ]  # fmt: skip
        subprocess.run(command, check=True)


if __name__ == "__main__":
    LOCKS.mkdir(exist_ok=True)
    for lock, lines in requirements().items():
        write(sys.argv[1], lock, lines, sys.argv[2:])
