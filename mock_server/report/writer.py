"""Write a report as text, as JSON or in another format, to a file or as bytes."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from mock_server.formats import atomic_file
from mock_server.report import html, junit, markdown
from mock_server.report.model import (
    Mistake,
    Report,
    Row,
    Section,
    Table,
    attempts,
    called,
    headline,
    plain,
    sections,
    tables,
    total,
)
from mock_server.settings import EMPTY

WIDTH = 100


def render_text(report: Report) -> str:
    """Return the verdict, what came wrong and the coverage, in lines for a terminal."""
    lines = [headline(report), *(f"  {plain(reason)}" for reason in report["reasons"])]
    for section in sections(report):
        if section.cause == EMPTY and not section.entries:
            continue
        lines += ["", *_section(section)]
    lines += ["", _coverage_line("Coverage", *total(report))]
    if (of_called := called(report)) is not None:
        lines.append(_coverage_line("Of the operations that were called", *of_called))
    for table in tables(report):
        lines += _table(table)
    return "".join(f"{plain(line)}\n" for line in lines)


def _section(section: Section) -> Iterator[str]:
    remark = "" if section.fails or not section.entries else " (they do not fail the verdict)"
    yield section.heading + remark
    for entry in section.entries:
        yield from _entry(entry)


def _entry(entry: Mistake) -> Iterator[str]:
    yield f"  {entry.title} ({entry.times})"
    yield from _wrap(entry.message, "    ")
    if entry.example:
        yield f"    {entry.example}"


def _table(table: Table) -> Iterator[str]:
    yield f"  {_coverage_line(table.operation, table.percent, table.share)}"
    width = max((len(row.group) for row in table.rows), default=0)
    shares = max((len(row.share) for row in table.rows), default=0)
    for row in table.rows:
        yield from _row(row, f"    {row.group:{width}}  {row.percent:>7}  {row.share:>{shares}}")
    if table.apart:
        yield f"    statuses that take a fault: {attempts(table.apart)}"


def _coverage_line(subject: str, percent: str, share: str) -> str:
    return f"{subject}: {percent} ({share})"


def _row(row: Row, beginning: str) -> Iterator[str]:
    if not row.missing:
        yield beginning
        return
    first, *others = _wrap(f"never tried: {row.missing}", " " * (len(beginning) + 2))
    yield f"{beginning}  {first.lstrip()}"
    yield from others


def _wrap(words: str, indent: str) -> list[str]:
    return textwrap.wrap(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def render_json(report: Report) -> str:
    """Return the report as it is, e.g. for a program that reads it."""
    text = json.dumps(report, indent=2, ensure_ascii=False)
    # They stand in texts alone, where JSON lets them be, and would steer a terminal.
    return re.sub(r"[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": render_json,
    "junit": junit.render,
    "markdown": markdown.render,
    "html": html.render,
}

SUFFIXES = {".json": "json", ".xml": "junit", ".md": "markdown", ".html": "html"}


def render(report: Report, form: str) -> bytes:
    """Return the report in one of FORMATS, e.g. `junit`, in UTF-8."""
    # What UTF-8 has no bytes for, only JSON lets through; there the escape means the same.
    return FORMATS[form](report).encode("utf-8", "backslashreplace")


def write(report: Report, path: Path, form: str | None = None, patience: float | None = None) -> None:
    """Write the report in one of FORMATS; None means that which the file's suffix names, or else text.

    `-` is standard output; raises CannotServe as `atomic_file.write` does, which explains `patience`.
    """
    form = form or SUFFIXES.get(path.suffix.lower(), "text")
    atomic_file.write(path, [render(report, form)], patience)
