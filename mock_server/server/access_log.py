"""The access log: a line for each request and its answer, written by a thread.

A write to a pipe that nobody reads blocks, which must not happen on the event loop. Lines beyond a
buffer of 20,000 are dropped and counted, so that memory stays bounded too.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, TextIO

import orjson

from mock_server.server.standard_streams import LAST_SECONDS, join_writer
from mock_server.shown_text import printable

BUFFERED_LINES = 20_000
_TARGET_LIMIT = 1_000


class Shown(NamedTuple):
    """The raw path and query of a request as they may be shown, and the texts of its credentials."""

    path: bytes
    query: bytes
    secrets: tuple[bytes, ...]


class Line(NamedTuple):
    """A request and its answer, as the log shows them.

    `target` is what `request_target` returns. `status` is None where the connection ended before an
    answer. `duration` is in seconds.
    """

    method: str
    target: str
    status: int | None
    duration: float

    def as_text(self) -> str:
        """Return a line such as `GET /v1/things?limit=2 200 1.5 ms`."""
        return f"{self.method} {self.target} {self.status or '-'} {self.duration * 1000:.1f} ms\n"

    def as_json(self) -> str:
        """Return a line of JSON with the time in UTC, e.g. `2025-01-31T12:00:00.000+00:00`."""
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": self.method,
            "target": self.target,
            "status": self.status,
            "durationMs": round(self.duration * 1000, 1),
        }
        return orjson.dumps(entry).decode() + "\n"


FORMATS: dict[str, Callable[[Line], str]] = {"text": Line.as_text, "json": Line.as_json}


class AccessLog:
    """Writes lines to a stream; a caller never waits for the reader of it."""

    def __init__(self, stream: TextIO, log_format: str) -> None:
        self._stream = stream
        self._format = FORMATS[log_format]
        self._queue: queue.Queue[str] = queue.Queue(BUFFERED_LINES)
        self._dropped = 0
        self._closing = False
        self._thread = threading.Thread(target=self._write_until_closed, name="access-log", daemon=True)
        self._thread.start()

    def add(self, line: Line) -> None:
        """Queue a line, or count it as dropped where the queue is full."""
        try:
            self._queue.put_nowait(self._format(line))
        except queue.Full:
            self._dropped += 1

    def close(self, timeout: float = LAST_SECONDS) -> None:
        """Write the queued lines, as far as the reader takes them within `timeout` seconds."""
        self._closing = True
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait("")
        join_writer(self._thread, self._stream, timeout)

    def _write_until_closed(self) -> None:
        while not (self._closing and self._queue.empty()):
            lines = [self._queue.get()]
            while not self._queue.empty() and len(lines) < 1_000:
                lines.append(self._queue.get())
            dropped, self._dropped = self._dropped, 0
            if dropped:
                lines.append(f"{dropped} access-log lines dropped: nobody read them in time\n")
            self._write(lines)

    def _write(self, lines: list[str]) -> None:
        try:
            self._stream.write("".join(lines))
            self._stream.flush()
        except (OSError, ValueError):
            pass  # The reader is gone; the server goes on.


def request_target(raw_path: bytes, query_string: bytes) -> str:
    """Return the path and query as sent, e.g. `/x?a=%31`, fit for a line of a log.

    An unprintable character becomes U+FFFD; what follows the first 1,000 bytes becomes `…`.
    """
    raw = raw_path + (b"?" + query_string if query_string else b"")
    text = printable(raw[:_TARGET_LIMIT].decode("ascii", "replace"), None)
    return text + "…" if len(raw) > _TARGET_LIMIT else text
