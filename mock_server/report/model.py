"""Sections: what a report found, as headed lists of entries in words, from which formats are written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# A report as `verdict.report` gives it.
Report = Mapping[str, Any]

# The script of a fault may hold megabytes, and a parameter's name may be as long as a URL.
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind of mistake, or a fault; `times` says how often and when, `example` may be empty."""

    title: str
    times: str
    message: str
    example: str


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one cause; `fails` is whether they fail the verdict if there are any."""

    cause: str
    heading: str
    fails: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """Something to try; `request` is the id of the first request that did, None where none has."""

    name: str
    request: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """How much of a group of an operation's points was tried; `share` is e.g. `4 of 9`."""

    group: str
    percent: str
    share: str
    points: tuple[Point, ...]

    @property
    def missing(self) -> str:
        return ", ".join(point.name for point in self.points if point.request is None)


@dataclass(frozen=True, slots=True)
class Table:
    """The coverage of an operation; `apart` are statuses that count for nothing."""

    operation: str
    percent: str
    share: str
    rows: tuple[Row, ...]
    apart: tuple[Point, ...]


def plain(text: str) -> str:
    """The text on one line, with an escape such as `\\n` for each character that can't be printed.

    What can, XML allows too.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def headline(report: Report) -> str:
    """The verdict in a line, e.g. `All accounts: falls short`."""
    names = {"*": "All accounts", "anonymous": "Requests without a valid account"}
    whose = names.get(report["account"]) or f"Account {_short(report['account'])}"
    return f"{whose}: {'passed' if report['passed'] else 'falls short'}"


def percentage(number: float) -> str:
    return f"{number:g} %"


def sections(report: Report) -> list[Section]:
    """What came wrong, in the order violations, warnings, unfired faults."""
    counts, found = report["counts"], report["failOn"]
    unfired = tuple(_of_fault(fault) for fault in report["unfiredFaults"])
    violations, warnings = (
        tuple(_of_group(group) for group in report[kind]) for kind in ("violations", "warnings")
    )
    return [
        Section(cause, f"{heading}: {counts[cause]}", cause in found, entries)
        for cause, heading, entries in (
            ("violations", "Violations", violations),
            ("warnings", "Warnings", warnings),
            ("unfired", "Unfired faults", unfired),
        )
    ]


def tables(report: Report) -> Iterator[Table]:
    """The coverage of each operation."""
    for operation in report["coverage"]["operations"]:
        rows = tuple(
            Row(plain(each["group"]), *_share(each), _points(each["points"]))
            for each in operation["groups"]
        )
        yield Table(
            _short(operation["operation"]), *_share(operation), rows, _points(operation["apart"])
        )


def total(report: Report) -> tuple[str, str]:
    """The coverage of all operations together: the percentage, and e.g. `17 of 30`."""
    return _share(report["coverage"])


def is_covered_enough(report: Report) -> bool:
    return report["failUnder"] is None or report["coverage"]["percent"] >= report["failUnder"]


def _share(counted: Mapping[str, Any]) -> tuple[str, str]:
    return percentage(counted["percent"]), f"{counted['covered']} of {counted['total']}"


def _points(points: list[Mapping[str, Any]]) -> tuple[Point, ...]:
    return tuple(
        Point(_short(p["name"]), plain(p["request"] or "?") if p["covered"] else None) for p in points
    )


def _of_group(group: Mapping[str, Any]) -> Entry:
    place = " ".join(filter(None, [group["operation"], group["key"]]))
    title = f"{place}: {group['code']}" if place else group["code"]
    first, last = plain(group["first"]), plain(group["last"])
    when = f"request {first}" if first == last else f"requests {first} to {last}"
    return Entry(
        _short(title), f"{group['count']}×, {when}", plain(group["message"]), plain(group["example"])
    )


def _of_fault(fault: Mapping[str, Any]) -> Entry:
    title = f"{fault['id']} of {fault['account']}"
    met = {name: fault[name] for name in ("operation", "when") if name in fault}
    asked = f"a request that matches {json.dumps(met, ensure_ascii=False)}" if met else "any request"
    message = f"It is for {asked}, and no such request came often enough; send it, or remove the fault."
    script = json.dumps(fault["script"], ensure_ascii=False)
    times = f"fired {fault['fired']}×, remaining {fault['remaining']}"
    return Entry(_short(title), times, _short(message), _short(script))


def _short(text: str) -> str:
    return plain(text if len(text) <= LONGEST else text[:LONGEST] + "…")
