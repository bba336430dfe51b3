"""HTML: a report as one page with its coverage drawn, which loads and runs nothing."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from mock_server.report.model import Report, called, headline, plain, sections, tables, total

if TYPE_CHECKING:
    from jinja2 import Template


def render(report: Report) -> str:
    """Return a page that can be read in light and dark, and on a telephone."""
    percent, share = total(report)
    page: str = _template().render(
        coverage_style=_coverage_style(),
        headline=headline(report),
        passed=report["passed"],
        reasons=report["reasons"],
        sections=[section for section in sections(report) if section.entries],
        percent=percent,
        share=share,
        called=called(report),
        tables=list(tables(report)),
    )
    # Between tags the template's line breaks are no text. Texts hold no tags, since they are escaped.
    return re.sub(r">\n+<", "><", page)


@cache
def _template() -> Template:
    # Imported here, since most runs of the program render no HTML.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        finalize=_printable,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    source = files("mock_server.report").joinpath("report.html.j2").read_text("utf-8")
    return environment.from_string(source)


def _printable(value: object) -> object:
    """Escape what can't be printed in the text of an expression; markup of the template stays."""
    return value if hasattr(value, "__html__") else plain(str(value))


def _coverage_style() -> str:
    """Return the style of coverage, which the inspector's page shares."""
    return files("mock_server").joinpath("inspector", "coverage.css").read_text("utf-8")
