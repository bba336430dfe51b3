"""The record of a run: its findings and facts in JSON, as one command writes and another reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_server.conform.facts import Fact
from mock_server.conform.http_probe import HttpProbe
from mock_server.conform.runner import FAILED, PASSED, UNDECIDABLE, Finding
from mock_server.formats import source_file
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.problems import CannotServe, Problem
from mock_server.settings import LISTED

# The outcomes of checks as records have them.
OUTCOMES = {PASSED: "passed", FAILED: "failed", UNDECIDABLE: "undecidable"}

# Grows with a change by which records of before mean something else.
_FORMAT = 1

_TEXTS = {"type": "array", "items": {"type": "string"}}
_SCHEMA = CompiledSchema(
    {
        "type": "object",
        "required": ["conform", "url", "requests", "counts", "checks", "facts"],
        "properties": {
            "conform": {"type": "integer", "enum": [_FORMAT]},
            "url": {"type": "string"},
            "requests": {"type": "integer"},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "checks": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["check", "subject", "outcome", "message"],
                    "properties": {
                        "check": {"type": "string"},
                        "subject": {"type": "string"},
                        "outcome": {"type": "string", "enum": list(OUTCOMES.values())},
                        "message": {"type": "string"},
                        "exchange": _TEXTS,
                    },
                },
            },
            "facts": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": {"anyOf": [{"type": "integer", "nullable": True}, _TEXTS]},
                },
            },
        },
    }
)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What is compared of a run: `file` is where it stands; checks and facts are by name and subject."""

    file: str
    url: str
    counts: Mapping[str, int]
    checks: Mapping[tuple[str, str], tuple[str, str]]
    facts: Mapping[tuple[str, str], Fact]


def as_json(
    findings: Sequence[Finding], facts: Mapping[str, Mapping[str, Fact]], probe: HttpProbe
) -> dict[str, Any]:
    """Return the record of a run, without the secret, which a server may have sent back.

    `facts` are those of each list, by its operation's id.
    """
    counted = Counter(finding.outcome for finding in findings)
    record = {
        "conform": _FORMAT,
        "url": probe.url_of(probe.base_path),
        "requests": probe.requests,
        "counts": {name: counted[outcome] for outcome, name in OUTCOMES.items()},
        "checks": [_check_as_json(finding, probe) for finding in findings],
        "facts": facts,
    }
    redacted: dict[str, Any] = _map_texts(record, probe.redact)
    return redacted


def _check_as_json(finding: Finding, probe: HttpProbe) -> dict[str, Any]:
    check: dict[str, Any] = {
        "check": finding.check,
        "subject": finding.subject,
        "outcome": OUTCOMES[finding.outcome],
        "message": finding.message,
    }
    if finding.reply is not None:
        check["exchange"] = list(finding.reply.format_lines(probe.redact))
    return check


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {change(name): _map_texts(part, change) for name, part in value.items()}
    if isinstance(value, list):
        return [_map_texts(part, change) for part in value]
    return change(value) if isinstance(value, str) else value


def read(path: Path) -> RunRecord:
    """Return the record in a file; raise CannotServe with all that is wrong with it."""
    source = source_file.read(path)
    problems: list[Problem] = []
    for flaw in _SCHEMA.flaws(source.data):
        message = f"it is no record of a run: {flaw.message}"
        remedy = "write one by 'mock-server conform URL --json > FILE'"
        problems.append(source.problem(flaw.place, message, remedy))
        if len(problems) == LISTED:
            break
    if problems:
        raise CannotServe(problems)
    data: Any = source.data
    return RunRecord(
        source.name,
        data["url"],
        data["counts"],
        {(c["check"], c["subject"]): (c["outcome"], c["message"]) for c in data["checks"]},
        {(n, subject): fact for subject, of in data["facts"].items() for n, fact in of.items()},
    )
