"""What the tests know of a server, and that there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, as the fixture `mock_server` gives it.

    `url` is its root, e.g. `http://127.0.0.1:8080`, and `base_url` is for clients under test, e.g.
    `http://127.0.0.1:8080/api`.
    """

    url: str
    base_url: str


class NoServer(Exception):
    """There is no server for the tests; the message says why."""
