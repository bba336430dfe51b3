"""How texts say to install: from the package index, or from the repository until a release is there.

`python -m docs_site.install_texts` writes all texts of the repository by `extra.released` of mkdocs.yml,
and prints the paths of those that changed. The README of a release is the project's page on PyPI too,
where a link within the repository would lead nowhere, so that it is written in full.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"

REPOSITORY = "https://github.com/OWNER/openapi-sandbox"
_SOURCE = f" @ git+{REPOSITORY}"

# The beginning of a link, or of a picture, within the repository; and of one that is written in full.
_WITHIN = re.compile(r"(!?)(\[[^\]]*\]\()(?!https?:|#)")
_IN_FULL = re.compile(rf"(?<=\]\(){re.escape(REPOSITORY)}/(?:blob|raw)/main/")

# A requirement stands in quotes, since a shell reads its brackets. Without an extra, the name in quotes
# is one only behind a command that installs: JavaScript imports "openapi-sandbox", too.
_UNRELEASED = re.compile(rf"(openapi-sandbox(?:\[[a-z,-]+\])?){re.escape(_SOURCE)}")
_RELEASED = re.compile(
    r"""(['"]openapi-sandbox\[[a-z,-]+\]|\b(?:pip install|--from)\b[^\n]*?['"]openapi-sandbox)(?=['"])"""
)

# Programs: the name in quotes is a name there; a message that names it asks where the package was
# installed from (`mock_server.server_extra`). And the changelog, which tells of the past.
_LEFT_OUT = (".cfg", ".js", ".json", ".mjs", ".py", ".ts", "CHANGELOG.md")


def is_released(config: Path = ROOT / "mkdocs.yml") -> bool:
    """Return whether the distribution's name is registered: `extra.released` of mkdocs.yml."""
    released: bool = yaml.safe_load(config.read_text())["extra"]["released"]
    return released


def switch(text: str, *, released: bool) -> str:
    """Return the text with its requirements written for a released distribution, or for none.

    E.g. `'openapi-sandbox[server]'`, or `'openapi-sandbox[server] @ git+https://github.com/…'`.
    """
    plain = _UNRELEASED.sub(r"\1", text)
    return plain if released else _RELEASED.sub(rf"\1{_SOURCE}", plain)


def switch_links(readme: str, *, released: bool) -> str:
    """Return the README with its links as they lead somewhere on PyPI, or as they are in a checkout.

    E.g. `[Tutorial](https://github.com/OWNER/…/docs/tutorial.md)`, or `[Tutorial](docs/tutorial.md)`.
    """
    plain = _IN_FULL.sub("", readme)
    if not released:
        return plain
    return _WITHIN.sub(lambda link: f"{link[0]}{REPOSITORY}/{'raw' if link[1] else 'blob'}/main/", plain)


def list_files() -> list[Path]:
    """Return the repository's files that name the distribution, and may say how to install it."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    names = [name for name in listed.split("\0") if name and not name.endswith(_LEFT_OUT)]
    files = [path for path in map(ROOT.joinpath, names) if path.is_file()]
    return [path for path in files if b"openapi-sandbox" in path.read_bytes()]


def main() -> None:
    released = is_released()
    for path in list_files():
        before = path.read_text()
        after = switch(before, released=released)
        if path == README:
            after = switch_links(after, released=released)
        if after != before:
            path.write_text(after)
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
