"""The journal: what the mocked API was asked and answered, bounded for each account and in all."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mock_server.errors import Violation
from mock_server.formats.headers import by_name
from mock_server.sandbox.coverage_points import Covered, cover
from mock_server.sandbox.violation_log import WARNING, Ledger
from mock_server.sandbox.walks import Attempt, Walk, Walks

REDACTED = "[redacted]"

# The headers that hold credentials, and the schemes that may be shown (the registry of RFC 9110
# section 16.4.1, and two in wide use); what follows another word may be a secret, and so may the word.
_SECRET = {b"authorization", b"proxy-authorization", b"cookie"}
_SCHEME = re.compile(
    rb"(basic|bearer|concealed|digest|dpop|gnap|hoba|mutual|negotiate|oauth|privatetoken|scram-sha-1"
    rb"|scram-sha-256|vapid|apikey|token) ",
    re.IGNORECASE,
)

# Entries that are larger than this count as several, so that long requests can't fill the memory.
_USUAL_BYTES = 4_096

# What a header takes beside its texts, which may be empty.
_HEADER_BYTES = 150


class Entry:
    """One request and its answer.

    `time` is in seconds since 1970 by the wall clock, `duration` in seconds and None while the request
    is under way; `status` is None until there is one.
    """

    __slots__ = (
        "attempt", "duration", "fault", "headers", "id", "is_kept", "method", "operation", "path",
        "query", "size", "status", "time", "violations", "warnings",
    )  # fmt: skip

    def __init__(self, entry_id: str, time: float, scope: Mapping[str, Any]) -> None:
        self.id = entry_id
        self.time = time
        self.method: str = scope["method"]
        self.path: bytes = scope["raw_path"]
        self.query: bytes = scope["query_string"]
        # A tuple, like much of an entry: of thousands of entries the collector need look at few objects.
        headers = [(n, _redacted(n, v) if n in _SECRET else v) for n, v in scope["headers"]]
        self.headers = tuple(headers)
        self.operation: str | None = None
        self.status: int | None = None
        self.duration: float | None = None
        self.violations: Sequence[Violation] = ()
        self.warnings: Sequence[Violation] = ()
        self.fault: str | None = None
        self.attempt: Attempt | None = None
        # Whether it is in a journal.
        self.is_kept = False
        # Bytes in memory, roughly.
        self.size = _USUAL_BYTES + len(self.path) + len(self.query)
        self.size += sum([len(name) + len(value) + _HEADER_BYTES for name, value in headers])

    def share(self, other: Entry) -> None:
        """Hold what is equal but once: a client sends the same headers with every request."""
        if self.headers == other.headers:
            self.headers = other.headers
        if (self.path, self.query) == (other.path, other.query):
            self.path, self.query = other.path, other.query

    @property
    def weight(self) -> int:
        """How many entries of usual size it is worth."""
        return self.size // _USUAL_BYTES

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "time": datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds"),
            "method": self.method,
            "path": self.path.decode("latin-1"),
            "query": self.query.decode("latin-1"),
            "headers": by_name(self.headers),
            "operation": self.operation,
            "status": self.status,
            "durationMs": None if self.duration is None else round(self.duration * 1000, 3),
            "violations": [violation.as_json() for violation in self.violations],
            "warnings": [warning.as_json() for warning in self.warnings],
            "fault": self.fault,
            "walk": None if self.attempt is None else self.attempt.walk.id,
            "step": None if self.attempt is None else self.attempt.as_json(),
        }


def _redacted(name: bytes, value: bytes) -> bytes:
    scheme = _SCHEME.match(value) if name != b"cookie" else None
    return (scheme[0] if scheme else b"") + REDACTED.encode()


class Archive:
    """What bounds the journals of all accounts together: the oldest entries of all fall out first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._order: OrderedDict[Entry, Journal] = OrderedDict()
        self._numbered = 0

    def number(self) -> str:
        """An id that no entry has yet."""
        self._numbered += 1
        return str(self._numbered)

    def add(self, entry: Entry, journal: Journal) -> None:
        entry.is_kept = True
        self._order[entry] = journal
        self._weigh(entry.weight)

    def grow(self, entry: Entry, size: int) -> None:
        """An entry has become larger, by so many bytes."""
        before = entry.weight
        entry.size += size
        if entry.is_kept:
            self._weigh(entry.weight - before)

    def _weigh(self, weight: int) -> None:
        self._weight += weight
        while self._weight > self._limit and self._order:
            next(iter(self._order.values())).drop()

    def remove(self, entry: Entry) -> None:
        entry.is_kept = False
        del self._order[entry]
        self._weight -= entry.weight


class Journal:
    """The newest requests of one account, at most `size`, and the walks that they make up."""

    def __init__(self, archive: Archive, size: int) -> None:
        self._archive = archive
        self._size = size
        self.entries: deque[Entry] = deque()
        self.walks = Walks(self._gone)
        # What was wrong and what was tried since it was last emptied, by what has dropped out too.
        self.ledger = Ledger()
        self.covered: Covered = {}
        self.recorded = self.dropped = 0

    @property
    def is_kept(self) -> bool:
        return self._size > 0

    def add(self, entry: Entry) -> None:
        self.recorded += 1
        if not self._size:
            self.dropped += 1
            return
        if self.entries:
            entry.share(self.entries[-1])
        self.entries.append(entry)
        self._archive.add(entry, self)
        if len(self.entries) > self._size:
            self.drop()

    def grow(self, entry: Entry, size: int) -> None:
        """An entry, of this journal or of none, has become larger by so many bytes."""
        self._archive.grow(entry, size)

    def drop(self) -> None:
        """Let the oldest entry go, and count it."""
        entry = self.entries.popleft()
        self.dropped += 1
        self._archive.remove(entry)
        if entry.attempt is not None:
            self.walks.forget(entry.attempt)
            entry.attempt = None

    def clear(self) -> None:
        while self.entries:
            self._archive.remove(self.entries.popleft())
        self.walks = Walks(self._gone)
        self.ledger = Ledger()
        self.covered = {}
        self.recorded = self.dropped = 0

    def _gone(self, walk: Walk) -> None:
        """The last request of a walk is dropped, and with it what only the walk told."""
        _enter_given_up(walk, self.ledger)

    def tell(self, ledger: Ledger, covered: Covered) -> None:
        """Enter what was wrong and what was tried, the walks that were given up so far included."""
        ledger.merge(self.ledger)
        cover(covered, self.covered.copy())
        for walk in self.walks:
            _enter_given_up(walk, ledger)

    def find(self, entry_id: str) -> Entry | None:
        """The entry of an id, if the journal still has it."""
        return next((e for e in list(self.entries) if e.id == entry_id), None)

    def newest(
        self, *, operation: str | None = None, status: int | None = None, limit: int | None = None
    ) -> list[Entry]:
        """The newest entries that fit, oldest of them first."""
        fitting = [
            entry
            for entry in list(self.entries)  # At once, since the worker asks while requests come.
            if operation in (None, entry.operation) and status in (None, entry.status)
        ]
        return fitting if limit is None else fitting[max(0, len(fitting) - limit) :]


def _enter_given_up(walk: Walk, ledger: Ledger) -> None:
    given_up = walk.given_up
    if given_up is not None:
        ledger.enter(WARNING, [given_up], walk.operation, walk.last_request, f"walk {walk.id}")


def as_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [entry.as_json() for entry in entries]
