"""Hooks of mkdocs: what is made of the pages' Markdown before it is rendered, and beside the pages.

A line `<!-- generated: NAME -->` of a page stands for what `GENERATED` makes under that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from posixpath import join, normpath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mkdocs.exceptions import PluginError

from docs_site import (
    commands,
    control_api,
    docstrings,
    install_texts,
    llms,
    overlay_vocabulary,
    plugin_options,
)
from mock_server.client import Sandbox
from mock_server.openapi import overlay_schema

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page

GENERATED: Mapping[str, Callable[[], str]] = {
    "commands": commands.render_commands,
    "control calls": control_api.render_calls,
    "overlay vocabulary": overlay_vocabulary.render_vocabulary,
    "plugin options": plugin_options.render_options,
    **{
        f"object {name}": partial(control_api.render_object, name)
        for name in control_api.document()["components"]["schemas"]
    },
}

_MARK = re.compile(r"^<!-- generated: (.+) -->$", re.MULTILINE)
# A link, or a picture, to a file beside or above the page.
_LINK = re.compile(r"(?<=\]\()(\.\.?/[^)\s#]*)")
_ADDRESS = re.compile(r"(?<=\]\()(https?:[^)\s]*)")

# A tag that makes a browser load something from another host.
_LOADED = re.compile(
    r"""<(?:script|img|iframe|link(?![^>]*rel="canonical"))[^>]*\b(?:src|href)="https?:[^>]*>"""
)

# The pages in Markdown with all that is generated, in the order of their building, by their paths.
_pages: dict[str, str] = {}


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Fill in what is generated, and write links out of docs/, and how to install, for the site."""
    filled = _MARK.sub(lambda mark: GENERATED[mark[1]](), markdown)
    switched = install_texts.switch(filled, released=config.extra["released"])
    result = _LINK.sub(lambda link: _lead_out(link[1], page.file.src_uri, config), switched)
    for address in _ADDRESS.findall(result):
        _require_form(address, page.file.src_uri)
    _pages[page.file.src_uri] = docstrings.expand(result)
    return result


def on_nav(nav: Navigation, **_: object) -> Navigation:
    """Note the navigation, by which the texts for language models are ordered."""
    llms.remember(nav)
    return nav


def on_post_build(config: MkDocsConfig) -> None:
    """Write what is no page: the schema of overlays, and the texts for language models.

    Raise PluginError where a page would load something from elsewhere, or leaves out what is public.
    """
    site = Path(config.site_dir)
    for page in site.rglob("*.html"):
        for tag in _LOADED.findall(page.read_text()):
            raise PluginError(f"{page.relative_to(site)} loads from elsewhere: {tag}")
    _require_members(site / "reference" / "client" / "index.html")
    (site / "schemas").mkdir(exist_ok=True)
    (site / "schemas" / "overlay.json").write_text(json.dumps(overlay_schema.schema(), indent=2) + "\n")
    llms.write(site, config, _pages)


def _require_members(page: Path) -> None:
    """Raise PluginError where the page of the client, if there is one, lacks a public member of it."""
    for name in dir(Sandbox) if page.exists() else ():
        if (
            not name.startswith("_")
            and f'id="mock_server.client.Sandbox.{name}"' not in page.read_text()
        ):
            raise PluginError(f"{page} has nothing about Sandbox.{name}")


def _lead_out(link: str, page: str, config: MkDocsConfig) -> str:
    """Return the link, or the address in the repository of a file outside docs/ that it leads to."""
    path = normpath(join("docs", page, "..", link))
    if path.startswith("docs/") or not (Path(config.config_file_path).parent / path).exists():
        return link
    return join(config.extra["repository"], path)


def _require_form(address: str, page: str) -> None:
    """Raise PluginError for an address that can lead nowhere; no network is asked."""
    parts = urlsplit(address)
    if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc) or " " in address:
        raise PluginError(f"{page}: {address} is no address; correct it")
