"""Chaos: trouble for a share of an account's requests.

A request has trouble or has none by the seed and its number within the account alone, so that the same
run of requests has the same trouble on every machine, whatever other accounts do meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.errors import Violation
from mock_server.problems import CannotServe, Problem
from mock_server.sandbox import fault_checks, faults
from mock_server.sandbox.draws import SPAN, draw
from mock_server.sandbox.faults import PASS, Step
from mock_server.setting_parsers import chaos_fault
from mock_server.settings import CHAOS_FAULTS, CHAOS_RATE, ChaosRule

# What the names of faults stand for that are none of the kinds of broken pages.
_STEPS: Mapping[str, Mapping[str, Any]] = {
    "cut": {"cut": "reset"},
    "reset": {"cut": "reset"},
    "truncate": {"cut": "truncate"},
    "stall": {"cut": "stall"},
    "delay": {"delay": 0.5},
    # Clients wait for as long as this says, and may give up without it (RFC 6585 section 4).
    "429": {"status": 429, "headers": {"Retry-After": "1"}},
}


class Trouble(NamedTuple):
    """What chaos does to the request of an account with a number, from 1: a named fault."""

    number: int
    name: str
    step: Step

    def as_json(self) -> dict[str, Any]:
        """Return it as the journal shows it, e.g. `{"n": 12, "fault": "503"}`."""
        return {"n": self.number, "fault": self.name}


class Chaos:
    """Trouble for about `rate` of the requests of an account; never changes.

    `size` is what counts for the budget of faults, in bytes.
    """

    def __init__(self, body: Mapping[str, Any], size: int = 0) -> None:
        """Take a valid body of `setChaos`, e.g. `{"seed": 7, "rate": 0.1, "faults": ["503", "cut"]}`."""
        self.size = size
        # JSON may write whole numbers as 7.0.
        self.seed = int(body.get("seed", 0))
        self.rate: float = body.get("rate", CHAOS_RATE)
        self.faults = tuple(map(_as_given, body.get("faults", CHAOS_FAULTS)))
        self._drawn = tuple(
            (_name(fault), faults.read_step(script_step(fault))) for fault in self.faults
        )

    @classmethod
    def of_rule(cls, rule: ChaosRule | None) -> Chaos | None:
        """Return the chaos of a setting; None where there is none."""
        if rule is None:
            return None
        return cls({"seed": rule.seed, "rate": rule.rate, "faults": rule.faults})

    def trouble(self, number: int) -> Trouble | None:
        """Return the trouble of an account's request with a number, from 1; None for most.

        A higher rate adds trouble and changes none, and other faults change no request's having trouble.
        """
        share, choice = draw("chaos", self.seed, number)
        if share >= self.rate * SPAN:
            return None
        return Trouble(number, *self._drawn[choice % len(self._drawn)])


def _as_given(fault: Any) -> str | Mapping[str, Any]:
    return str(int(fault)) if isinstance(fault, int | float) else fault


def script_step(fault: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the step of a script that a fault of chaos stands for, e.g. `{"status": 503}` for `503`."""
    if not isinstance(fault, str):
        return fault
    if fault in _STEPS:
        return _STEPS[fault]
    return {"status": int(fault)} if fault.isdigit() else {"page": fault}


def _name(fault: str | Mapping[str, Any]) -> str:
    """Return the name of a fault in the journal, e.g. `503` for `{"status": 503, "body": "…"}`."""
    if isinstance(fault, str):
        return fault
    if "status" in fault:
        return str(int(fault["status"]))
    return str(fault.get("cut") or fault.get("page") or "delay")


def require_playable(rule: ChaosRule | None, page_faults: Mapping[str, frozenset[str]]) -> None:
    """Raise CannotServe where a setting names broken pages that no list of the document has.

    `page_faults` are those of each operation, by its id.
    """
    kinds = fault_checks.playable(page_faults)
    steps = [script_step(name) for name in rule.faults] if rule is not None else []
    found = [violation for step in steps for violation in fault_checks.page_violations(step, "", kinds)]
    if found:
        said = (each.message.removesuffix(".").partition("; ") for each in found)
        raise CannotServe([Problem("--chaos", message, remedy) for message, _, remedy in said])


def violations(body: Any, page_faults: Mapping[str, frozenset[str]]) -> Iterator[Violation]:
    """Yield the violations in a body of `setChaos` that its schema in control.yaml can't describe.

    `page_faults` are the kinds of broken pages that each operation of the document can play, by its id.
    """
    kinds = fault_checks.playable(page_faults)
    found = body.get("faults") if isinstance(body, dict) else None
    for number, fault in enumerate(found if isinstance(found, list) else ()):
        place = f"/faults/{number}"
        if fault == PASS:
            yield Violation("enum", "'pass' is no trouble; leave it out, or lower the rate.", place)
        elif isinstance(fault, str):
            try:
                chaos_fault(fault)
            except ValueError as error:
                yield Violation("enum", str(error), place)
                continue
            yield from fault_checks.page_violations(script_step(fault), place, kinds)
        else:
            yield from fault_checks.step_violations(fault, place, kinds)
