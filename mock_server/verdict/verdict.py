"""The verdict: whether an account's requests were right, and how much of the document they tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.sandbox import faults
from mock_server.sandbox.account import Account
from mock_server.sandbox.account_pool import ALL
from mock_server.sandbox.coverage_points import Covered, cover
from mock_server.sandbox.sandbox import SandboxState, of_account
from mock_server.sandbox.violation_log import VIOLATION, WARNING, ViolationLog
from mock_server.settings import ANONYMOUS, CAUSES, EMPTY, Standard
from mock_server.shown_text import quote
from mock_server.verdict import coverage
from mock_server.verdict.coverage import Coverable, Versions

_NOTHING_THERE = ": the document has nothing to cover"


@dataclass(slots=True)
class Findings:
    """What was recorded of one account, or of all.

    `name` is a client id, or `*` for all. `requests` is how many came since the journals were emptied.
    """

    name: str
    violation_log: ViolationLog = field(default_factory=ViolationLog)
    covered: Covered = field(default_factory=dict)
    unfired: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0


def findings(sandbox: SandboxState, name: str) -> Findings:
    """Return the findings of a client id's account, or of all accounts if `name` is `*`.

    They are empty where the account does not exist. All accounts include evicted ones.
    """
    found = Findings(name)
    if name == ALL:
        found.requests = sandbox.evicted.recorded
        found.violation_log.merge(sandbox.evicted.violation_log)
        cover(found.covered, sandbox.evicted.covered)
        found.unfired.extend(sandbox.evicted_faults)
    accounts = sandbox.accounts if name == ALL else filter(None, [sandbox.accounts.find(name)])
    for account in accounts:
        _add(found, account)
    return found


def _add(found: Findings, account: Account) -> None:
    found.requests += account.journal.recorded
    account.journal.collect(found.violation_log, found.covered)
    unfired = faults.unfired_faults(account.faults)
    found.unfired.extend(of_account(fault, account.key) for fault in unfired)


def report(
    sandbox: SandboxState,
    coverables: Iterable[Coverable | Versions],
    account: str,
    standard: Standard,
) -> dict[str, Any]:
    """Return the verdict and what it is based on, as control.yaml's Report describes it.

    `account` is a client id or `*` for all.
    """
    fail_on = standard.fail_on
    found = findings(sandbox, account)
    groups = [group.as_json() for group in found.violation_log]
    covered = coverage.summary(coverables, found.covered, all_accounts=account == ALL)
    counts = {
        "violations": found.violation_log.count(VIOLATION),
        "warnings": found.violation_log.count(WARNING),
        "unfired": len(found.unfired),
    }
    reasons = [reason for cause, reason in _reasons(sandbox, found, counts) if cause in fail_on]
    reasons += _why_uncovered(covered, standard, found.requests)
    return {
        "account": account,
        "passed": not reasons,
        "failOn": [cause for cause in CAUSES if cause in fail_on],
        "failUnder": standard.fail_under,
        "failUnderAll": standard.fail_under_all,
        "reasons": reasons,
        "requests": found.requests,
        "counts": counts,
        "violations": [group for group in groups if group["kind"] == VIOLATION],
        "warnings": [group for group in groups if group["kind"] == WARNING],
        "unfiredFaults": found.unfired,
        "coverage": covered,
    }


def _reasons(
    sandbox: SandboxState, found: Findings, counts: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    """Yield what can fail the verdict, each as one of CAUSES and a text, e.g. `2 violations`."""
    nouns = {"violations": "violation", "warnings": "warning", "unfired": "unfired fault"}
    for cause, noun in nouns.items():
        if counts[cause]:
            yield cause, f"{counts[cause]} {noun}{'' if counts[cause] == 1 else 's'}"
    if not found.requests:
        yield EMPTY, _why_empty(sandbox, found.name)


def _why_uncovered(covered: Mapping[str, Any], standard: Standard, requests: int) -> Iterator[str]:
    """Yield why the coverage is not enough, e.g. `coverage of 40 % is below 60 %`."""
    least, least_of_all = standard.fail_under, standard.fail_under_all
    if least is not None and (lacking := _lacking(covered["called"], least)):
        yield f"coverage of {lacking} is below {least:g} %{_why_none(covered, requests)}"
    if least_of_all is not None and (lacking := _lacking(covered, least_of_all)):
        nothing = "" if covered["total"] else _NOTHING_THERE
        yield f"coverage of {lacking} of all operations is below {least_of_all:g} %{nothing}"


def _lacking(counts: Mapping[str, Any], least: float) -> str:
    """Return a share that is less than a percentage, e.g. `40 %`; empty where it is as much."""
    share = 100 * counts["covered"] / counts["total"] if counts["total"] else 0.0
    if share >= least:
        return ""
    # Rounded, it may be as much as was asked for.
    return f"{counts['percent'] if counts['percent'] < least else share:g} %"


def _why_none(covered: Mapping[str, Any], requests: int) -> str:
    """Return why the operations that were called have no coverage, empty where they have some."""
    if covered["called"]["total"]:
        return ""
    if not covered["total"]:
        return _NOTHING_THERE
    if any(operation["called"] for operation in covered["operations"]):
        return ": what was called has nothing to cover"
    return ": no operation was called" if requests else ""


def _why_empty(sandbox: SandboxState, name: str) -> str:
    """Return why there is nothing to judge, e.g. `no request came: there is no account 'nightly'`."""
    if name in (ALL, ANONYMOUS) or sandbox.accounts.find(name):
        return "no request came"
    evicted = sandbox.accounts.evicted
    given_up = f", or not any more: {evicted} were given up (raise --max-accounts)" if evicted else ""
    return f"no request came: there is no account {quote(name)}{given_up}"
