"""Requests to a server under test, one by one at a steady pace, and what each was answered.

Without `--write` they are GET requests alone, so that the server's data stay as they are.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from threading import Thread
from time import monotonic, sleep
from typing import Any, NamedTuple

import httpx

from mock_server import trust
from mock_server.conform.probe_credentials import Header, NoAnswer, forms_of, holds_token, own
from mock_server.formats import json as strict_json
from mock_server.formats import query_string
from mock_server.formats.json import Unreadable
from mock_server.formats.media_types import without_parameters
from mock_server.openapi.security import SecurityScheme
from mock_server.shown_text import printable
from mock_server.trust import Ca

# Characters of a body in an excerpt: of its beginning, and of its end, where a list has its total.
HEAD, TAIL = 400, 200

# The longest and the largest answer, its headers included, and decompressed; a server may be hostile.
ANSWER_SECONDS = 10.0
ANSWER_BYTES = 64_000_000


class Sent(NamedTuple):
    """The method and the body of a request; None for no body."""

    method: str = "GET"
    body: bytes | None = None


_GET = Sent()


@dataclass(frozen=True, slots=True)
class Reply:
    """One request and its answer.

    `target` is as it was sent, e.g. `/api/things?name=a%20b`; `sent_headers` are those beside the
    probe's own. `authorized` says whether the credentials were sent.
    """

    target: str
    sent_headers: tuple[Header, ...]
    authorized: bool
    status: int
    headers: tuple[Header, ...]
    body: bytes
    sent: Sent = _GET

    def header(self, name: str) -> str | None:
        """Return a header of the answer, several joined as RFC 9110 section 5.3 says; None for none."""
        values = [value for each, value in self.headers if each.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def media_type(self) -> str:
        """Return the type of the body without its parameters, e.g. `application/json`."""
        return without_parameters(self.header("content-type") or "")

    @property
    def json(self) -> Any:
        """Return the body's value; raise Unreadable where it is not strict JSON."""
        try:
            return strict_json.load(self.body.decode())
        except UnicodeDecodeError:
            raise Unreadable("it is not UTF-8", "send JSON in UTF-8") from None

    def format_lines(self, redact: Callable[[str], str]) -> Iterator[str]:
        """Yield the request, its query decoded, and an excerpt of the answer as `redact` returns it."""
        yield f"{self.sent.method} {self.target}"
        for name, values in query_string.parse(self.target.partition("?")[2].encode()).items():
            yield from (f"    {name} = {query_string.decode(value)!r}" for value in values)
        yield from (f"    {name}: {value}" for name, value in self.sent_headers)
        if self.sent.body is not None:
            yield f"    {self._excerpt(self.sent.body, redact)}"
        if not self.authorized and not any(name == "Authorization" for name, _ in self.sent_headers):
            yield "    without credentials"
        yield f"was answered with {self.status}, {self.header('content-type') or 'no Content-Type'}"
        yield f"    {self._excerpt(self.body, redact) or '(no body)'}"

    @staticmethod
    def _excerpt(body: bytes, redact: Callable[[str], str]) -> str:
        # The whole body is redacted before it is cut: half a secret would not be found.
        text = redact(body.decode("utf-8", "replace"))
        excerpt = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} … {text[-TAIL:]}"
        return "".join(c if c.isprintable() else " " for c in excerpt)


class _Endless(Exception):
    """An answer takes too long, or is too large; the message says so."""


class _Answer(NamedTuple):
    """The status, headers and decompressed body of an answer."""

    status: int
    headers: tuple[Header, ...]
    body: bytes


def _receive(client: httpx.Client, request: httpx.Request, found: Future[_Answer]) -> None:
    """Send a request, and put its answer, or the error instead of one, into `found`."""
    deadline = monotonic() + ANSWER_SECONDS
    body = bytearray()
    try:
        answer = client.send(request, stream=True)
        with closing(answer):
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > ANSWER_BYTES:
                    raise _Endless(f"its answer has more than {ANSWER_BYTES:,} bytes")
                if monotonic() > deadline:
                    raise _Endless(f"its answer had not ended after {ANSWER_SECONDS:g} seconds")
            received = tuple(answer.headers.multi_items())
            found.set_result(_Answer(answer.status_code, received, bytes(body)))
    except Exception as error:
        # It is raised where the answer is waited for.
        found.set_exception(error)


def _trusted(ca: Ca | None) -> ssl.SSLContext | bool:
    """Return what httpx is to verify certificates by; raise NoAnswer for no file of certificates."""
    try:
        return True if ca is None else trust.context(ca)
    except ValueError as error:
        message = str(error)
    raise NoAnswer(message)


class Pace:
    """A limit to the requests in a second, evenly spread."""

    def __init__(self, rate: float) -> None:
        """Allow `rate` requests a second."""
        self._interval = 1 / rate
        self._next = monotonic()

    def wait(self) -> None:
        """Return when the next request may be sent."""
        left = self._next - monotonic()
        if left > 0:
            sleep(left)
        self._next = max(self._next, monotonic()) + self._interval


