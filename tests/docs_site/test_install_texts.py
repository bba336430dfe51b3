"""How texts say to install: all by one variable, and back; never by a name that is somebody else's."""

from __future__ import annotations

import re
import subprocess

import pytest

from docs_site.install_texts import README, REPOSITORY, is_released, list_files, switch, switch_links
from tests.support.documents import ROOT

RELEASED = "uvx --from 'openapi-sandbox[server]' mock-server\npip install pytest \"openapi-sandbox\"\n"
UNRELEASED = (
    "uvx --from 'openapi-sandbox[server] @ git+https://github.com/OWNER/openapi-sandbox' mock-server\n"
    'pip install pytest "openapi-sandbox @ git+https://github.com/OWNER/openapi-sandbox"\n'
)

# What installs, and what follows it up to the end of the line.
INSTALLS = re.compile(
    r"(?:pip install|uvx? (?:--from|add|tool install|pip install)|--from|pipx install) (.*)"
)

# `mock_server` and `mock-server` are one name for pip, and it is that of another project.
INSTALLS_ANOTHER = re.compile(
    r"""(?:\b(?:pip3?|pipx|uv\ tool|uv\ pip|uv)\ +(?:install|run|add)|\buvx)\ +(?:--?(?!from)\S+\ +)*['"]?mock[-_.]server""",
    re.IGNORECASE | re.VERBOSE,
)


def test_requirements_are_switched_both_ways() -> None:
    assert switch(UNRELEASED, released=True) == switch(RELEASED, released=True) == RELEASED
    assert switch(RELEASED, released=False) == switch(UNRELEASED, released=False) == UNRELEASED


def test_what_installs_nothing_stays() -> None:
    for text in (
        'import { Sandbox } from "openapi-sandbox";',
        "`openapi-sandbox`",
        "openapi-sandbox:0.1",
    ):
        assert switch(text, released=False) == switch(text, released=True) == text


def test_every_text_says_what_the_variable_says_and_can_be_switched() -> None:
    is_now = is_released()
    for path in list_files():
        text = path.read_text()
        assert switch(text, released=is_now) == text, f"{path}: make install-texts writes it"
        released = switch(text, released=True)
        assert "git+https://github.com/OWNER/openapi-sandbox" not in released, path
        assert switch(released, released=is_now) == text, path


def test_what_is_installed_stands_in_quotes() -> None:
    """Without quotes, a requirement would not be switched, and a shell may read its brackets."""
    for path in list_files():
        for what in INSTALLS.findall(switch(path.read_text(), released=True)):
            if "openapi-sandbox" in what:
                assert re.search(r"""(['"])openapi-sandbox(\[[a-z,-]+\])?\1""", what), (path, what)


@pytest.mark.parametrize(
    "name", ["mock_server", "'mock-server'", "-U mock-server", "--quiet Mock.Server"]
)
def test_the_search_finds_what_installs_a_package_of_another_project(name: str) -> None:
    for command in ("pip install", "uvx", "pipx run", "uv tool install"):
        assert INSTALLS_ANOTHER.search(f"{command} {name}")
    assert not INSTALLS_ANOTHER.search("uvx --from 'openapi-sandbox[server]' mock-server")


@pytest.mark.slow
def test_no_text_installs_a_package_of_another_project() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    found = [
        path
        for path in files
        if path.is_file() and INSTALLS_ANOTHER.search(path.read_text(errors="replace"))
    ]
    assert found == []


def test_links_are_switched_both_ways() -> None:
    within = "[a](docs/a.md#b) ![c](docs/c.webp) [d](#e) [f](https://example.com/f.md)"
    in_full = (
        f"[a]({REPOSITORY}/blob/main/docs/a.md#b) ![c]({REPOSITORY}/raw/main/docs/c.webp) [d](#e) "
        "[f](https://example.com/f.md)"
    )
    assert switch_links(within, released=True) == switch_links(in_full, released=True) == in_full
    assert switch_links(in_full, released=False) == switch_links(within, released=False) == within


def test_the_readme_has_the_links_of_the_variable() -> None:
    text = README.read_text()
    assert switch_links(text, released=is_released()) == text, "make install-texts writes it"
    assert switch_links(switch_links(text, released=True), released=is_released()) == text
