"""The verdict: whether an account's requests were right, and how much of the document they tried."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mock_server.sandbox import faults
from mock_server.sandbox.account import Account
from mock_server.sandbox.account_pool import ALL
from mock_server.sandbox.coverage_points import Covered, cover
from mock_server.sandbox.sandbox import SandboxState, of_account
from mock_server.sandbox.violation_log import VIOLATION, WARNING, ViolationLog
from mock_server.settings import CAUSES, FAIL_ON
from mock_server.verdict import coverage
from mock_server.verdict.coverage import Coverable


@dataclass(frozen=True, slots=True)
class Findings:
    """What was recorded of one account, or of all; `name` is a client id, or `*` for all."""

    name: str
    violation_log: ViolationLog
    covered: Covered
    unfired: list[dict[str, Any]]


def findings(sandbox: SandboxState, name: str) -> Findings:
    """Return the findings of a client id's account, or of all accounts if `name` is `*`.

    They are empty where the account does not exist. All accounts include evicted ones.
    """
    found = Findings(name, ViolationLog(), {}, [])
    if name == ALL:
        found.violation_log.merge(sandbox.evicted.violation_log)
        cover(found.covered, sandbox.evicted.covered)
        found.unfired.extend(sandbox.evicted_faults)
    accounts = sandbox.accounts if name == ALL else filter(None, [sandbox.accounts.find(name)])
    for account in accounts:
        _add(found, account)
    return found


def _add(found: Findings, account: Account) -> None:
    account.journal.collect(found.violation_log, found.covered)
    unfired = faults.unfired_faults(account.faults)
    found.unfired.extend(of_account(fault, account.key) for fault in unfired)


def report(
    sandbox: SandboxState,
    coverables: Iterable[Coverable],
    account: str,
    fail_on: Collection[str] = FAIL_ON,
    fail_under: float | None = None,
) -> dict[str, Any]:
    """Return the verdict and what it is based on, as control.yaml's Report describes it.

    `account` is a client id or `*` for all, `fail_on` are some of CAUSES, `fail_under` is a percentage.
    """
    found = findings(sandbox, account)
    groups = [group.as_json() for group in found.violation_log]
    covered = coverage.summary(coverables, found.covered, all_accounts=account == ALL)
    counts = {
        "violations": found.violation_log.count(VIOLATION),
        "warnings": found.violation_log.count(WARNING),
        "unfired": len(found.unfired),
    }
    reasons = list(_reasons(counts, covered["percent"], fail_on, fail_under))
    return {
        "account": account,
        "passed": not reasons,
        "failOn": [cause for cause in CAUSES if cause in fail_on],
        "failUnder": fail_under,
        "reasons": reasons,
        "counts": counts,
        "violations": [group for group in groups if group["kind"] == VIOLATION],
        "warnings": [group for group in groups if group["kind"] == WARNING],
        "unfiredFaults": found.unfired,
        "coverage": covered,
    }


def _reasons(
    counts: dict[str, int], percent: float, fail_on: Collection[str], fail_under: float | None
) -> Iterator[str]:
    nouns = {"violations": "violation", "warnings": "warning", "unfired": "unfired fault"}
    for cause, noun in nouns.items():
        if cause in fail_on and counts[cause]:
            yield f"{counts[cause]} {noun}{'' if counts[cause] == 1 else 's'}"
    if fail_under is not None and percent < fail_under:
        yield f"coverage of {percent:g} % is below {fail_under:g} %"
