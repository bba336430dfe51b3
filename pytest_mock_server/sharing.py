"""One set of servers for all workers of pytest-xdist, in the process that controls them.

The controlling process listens from the beginning, which is cheap; it starts a server when the first
worker asks for one. Each worker sends the settings that its fixtures give.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

# What a worker is told: where to ask, and the key that proves to each side who the other is.
Invitation = Mapping[str, Any]

# Of settings as texts: what `Server` has of one that has them, or `{"error": "…"}`.
Find = Callable[[Mapping[str, Any]], dict[str, Any]]


class SharedServers:
    """Answers what workers ask for, in a thread, one at a time; `find` starts the servers."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._key = secrets.token_bytes(32)
        self._listener = Listener(("127.0.0.1", 0), backlog=128, authkey=self._key)
        self._is_stopping = False
        self._thread = threading.Thread(target=self._serve, name="mock-server-shared", daemon=True)
        self._thread.start()

    @property
    def invitation(self) -> Invitation:
        """What a worker passes to `ask`, in a form that can be sent to it."""
        host, port = self._listener.address
        return {"host": host, "port": port, "key": self._key.hex()}

    def stop(self) -> None:
        """End the thread."""
        self._is_stopping = True
        with suppress(OSError, EOFError):
            Client(self._listener.address, authkey=self._key).close()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._is_stopping:
            # Who has no key, sends anything else, or is gone, gets no answer.
            with suppress(Exception), self._listener.accept() as connection:
                self._answer(connection)

    def _answer(self, connection: Connection[Any, Any]) -> None:
        if not self._is_stopping:
            connection.send(self._find(connection.recv()))


def ask(invitation: Invitation, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `Server` has of one with these settings, or `{"error": "…"}`."""
    address = (invitation["host"], invitation["port"])
    with Client(address, authkey=bytes.fromhex(invitation["key"])) as connection:
        connection.send(settings)
        answer: dict[str, Any] = connection.recv()
        return answer
