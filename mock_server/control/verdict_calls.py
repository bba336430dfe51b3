"""Calls about the verdict on an account, or on all: its mistakes, coverage, verdict and report."""

from __future__ import annotations

from typing import Any

from mock_server.control.call import Call, Calls
from mock_server.settings import FAIL_ON, Standard, causes
from mock_server.verdict import verdict


def _list_violations(call: Call) -> dict[str, Any]:
    found = verdict.findings(call.context.sandbox, _account(call))
    return {"items": [group.as_json() for group in found.violation_log]}


def _get_coverage(call: Call) -> dict[str, Any]:
    covered: dict[str, Any] = _get_report(call)["coverage"]
    return covered


def _get_verdict(call: Call) -> dict[str, Any]:
    report = _get_report(call)
    counts = report["counts"]
    return {
        "passed": report["passed"],
        "reasons": report["reasons"],
        "requests": report["requests"],
        "violations": counts["violations"],
        "warnings": counts["warnings"],
        "unfiredFaults": counts["unfired"],
        "coverage": report["coverage"]["percent"],
    }


def _get_report(call: Call) -> dict[str, Any]:
    fail_on, allow_empty = call.values.get("failOn", FAIL_ON), bool(call.values.get("allowEmpty"))
    return verdict.report(
        call.context.sandbox,
        call.context.coverables,
        _account(call),
        Standard(
            causes(fail_on, allow_empty=allow_empty),
            call.values.get("failUnder"),
            call.values.get("failUnderAll"),
        ),
    )


def _account(call: Call) -> str:
    """Return the name of the account to judge, by default the caller's; `*` stands for all."""
    return str(call.values.get("account", call.account.key))


CALLS: Calls = {
    "listViolations": (_list_violations, None),
    "getCoverage": (_get_coverage, None),
    "getVerdict": (_get_verdict, None),
    "getReport": (_get_report, None),
}
