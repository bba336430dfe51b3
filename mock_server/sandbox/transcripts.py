"""Transcripts: the parts of a request and its answer that the journal's entry does not have.

They serve people who look at a request, so only the newest are kept.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from mock_server.formats import json
from mock_server.formats.headers import by_name, redact
from mock_server.formats.json import Json
from mock_server.formats.media_types import is_json
from mock_server.formats.secret_texts import SecretNames, hide

# The bytes of memory that a transcript takes beside its texts.
OWN_BYTES = 500


@dataclass(slots=True)
class Transcript:
    """The body of a request, and the headers and body of its answer as far as they were sent.

    - `request_value`: what a form stands for, in JSON; empty for any other body
    - `secrets`: the texts of the request's credentials, which nothing shows of the answer
    - `size`: about how many bytes of memory it takes
    """

    request_body: bytes
    response_headers: list[tuple[bytes, bytes]]
    request_value: bytes = b""
    secrets: tuple[bytes, ...] = ()
    response_body: bytes = b""
    size: int = OWN_BYTES


def as_json(transcript: Transcript | None, names: SecretNames) -> dict[str, Any]:
    """Return a transcript as the control API shows it; every member is None where it was dropped.

    The values of headers with the names of credentials are redacted. The texts of credentials are
    hidden here, since to look for them in each answer that is sent takes longer than to record it.
    """
    if transcript is None:
        return {"requestBody": None, "responseHeaders": None, "responseBody": None}
    secrets = transcript.secrets
    headers = [(name, hide(value, secrets)) for name, value in transcript.response_headers]
    return {
        "requestBody": _body_as_json(transcript.request_body),
        "responseHeaders": by_name(redact(headers, names)),
        "responseBody": _body_as_json(hide(transcript.response_body, secrets)),
    }


def read_body(content: bytes, media_type: str) -> Json:
    """Return a body as a value: parsed JSON where it is such, else its text.

    A body without a media type may be JSON.
    """
    text = content.decode("utf-8-sig", "replace")
    if media_type and not is_json(media_type):
        return text
    try:
        return json.load(text, in_pieces=True)
    except json.Unreadable:
        return text


def _body_as_json(content: bytes) -> dict[str, Any]:
    """Return a body as a text where it is UTF-8, else in base64; `size` is in bytes."""
    try:
        return {"size": len(content), "text": content.decode("utf-8"), "base64": None}
    except UnicodeDecodeError:
        return {"size": len(content), "text": None, "base64": b64encode(content).decode()}
