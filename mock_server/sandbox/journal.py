"""The journal: the requests to the mocked API and its answers, bounded for each account and in all."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from mock_server.data.budget import Budget
from mock_server.data.changes import Change
from mock_server.errors import Violation
from mock_server.formats.headers import HeaderBlock
from mock_server.sandbox.chaos import Trouble
from mock_server.sandbox.coverage_points import Covered, cover
from mock_server.sandbox.transcripts import OWN_BYTES, Transcript
from mock_server.sandbox.violation_log import WARNING, ViolationLog, without_secrets
from mock_server.sandbox.walk import Attempt, Walk
from mock_server.sandbox.walks import Walks

# How many bytes of memory the transcripts of all accounts may hold, e.g. 700 with pages of 20 records.
TRANSCRIPT_BYTES = 8_000_000

# How many entries are freed at once: that takes about 0.1 ms.
_FREED_AT_ONCE = 30

# An entry that takes more memory counts as several, so that long requests can't fill it.
_ENTRY_BYTES = 4_096

# The memory of a header beside that of its texts.
_HEADER_BYTES = 150


class RequestLine(NamedTuple):
    """Method, raw path and raw query of a request, e.g. `GET`, `/api/things`, `limit=2`."""

    method: str
    path: bytes
    query: bytes


class Entry:
    """One request and its answer.

    - `time`: in seconds since 1970, by the wall clock
    - `duration`: in seconds, None while the request is under way
    - `status`: None while the request is under way, and without an answer
    - `operation`: the operation's id, None if no route matched
    - `fault`: the id of the fault that applied, None without one; `trouble` is what chaos did
    - `after`: whether the fault applied after the request was carried out
    - `change`: what the request changed in the account's records, None for nothing
    - `idempotent`: the id of the entry whose answer it got again for the same idempotency key, or None
    - `attempt`: what the request is in its walk, None if it belongs to none
    - `body_size`: the bytes of the body that was sent
    - `transcript`: None before there is one, and where memory was needed for newer ones
    - `is_kept`: whether it is in a journal
    - `secrets`: the texts of its credentials, which nothing of it shows; none when it has ended
    - `size`: about how many bytes of memory it takes
    """

    __slots__ = (
        "after", "attempt", "body_size", "change", "duration", "fault", "headers", "id", "idempotent",
        "is_kept", "method", "operation", "path", "query", "secrets", "size", "status", "time",
        "transcript", "trouble", "violations", "warnings",
    )  # fmt: skip

    def __init__(self, entry_id: str, time: float, line: RequestLine, headers: HeaderBlock) -> None:
        self.id = entry_id
        self.time = time
        self.method, self.path, self.query = line
        self.headers, self.secrets = headers.redacted, headers.secrets
        self.operation: str | None = None
        self.status: int | None = None
        self.duration: float | None = None
        self.violations: Sequence[Violation] = ()
        self.warnings: Sequence[Violation] = ()
        self.fault: str | None = None
        self.after = False
        self.trouble: Trouble | None = None
        self.change: Change | None = None
        self.idempotent: str | None = None
        self.attempt: Attempt | None = None
        self.body_size = 0
        self.transcript: Transcript | None = None
        self.is_kept = False
        self.size = _ENTRY_BYTES + len(line.path) + len(line.query) + headers.size
        self.size += _HEADER_BYTES * len(self.headers)

    def share(self, other: Entry) -> None:
        """Refer to the texts of another entry where they are equal, since most requests repeat them."""
        if self.headers == other.headers:
            self.headers = other.headers
        if (self.path, self.query) == (other.path, other.query):
            self.path, self.query = other.path, other.query

    @property
    def weight(self) -> int:
        """Return the number of entries of 4,096 bytes that this one counts as."""
        return self.size // _ENTRY_BYTES


class Archive:
    """The entries and transcripts of all accounts, within two budgets; the oldest are dropped first."""

    def __init__(self, limit: int, transcript_limit: int = TRANSCRIPT_BYTES) -> None:
        """Keep entries of `limit` weight (`Entry.weight`), transcripts of `transcript_limit` bytes."""
        self.budget = Budget(limit, self._drop_oldest)
        self._journals: OrderedDict[Entry, Journal] = OrderedDict()
        self._numbered = 0
        self.transcript_budget = Budget(transcript_limit, self._drop_oldest_transcript)
        # Those with a transcript, the oldest first.
        self._transcribed: OrderedDict[Entry, Transcript] = OrderedDict()

    def new_id(self) -> str:
        """Return an id that no entry has yet."""
        self._numbered += 1
        return str(self._numbered)

    def add(self, entry: Entry, journal: Journal) -> None:
        """Add an entry of a journal, and drop the oldest entries of all accounts beyond the budget."""
        entry.is_kept = True
        self._journals[entry] = journal
        self._hold(entry.weight)

    def grow(self, entry: Entry, size: int) -> None:
        """Add to the size of an entry, in bytes."""
        before = entry.weight
        entry.size += size
        grown = entry.weight - before
        if grown and entry in self._journals:
            self._hold(grown)

    def _hold(self, weight: int) -> None:
        self.budget.held += weight
        if self.budget.held > self.budget.limit and self._journals:
            self.budget.shrink()

    def _drop_oldest(self) -> None:
        entry, journal = next(iter(self._journals.items()))
        if entry.is_kept:
            journal.drop()
        else:
            self.remove(entry)

    def remove(self, entry: Entry) -> None:
        """Remove an entry that its journal has dropped, and its transcript, unless that was done."""
        entry.is_kept = False
        if self._journals.pop(entry, None) is None:
            return
        self.budget.held -= entry.weight
        if entry.transcript is not None:
            self._drop_transcript(entry)

    def record_answer(
        self, entry: Entry, body: bytes, headers: list[tuple[bytes, bytes]], value: bytes = b""
    ) -> None:
        """Begin the transcript of a request: `body` is the request's, `headers` are the answer's.

        `value` is that of a form in JSON, empty for any other body.
        """
        texts = [body, value, *entry.secrets, *chain.from_iterable(headers)]
        size = OWN_BYTES + sum(map(len, texts))
        transcript = Transcript(body, headers, value, entry.secrets, size=size)
        entry.transcript = self._transcribed[entry] = transcript
        self._hold_transcript(transcript.size)

    def record_piece(self, entry: Entry, piece: bytes) -> None:
        """Add a piece of an answer's body to its transcript, unless that was dropped."""
        if entry.transcript is not None and piece:
            entry.transcript.response_body += piece
            entry.transcript.size += len(piece)
            self._hold_transcript(len(piece))

    def _hold_transcript(self, size: int) -> None:
        self.transcript_budget.held += size
        if self.transcript_budget.held > self.transcript_budget.limit:
            self.transcript_budget.shrink()

    def _drop_oldest_transcript(self) -> None:
        self._drop_transcript(next(iter(self._transcribed)))

    def _drop_transcript(self, entry: Entry) -> None:
        self.transcript_budget.held -= self._transcribed.pop(entry).size
        entry.transcript = None


