"""What a report found, in words: sections of entries and tables of coverage, alike for each format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.settings import EMPTY

# A report as `GET /_mock/report` gives it.
Report = Mapping[str, Any]

# Characters. A fault's script may hold megabytes, and a parameter's name may be as long as a URL.
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake, or an unfired fault.

    `times` says how often and when, e.g. of requests 7 to 40; `example` may be empty.
    """

    title: str
    times: str
    message: str
    example: str


# The entry of a report without requests.
_NOTHING = Mistake(
    "no request came",
    "0×",
    "Nothing was judged; send requests to this server, with the client id of the account if one is "
    "judged alone. --allow-empty lets nothing pass.",
    "",
)


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one cause, e.g. `violations`; `fails` tells whether an entry fails the verdict.

    `rule` is what holds without any entry, e.g. `no violations`.
    """

    cause: str
    heading: str
    rule: str
    fails: bool
    entries: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """A value or status to try, e.g. `limit=1`; `request` is the id of the first request that did.

    `request` is None where none did.
    """

    name: str
    request: str | None

    @property
    def history(self) -> str:
        """Return by which request the point was tried, e.g. `limit=1: never tried`."""
        tried = "never tried" if self.request is None else f"first by request {self.request}"
        return f"{self.name}: {tried}"


@dataclass(frozen=True, slots=True)
class Row:
    """How much of a group of an operation's points was tried, e.g. `44.4 %`, which is `4 of 9`."""

    group: str
    percent: str
    share: str
    points: tuple[CoveragePoint, ...]

    @property
    def missing(self) -> str:
        """Return the names of the points that were never tried, e.g. `limit=1, limit=100`."""
        return ", ".join(point.name for point in self.points if point.request is None)


@dataclass(frozen=True, slots=True)
class Table:
    """The coverage of an operation; statuses that only faults give are in `apart`, and not counted."""

    operation: str
    percent: str
    share: str
    rows: tuple[Row, ...]
    apart: tuple[CoveragePoint, ...]


def plain(text: str) -> str:
    r"""Return the text on one line, with an escape such as `\n` for what can't be printed.

    XML allows every character that can.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def headline(report: Report) -> str:
    """Return the verdict in a line, e.g. `All accounts: falls short`."""
    names = {"*": "All accounts", "anonymous": "Requests without a valid account"}
    subject = names.get(report["account"]) or f"Account {_short(report['account'])}"
    return f"{subject}: {'passed' if report['passed'] else 'falls short'}"


def outcome(report: Report, file: str) -> str:
    """Return the verdict, its reasons and the report's file in a line, for the end of a server."""
    reasons = "; ".join(report["reasons"])
    return plain(f"{headline(report)}{reasons and f' ({reasons})'}. The report is in {file}")


def percentage(number: float) -> str:
    """Return a percentage as text, e.g. `44.4 %`."""
    return f"{number:g} %"


def sections(report: Report) -> list[Section]:
    """Return what came wrong, in the order no request, violations, warnings, unfired faults.

    That no request came is left out where the verdict lets it.
    """
    counts, fail_on = report["counts"], report["failOn"]
    unfired = tuple(_fault_entry(fault) for fault in report["unfiredFaults"])
    violations, warnings = (
        tuple(_mistake_entry(group) for group in report[kind]) for kind in ("violations", "warnings")
    )
    nothing = () if report["requests"] else (_NOTHING,)
    found = [
        Section(cause, f"{noun.capitalize()}: {counts[cause]}", f"no {noun}", cause in fail_on, entries)
        for cause, noun, entries in (
            ("violations", "violations", violations),
            ("warnings", "warnings", warnings),
            ("unfired", "unfired faults", unfired),
        )
    ]
    came = Section(EMPTY, f"Requests: {report['requests']}", "at least one request", True, nothing)
    return [came, *found] if EMPTY in fail_on else found


def tables(report: Report) -> Iterator[Table]:
    """Yield the coverage of each operation."""
    for operation in report["coverage"]["operations"]:
        rows = tuple(
            Row(plain(group["group"]), *_share(group), _points(group["points"]))
            for group in operation["groups"]
        )
        yield Table(
            _short(operation["operation"]), *_share(operation), rows, _points(operation["apart"])
        )


def total(report: Report) -> tuple[str, str]:
    """Return the coverage of all operations together, e.g. `56.7 %` and `17 of 30`."""
    return _share(report["coverage"])


def called(report: Report) -> tuple[str, str] | None:
    """Return the same of the operations that were called; None where all were."""
    counted = report["coverage"]["called"]
    return None if counted["total"] == report["coverage"]["total"] else _share(counted)


def attempts(points: tuple[CoveragePoint, ...]) -> str:
    """Return which points were tried, e.g. `429 yes, 503 no`."""
    return ", ".join(f"{point.name} {'no' if point.request is None else 'yes'}" for point in points)


@dataclass(frozen=True, slots=True)
class Least:
    """A percentage of coverage that the verdict asks for, and what there is of it."""

    rule: str
    percent: str
    share: str
    is_met: bool


def least_coverages(report: Report) -> Iterator[Least]:
    """Yield the coverages that the verdict asks for, e.g. with the rule `at least 80 %`."""
    coverage = report["coverage"]
    asked = (("failUnder", coverage["called"], ""), ("failUnderAll", coverage, " of all operations"))
    for name, counted, whose in asked:
        least = report[name]
        if least is not None:
            # The percentage of the report is rounded.
            share = 100 * counted["covered"] / counted["total"] if counted["total"] else 0.0
            yield Least(f"at least {percentage(least)}{whose}", *_share(counted), share >= least)


def _share(counted: Mapping[str, Any]) -> tuple[str, str]:
    return percentage(counted["percent"]), f"{counted['covered']} of {counted['total']}"


def _points(points: list[Mapping[str, Any]]) -> tuple[CoveragePoint, ...]:
    return tuple(
        CoveragePoint(_short(p["name"]), plain(p["request"] or "?") if p["covered"] else None)
        for p in points
    )


def _mistake_entry(group: Mapping[str, Any]) -> Mistake:
    # What no operation serves is a mistake of its path, e.g. in `GET /nope?a=b`.
    path = "" if group["operation"] else group["example"].partition(" ")[2].partition("?")[0]
    place = " ".join(filter(None, [group["operation"] or path, group["key"]]))
    title = f"{place}: {group['code']}" if place else group["code"]
    first, last = plain(group["first"]), plain(group["last"])
    when = f"request {first}" if first == last else f"requests {first} to {last}"
    return Mistake(
        _short(title), f"{group['count']}×, {when}", plain(group["message"]), plain(group["example"])
    )


def _fault_entry(fault: Mapping[str, Any]) -> Mistake:
    title = f"{fault['id']} of {fault['account']}"
    matches = {name: fault[name] for name in ("operation", "when") if name in fault}
    request = "any request"
    if matches:
        request = f"a request that matches {json.dumps(matches, ensure_ascii=False)}"
    message = (
        f"It is for {request}, and no such request came often enough; send it, or remove the fault."
    )
    script = json.dumps(fault["script"], ensure_ascii=False)
    times = f"fired {fault['fired']}×, remaining {fault['remaining']}"
    return Mistake(_short(title), times, _short(message), _short(script))


def _short(text: str) -> str:
    return plain(text if len(text) <= LONGEST else text[:LONGEST] + "…")
