"""Draws the figures of a run: requests a second of each server. Takes the JSON, and the SVG to make."""

from __future__ import annotations

import sys
from pathlib import Path

import figures
import matplotlib as mpl
from figures import Figure
from matplotlib import pyplot

OURS, OTHERS = "#2563a8", "#9aa3ad"
OUR_OWN = ("the same request", "the same, with", "all different", "refused")


def draw(rates: list[Figure], path: Path) -> None:
    """Bars from the fastest down, with the range of the rounds and the limits."""
    # The same figures give the same bytes.
    mpl.rcParams.update({"svg.hashsalt": "mock_server", "svg.fonttype": "none", "font.size": 9})
    shown = sorted(rates, key=lambda figure: figure.median)
    drawing, axes = pyplot.subplots(figsize=(8, 0.6 + 0.32 * len(shown)), layout="constrained")
    names = [f"mock_server: {f.what}" if _is_ours(f) else f.what for f in shown]
    medians = [f.median for f in shown]
    around = [[f.median - min(f.values) for f in shown], [max(f.values) - f.median for f in shown]]
    colours = [OURS if _is_ours(f) else OTHERS for f in shown]
    axes.barh(names, medians, xerr=around, color=colours, ecolor="#444444", height=0.7)
    for place, figure in enumerate(shown):
        axes.annotate(f" {figure.median:,.0f}", (max(figure.values), place), va="center")
        if figure.least is not None:
            axes.plot([figure.least] * 2, [place - 0.4, place + 0.4], color="#b42318")
    axes.set_xlabel("requests a second (median and range; red: what is to be reached)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.1)
    drawing.savefig(path, metadata={"Date": None})


def _is_ours(figure: Figure) -> bool:
    return figure.what.startswith(OUR_OWN)


def main() -> None:
    read = figures.read(Path(sys.argv[1]))
    draw(
        [f for f in read if f.part.startswith("Requests a second") and f.unit == "/s"], Path(sys.argv[2])
    )


if __name__ == "__main__":
    main()
