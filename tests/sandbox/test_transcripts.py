"""Transcripts: bounded in memory, the newest kept."""

from __future__ import annotations

from mock_server.formats.headers import read_headers
from mock_server.sandbox.journal import Archive, Entry, RequestLine


def test_transcripts_are_bounded_in_memory() -> None:
    archive = Archive(1_000)
    body = b"x" * 1_000_000
    line = RequestLine("GET", b"/", b"")
    entries = [Entry(str(number), 0, line, read_headers(())) for number in range(200)]
    for entry in entries:
        archive.record_answer(entry, b"", [(b"a", b"b" * 1_000)])
        archive.record_piece(entry, body)
    kept = [number for number, entry in enumerate(entries) if entry.transcript is not None]
    assert kept == list(range(200 - len(kept), 200))
    assert 5 < len(kept) < 9
