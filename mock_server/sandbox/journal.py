"""The journal: what the mocked API was asked and answered, bounded for each account and in all."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from mock_server.data.budget import Budget
from mock_server.errors import Violation
from mock_server.formats.headers import HeaderBlock, by_name
from mock_server.sandbox.coverage_points import Covered, cover
from mock_server.sandbox.transcripts import OWN_BYTES, Transcript
from mock_server.sandbox.violation_log import WARNING, ViolationLog
from mock_server.sandbox.walk import Attempt, Walk
from mock_server.sandbox.walks import Walks

# What the transcripts of all accounts may hold in memory; that of a page of 20 records holds 11 kB.
TRANSCRIPT_BYTES = 8_000_000

# An entry that holds more counts as several, so that long requests can't fill the memory.
_ENTRY_BYTES = 4_096

# What a header holds beside its texts, which may be empty.
_HEADER_BYTES = 150


class RequestLine(NamedTuple):
    """What a request asks for, as it was sent, e.g. `GET`, `/api/things`, `limit=2`."""

    method: str
    path: bytes
    query: bytes


class Entry:
    """One request and its answer.

    `time` is in seconds since 1970 by the wall clock, `duration` in seconds and None while the request
    is under way; `status` is None until there is one. `size` is about how many bytes it holds.
    """

    __slots__ = (
        "attempt", "duration", "fault", "headers", "id", "is_kept", "method", "operation", "path",
        "query", "size", "status", "time", "violations", "warnings",
    )  # fmt: skip

    def __init__(self, entry_id: str, time: float, line: RequestLine, headers: HeaderBlock) -> None:
        self.id = entry_id
        self.time = time
        self.method, self.path, self.query = line
        self.headers = headers.redacted
        self.operation: str | None = None
        self.status: int | None = None
        self.duration: float | None = None
        self.violations: Sequence[Violation] = ()
        self.warnings: Sequence[Violation] = ()
        self.fault: str | None = None
        self.attempt: Attempt | None = None
        # Whether it is in a journal.
        self.is_kept = False
        self.size = _ENTRY_BYTES + len(line.path) + len(line.query) + headers.size
        self.size += _HEADER_BYTES * len(self.headers)

    def share(self, other: Entry) -> None:
        """Hold what is equal once: a client sends the same headers with every request."""
        if self.headers == other.headers:
            self.headers = other.headers
        if (self.path, self.query) == (other.path, other.query):
            self.path, self.query = other.path, other.query

    @property
    def weight(self) -> int:
        """Return how many entries of 4,096 bytes this one counts as."""
        return self.size // _ENTRY_BYTES

    def as_json(self) -> dict[str, Any]:
        """Return the entry as the control API shows it."""
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


class Archive:
    """The entries and transcripts of all accounts; of both, the oldest fall out first."""

    def __init__(self, limit: int, transcript_limit: int = TRANSCRIPT_BYTES) -> None:
        """Keep entries of so much weight, see `Entry.weight`, and transcripts of so many bytes."""
        self.budget = Budget(limit, self._drop_oldest)
        self._journals: OrderedDict[Entry, Journal] = OrderedDict()
        self._numbered = 0
        self.transcript_budget = Budget(transcript_limit, self._drop_oldest_transcript)
        self._transcripts: OrderedDict[str, Transcript] = OrderedDict()

    def new_id(self) -> str:
        """Return an id that no entry has yet."""
        self._numbered += 1
        return str(self._numbered)

    def add(self, entry: Entry, journal: Journal) -> None:
        """Keep an entry, and drop the oldest of all where all together are too many."""
        entry.is_kept = True
        self._journals[entry] = journal
        self._hold(entry.size // _ENTRY_BYTES)

    def grow(self, entry: Entry, size: int) -> None:
        """Note that an entry holds so many bytes more."""
        before = entry.weight
        entry.size += size
        if entry.is_kept:
            self._hold(entry.weight - before)

    def _hold(self, weight: int) -> None:
        self.budget.held += weight
        if self.budget.held > self.budget.limit and self._journals:
            self.budget.shrink()

    def _drop_oldest(self) -> None:
        next(iter(self._journals.values())).drop()

    def remove(self, entry: Entry) -> None:
        """Forget an entry that its journal has let go."""
        entry.is_kept = False
        del self._journals[entry]
        self.budget.held -= entry.weight

    def record_answer(self, entry: Entry, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        """Begin the transcript of a request with that body, whose answer has those headers."""
        self._transcripts[entry.id] = Transcript(body, headers)
        self._hold_transcript(len(body) + _size_of(headers))

    def record_piece(self, entry: Entry, piece: bytes) -> None:
        """Add a piece of an answer's body to its transcript, if that is still kept."""
        transcript = self._transcripts.get(entry.id)
        if transcript is not None and piece:
            transcript.response_body += piece
            self._hold_transcript(len(piece))

    def _hold_transcript(self, size: int) -> None:
        self.transcript_budget.held += size
        if self.transcript_budget.held > self.transcript_budget.limit:
            self.transcript_budget.shrink()

    def _drop_oldest_transcript(self) -> None:
        _, oldest = self._transcripts.popitem(last=False)
        size = len(oldest.request_body) + _size_of(oldest.response_headers) + len(oldest.response_body)
        self.transcript_budget.held -= size

    def transcript(self, entry_id: str) -> Transcript | None:
        """Return the transcript of a request, if it is still kept."""
        return self._transcripts.get(entry_id)


