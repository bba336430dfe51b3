"""Entries of the journal as the control API shows them, and which of them are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.formats import json_members, query_string
from mock_server.formats.headers import by_name
from mock_server.formats.json import Json
from mock_server.formats.media_types import JSON
from mock_server.sandbox.journal import Entry, Journal
from mock_server.sandbox.transcripts import read_body

# Stands for any body, since None is the body `null`.
ANY: Any = object()


class Wanted(NamedTuple):
    """Which requests are looked for; None stands for any operation or status.

    `query` are parameters that a request must have, decoded, e.g. `{"limit": 5}`; `body` are members
    that its body must have, e.g. `{"name": "Acme"}`, ANY for any.
    """

    operation: str | None = None
    status: int | None = None
    query: Mapping[str, Any] = MappingProxyType({})
    body: Json = ANY

    def fits(self, entry: Entry) -> bool:
        """Tell whether an entry is of such a request."""
        if self.operation not in (None, entry.operation) or self.status not in (None, entry.status):
            return False
        if self.query and not query_string.includes(query_string.parse(entry.query), self.query):
            return False
        return self.body is ANY or (
            entry.transcript is not None and json_members.includes(body_of(entry), self.body)
        )


def newest(journal: Journal, wanted: Wanted, limit: int | None = None) -> list[Entry]:
    """Return the newest entries that are wanted, in the order of their coming; None for no limit."""
    # A copy: a worker thread may iterate.
    fitting = [entry for entry in list(journal.entries) if wanted.fits(entry)]
    return fitting if limit is None else fitting[max(0, len(fitting) - limit) :]


def as_json(entry: Entry) -> dict[str, Any]:
    """Return the entry as the control API shows it, without its body."""
    return {
        "id": entry.id,
        "time": datetime.fromtimestamp(entry.time, UTC).isoformat(timespec="milliseconds"),
        "method": entry.method,
        "path": entry.path.decode("latin-1"),
        "query": entry.query.decode("latin-1"),
        "headers": by_name(entry.headers),
        "bodySize": entry.body_size,
        "operation": entry.operation,
        "status": entry.status,
        "durationMs": None if entry.duration is None else round(entry.duration * 1000, 3),
        "violations": [violation.as_json() for violation in entry.violations],
        "warnings": [warning.as_json() for warning in entry.warnings],
        "fault": entry.fault,
        "after": entry.after,
        "chaos": None if entry.trouble is None else entry.trouble.as_json(),
        "change": None if entry.change is None else entry.change.as_json(),
        "idempotent": entry.idempotent,
        "walk": None if entry.attempt is None else entry.attempt.walk.id,
        "step": None if entry.attempt is None else entry.attempt.as_json(),
    }


def with_body(entry: Entry) -> dict[str, Any]:
    """Return the entry as the control API shows it."""
    return {**as_json(entry), "body": body_of(entry)}


def body_of(entry: Entry) -> Json:
    """Return the body that was sent: the value of JSON or of a form, else a text; None for none.

    It is None as well where the transcript was dropped.
    """
    transcript = entry.transcript  # It may be dropped while a worker thread reads it.
    if transcript is None or not transcript.request_body:
        return None
    if transcript.request_value:
        return read_body(transcript.request_value, JSON)
    return read_body(transcript.request_body, by_name(entry.headers).get("content-type", ""))
