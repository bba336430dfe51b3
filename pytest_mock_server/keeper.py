"""Keep a server running for as long as the run of pytest that has started this program.

It is a program of its own, which gets the server's command as its arguments: however the run ends, also
when it is killed, its end of the standard input is closed, and the server is stopped.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

# How long the server may take to stop, in seconds; afterwards it is killed.
STOP_SECONDS = 5.0

# The number of the standard input.
_INPUT = 0


def main(command: list[str]) -> None:
    """Start the command, and stop it at the end of the standard input; exit when it has ended."""
    signal.signal(signal.SIGTERM, _end_input)
    # In a session of its own, so that a launcher such as `uvx` is stopped with all that it has started.
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    threading.Thread(target=_follow, args=(server,), daemon=True).start()
    with suppress(OSError):  # It was closed by `_end_input`.
        while os.read(_INPUT, 1024):
            pass
    _stop(server)


def _end_input(*_: object) -> None:
    """Let the reading end; to raise instead could interrupt what stops the server."""
    with suppress(OSError):
        os.close(_INPUT)


def _follow(server: subprocess.Popen[bytes]) -> None:
    """Exit with the server's status as soon as it ends, 128 + n where signal n has ended it."""
    status = server.wait()
    os._exit(status if status >= 0 else 128 - status)


def _stop(server: subprocess.Popen[bytes]) -> None:
    _signal(server, signal.SIGTERM)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        _signal(server, getattr(signal, "SIGKILL", signal.SIGTERM))


def _signal(server: subprocess.Popen[bytes], number: int) -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(server.pid, number)
        else:  # Windows has no groups of processes.
            server.terminate()
    except ProcessLookupError:
        pass  # It has ended meanwhile.


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as problem:
        sys.exit(f"it cannot be started: {problem}")
