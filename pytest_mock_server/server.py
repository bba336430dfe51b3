"""What the tests know of a server, and that there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, as the fixture `mock_server` gives it.

    `url` is its root, e.g. `http://127.0.0.1:8080`, and `base_url` is for clients under test, e.g.
    `http://127.0.0.1:8080/api`. `ca` is the path of the certificate that they have to trust, None for
    plain HTTP and for certificates that the system trusts.
    """

    url: str
    base_url: str
    ca: str | None = None


class NoServer(Exception):
    """There is no server for the tests; the message says why."""