class HttpProbe:
    """A client of one server with one pair of credentials, which no output of it holds."""

    def __init__(
        self,
        base_url: str,
        credentials: str,
        rate: float,
        ca: Ca | None = None,
        schemes: Sequence[SecurityScheme] = (),
    ) -> None:
        """Prepare requests below a base URL, at `rate` a second.

        `credentials` are `id:secret`, or a token, which are sent by `schemes`, or as HTTP Basic without
        any. `ca` is the file of the certificates to trust; None means httpx's own. Raise NoAnswer where
        no request can be sent to the URL, where the file holds no certificate, and for a token where the
        document asks for a pair.
        """
        try:
            self._base = httpx.URL(base_url.rstrip("/"))
        except httpx.InvalidURL as error:
            raise NoAnswer(f"nobody can be asked at {base_url}: {error}") from None
        self._own_headers, self._own_query = own(credentials, schemes)
        token = b64encode(credentials.encode()).decode()
        # A shorter secret stands in any text by chance, and to hide it there would show what it is.
        texts = {credentials.partition(":")[2], *([credentials] if holds_token(schemes) else [])}
        forms = {token, *(form for text in texts for form in forms_of(text))}
        self._secrets = sorted((text for text in forms if len(text) > 5), key=len, reverse=True)
        self._pace = Pace(rate)
        # Certificates are read only where they are needed, since reading them takes a while.
        self._verifies = self._base.scheme == "https" and _trusted(ca)
        self._client = self._new_client()
        self.requests = 0

    def _new_client(self) -> httpx.Client:
        return httpx.Client(verify=self._verifies, timeout=ANSWER_SECONDS)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(
        self, target: str, headers: tuple[Header, ...], sent: Sent = _GET, *, authorized: bool
    ) -> Reply:
        """Send a request and return its reply; raise NoAnswer where none comes.

        `target` lies below the base URL and is sent byte for byte, e.g. `/things?name=a%2Cb`. `headers`
        are sent beside the credentials, which are sent where `authorized` is true.
        """
        self._pace.wait()
        self.requests += 1
        sent_target = self._base.raw_path.decode("ascii").rstrip("/") + target
        url = self._base.copy_with(raw_path=sent_target.encode("ascii"))
        own_headers, own_query = (self._own_headers, self._own_query) if authorized else ([], "")
        separator = "&" if "?" in target else "?"
        whole = f"{sent_target}{separator}{own_query}" if own_query else sent_target
        try:
            sent_to = self._base.copy_with(raw_path=whole.encode("ascii"))
            both = [*own_headers, *headers]
            request = self._client.build_request(sent.method, sent_to, headers=both, content=sent.body)
            answer = self._exchange(request)
        except (httpx.HTTPError, _Endless) as error:
            reason = str(error) or type(error).__name__
            raise NoAnswer(f"{sent.method} {url} was not answered: {reason}") from None
        return Reply(sent_target, headers, authorized, *answer, sent)

    def _exchange(self, request: httpx.Request) -> _Answer:
        """Return the answer to a request within ANSWER_SECONDS; raise _Endless where it takes longer.

        A thread waits for it, since httpx bounds the time for each piece of an answer only.
        """
        answer: Future[_Answer] = Future()
        thread = Thread(target=_receive, args=(self._client, request, answer), daemon=True)
        thread.start()
        try:
            return answer.result(ANSWER_SECONDS)
        except TimeoutError:
            # The thread keeps its connection until the server ends the answer.
            self._client = self._new_client()
            raise _Endless(f"its answer had not ended after {ANSWER_SECONDS:g} seconds") from None

    def ask_at(
        self, path: str, headers: tuple[Header, ...] = (), sent: Sent = _GET, *, authorized: bool
    ) -> Reply:
        """Send a request for a path of the same server, outside the base URL; else as `ask`."""
        base, self._base = self._base, self._base.copy_with(raw_path=b"/")
        try:
            return self.ask(path, headers, sent, authorized=authorized)
        finally:
            self._base = base

    @property
    def base_path(self) -> str:
        """The path of the base URL without a slash at its end, e.g. `/api`, and empty for none."""
        return self._base.raw_path.decode("ascii").rstrip("/")

    def url_of(self, path: str) -> str:
        """Return the URL of a path on the same server, e.g. `http://127.0.0.1:8080/api`."""
        return str(self._base.copy_with(raw_path=path.encode("ascii", "replace") or b"/"))

    def fit_for_terminal(self, text: str) -> str:
        """Return a line without the secret, and without characters that would steer a terminal."""
        return printable(self.redact(text), None)

    def redact(self, text: str) -> str:
        """Return the text without the secret, which a server may have sent back."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text
