"""Transcripts: bounded in memory, the newest kept."""

from __future__ import annotations

from mock_server.sandbox.sandbox import Sandbox


def test_transcripts_are_bounded_in_memory() -> None:
    transcripts = Sandbox({}).transcripts
    body = b"x" * 1_000_000
    for number in range(200):
        transcripts.hear(
            str(number), b"", {"type": "http.response.start", "headers": [(b"a", b"b" * 1_000)]}
        )
        transcripts.hear(str(number), b"", {"type": "http.response.body", "body": body})
    kept = [number for number in range(200) if transcripts.get(str(number)) is not None]
    assert kept == list(range(200 - len(kept), 200))
    assert 5 < len(kept) < 9
