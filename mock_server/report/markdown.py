"""Markdown: a report in GitHub's dialect, for the summary of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mock_server.report.model import Report, Section, Table, headline, plain, sections, tables, total

# What could be taken for markup, or for a link, a mention or a formula; a reference never is.
_SPECIAL = re.compile(r"[\\`*_~\[\]<>|&@#$!]|:(?=\S)")


def markdown(report: Report) -> str:
    """The verdict, what came wrong and the coverage, as headings and tables."""
    mark = "✅" if report["passed"] else "❌"
    lines = [f"## {mark} {escaped(headline(report))}", ""]
    lines += [f"- {escaped(reason)}" for reason in report["reasons"]]
    for section in sections(report):
        if section.entries:
            lines += ["", f"### {section.heading}", "", *_entries(section)]
    percent, share = total(report)
    lines += ["", f"### Coverage: {percent} ({share})"]
    for table in tables(report):
        lines += ["", *_table(table)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """The text as it is, whatever it holds."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", plain(text))


def _entries(section: Section) -> Iterator[str]:
    yield from _head("what", "how often", "message", "example")
    for entry in section.entries:
        example = f"<code>{escaped(entry.example)}</code>" if entry.example else ""
        yield _row([*map(escaped, (entry.title, entry.times, entry.message)), example])


def _table(table: Table) -> Iterator[str]:
    yield from _head(escaped(table.operation), "covered", "", "never tried")
    for row in table.rows:
        yield _row(map(escaped, (row.group, row.percent, row.share, row.missing)))
    yield _row([f"**{escaped(text)}**" for text in ("all", table.percent, table.share)] + [""])
    if table.apart:
        names = [f"{point.name} {'no' if point.request is None else 'yes'}" for point in table.apart]
        yield _row(["statuses that take a fault", "", "", escaped(", ".join(names))])


def _head(*names: str) -> Iterator[str]:
    yield _row(names)
    yield _row(["---"] * len(names))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