def _size_of(headers: list[tuple[bytes, bytes]]) -> int:
    return OWN_BYTES + sum([len(name) + len(value) for name, value in headers])


class Journal:
    """The newest requests of one account, at most `size`, and the walks that they make up."""

    def __init__(self, archive: Archive, size: int) -> None:
        self._archive = archive
        self._size = size
        self.entries: deque[Entry] = deque()
        self.begin()

    def begin(self) -> None:
        """Know nothing, as a new journal does."""
        self.walks = Walks(self._on_walk_gone)
        # What was wrong and what was tried since the journal was emptied, by dropped requests too.
        self.violation_log = ViolationLog()
        self.covered: Covered = {}
        self.recorded = self.dropped = 0

    @property
    def is_kept(self) -> bool:
        """Tell whether it keeps any request."""
        return self._size > 0

    def add(self, entry: Entry) -> None:
        """Record a request, and drop the oldest where there are too many."""
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
        """Note that an entry, of this journal or of none, holds so many bytes more."""
        self._archive.grow(entry, size)

    def add_violations(
        self, entry: Entry, violations: Sequence[Violation], warnings: Sequence[Violation]
    ) -> None:
        """Add what is wrong with a request to what was found before."""
        entry.violations = [*entry.violations, *violations]
        entry.warnings = [*entry.warnings, *warnings]
        self.grow(entry, sum([len(each.message) + 200 for each in (*violations, *warnings)]))

    def drop(self) -> None:
        """Let the oldest entry go, and count it."""
        entry = self.entries.popleft()
        self.dropped += 1
        self._archive.remove(entry)
        if entry.attempt is not None:
            self.walks.forget(entry.attempt)
            entry.attempt = None

    def clear(self) -> None:
        """Forget everything."""
        while self.entries:
            self._archive.remove(self.entries.popleft())
        self.begin()

    def _on_walk_gone(self, walk: Walk) -> None:
        """Keep what only a walk tells when its last request is dropped."""
        _add_given_up(walk, self.violation_log)

    def collect(self, violation_log: ViolationLog, covered: Covered) -> None:
        """Add what was wrong and what was tried, walks that were given up so far included."""
        violation_log.merge(self.violation_log)
        cover(covered, self.covered.copy())
        for walk in self.walks:
            _add_given_up(walk, violation_log)

    def find(self, entry_id: str) -> Entry | None:
        """Return the entry of an id, if the journal still has it."""
        return next((e for e in list(self.entries) if e.id == entry_id), None)

    def newest(
        self, *, operation: str | None = None, status: int | None = None, limit: int | None = None
    ) -> list[Entry]:
        """Return the newest entries that fit, the oldest of them first; all that fit without a limit."""
        fitting = [
            entry
            for entry in list(self.entries)  # At once, since the worker asks while requests come.
            if operation in (None, entry.operation) and status in (None, entry.status)
        ]
        return fitting if limit is None else fitting[max(0, len(fitting) - limit) :]


def _add_given_up(walk: Walk, violation_log: ViolationLog) -> None:
    given_up = walk.given_up
    if given_up is not None:
        violation_log.add(WARNING, [given_up], walk.operation, walk.last_request, f"walk {walk.id}")


def as_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return entries as the control API lists them."""
    return [entry.as_json() for entry in entries]
