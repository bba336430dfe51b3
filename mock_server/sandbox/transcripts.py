"""Transcripts: the body of a request and the answer to it, which the journal's entry does not tell.

They are for people to look at, so only the newest are kept.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from mock_server.formats.headers import by_name

# What a transcript holds in memory beside its texts.
OWN_BYTES = 500


@dataclass(slots=True)
class Transcript:
    """The body of a request, and the headers and the body of its answer as far as they were sent."""

    request_body: bytes
    response_headers: list[tuple[bytes, bytes]]
    response_body: bytes = b""


def as_json(transcript: Transcript | None) -> dict[str, Any]:
    """Return the transcript as the control API shows it; all is null where there is none any more."""
    if transcript is None:
        return {"requestBody": None, "responseHeaders": None, "responseBody": None}
    return {
        "requestBody": _body_as_json(transcript.request_body),
        "responseHeaders": by_name(transcript.response_headers),
        "responseBody": _body_as_json(transcript.response_body),
    }


def _body_as_json(content: bytes) -> dict[str, Any]:
    """Return a body as a text where it is UTF-8, else in base64; `size` is in bytes."""
    try:
        return {"size": len(content), "text": content.decode("utf-8"), "base64": None}
    except UnicodeDecodeError:
        return {"size": len(content), "text": None, "base64": b64encode(content).decode()}
