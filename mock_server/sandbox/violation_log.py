"""The violation log: the violations and warnings of all requests of an account, in groups.

Unlike the journal it drops nothing. Keys are what clients sent, so the number of groups is bounded;
mistakes of further kinds count in one last group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mock_server.errors import Violation
from mock_server.formats.secret_texts import hide_in_message, hide_text
from mock_server.shown_text import printable

VIOLATION, WARNING = "violation", "warning"

GROUPS = 200

# What no operation serves is grouped by its path, so that another path shows as another mistake; paths
# are what clients sent, so these groups are bounded, and leave room for all other kinds.
_BY_PATH = ("notFound", "methodNotAllowed")
PATHS = 50

# The number of an item in a JSON pointer.
_ITEM = re.compile(r"/\d+(?=/|$)")

# What a key in `X-Mock-Violations` must not hold: all but visible ASCII, and the separator.
_UNFIT = re.compile(r"[^!-:<-~]")

# The longest `X-Mock-Violations` header.
HEADER_BYTES = 8_000
_MORE = "; ..."
_OTHER_PATHS = "Requests for further paths came; clear the journal to tell them apart."
_OTHERS = Violation(
    "others", "Further kinds of mistakes came; clear the journal to tell them apart.", ""
)


@dataclass(slots=True)
class Group:
    """Mistakes with the same kind, operation, key and code; the items of a list count as one.

    `kind` is VIOLATION or WARNING, `operation` an id or None, `first` and `last` are ids of requests.
    `violation` is that of the first request, and `example` its request line.
    """

    kind: str
    operation: str | None
    violation: Violation
    count: int
    first: str
    last: str
    example: str

    @property
    def path(self) -> str:
        """Return the path of the first request, if the group is of those for one path; else empty."""
        if self.operation is not None or self.violation.code not in _BY_PATH:
            return ""
        return self.example.partition(" ")[2].partition("?")[0]

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


# Kind, operation, key, code, path.
Key = tuple[str, str | None, str, str, str]


class ViolationLog:
    """Groups of mistakes, in the order of their first requests."""

    def __init__(self) -> None:
        self._groups: dict[Key, Group] = {}
        self._paths = 0

    def __iter__(self) -> Iterator[Group]:
        return iter(sorted([*self._groups.values()], key=lambda group: int(group.first)))

    def add(
        self, kind: str, found: Iterable[Violation], operation: str | None, request: str, example: str
    ) -> None:
        """Add mistakes of the request with the id `request`; `example` is its request line."""
        for violation in found:
            # Most are known: they need no group. One without an operation is told by its path.
            key = _key(kind, operation, violation)
            known = None if operation is None else self._groups.get(key)
            if known is not None and int(known.last) < int(request):
                known.count, known.last = known.count + 1, request
            else:
                line = printable(example, 200)
                self._add(Group(kind, operation, violation, 1, request, request, line))

    def merge(self, other: ViolationLog) -> None:
        """Add everything that another log holds."""
        for group in other:
            self._add(group)

    def _add(self, group: Group) -> None:
        violation, path = group.violation, group.path
        key = _key(group.kind, group.operation, violation, path)
        if path and key not in self._groups:
            self._paths += 1
            if self._paths > PATHS:
                key = (*key[:-1], "")
                group = replace(group, violation=violation._replace(message=_OTHER_PATHS), example="")
        if key not in self._groups and len(self._groups) >= GROUPS:
            key = (group.kind, None, _OTHERS.key, _OTHERS.code, "")
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
        """Return the number of mistakes of a kind, VIOLATION or WARNING."""
        return sum(group.count for group in self._groups.values() if group.kind == kind)


def _key(kind: str, operation: str | None, violation: Violation, path: str = "") -> Key:
    return kind, operation, _folded(violation.key), violation.code, path


def _folded(key: str) -> str:
    """Return the key of a mistake in a body with `*` for the items of lists: `/items/*/name`."""
    return _ITEM.sub("/*", key) if key.startswith("/") else key


def without_secrets(found: Sequence[Violation], secrets: Sequence[bytes]) -> Sequence[Violation]:
    """Return mistakes whose messages and keys do not show the texts of credentials."""
    together = "".join([each.message + each.key for each in found]).encode()
    if together.isascii() and b"%" not in together and not any(map(together.__contains__, secrets)):
        return found
    return [
        each._replace(message=hide_in_message(each.message, secrets), key=hide_text(each.key, secrets))
        for each in found
    ]


def header_text(violations: Iterable[Violation], warnings: Iterable[Violation]) -> str:
    """Return a header's text of at most 8 kB, e.g. `range limit; warning unknownParameter colour`."""
    pieces = [_code_and_key(violation) for violation in violations]
    pieces += [f"warning {_code_and_key(warning)}" for warning in warnings]
    text = "; ".join(pieces)
    if len(text) <= HEADER_BYTES:
        return text
    return text[: HEADER_BYTES - len(_MORE)].rpartition(";")[0] + _MORE


def _code_and_key(violation: Violation) -> str:
    # A key is what a client sent, e.g. a parameter's name, and may hold what a header may not.
    return f"{violation.code} {_UNFIT.sub('?', violation.key)}".strip()
