"""What the log says of clients that do not speak what a port does: little, however many they are."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger("mock_server")

# How long nothing more is said of one sort.
SECONDS = 60.0

TLS_ON_PLAIN_PORT = (
    "a client spoke TLS (https://) to the plain port of this server; use a URL with http:// for it, or "
    "start the server with --tls-self-signed"
)
HTTP_ON_TLS_PORT = (
    "a client spoke plain HTTP (http://) to the TLS port of this server; use a URL with https:// for it"
)
NOT_TLS = "a client sent what is neither TLS nor HTTP to this port, which speaks TLS"
TOO_SLOW = "a client did not complete its TLS handshake in time"
LEFT = (
    "a client ended the connection within the TLS handshake; if it does not trust the certificate, give "
    "it that of --tls-ca-out"
)
NOT_TRUSTED = (
    "a client refuses the certificate; let it trust that of --tls-ca-out, or the authority of "
    "--tls-cert, and call the server by a name that the certificate has"
)
FAILED = "a TLS handshake failed"


class Notices:
    """Writes one line of each sort in a minute, and counts those that it leaves out."""

    def __init__(self) -> None:
        # By sorts, of which there are few: when the last line was written, and how many were left out.
        self._written: dict[str, tuple[float, int]] = {}

    def add(self, sort: str, reason: str = "") -> None:
        """Write a line, unless there was one of its sort within the minute; e.g. `add(NOT_TLS)`."""
        now = time.monotonic()
        written, left_out = self._written.get(sort, (-SECONDS, 0))
        if now - written < SECONDS:
            self._written[sort] = (written, left_out + 1)
            return
        self._written[sort] = (now, 0)
        more = f"; {left_out} more since the last line of this sort" if left_out else ""
        logger.warning("%s%s%s", sort, f" ({reason})" if reason else "", more)
