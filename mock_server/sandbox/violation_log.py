"""The violation log: what was wrong with the requests of an account, grouped, however many came.

Unlike the journal it forgets nothing. A client chooses the keys, so the groups of one account are
bounded; mistakes beyond are one group more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from mock_server.errors import Violation, printable

VIOLATION, WARNING = "violation", "warning"

GROUPS = 200

# The length of the header in which a response names what was wrong with its request.
HEADER_BYTES = 8_000
_MORE = "; ..."
_OTHERS = Violation(
    "others", "Further kinds of mistakes came; clear the journal to tell them apart.", ""
)


@dataclass(slots=True)
class Group:
    """Mistakes of one kind: how many, the ids of the first and the last request, and an example.

    `violation` is that of the first request.
    """

    kind: str
    operation: str | None
    violation: Violation
    count: int
    first: str
    last: str
    example: str

    def as_json(self) -> dict[str, Any]:
        """Return the group as the control API shows it."""
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


class ViolationLog:
    """Groups of mistakes in the order in which they first came."""

    def __init__(self) -> None:
        self._groups: dict[Key, Group] = {}

    def __iter__(self) -> Iterator[Group]:
        return iter(sorted([*self._groups.values()], key=lambda group: int(group.first)))

    def add(
        self, kind: str, found: Iterable[Violation], operation: str | None, request: str, example: str
    ) -> None:
        """Add what was wrong with a request, whose id is `request`; `example` is its request line."""
        for violation in found:
            self._add(Group(kind, operation, violation, 1, request, request, printable(example, 200)))

    def merge(self, other: ViolationLog) -> None:
        """Add everything that another log holds."""
        for group in other:
            self._add(group)

    def _add(self, group: Group) -> None:
        key = (group.kind, group.operation, group.violation.key, group.violation.code)
        if key not in self._groups and len(self._groups) >= GROUPS:
            key = (group.kind, None, _OTHERS.key, _OTHERS.code)
            group = replace(group, operation=None, violation=_OTHERS)
        known = self._groups.get(key)
        if known is None:
            self._groups[key] = replace(group)
            return
        known.count += group.count
        known.last = max(known.last, group.last, key=int)
        if int(group.first) < int(known.first):
            known.first, known.example = group.first, group.example
            known.violation = group.violation

    def count(self, kind: str) -> int:
        """Return how many mistakes of a kind came."""
        return sum(group.count for group in self._groups.values() if group.kind == kind)


def header_text(violations: Iterable[Violation], warnings: Iterable[Violation]) -> str:
    """Write mistakes for a header, e.g. `range limit; warning unknownParameter colour`; 8 kB at most."""
    pieces = [_code_and_key(violation) for violation in violations]
    pieces += [f"warning {_code_and_key(warning)}" for warning in warnings]
    text = "; ".join(pieces)
    if len(text) <= HEADER_BYTES:
        return text
    return text[: HEADER_BYTES - len(_MORE)].rpartition(";")[0] + _MORE


def _code_and_key(violation: Violation) -> str:
    # The key is what a client sent, e.g. a parameter's name, and may hold what no header may.
    key = "".join(c if "!" <= c <= "~" and c != ";" else "?" for c in violation.key)
    return f"{violation.code} {key}".strip()
