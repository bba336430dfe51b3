"""The README and the pages of the documentation, as blocks of code with what stands around them."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.support.documents import ROOT

# A fence may be indented, as in a list or a tab; its line may name a file: ```python title="test_x.py".
_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w+-]*)(?P<more>[^\n]*)\n(?P<text>.*?)^(?P=indent)```[ ]*$",
    re.DOTALL | re.MULTILINE,
)
_TITLE = re.compile(r'title="([^"]+)"')
# The comments right before a fence, e.g. <!-- not run: docker --> or <!-- exit 1 -->.
_COMMENTS = re.compile(r"((?:^ *<!--[^\n]*-->\n)+)\Z", re.MULTILINE)
_NOT_RUN = re.compile(r"<!-- not run: (\S+) -->")
_EXIT = re.compile(r"<!-- exit (\d+) -->")

OUTPUTS = ("console", "text", "http", "json")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, its language, its file's name, and the comments before it."""

    page: str
    line: int
    language: str
    title: str | None
    comments: str
    text: str
    # Whether nothing but space is between this block and the one before it.
    follows: bool

    @property
    def not_run(self) -> str | None:
        """What it needs that is not here, e.g. "docker"; None if it is run."""
        found = _NOT_RUN.search(self.comments)
        return found[1] if found else None

    @property
    def status(self) -> int:
        """The exit status of its last command."""
        found = _EXIT.search(self.comments)
        return int(found[1]) if found else 0

    @property
    def commands(self) -> list[str]:
        """The lines of a shell's block without comments; a line that ends in a backslash goes on."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]

    @property
    def is_test(self) -> bool:
        return self.language == "python" and bool(re.search(r"^(async )?def test_", self.text, re.M))

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Page:
    """A file of Markdown, by its path in the repository, e.g. "docs/tutorial.md"."""

    name: str
    root: Path = ROOT

    @cached_property
    def text(self) -> str:
        return (self.root / self.name).read_text()

    @cached_property
    def blocks(self) -> list[Block]:
        found: list[Block] = []
        end = 0
        for match in _FENCE.finditer(self.text):
            between = self.text[end : match.start()]
            comments = _COMMENTS.search(between)
            title = _TITLE.search(match["more"])
            found.append(
                Block(
                    page=self.name,
                    line=self.text.count("\n", 0, match.start()) + 1,
                    language=match["language"],
                    title=title[1] if title else None,
                    comments=comments[1] if comments else "",
                    text=textwrap.dedent(match["text"]),
                    follows=bool(found) and not between.strip(),
                )
            )
            end = match.end()
        return found

    def output_of(self, block: Block) -> Block | None:
        """The block right behind it that shows what it prints or is answered; None if there is none."""
        index = self.blocks.index(block) + 1
        if index < len(self.blocks):
            following = self.blocks[index]
            if following.follows and following.language in OUTPUTS and not following.title:
                return following
        return None

    def is_output(self, block: Block) -> bool:
        before = self.blocks[: self.blocks.index(block)]
        return bool(before) and before[-1].language in RUN and self.output_of(before[-1]) is block


# What can have an output.
RUN = ("bash", "python", "javascript", "typescript")

PAGES = [
    Page(str(path.relative_to(ROOT)))
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "clients" / "javascript" / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
    )
]
assert len({page.name for page in PAGES}) == len(PAGES)


def page(name: str) -> Page:
    return next(page for page in PAGES if page.name == name)
