"""An entry of the journal: one request and its answer, with the transcript of its bodies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from mock_server.data.changes import Change
from mock_server.errors import Violation
from mock_server.formats.headers import HeaderBlock, by_name
from mock_server.formats.json import Json
from mock_server.formats.media_types import JSON
from mock_server.sandbox.chaos import Trouble
from mock_server.sandbox.transcripts import Transcript, read_body
from mock_server.sandbox.walk import Attempt

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

    def as_json(self) -> dict[str, Any]:
        """Return the entry as the control API shows it, without its body."""
        return {
            "id": self.id,
            "time": datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds"),
            "method": self.method,
            "path": self.path.decode("latin-1"),
            "query": self.query.decode("latin-1"),
            "headers": by_name(self.headers),
            "bodySize": self.body_size,
            "operation": self.operation,
            "status": self.status,
            "durationMs": None if self.duration is None else round(self.duration * 1000, 3),
            "violations": [violation.as_json() for violation in self.violations],
            "warnings": [warning.as_json() for warning in self.warnings],
            "fault": self.fault,
            "after": self.after,
            "chaos": None if self.trouble is None else self.trouble.as_json(),
            "change": None if self.change is None else self.change.as_json(),
            "idempotent": self.idempotent,
            "walk": None if self.attempt is None else self.attempt.walk.id,
            "step": None if self.attempt is None else self.attempt.as_json(),
        }

    def with_body(self) -> dict[str, Any]:
        """Return the entry as the control API shows it."""
        return {**self.as_json(), "body": self.body}

    @property
    def body(self) -> Json:
        """The body that was sent: the value of JSON or of a form, else a text; None where there is none.

        It is None as well where the transcript was dropped.
        """
        transcript = self.transcript  # It may be dropped while a worker thread reads it.
        if transcript is None or not transcript.request_body:
            return None
        if transcript.request_value:
            return read_body(transcript.request_value, JSON)
        return read_body(transcript.request_body, by_name(self.headers).get("content-type", ""))
