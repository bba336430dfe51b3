"""How texts say to install: all by one variable, and back."""

from __future__ import annotations

import re
from pathlib import Path

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


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_requirements_are_switched_both_ways() -> None:
    assert switch(UNRELEASED, released=True) == switch(RELEASED, released=True) == RELEASED
    assert switch(RELEASED, released=False) == switch(UNRELEASED, released=False) == UNRELEASED


def test_what_installs_nothing_stays() -> None:
    for text in (
        'import { Sandbox } from "openapi-sandbox";',
        "`openapi-sandbox`",
        "openapi-sandbox:0.1",
        "Error: pip install 'openapi-sandbox[server]'",
    ):
        assert switch(text, released=False) == switch(text, released=True) == text


@pytest.mark.parametrize("path", list_files(), ids=name_of)
def test_every_text_says_what_the_variable_says_and_can_be_switched(path: Path) -> None:
    text = path.read_text()
    assert switch(text, released=is_released()) == text, "make install-texts writes it"
    released = switch(text, released=True)
    assert "git+https://github.com/OWNER/openapi-sandbox" not in released
    assert switch(released, released=is_released()) == text


@pytest.mark.parametrize("path", list_files(), ids=name_of)
def test_what_is_installed_stands_in_quotes(path: Path) -> None:
    """Without quotes, a requirement would not be switched, and a shell may read its brackets."""
    for what in INSTALLS.findall(switch(path.read_text(), released=True)):
        if "openapi-sandbox" in what:
            assert re.search(r"""(['"])openapi-sandbox(\[[a-z,-]+\])?\1""", what), what


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
