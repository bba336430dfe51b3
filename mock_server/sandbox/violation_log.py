"""The ledger: what was wrong with the requests of an account, grouped, however many came.

Unlike the journal it forgets nothing. Keys may be anything that a client sends, so that the groups of
one account are bounded; what goes beyond is one group more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mock_server.errors import Violation, shown

VIOLATION, WARNING = "violation", "warning"

GROUPS = 200

# Of the header in which a response says what was wrong with its request.
SHORT_BYTES = 8_000
_MORE = "; ..."
_OTHERS = Violation(
    "others", "Further kinds of mistakes came; clear the journal to tell them apart.", ""
)


@dataclass(slots=True)
class Group:
    """Mistakes alike: how many, the ids of the first and the last request, and one as an example.

    `message` is what the first was told.
    """

    kind: str
    operation: str | None
    violation: Violation
    count: int
    first: str
    last: str
    example: str

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "operation": self.operation,
            **self.violation.as_json(),
            "count": self.count,
            "first": self.first,
            "last": self.last,
            "example": self.example,
        }


Key = tuple[str, str | None, str, str]


class Ledger:
    """Groups in the order of their first coming."""

    def __init__(self) -> None:
        self._groups: dict[Key, Group] = {}

    def __iter__(self) -> Iterator[Group]:
        return iter(sorted([*self._groups.values()], key=lambda group: int(group.first)))

    def enter(
        self, kind: str, found: Iterable[Violation], operation: str | None, request: str, example: str
    ) -> None:
        """Enter what was wrong with a request, which `request` names."""
        for violation in found:
            self._add(Group(kind, operation, violation, 1, request, request, shown(example, 200)))

    def merge(self, other: Ledger) -> None:
        for group in other:
            self._add(group)

    def _add(self, group: Group) -> None:
        violation = group.violation
        key = (group.kind, group.operation, violation.key, violation.code)
        if key not in self._groups and len(self._groups) >= GROUPS:
            violation, key = _OTHERS, (group.kind, None, _OTHERS.key, _OTHERS.code)
        known = self._groups.get(key)
        if known is None:
            operation = None if violation is _OTHERS else group.operation
            self._groups[key] = Group(
                group.kind, operation, violation, group.count, group.first, group.last, group.example
            )
        else:
            known.count += group.count
            known.last = max(known.last, group.last, key=int)
            if int(group.first) < int(known.first):
                known.first, known.example = group.first, group.example
                known.violation = violation

    def count(self, kind: str) -> int:
        """How many mistakes of a kind came."""
        return sum(group.count for group in self._groups.values() if group.kind == kind)


def in_short(violations: Iterable[Violation], warnings: Iterable[Violation]) -> str:
    """Mistakes in a header's text, e.g. `range limit; warning unknownParameter colour`; 8 kB at most."""
    pieces = [_short(violation) for violation in violations]
    pieces += [f"warning {_short(warning)}" for warning in warnings]
    text = "; ".join(pieces)
    if len(text) <= SHORT_BYTES:
        return text
    return text[: SHORT_BYTES - len(_MORE)].rpartition(";")[0] + _MORE


def _short(violation: Violation) -> str:
    # What a client sent, a parameter's name, may hold what no header may.
    key = "".join(c if "!" <= c <= "~" and c != ";" else "?" for c in violation.key)
    return f"{violation.code} {key}".strip()
