"""Transcripts: bounded in memory, the newest kept."""

from __future__ import annotations

from mock_server.formats.headers import read_headers
from mock_server.sandbox.journal import Archive, Entry, RequestLine


def test_transcripts_are_bounded_in_memory() -> None:
    archive = Archive(1_000)
    body = b"x" * 1_000_000
    for number in range(200):
        entry = Entry(str(number), 0, RequestLine("GET", b"/", b""), read_headers(()))
        archive.record_answer(entry, b"", [(b"a", b"b" * 1_000)])
        archive.record_piece(entry, body)
    kept = [number for number in range(200) if archive.transcript(str(number)) is not None]
    assert kept == list(range(200 - len(kept), 200))
    assert 5 < len(kept) < 9
