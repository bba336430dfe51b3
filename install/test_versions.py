"""The versions that are installed: beside others, the newest, and the oldest that are allowed."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from install.environments import Environment, copy_sources, resolve
from install.test_base import APPLICATIONS
from tests.support.documents import ROOT

# Requirements whose newest release is not allowed, and why. An entry that is not needed any more fails.
HELD_BACK: dict[str, str] = {}

# What the oldest versions are tried with: at least one module of tests where each library is used.
SUBSET = (
    "tests/cli", "tests/data/test_fixture_files.py", "tests/data/test_generator.py",
    "tests/end_to_end/test_command_line.py", "tests/openapi/test_document.py", "tests/openapi/test_overlay.py",
    "tests/openapi/test_patterns.py", "tests/openapi/test_schema.py", "tests/pipeline/test_body_limit.py",
    "tests/pipeline/test_routing.py", "tests/pipeline/test_streaming.py", "tests/pipeline/test_wsgi_bridge.py",
    "tests/report", "tests/server", "tests/test_local_server.py",
)  # fmt: skip

# Tests of the repository itself, which read the source of packages.
OF_SOURCES = "not layer"


def required(extra: str) -> list[str]:
    """Return what an extra requires, by the names of distributions, e.g. `["connexion", …]`."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = config["options.extras_require"][extra].splitlines()
    found = (re.match(r"[A-Za-z0-9-]+", line) for line in lines)
    return [each[0].lower() for each in found if each]


@pytest.mark.parametrize("others", [*((one,) for one in APPLICATIONS), APPLICATIONS], ids=" ".join)
def test_the_base_is_resolved_beside_an_application(wheel: Path, others: tuple[str, ...]) -> None:
    found = resolve(str(wheel), *others)
    for other in others:
        name, _, version = other.partition("==")
        assert found[name].startswith(version.removesuffix("*"))


def test_the_extra_takes_the_newest_release_of_each_requirement(wheel: Path) -> None:
    names = required("server")
    assert len(names) > 10
    found = resolve(f"{wheel}[server]")
    newest = resolve(*names, flags=("--no-deps",))
    older = {name: (found[name], newest[name]) for name in names if found[name] != newest[name]}
    assert set(older) == set(HELD_BACK), (
        f"{older} are older than the newest: allow it in setup.cfg and run all tests, or say in "
        "HELD_BACK why not; what stands there without need is to be allowed"
    )


def test_the_oldest_versions_that_are_allowed_pass_a_part_of_the_tests(
    wheel: Path, tmp_path: Path
) -> None:
    sources = copy_sources(tmp_path / "sources")
    flags = ("--resolution", "lowest-direct", "--extra", "server")
    oldest = resolve(flags=flags, source=str(sources / "setup.cfg"))
    pinned = [f"{name}=={version}" for name, version in oldest.items()]
    tools = ("pytest", "pytest-xdist", "hypothesis", "requests", "aiohttp")
    environment = Environment(tmp_path / "oldest", str(wheel), *pinned, *tools)
    done = environment.own_tests("-m", "not slow", "-k", OF_SOURCES, *SUBSET)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
