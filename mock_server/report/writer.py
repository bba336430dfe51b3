"""The report: a verdict and all that it rests on, in the formats that people and CI systems read."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from mock_server.formats import atomic_file
from mock_server.report import junit, markdown, picture
from mock_server.report.model import (
    Entry,
    Report,
    Row,
    Section,
    Table,
    headline,
    plain,
    sections,
    tables,
    total,
)

WIDTH = 100


def text(report: Report) -> str:
    """The verdict, what came wrong and the coverage, in lines for a terminal."""
    lines = [headline(report), *(f"  {plain(reason)}" for reason in report["reasons"])]
    for section in sections(report):
        lines += ["", *_section(section)]
    lines += ["", _covered("Coverage", *total(report))]
    for table in tables(report):
        lines += _table(table)
    return "\n".join(lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    does_not = "" if section.fails or not section.entries else " (they do not fail the verdict)"
    yield section.heading + does_not
    for entry in section.entries:
        yield from _entry(entry)


def _entry(entry: Entry) -> Iterator[str]:
    yield f"  {entry.title} ({entry.times})"
    yield from _wrapped(entry.message, "    ")
    if entry.example:
        yield f"    {entry.example}"


def _table(table: Table) -> Iterator[str]:
    yield f"  {_covered(table.operation, table.percent, table.share)}"
    width = max((len(row.group) for row in table.rows), default=0)
    shares = max((len(row.share) for row in table.rows), default=0)
    for row in table.rows:
        yield from _row(row, f"    {row.group:{width}}  {row.percent:>7}  {row.share:>{shares}}")
    if table.apart:
        said = [f"{point.name} {'no' if point.request is None else 'yes'}" for point in table.apart]
        yield f"    statuses that take a fault: {', '.join(said)}"


def _covered(what: str, percent: str, share: str) -> str:
    return f"{what}: {percent} ({share})"


def _row(row: Row, beginning: str) -> Iterator[str]:
    if not row.missing:
        yield beginning
        return
    first, *others = _wrapped(f"never tried: {row.missing}", " " * (len(beginning) + 2))
    yield f"{beginning}  {first.lstrip()}"
    yield from others


def _wrapped(words: str, indent: str) -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_json(report: Report) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text,
    "json": as_json,
    "junit": junit.xml,
    "markdown": markdown.markdown,
    "html": picture.html,
}

SUFFIXES = {".json": "json", ".xml": "junit", ".md": "markdown", ".html": "html"}


def rendered(report: Report, name: str) -> bytes:
    """The report in one of FORMATS, in UTF-8."""
    # What UTF-8 has no bytes for, only JSON lets through; there the escape means the same.
    return FORMATS[name](report).encode("utf-8", "backslashreplace")


def write(report: Report, path: Path) -> None:
    """Write the report as a file of the format that its suffix names, or else as text.

    Raises CannotServe if it can't be written.
    """
    atomic_file.write(path, rendered(report, SUFFIXES.get(path.suffix.lower(), "text")))
