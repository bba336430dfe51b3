"""HTTP connections to the control API, by the standard library alone.

Tools such as respx, pytest-httpx, responses and vcrpy replace the classes of HTTP libraries, those of
`http.client` included, while a test runs. Calls of the control API are the test's own channel to the
server, and must reach it all the same.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec, module_from_spec
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from mock_server import trust
from mock_server.setting_parsers import without_credentials
from mock_server.trust import Ca

__tracebackhide__ = True

# Method, path, body and headers.
_Request = tuple[str, str, bytes | None, dict[str, str]]


class TransportError(ConnectionError):
    """There is no server, or none that answers; the message says where, and what happened."""


class NotHttp(TransportError):
    """Something answers, but it does not speak HTTP, or not over TLS that is trusted."""


class Answer(NamedTuple):
    """An answer: its status, its headers by names in lower case, and its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Limits(NamedTuple):
    """What an answer may take.

    `wait` is the longest wait for a connection or a piece of the answer, and `whole` for all of it, both
    in seconds; `size` is that of the body, in bytes. None means no limit.
    """

    wait: float = 60.0
    whole: float | None = None
    size: int | None = None


class Server(NamedTuple):
    """Where a server is: what its URL says."""

    is_encrypted: bool
    host: str
    port: int
    path: str


def parse_url(url: str) -> Server:
    """Return where a server's root is, e.g. for `http://127.0.0.1:8080`.

    Raises ValueError with a sentence where it is no URL of a server.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in ("http", "https") or re.search(r"[\s?#]", url) or port == 0:
        shown = without_credentials(url)[:100]
        raise ValueError(f"{shown!r} is not the URL of a server, such as http://127.0.0.1:8080")
    if parts.username is not None:
        # The value is a secret, so the message does not show it.
        raise ValueError(
            f"the URL of the server at {host} holds credentials; give it without them, "
            "such as http://127.0.0.1:8080"
        )
    if "@" in parts.path:
        # As in `http://id:1/2@host`, whose password has a slash.
        raise ValueError(
            "the URL of the server has an '@' behind its host; write it as %40, and give "
            "the URL without credentials"
        )
    is_encrypted = parts.scheme == "https"
    path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~-._")
    return Server(is_encrypted, host, port or (443 if is_encrypted else 80), path)


class Connections(threading.local):
    """The connection of each thread to a server, kept open between calls, and opened anew if it is gone.

    Proxies that the environment names are not used, and redirects are not followed.
    """

    def __init__(self, url: str, ca: Ca | None = None) -> None:
        """Take a server's root, and the file of the certificates to trust, None for the system's.

        Raises ValueError for a URL that is none, and a file of no certificate.
        """
        self._url = url
        self._server = parse_url(url)
        # To read the system's certificates takes a while, which plain HTTP does not wait for.
        self._trusted = trust.context(ca) if self._server.is_encrypted else None
        self._kept: _Connection | None = None

    def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], limits: Limits
    ) -> Answer:
        """Return the answer to a request; raise TransportError where there is none within `limits`."""
        http = _http_client()
        request = (method, self._server.path + path, body, dict(headers))
        try:
            return self._send(request, limits)
        except http.RemoteDisconnected:
            reason = "the server closed the connection without an answer"
        except http.BadStatusLine:
            raise NotHttp(f"{self._url} answers, but does not speak HTTP") from None
        except ssl.SSLError as error:
            reason = _tls_failure(error)
            if not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
                raise NotHttp(f"{self._url} answers, but {reason}") from None
        except TimeoutError as error:
            reason = str(error) if error.errno is None else "the connection timed out"
        except http.HTTPException as error:
            reason = f"the answer broke off ({type(error).__name__})"
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        raise TransportError(f"{method} {self._url}{path}: {reason}")

    def _send(self, request: _Request, limits: Limits) -> Answer:
        kept, self._kept = self._kept, None
        # After a fork, the parent goes on with the connection.
        if kept is not None and kept.process == os.getpid():
            try:
                return self._send_on(kept, request, limits)
            except ConnectionError:
                # The server closed it while it was idle, e.g. since it was restarted.
                kept.close()
        return self._send_on(_Connection(self._server, self._trusted), request, limits)

    def _send_on(self, connection: _Connection, request: _Request, limits: Limits) -> Answer:
        answer = connection.send(request, limits)
        self._kept = connection
        return answer


class _Connection:
    """A connection of the process that made it, which is closed when nothing refers to it."""

    def __init__(self, server: Server, trusted: ssl.SSLContext | None) -> None:
        """Take the certificates to trust, None for plain HTTP."""
        http, where = _http_client(), (server.host, server.port)
        is_plain = trusted is None
        self._connection = (
            http.HTTPConnection(*where) if is_plain else http.HTTPSConnection(*where, context=trusted)
        )
        self.process = os.getpid()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def send(self, request: _Request, limits: Limits) -> Answer:
        """Return the answer to a request; raise what `http.client` and sockets do."""
        connection = self._connection
        connection.timeout = limits.wait
        if connection.sock is None:
            connection.connect()
        connection.sock.settimeout(limits.wait)
        with _shut_after(limits.whole, connection.sock):
            try:
                connection.request(*request)
                response = connection.getresponse()
                body = _read(response, limits.size)
            except TimeoutError:
                raise TimeoutError(f"no answer came within {limits.wait:g} seconds") from None
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, body)


# What to do about a certificate that is not trusted.
_REMEDY = "; give the file of a certificate to trust (ca=…, --ca, --mock-server-ca or MOCK_SERVER_CA)"


def _tls_failure(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}{_REMEDY}"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "the server closed the connection without an answer"
    return "does not speak TLS; give its URL with http://"


@contextmanager
def _shut_after(seconds: float | None, connected: socket.socket) -> Iterator[None]:
    """Shut a connection down after so many seconds, whatever drips out of it; None lets it be."""
    if seconds is None:
        yield
        return
    is_late = threading.Event()

    def shut() -> None:
        is_late.set()
        # Of the base class, since that of a TLS socket changes what the other thread reads from.
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    late = TimeoutError(f"the answer was not complete after {seconds:g} seconds")
    try:
        yield
    except (OSError, _http_client().HTTPException):
        if is_late.is_set():
            raise late from None
        raise
    finally:
        timer.cancel()
    if is_late.is_set():
        raise late


def _read(response: Any, limit: int | None) -> bytes:
    """Return the body of a response; raise OSError for one that broke off or has over `limit` bytes."""
    if limit is None:
        return bytes(response.read())
    body = bytes(response.read(limit + 1))
    if len(body) > limit:
        raise OSError(f"the answer is larger than {limit:,} bytes")
    if response.length:
        raise OSError("the answer broke off")
    return body


@cache
def _http_client() -> Any:
    """Return a copy of `http.client` whose classes no tool has replaced, now or later."""
    spec = find_spec("http.client")
    assert spec is not None and spec.loader is not None  # noqa: PT018, S101
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
