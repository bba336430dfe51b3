"""Transcripts: what the journal does not tell of a request: its body, and what it was answered with.

They are for people to look at, so that of all accounts together only the newest are kept, and no entry
of the journal falls out for their sake.
"""

from __future__ import annotations

from base64 import b64encode
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

# What all of them may hold in memory; that of a page of 20 records has about 11 kB.
TRANSCRIPT_BYTES = 8_000_000

# What one takes in memory beside its texts.
_OWN_BYTES = 500

Headers = list[tuple[bytes, bytes]]


class Transcript:
    """The body of a request, and the headers and the body of its response as far as it was sent."""

    __slots__ = ("asked", "body", "headers", "size")

    def __init__(self, asked: bytes, headers: Headers) -> None:
        self.asked = asked
        self.headers = headers
        self.body = b""
        heads = sum([len(name) + len(value) for name, value in headers])
        # Roughly the bytes that it takes in memory.
        self.size = _OWN_BYTES + heads + len(asked)


class Transcripts:
    """The newest transcripts, by the ids of the journal's entries."""

    def __init__(self, limit: int = TRANSCRIPT_BYTES) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[str, Transcript] = OrderedDict()

    def hear(self, entry_id: str, asked: bytes, message: Mapping[str, Any]) -> None:
        """Take down a message of the answer to a request with the body `asked`."""
        transcript: Transcript | None
        if "headers" in message:
            transcript = self._kept[entry_id] = Transcript(asked, message["headers"])
            self._size += transcript.size
        elif (transcript := self._kept.get(entry_id)) is not None:
            piece = message.get("body", b"")
            transcript.body += piece
            transcript.size += len(piece)
            self._size += len(piece)
        while self._size > self._limit:
            self._size -= self._kept.popitem(last=False)[1].size

    def get(self, entry_id: str) -> Transcript | None:
        return self._kept.get(entry_id)


def shown(content: bytes) -> dict[str, Any]:
    """A body for JSON: as a text if it is UTF-8, else in base64; `size` is in bytes."""
    try:
        return {"size": len(content), "text": content.decode("utf-8"), "base64": None}
    except UnicodeDecodeError:
        return {"size": len(content), "text": None, "base64": b64encode(content).decode()}
