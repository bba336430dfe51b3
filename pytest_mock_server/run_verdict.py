"""The verdict of a run: what its servers say of all accounts, and whether the run fails on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from pytest_mock_server import package
from pytest_mock_server.run import Run
from pytest_mock_server.server import Server

EMPTY = "empty"
NOT_USED = "No test has used the server."


@dataclass(frozen=True, slots=True)
class Verdict:
    """The reports as text, and why the run fails, empty where it does not."""

    text: str
    reasons: tuple[str, ...]


def judge(run: Run) -> Verdict:
    """Return the verdict of the servers that the run has used."""
    try:
        found = list(_verdicts(run))
    except package.Hidden as error:
        found = [Verdict(str(error), (str(error),))]
    if not found:
        fails = run.options.asks_coverage or EMPTY in (run.options.fail_on or ())
        return Verdict(NOT_USED, ("no test has used the server",) if fails else ())
    reasons = tuple(reason for verdict in found for reason in verdict.reasons)
    text = "\n".join(verdict.text for verdict in found)
    # That there is no report fails a run only where it depends on one.
    return Verdict(text, reasons if run.options.judges else ())


def _verdicts(run: Run) -> Iterator[Verdict]:
    for server in run.used:
        package.require()
        yield _verdict(run, server)


def _verdict(run: Run, server: Server) -> Verdict:
    from mock_server.client import NoReport, report_of
    from mock_server.report import writer
    from mock_server.settings import FAIL_ON, causes

    options, url, ca = run.options, server.url, server.ca
    try:
        if not options.judges:
            usual = causes(FAIL_ON, allow_empty=True)
            return Verdict(writer.render_text(report_of(url, fail_on=usual, ca=ca)), ())
        counts = report_of(url, fail_on=(), ca=ca)["counts"]
        forgiven = [c for c in options.fail_on or () if 0 < counts.get(c, 0) <= _allowed(run, c)]
        failing = [cause for cause in options.fail_on or () if cause not in forgiven]
        report = report_of(
            url,
            fail_on=failing,
            fail_under=options.fail_under,
            fail_under_all=options.fail_under_all,
            ca=ca,
        )
    except NoReport as error:
        return Verdict(f"There is none: {error}", (f"there is no report: {error}",))
    return Verdict(writer.render_text(report), tuple(_reasons(run, report)))


def _reasons(run: Run, report: Mapping[str, Any]) -> Iterator[str]:
    """Yield why a report falls short, e.g. `4 violations, of which markers allow 3`."""
    # The first reasons are those of the causes, in their order.
    came = [cause for cause in report["failOn"] if report["counts"].get(cause)]
    for cause, reason in zip_longest(came, report["reasons"]):
        allowed = _allowed(run, cause)
        yield f"{reason}, of which markers allow {allowed}" if allowed else reason


def _allowed(run: Run, cause: str | None) -> int:
    return sum(counts.get(cause or "", 0) for counts in run.allowed.values())


def send(run: Run, workeroutput: dict[str, Any]) -> None:
    """Leave for the process that controls this worker of pytest-xdist what its tests have found."""
    workeroutput["mock_server"] = {"allowed": run.allowed, "usage_error": run.usage_error}


def receive(run: Run, workeroutput: Mapping[str, Any]) -> None:
    """Take in what `send` left."""
    received = workeroutput.get("mock_server", {})
    run.allowed.update(received.get("allowed", {}))
    run.usage_error = run.usage_error or received.get("usage_error")
