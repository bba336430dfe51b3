"""The site for language models: llms.txt, as llmstxt.org describes it, and the pages in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page

_navigation: list[Navigation] = []


def remember(nav: Navigation) -> None:
    """Keep the navigation of the build that is under way."""
    _navigation[:] = [nav]


def write(site: Path, config: MkDocsConfig, pages: Mapping[str, str]) -> None:
    """Write llms.txt, llms-full.txt, and each page in Markdown beside its folder, e.g. `tutorial.md`."""
    for path, markdown in pages.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(markdown)
    heading = f"# {config.site_name}\n\n> {config.site_description}\n"
    sections = list(_sections(_navigation[0]))
    lists = "".join(_list(title, found, config, pages) for title, found in sections)
    (site / "llms.txt").write_text(heading + lists)
    whole = "\n\n".join(pages[page.file.src_uri].strip() for _, found in sections for page in found)
    (site / "llms-full.txt").write_text(f"{heading}\n{whole}\n")


def _sections(nav: Navigation) -> Iterator[tuple[str, list[Page]]]:
    """Yield the sections of the navigation with all of their pages; the first has those outside one."""
    yield "Start", [item for item in nav.items if item.is_page]
    for item in nav.items:
        if item.is_section:
            yield str(item.title), [page for page in nav.pages if item in page.ancestors]


def _list(title: str, found: list[Page], config: MkDocsConfig, pages: Mapping[str, str]) -> str:
    lines = [
        f"- [{page.title}]({config.site_url}{page.file.src_uri}): {summary(pages[page.file.src_uri])}\n"
        for page in found
    ]
    return f"\n## {title}\n\n{''.join(lines)}" if lines else ""


def summary(markdown: str) -> str:
    """Return the first sentence of a page in plain text, without what all how-to pages begin with."""
    without_code = re.sub(r"^ *```.*?^ *```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    parts = (part.strip() for part in re.split(r"\n\s*\n", without_code))
    prose = next((part for part in parts if part and part[0] not in "#|!<-"), "")
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(prose.split())).replace("**", "")
    first = re.split(r"(?<!e\.g\.)(?<=[\w)`][.:]) (?=[A-Z`])", plain)[0].rstrip(":")
    outcome = first.removeprefix("At the end of this page").lstrip(", ")
    return first if outcome == first else outcome[0].upper() + outcome[1:]
