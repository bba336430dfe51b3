"""Hooks of mkdocs: what is made of the pages' Markdown before it is rendered."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import join, normpath
from typing import TYPE_CHECKING

from docs_site import install_texts

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

# A link, or a picture, to a file beside or above the page.
_LINK = re.compile(r"(?<=\]\()(\.\.?/[^)\s#]*)")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Write how to install, and links out of docs/, as they are right on the site."""
    switched = install_texts.switch(markdown, released=config.extra["released"])
    return _LINK.sub(lambda link: _lead_out(link[1], page.file.src_uri, config), switched)


def _lead_out(link: str, page: str, config: MkDocsConfig) -> str:
    """Return the link, or the address in the repository of a file outside docs/ that it leads to."""
    path = normpath(join("docs", page, "..", link))
    if path.startswith("docs/") or not (Path(config.config_file_path).parent / path).exists():
        return link
    return join(config.extra["repository"], path)
