"""Run the conformance kit against a server, and compare two runs of it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mock_server.cli.options import FALLS_SHORT, REFUSED, refusals, show_errors

if TYPE_CHECKING:
    from mock_server.conform.http_probe import HttpProbe
    from mock_server.conform.list_under_test import ListUnderTest
    from mock_server.openapi.document import Document


def run(
    document: Document, new_probe: Callable[[], HttpProbe], *, as_json: bool, writes: bool = False
) -> None:
    """Make all checks, and print each as soon as it is made, or all of them as JSON at the end.

    Exit with FALLS_SHORT where one fails, and with REFUSED where nothing can be asked.
    """
    from mock_server.conform import run_record
    from mock_server.conform.facts import Fact, of_list
    from mock_server.conform.probe_credentials import NoAnswer
    from mock_server.conform.runner import FAILED, Finding, NothingToAsk, format_summary, run_checks
    from mock_server.formats import json_output

    findings: list[Finding] = []
    facts: dict[str, dict[str, Fact]] = {}

    def learn(tested: ListUnderTest) -> None:
        facts[tested.operation.id] = of_list(tested)

    if writes:
        # As Ctrl-C does: what was made is removed first.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        show_errors(NoAnswer, NothingToAsk),
        closing(new_probe()) as probe,
        closing(run_checks(document, probe, learn, writes=writes)) as checks,
    ):
        for finding in checks:
            findings.append(finding)
            if not as_json:
                click.echo(probe.fit_for_terminal(str(finding)))
    if as_json:
        click.echo(json_output.dump(run_record.as_json(findings, facts, probe)))
    else:
        click.echo(f"\n{format_summary(findings, probe)}")
    if any(finding.outcome == FAILED for finding in findings):
        sys.exit(FALLS_SHORT)


def compare(before: Path, now: Path, *, as_json: bool) -> None:
    """Print what changed between the records of two runs; exit with FALLS_SHORT where anything did."""
    from mock_server.conform import comparison, run_record
    from mock_server.formats import json_output

    with refusals(REFUSED):
        found = comparison.compare(run_record.read(before), run_record.read(now))
    if as_json:
        click.echo(json_output.dump(found.as_json()))
    else:
        click.echo("\n".join(found.format_lines()))
    if found.is_changed:
        sys.exit(FALLS_SHORT)
