"""Figures: what was measured, its limit, and how both are shown and kept."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

_INTRODUCTION = """\
# Bench

The figures of one run of `make bench`: mock_server beside an upper bound, raw ASGI, and a lower one,
stock Connexion + Flask. Compare them with each other only, since another computer has others. A figure
is the median of several rounds; *range* has the lowest and the highest. *kept* says whether the median
is within the limit that this project sets itself. [Measuring](../bench/README.md) explains each figure.
"""


@dataclass(frozen=True)
class Figure:
    """Values of one kind, measured in one run; `least` or `most` is the limit of their median."""

    part: str
    what: str
    unit: str
    values: list[float]
    least: float | None = None
    most: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def is_met(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        if self.least is not None:
            return self.median >= self.least
        return None if self.most is None else self.median <= self.most

    def row(self) -> str:
        """The figure as a row of a table in Markdown."""
        middle, low, high = map(_number, (self.median, min(self.values), max(self.values)))
        bounds = (("at least", self.least), ("at most", self.most))
        limit = " ".join(f"{word} {_number(bound)}" for word, bound in bounds if bound is not None)
        met = {None: "", True: "yes", False: "**no**"}[self.is_met]
        return f"| {self.what} | {middle} {self.unit} | {low} to {high} | {limit} | {met} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(figures: Iterable[Figure]) -> str:
    """All figures in Markdown, part by part."""
    lines: list[str] = []
    part = ""
    for figure in figures:
        if figure.part != part:
            part = figure.part
            lines += [
                "",
                f"## {part}",
                "",
                "| | median | range | limit | kept |",
                "|---|---|---|---|---|",
            ]
        lines.append(figure.row())
    return "\n".join(lines).strip() + "\n"


def page(figures: Iterable[Figure]) -> str:
    """All figures as a page of the documentation."""
    return f"{_INTRODUCTION}\n{table(figures)}"


def write(figures: Iterable[Figure], path: Path) -> None:
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")


def read(path: Path) -> list[Figure]:
    return [Figure(**each) for each in json.loads(path.read_text())]
