"""The access log: a line for each exchange, written by a thread of its own.

A pipe that nobody reads would block the event loop. What such a pipe can't take is dropped and
counted, so that memory stays bounded too.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

import orjson

BUFFERED_LINES = 20_000
_TARGET_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """A request and its answer; `target` is the path and query as sent, `duration` in seconds.

    `status` is None where the connection ended before an answer.
    """

    method: str
    target: str
    status: int | None
    duration: float

    def as_text(self) -> str:
        return f"{self.method} {self.target} {self.status or '-'} {self.duration * 1000:.1f} ms\n"

    def as_json(self) -> str:
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
    """Writes lines without ever waiting for the reader."""

    def __init__(self, stream: TextIO, log_format: str) -> None:
        self._stream = stream
        self._format = FORMATS[log_format]
        self._queue: queue.Queue[str] = queue.Queue(BUFFERED_LINES)
        self._dropped = 0
        self._closing = False
        self._thread = threading.Thread(target=self._write, name="access-log", daemon=True)
        self._thread.start()

    def add(self, line: Line) -> None:
        try:
            self._queue.put_nowait(self._format(line))
        except queue.Full:
            self._dropped += 1

    def close(self, timeout: float = 0.1) -> None:
        """Write what is left, as far as the reader takes it in that many seconds."""
        self._closing = True
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait("")
        self._thread.join(timeout)

    def _write(self) -> None:
        while not (self._closing and self._queue.empty()):
            lines = [self._queue.get()]
            while not self._queue.empty() and len(lines) < 1_000:
                lines.append(self._queue.get())
            dropped, self._dropped = self._dropped, 0
            if dropped:
                lines.append(f"{dropped} access-log lines dropped: nobody read them in time\n")
            self._put(lines)

    def _put(self, lines: list[str]) -> None:
        try:
            self._stream.write("".join(lines))
            self._stream.flush()
        except (OSError, ValueError):
            pass  # The reader is gone; the server goes on.


def target(raw_path: bytes, query_string: bytes) -> str:
    """The path and query as sent, e.g. `/x?a=%31`, without what would break a log line."""
    raw = raw_path + (b"?" + query_string if query_string else b"")
    text = raw[:_TARGET_LIMIT].decode("ascii", "replace")
    shown = text if text.isprintable() else "".join(c if c.isprintable() else "�" for c in text)
    return shown + "…" if len(raw) > _TARGET_LIMIT else shown
