"""The threads of the process, which some tools replace."""

from __future__ import annotations

import inspect
import threading


class ThreadsReplaced(Exception):
    """No server can run in this process; the message says which tool is in the way, and what to do."""


def require_real() -> None:
    """Raise ThreadsReplaced where threads are replaced by such as take turns with the caller.

    An event loop in one of those never gives way, so that the process would hang.
    """
    if not inspect.isbuiltin(threading.get_ident):
        tool = str(threading.get_ident.__module__).partition(".")[0]
        raise ThreadsReplaced(
            f"{tool} has replaced the threads of this process, so that no server can run in it; start "
            "one by 'mock-server serve', and name it by --mock-server-url or MOCK_SERVER_URL"
        )
