"""What texts tell people to install: never the name that belongs to somebody else's package."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.documents import ROOT

# `mock_server` and `mock-server` are one name for pip, and it is not this project's.
INSTALLS = re.compile(
    r"""(?:\b(?:pip3?|pipx|uv\ tool|uv\ pip|uv)\ +(?:install|run|add)|\buvx)\ +(?:--?(?!from)\S+\ +)*['"]?mock[-_.]server""",
    re.IGNORECASE | re.VERBOSE,
)
SUFFIXES = {
    ".md",
    ".py",
    ".cfg",
    ".toml",
    ".yml",
    ".yaml",
    ".sh",
    ".txt",
    ".json",
    ".html",
    ".js",
    ".ts",
    "",
}
SKIPPED = {".git", ".venv", ".bench", "build", "dist", "site", "node_modules"}


def texts() -> list[Path]:
    tops = [
        path
        for path in ROOT.iterdir()
        if path.name not in SKIPPED and not path.name.endswith("egg-info")
    ]
    tops = [path for path in tops if not path.name.endswith("_cache") and path.name != ".hypothesis"]
    inner = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*"))]
    return [
        path
        for path in inner
        if path.is_file() and path.suffix in SUFFIXES and not SKIPPED & set(path.relative_to(ROOT).parts)
    ]


@pytest.mark.parametrize(
    "name", ["mock_server", "'mock-server'", "-U mock-server", "--quiet Mock.Server"]
)
def test_the_search_finds_what_it_looks_for(name: str) -> None:
    for command in ("pip install", "uvx", "pipx run", "uv tool install"):
        assert INSTALLS.search(f"{command} {name}")
    assert not INSTALLS.search("uvx --from 'openapi-sandbox[server]' mock-server")


def test_no_text_installs_a_package_of_another_name() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in texts()
        if INSTALLS.search(path.read_text(errors="replace"))
    ]
    assert found == []
