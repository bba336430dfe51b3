"""Markdown: a report in GitHub's dialect, for the summary of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mock_server.report.model import (
    Report,
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

# What could be taken for markup, or for a link, a mention or a formula; a reference never is.
_SPECIAL = re.compile(r"[\\`*_~\[\]<>|&@#$!]|:(?=\S)")


def render(report: Report) -> str:
    """Return the verdict, what came wrong and the coverage, as headings and tables."""
    mark = "✅" if report["passed"] else "❌"
    lines = [f"## {mark} {escape(headline(report))}", ""]
    lines += [f"- {escape(reason)}" for reason in report["reasons"]]
    for section in sections(report):
        if section.entries:
            lines += ["", f"### {section.heading}", "", *_entry_table(section)]
    percent, share = total(report)
    lines += ["", f"### Coverage: {percent} ({share})"]
    if (of_called := called(report)) is not None:
        lines += ["", "Of the operations that were called: {} ({})".format(*of_called)]
    for table in tables(report):
        lines += ["", *_coverage_table(table)]
    return "".join(f"{plain(line)}\n" for line in lines)


def escape(text: str) -> str:
    """Return Markdown that shows a text as it is, e.g. `a&#124;b` for `a|b`."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", plain(text))


def _entry_table(section: Section) -> Iterator[str]:
    yield from _head("what", "how often", "message", "example")
    for entry in section.entries:
        example = f"<code>{escape(entry.example)}</code>" if entry.example else ""
        yield _row([*map(escape, (entry.title, entry.times, entry.message)), example])


def _coverage_table(table: Table) -> Iterator[str]:
    yield from _head(escape(table.operation), "covered", "", "never tried")
    for row in table.rows:
        yield _row(map(escape, (row.group, row.percent, row.share, row.missing)))
    yield _row([f"**{escape(text)}**" for text in ("all", table.percent, table.share)] + [""])
    if table.apart:
        yield _row(["statuses that take a fault", "", "", escape(attempts(table.apart))])


def _head(*names: str) -> Iterator[str]:
    yield _row(names)
    yield _row(["---"] * len(names))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
