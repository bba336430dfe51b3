"""The documentation's site: it holds what it should, and a mistake in a page ends its build."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mock_server.client import Sandbox
from mock_server.openapi import overlay_schema
from tests.support.documents import ROOT

pytest.importorskip("mkdocs", reason="the extra docs is not installed")

from docs_site import docstrings, hooks, llms

CONFIG = f"""
INHERIT: {ROOT}/mkdocs.yml
nav: [index.md]
plugins: []
hooks: [{ROOT}/docs_site/hooks.py]
"""


def build(folder: Path, page: str) -> str:
    """Build a site of one page, with the configuration of this one; return why it failed, or `""`."""
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "index.md").write_text(page)
    (folder / "mkdocs.yml").write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "mkdocs", "build", "-f", str(folder / "mkdocs.yml")],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
    )
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.slow
def test_a_site_has_its_pages_the_schema_and_the_texts_for_language_models(tmp_path: Path) -> None:
    page = "# A page\n\nIt **says** [this](#x). And that.\n\n## X\n\n<!-- generated: object MockViolation -->\n"
    assert build(tmp_path, page) == ""
    site = tmp_path / "site"
    assert "<code>message</code>" in (site / "index.html").read_text()
    assert json.loads((site / "schemas" / "overlay.json").read_text()) == overlay_schema.schema()
    address = "https://OWNER.github.io/openapi-sandbox/index.md"
    assert (site / "llms.txt").read_text() == (
        "# openapi-sandbox\n\n> A local sandbox of a SaaS API, given its OpenAPI document, for integration tests\n\n"
        f"## Start\n\n- [A page]({address}): It says this.\n"
    )
    for name in ("llms-full.txt", "index.md"):
        assert "| `message` (required) | string |" in (site / name).read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("[a](no.md) [b](#no-such) [c](/no.md)", "Aborted with 4 warnings in strict mode"),
        ("[a](https:/example.com)", "https:/example.com is no address"),
        ('<img src="https://example.com/a.png">', "loads from elsewhere"),
    ],
)
def test_a_mistake_in_a_page_ends_the_build(tmp_path: Path, page: str, message: str) -> None:
    if "warnings" in message:
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "left_out.md").write_text("# Not in the navigation\n")
    assert message in build(tmp_path, f"# Page\n\n{page}\n")


@pytest.mark.parametrize("released", [True, False])
def test_a_page_says_how_to_install_by_the_variable(released: bool) -> None:
    repository = "https://github.com/OWNER/openapi-sandbox/blob/main/"
    config: Any = SimpleNamespace(
        extra={"released": released, "repository": repository}, config_file_path=str(ROOT / "mkdocs.yml")
    )
    page: Any = SimpleNamespace(file=SimpleNamespace(src_uri="how-to/page.md"))
    written = "pip install 'openapi-sandbox[server] @ git+https://github.com/OWNER/openapi-sandbox'"
    shown = hooks.on_page_markdown(f"`{written}` [x](../../setup.cfg) [y](../index.md)", page, config)
    command = "pip install 'openapi-sandbox[server]'" if released else written
    assert shown == f"`{command}` [x]({repository}setup.cfg) [y](../index.md)"


@pytest.mark.slow
def test_the_text_of_a_page_has_the_docstrings_that_it_names() -> None:
    text = docstrings.expand((ROOT / "docs" / "reference" / "client.md").read_text())
    assert ":::" not in text
    for name in (each for each in dir(Sandbox) if not each.startswith("_")):
        assert f"\n### {name}\n" in text
    assert "\nadvance(seconds: float) -> None\n```\n\nMove the clock forward, e.g. `advance(61)`" in text
    # An image starts as any other container does; its own members alone are described.
    assert "with_network_aliases" not in text


def test_the_text_of_a_fixture_has_no_call_of_it() -> None:
    text = docstrings.expand(
        "::: pytest_mock_server.mock_server\n    options:\n      heading_level: 3\n"
    )
    assert text.startswith("### mock_server\n\nGive the server of the run, e.g. ")


@pytest.mark.parametrize(
    ("page", "summary"),
    [
        ("# T\n\nIt **says** [this](#x). And that.", "It says this."),
        ("# T\n\nAt the end of this page, you know it; yes. No.", "You know it; yes."),
        ("# T\n\n```python\nx\n```\n\n`x` reads JSON, e.g. `y`. `z` too.", "`x` reads JSON, e.g. `y`."),
        (
            "# T\n\n| a |\n|---|\n\nmock_server loads OpenAPI 3.0. It is it.",
            "mock_server loads OpenAPI 3.0.",
        ),
        ("# T\n\nSay one of these:\n\n- a", "Say one of these"),
    ],
)
def test_a_page_is_summed_up_by_its_first_sentence(page: str, summary: str) -> None:
    assert llms.summary(page) == summary
