"""Write files, which appear whole or not at all, and into what is open already, such as /dev/stdout."""

from __future__ import annotations

import errno
import os
import re
import select
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mock_server.problems import CannotServe, Problem
from mock_server.setting_parsers import shown_path

# The path that stands for standard output on a command line (POSIX, Utility Syntax Guideline 13).
STANDARD_OUTPUT = Path("-")


class ReaderGone(CannotServe):
    """A pipe was written to that nobody reads any more, as that to `head` when it has its lines."""


def write(path: Path, chunks: Iterable[bytes], patience: float | None = None) -> None:
    """Write chunks, as they come, to a file that takes its place when it is whole.

    `-` is standard output. What is open already (/dev/stdout, /dev/fd/3), a device and a named pipe are
    written to as they are; a link is followed. Raises CannotServe if the file can't be written, and its
    subclass ReaderGone if nobody reads the pipe any more; what raises in `chunks` leaves no file.
    `patience` is how many seconds to wait for a reader who takes nothing, before CannotServe is raised;
    None waits for ever.
    """
    with _failures_refused(path):
        stream = _stream(path, patience)
        if stream is None:
            _replace(path, chunks)
        else:
            with stream:
                # Windows has no poll.
                if patience is None or not hasattr(select, "poll"):
                    stream.writelines(chunks)
                else:
                    _write_patiently(stream.fileno(), b"".join(chunks), patience)


def require(path: Path) -> None:
    """Raise CannotServe if `write` could not write the file now; change nothing."""
    with _failures_refused(path):
        if descriptor(path) is None and path.is_fifo() and os.access(path, os.W_OK):
            return  # To open it would wait for a reader, who would then read an empty file.
        stream = _stream(path)
        if stream is None:
            with _beside(_target(path)):
                return
        with stream:
            # Of no bytes, but refused all the same where it is open for reading only.
            os.write(stream.fileno(), b"")


def name(path: Path) -> str:
    """Return the name of a file for messages: `standard output` for `-`."""
    return "standard output" if path == STANDARD_OUTPUT else shown_path(path)


def descriptor(path: Path) -> int | None:
    """Return the number of the open file that a path such as /dev/stdout leads to, else None."""
    if path == STANDARD_OUTPUT:
        return 1
    opened = os.path.realpath("/dev/fd")
    for _ in range(40):  # As many links as Linux follows.
        if os.path.realpath(path.parent) == opened:
            return int(path.name) if re.fullmatch("[0-9]{1,9}", path.name, re.ASCII) else None
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
    return None


def is_standard_output(path: Path) -> bool:
    """Tell whether what is written to a path comes out of standard output, e.g. `-` or /dev/fd/1."""
    number = descriptor(path)
    try:
        return number is not None and os.path.sameopenfile(number, 1)
    except OSError:  # One of them is closed.
        return False


@contextmanager
def _failures_refused(path: Path) -> Iterator[None]:
    try:
        if "\0" in str(path):
            raise OSError(errno.EINVAL, "the path holds NUL")
        yield
    except OSError as error:
        message = f"it cannot be written ({error.strerror})"
        refusal = ReaderGone if isinstance(error, BrokenPipeError) else CannotServe
        raise refusal([Problem(name(path), message, "give another path")]) from None


def _stream(path: Path, patience: float | None = None) -> BinaryIO | None:
    """Open what is written to as it is; None for a file, which is replaced.

    Without endless patience, a named pipe must have a reader.
    """
    number = descriptor(path)
    if number is not None:
        # Opening /dev/stdout anew would begin at the start of a file, and fail for a socket.
        return os.fdopen(os.dup(number), "wb")
    place = path if path.exists() else _target(path)
    if place.is_fifo() and patience is not None:
        return _open_pipe(place)
    # A folder is among what is no file: to open it says so.
    return place.open("ab") if place.exists() and not place.is_file() else None


def _open_pipe(path: Path) -> BinaryIO:
    """Open a named pipe for writing; raise OSError where nobody has opened it for reading."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_NONBLOCK), "wb")
    except OSError as error:
        # See open in POSIX.
        raise OSError(errno.ENXIO, "nobody reads it") if error.errno == errno.ENXIO else error from None


def _write_patiently(descriptor: int, content: bytes, patience: float) -> None:
    """Write bytes; raise OSError where nothing of them can be written for so many seconds."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    written = 0
    while written < len(content):
        if not poll.poll(patience * 1000):
            raise OSError(errno.ETIMEDOUT, "nobody reads it")
        # A pipe that takes any bytes takes so many without blocking (PIPE_BUF in POSIX).
        written += os.write(descriptor, content[written : written + select.PIPE_BUF])


def _target(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _replace(path: Path, chunks: Iterable[bytes]) -> None:
    target = _target(path)
    with _beside(target) as part:
        part.writelines(chunks)
        # Windows replaces no file by one that is open.
        part.close()
        Path(part.name).replace(target)


@contextmanager
def _beside(target: Path) -> Iterator[BinaryIO]:
    """Open a file in the folder of another, since only there can it take the other's place."""
    part = target.parent / f".{target.name}.partly"
    try:
        with part.open("wb") as file:
            yield file
    finally:
        part.unlink(missing_ok=True)
