"""The comparison of two runs: which checks have another outcome, and which facts are others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.conform.facts import Fact
from mock_server.conform.run_record import RunRecord
from mock_server.shown_text import printable

# The headings of changed checks, by what has become of them.
_HEADINGS = {
    "failNow": "Fail now",
    "passNow": "Pass now",
    "undecidableNow": "Cannot be decided now",
    "new": "New",
    "gone": "Gone",
}
_BECOME = {"failed": "failNow", "passed": "passNow", "undecidable": "undecidableNow"}


@dataclass(frozen=True, slots=True)
class ChangedCheck:
    """A check that had the outcome `before` and has the outcome `now`, None where it was not made.

    `message` is the later one's, or that of a check that is gone.
    """

    check: str
    subject: str
    before: str | None
    now: str | None
    message: str

    @property
    def kind(self) -> str:
        """Return what has become of it, e.g. `failNow`."""
        if self.now is None:
            return "gone"
        return "new" if self.before is None else _BECOME[self.now]

    def __str__(self) -> str:
        outcome = self.now if self.kind == "new" else self.before
        reason = f": {self.message}" if self.message and self.kind not in ("gone", "passNow") else ""
        return f"{self.check}  {self.subject} ({'' if self.kind == 'new' else 'was '}{outcome}){reason}"


@dataclass(frozen=True, slots=True)
class ChangedFact:
    """A fact that both runs have learnt, and that differs."""

    fact: str
    subject: str
    before: Fact
    now: Fact

    def __str__(self) -> str:
        if not isinstance(self.before, list) or not isinstance(self.now, list):
            return f"{self.subject}, {self.fact}: {_shown(self.before)} before, {_shown(self.now)} now"
        new = [f"'{text}' is new" for text in self.now if text not in self.before]
        gone = [f"'{text}' is gone" for text in self.before if text not in self.now]
        return f"{self.subject}, {self.fact}: {', '.join(gone + new)}"


def _shown(fact: Fact) -> str:
    return (", ".join(fact) or "none") if isinstance(fact, list) else str(fact)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one run to a later one."""

    before: RunRecord
    now: RunRecord
    checks: Sequence[ChangedCheck]
    facts: Sequence[ChangedFact]

    @property
    def is_changed(self) -> bool:
        """Tell whether anything changed."""
        return bool(self.checks or self.facts)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as `--json` prints it."""
        return {
            "changed": self.is_changed,
            "before": {"file": self.before.file, "url": self.before.url, "counts": self.before.counts},
            "now": {"file": self.now.file, "url": self.now.url, "counts": self.now.counts},
            "checks": {kind: [_as_json(c) for c in self.checks if c.kind == kind] for kind in _HEADINGS},
            "facts": [
                {"subject": f.subject, "fact": f.fact, "before": f.before, "now": f.now}
                for f in self.facts
            ],
        }

    def format_lines(self) -> Iterator[str]:
        """Yield the comparison in lines for a terminal."""
        for run in (self.before, self.now):
            counts = ", ".join(f"{number} {outcome}" for outcome, number in run.counts.items())
            yield printable(f"{run.file}: {run.url}, {counts}", None)
        for kind, heading in _HEADINGS.items():
            yield from _section(heading, [str(c) for c in self.checks if c.kind == kind])
        yield from _section("Facts", [str(fact) for fact in self.facts])
        number = len(self.checks) + len(self.facts)
        yield ""
        yield f"{number} change{'' if number == 1 else 's'}" if number else "Nothing has changed"


def _as_json(changed: ChangedCheck) -> dict[str, Any]:
    return {
        "check": changed.check,
        "subject": changed.subject,
        "before": changed.before,
        "now": changed.now,
        "message": changed.message,
    }


def _section(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"{heading}:"
        yield from (printable(f"  {line}", None) for line in lines)


def compare(before: RunRecord, now: RunRecord) -> Comparison:
    """Return what changed from one run to a later one, in the order of the later one's checks.

    A check that fails for another reason than before is no change, nor is a fact that one of the runs
    could not learn, such as the headers of a status that did not come.
    """
    return Comparison(before, now, list(_checks(before, now)), list(_facts(before.facts, now.facts)))


def _checks(before: RunRecord, now: RunRecord) -> Iterator[ChangedCheck]:
    for key in dict.fromkeys([*now.checks, *before.checks]):
        old, new = before.checks.get(key), now.checks.get(key)
        was, is_now = (None if each is None else each[0] for each in (old, new))
        if was != is_now:
            _, message = new or old or ("", "")
            yield ChangedCheck(key[0], key[1], was, is_now, message)


def _facts(
    before: Mapping[tuple[str, str], Fact], now: Mapping[tuple[str, str], Fact]
) -> Iterator[ChangedFact]:
    for key, new in now.items():
        old = before.get(key)
        if old != new and old is not None and new is not None:
            yield ChangedFact(*key, old, new)