class Journal:
    """The newest requests of one account, at most `size`, and the walks that they belong to."""

    def __init__(self, archive: Archive, size: int) -> None:
        self._archive = archive
        self._size = size
        self.entries: deque[Entry] = deque()
        self.begin()

    def begin(self) -> None:
        """Set everything but the entries to the state of a new journal."""
        self.walks = Walks(self._on_walk_gone)
        # Of all requests since the journal was cleared, also of those that were dropped.
        self.violation_log = ViolationLog()
        self.covered: Covered = {}
        self.recorded = self.dropped = 0
        # Grows whenever a request comes or ends.
        self.changes = 0

    @property
    def is_kept(self) -> bool:
        """Tell whether the journal keeps requests; with `--journal-size 0` it keeps none."""
        return self._size > 0

    def add(self, entry: Entry) -> None:
        """Record a request, and drop the oldest one beyond the journal's size."""
        self.recorded += 1
        self.changes += 1
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
        """Add to the size of an entry, of this journal or of none, in bytes."""
        self._archive.grow(entry, size)

    def add_violations(
        self, entry: Entry, violations: Sequence[Violation], warnings: Sequence[Violation]
    ) -> None:
        """Add to the violations and warnings of an entry, without the texts of its credentials."""
        if entry.secrets:
            violations = without_secrets(violations, entry.secrets)
            warnings = without_secrets(warnings, entry.secrets)
        entry.violations = [*entry.violations, *violations]
        entry.warnings = [*entry.warnings, *warnings]
        self.grow(entry, sum([len(each.message) + 200 for each in (*violations, *warnings)]))

    def drop(self) -> None:
        """Drop the oldest entry, and count it."""
        entry = self.entries.popleft()
        self.dropped += 1
        self._archive.remove(entry)
        if entry.attempt is not None:
            self.walks.forget(entry.attempt)
            entry.attempt = None

    def clear(self) -> Iterator[None]:
        """Remove all entries, walks, violations and coverage; return what frees them piece by piece.

        An entry counts for the budgets until it is freed.
        """
        dropped, walks = self.entries, self.walks
        self.entries = deque()
        for entry in dropped:
            entry.is_kept = False
        self.begin()
        return self._free(dropped, [walks])

    def _free(self, dropped: deque[Entry], walks: list[Walks]) -> Iterator[None]:
        while dropped:
            for _ in range(min(len(dropped), _FREED_AT_ONCE)):
                self._archive.remove(dropped.popleft())
            yield
        walks.clear()

    def _on_walk_gone(self, walk: Walk) -> None:
        """Record the warning of a walk whose last request is dropped, if it was given up."""
        _add_given_up(walk, self.violation_log)

    def collect(self, violation_log: ViolationLog, covered: Covered) -> None:
        """Add the violations and coverage of this journal to others, with walks given up so far."""
        violation_log.merge(self.violation_log)
        cover(covered, self.covered.copy())
        for walk in self.walks:
            _add_given_up(walk, violation_log)

    def find(self, entry_id: str) -> Entry | None:
        """Return the entry with an id; None if the journal has no such entry, or has dropped it."""
        return next((e for e in list(self.entries) if e.id == entry_id), None)


def _add_given_up(walk: Walk, violation_log: ViolationLog) -> None:
    warning = walk.given_up_warning
    if warning is not None:
        violation_log.add(WARNING, [warning], walk.operation, walk.last_request, f"walk {walk.id}")
