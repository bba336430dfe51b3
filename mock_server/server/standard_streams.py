"""Standard output and error that keep nobody waiting.

A write to a pipe that nobody reads blocks when the pipe is full, and holds a lock for which every other
write and flush of that stream waits. A server must go on all the same, and end when it is told to.
"""

from __future__ import annotations

import contextlib
import io
import queue
import select
import sys
import threading
import time
from collections.abc import Iterator
from typing import TextIO

# Pieces of text that wait for a reader, of at most so many bytes each; what comes beyond is lost.
_WAITING = 200
_PIECE = 65_536

# How long to wait at the end until what is left is written, and how long for a reader who takes nothing.
LAST_SECONDS = 1.0
_PATIENCE = 0.05


def unlocked(stream: TextIO) -> TextIO:
    """Return another stream to where this one leads, which shares no lock with it.

    A stream that has no descriptor is returned as it is.
    """
    descriptor = _descriptor(stream)
    if descriptor is None:
        return stream
    raw = io.FileIO(descriptor, "w", closefd=False)
    return _text(raw, stream)


@contextlib.contextmanager
def detached() -> Iterator[None]:
    """Let threads write what goes to `sys.stdout` and `sys.stderr` meanwhile, so that no caller waits.

    At the end, what is left is written as far as readers take it at once.
    """
    before = {"stdout": sys.stdout, "stderr": sys.stderr}
    writers = []
    for name, stream in before.items():
        descriptor = _descriptor(stream)
        if descriptor is not None:
            stream.flush()
            writers.append(_DetachedWriter(descriptor, name))
            setattr(sys, name, _text(writers[-1], stream))
    try:
        yield
    finally:
        for name, stream in before.items():
            setattr(sys, name, stream)
        for writer in writers:
            writer.finish()


class _DetachedWriter(io.RawIOBase):
    """A raw stream to a descriptor, whose writes a thread carries out."""

    def __init__(self, descriptor: int, name: str) -> None:
        super().__init__()
        self._raw = io.FileIO(descriptor, "w", closefd=False)
        self._pieces: queue.Queue[bytes] = queue.Queue(_WAITING)
        self._is_finished = False
        self._thread = threading.Thread(target=self._write_until_finished, name=name, daemon=True)
        self._thread.start()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        content = bytes(data)
        with contextlib.suppress(queue.Full):
            for start in range(0, len(content), _PIECE):
                self._pieces.put_nowait(content[start : start + _PIECE])
        return len(content)

    def finish(self) -> None:
        """Write what is left, as far as its reader takes it at once."""
        self._is_finished = True
        with contextlib.suppress(queue.Full):
            self._pieces.put_nowait(b"")
        join_writer(self._thread, self._raw, LAST_SECONDS)

    def _write_until_finished(self) -> None:
        while not (self._is_finished and self._pieces.empty()):
            piece = self._pieces.get()
            with contextlib.suppress(OSError):  # The reader is gone; the server goes on.
                while piece:
                    piece = piece[self._raw.write(piece) :]


def join_writer(thread: threading.Thread, stream: TextIO | io.RawIOBase, seconds: float) -> None:
    """Wait for the end of a thread that writes to a stream, at most so many seconds.

    Wait no longer where the stream leads to a pipe from which nobody reads.
    """
    descriptor = _descriptor(stream)
    if descriptor is None or not hasattr(select, "poll"):  # Windows has none.
        thread.join(seconds)
        return
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    deadline = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < deadline and poll.poll(_PATIENCE * 1000):
        thread.join(0.01)


def _descriptor(stream: TextIO | io.RawIOBase | None) -> int | None:
    """Return the descriptor of a stream; None where it is closed, or leads to no file."""
    try:
        return None if stream is None else stream.fileno()
    except (OSError, ValueError):
        return None


def _text(raw: io.RawIOBase, like: TextIO) -> TextIO:
    """Return a text stream that encodes as another one does, and buffers nothing."""
    # As `python -u` makes its standard streams; the types know of buffered ones alone.
    return io.TextIOWrapper(raw, like.encoding, like.errors, write_through=True)  # type: ignore[type-var]
