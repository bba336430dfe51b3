"""A client of bare sockets, for requests that no HTTP library would send."""

from __future__ import annotations

import base64
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.patience import PATIENCE


def basic(client_id: str | bytes, secret: str = "secret") -> str:
    """Return the value of an Authorization header, such as "Basic YTpi"."""
    sent = client_id if isinstance(client_id, bytes) else client_id.encode()
    return basic_of(sent + b":" + secret.encode())


def basic_of(pair: str | bytes) -> str:
    """Return the same for any text in place of id and secret, also one without a colon."""
    sent = pair if isinstance(pair, bytes) else pair.encode()
    return "Basic " + base64.b64encode(sent).decode()


BASIC = basic("demo")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(found) if found else None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def violations(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.json["error"]["errors"]
        return found


def connect(url: str) -> socket.socket:
    """Connect to a server; with `https://`, its certificate is not verified."""
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)
    if parts.scheme == "http":
        return connection
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection)


def is_reset(connection: socket.socket) -> bool:
    """Whether a connection ends with a TCP reset, whatever comes before; with TLS, too.

    A TLS socket of Python tells none from an end (`suppress_ragged_eofs`), so its bytes are read below it.
    """
    try:
        while socket.socket.recv(connection, 1 << 16):
            pass
    except ConnectionResetError:
        return True
    return False


def exchange(url: str, *pieces: bytes) -> Answer:
    """Send bytes as they are, piece by piece, and read one answer."""
    with connect(url) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return read(connection, head=pieces[0].startswith(b"HEAD "))


def get(
    url: str,
    target: str | bytes,
    *headers: str | bytes,
    method: str | bytes = "GET",
    auth: bool = True,
    body: bytes = b"",
) -> Answer:
    """Send a request with the target and the headers exactly as they are; `Host: x` where none is given."""
    sent = [as_bytes(header) for header in headers]
    lines = [as_bytes(method) + b" " + as_bytes(target) + b" HTTP/1.1"]
    lines += [] if any(line.lower().startswith(b"host:") for line in sent) else [b"Host: x"]
    lines += [b"Authorization: " + BASIC.encode()] if auth else []
    return exchange(url, b"\r\n".join([*lines, *sent]) + b"\r\n\r\n" + body)


def as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def read(connection: socket.socket, *, head: bool = False) -> Answer:
    """Read one answer; one to HEAD has no body, whatever its length says."""
    stream = connection.makefile("rb")
    status = stream.readline()
    assert status.startswith(b"HTTP/1.1 "), status
    headers: list[tuple[str, str]] = []
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    return Answer(int(status.split()[1]), headers, b"" if head else stream.read(length))
