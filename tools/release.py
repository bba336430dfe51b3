"""Check a release, and describe it.

python tools/release.py check-tag TAG    refuses a tag that is not the package's version, e.g. v0.2.0
python tools/release.py notes            prints the CHANGELOG's section of the version
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def version() -> str:
    """Return the version, which `mock_server/__init__.py` alone says."""
    text = (ROOT / "mock_server/__init__.py").read_text(encoding="utf-8")
    return "".join(re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE))


def section(changelog: str, number: str) -> tuple[str, str]:
    """Return what stands in brackets beside a version, e.g. `2026-12-01`, and the text below it."""
    pattern = rf"^## {re.escape(number)} \(([^)]*)\)\n(.*?)(?=^## |\Z)"
    found = re.search(pattern, changelog, re.MULTILINE | re.DOTALL)
    if found is None:
        raise SystemExit(f"CHANGELOG.md has no section '## {number} (DATE)'; write one.")
    return found[1], found[2].strip()


def check_tag(tag: str, number: str, date: str) -> None:
    """Raise SystemExit where the tag is not that of the version, or the version has no date yet."""
    if tag != f"v{number}":
        raise SystemExit(f"The tag is '{tag}', mock_server/__init__.py says {number}; tag v{number}.")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", date) is None:
        raise SystemExit(f"CHANGELOG.md says '{date}' at {number}; write the day, e.g. 2026-12-01.")


def main(command: str, tag: str = "") -> None:
    """Run a command of the module's docstring."""
    number = version()
    date, notes = section((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), number)
    if command == "check-tag":
        check_tag(tag, number, date)
    else:
        print(notes)


if __name__ == "__main__":
    main(*sys.argv[1:])
