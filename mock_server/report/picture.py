"""The picture: a report as one page of HTML, with the coverage drawn, and nothing to load or run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from mock_server.report.markup import Element, as_html, element
from mock_server.report.model import (
    Entry,
    Point,
    Report,
    Row,
    Section,
    Table,
    headline,
    sections,
    tables,
    total,
)

# A second lock: should a text ever become markup, a browser still neither runs nor loads it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f7f9; --line: #d8dce3; --text: #1c2129;
        --soft: #565e6c; --good: #1a7340; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #16191f; --raised: #1d2129; --line: #363c48; --text: #e4e7ec;
          --soft: #a3abb9; --good: #6ccf93; --bad: #ff8f85; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--ground); color: var(--text);
       font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: .5rem 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
h1.passed { color: var(--good); }
h1.short { color: var(--bad); }
.entry { border: 1px solid var(--line); border-left: .3rem solid var(--soft); border-radius: .3rem;
         padding: .5rem .75rem; margin: .5rem 0; }
.fails .entry { border-left-color: var(--bad); }
.entry p { margin: .25rem 0; }
.soft { color: var(--soft); font-weight: normal; }
code { font-family: ui-monospace, monospace; font-size: .85rem; }
"""


@cache
def _coverage_style() -> str:
    """How coverage is drawn, here and on the page of the inspector."""
    return (files("mock_server") / "inspector" / "coverage.css").read_text("utf-8")


def html(report: Report) -> str:
    """A page that can be read in light and dark, and on a telephone."""
    title = headline(report)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", **{"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        _style(),
    )
    verdict = element("h1", title, class_="passed" if report["passed"] else "short")
    reasons = element("ul", *(element("li", reason) for reason in report["reasons"]))
    body = element(
        "body",
        verdict,
        *([reasons] if len(reasons) else []),
        *(_section(section) for section in sections(report) if section.entries),
        *_coverage(report),
    )
    return as_html(element("html", head, body, lang="en"))


def _style() -> Element:
    style = element("style")
    style.text = _STYLE + _coverage_style()  # As it is, with its lines: it is not from outside.
    return style


def _section(section: Section) -> Element:
    entries = [_entry(entry) for entry in section.entries]
    heading = element("h2", section.heading)
    return element("section", heading, *entries, class_="fails" if section.fails else "passes")


def _entry(entry: Entry) -> Element:
    title = element("strong", entry.title)
    lines = [
        element("p", title, " ", element("span", entry.times, class_="soft")),
        element("p", entry.message),
    ]
    if entry.example:
        lines.append(element("p", element("code", entry.example)))
    return element("div", *lines, class_="entry")


def _coverage(report: Report) -> Iterator[Element]:
    percent, share = total(report)
    yield element("h2", f"Coverage: {percent} ", element("span", share, class_="soft"))
    for table in tables(report):
        yield from _table(table)


def _table(table: Table) -> Iterator[Element]:
    share = element("span", f"{table.percent}, {table.share}", class_="soft")
    yield element("h3", element("code", table.operation), " ", share)
    groups = [_group(row) for row in table.rows]
    if table.apart:
        heading = element("h4", "statuses that take a fault")
        groups.append(element("div", heading, _points(table.apart), class_="group"))
    yield element("div", *groups, class_="groups")


def _group(row: Row) -> Element:
    share = element("span", f"{row.share} ({row.percent})", class_="soft")
    heading = element("h4", element("span", row.group), share)
    return element("div", heading, _bar(row), _points(row.points), class_="group")


def _bar(row: Row) -> Element:
    """A bar of as many parts as there are points, in their order."""
    number = len(row.points)
    parts = [
        element("rect", element("title", _told(point)), x=str(x), width="1", height="1",
                class_="rest" if point.request is None else "done")
        for x, point in enumerate(row.points)
    ]  # fmt: skip
    view = {"viewBox": f"0 0 {number} 1", "preserveAspectRatio": "none"}
    label = f"{row.share} covered"
    return element("svg", *parts, class_="share", role="img", **{"aria-label": label}, **view)


def _points(points: tuple[Point, ...]) -> Element:
    return element("ul", *(_point(point) for point in points), class_="points")


def _point(point: Point) -> Element:
    kind = "point" if point.request is None else "point covered"
    return element("li", point.name, class_=kind, title=_told(point))


def _told(point: Point) -> str:
    covered = "never tried" if point.request is None else f"first by request {point.request}"
    return f"{point.name}: {covered}"
