"""The prober: paced GET requests to a server under test, and what each was answered.

It only ever reads.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import httpx

from mock_server.formats import json as strict_json
from mock_server.formats import query_string
from mock_server.formats.json import Unreadable

# Characters of a body that are shown, of its beginning and of its end, where a list has its total.
HEAD, TAIL = 400, 200

_TIMEOUT = 30.0

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """An exchange: a target as it was sent, headers beside the prober's own, and the answer.

    `authorized` says whether the credentials were sent.
    """

    target: str
    sent: tuple[Header, ...]
    authorized: bool
    status: int
    headers: tuple[Header, ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header of the answer, several joined as RFC 9110 section 5.3 says."""
        values = [value for each, value in self.headers if each.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def media_type(self) -> str:
        """The type of the body without its parameters, e.g. `application/json`."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        """The body's values; raises Unreadable."""
        try:
            return strict_json.load(self.body.decode())
        except UnicodeDecodeError:
            raise Unreadable("it is not UTF-8", "send JSON in UTF-8") from None

    def lines(self, redacted: Callable[[str], str]) -> Iterator[str]:
        """The exchange in words: what was sent, decoded too, and an excerpt of the redacted answer."""
        yield f"GET {self.target}"
        for name, values in query_string.parse(self.target.partition("?")[2].encode()).items():
            yield from (f"    {name} = {query_string.decode(value)!r}" for value in values)
        yield from (f"    {name}: {value}" for name, value in self.sent)
        if not self.authorized and not any(name == "Authorization" for name, _ in self.sent):
            yield "    without credentials"
        yield f"was answered with {self.status}, {self.header('content-type') or 'no Content-Type'}"
        # Redacted as a whole: half a secret would not be found.
        text = redacted(self.body.decode("utf-8", "replace"))
        excerpt = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} … {text[-TAIL:]}"
        shown = "".join(c if c.isprintable() else " " for c in excerpt)
        yield f"    {shown or '(no body)'}"


class NoAnswer(Exception):
    """A request was not answered; the message says which, and why."""


class Pace:
    """At most so many requests a second, evenly."""

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._next = monotonic()

    def wait(self) -> None:
        """Returns when the next request may be sent."""
        left = self._next - monotonic()
        if left > 0:
            sleep(left)
        self._next = max(self._next, monotonic()) + self._interval


class Prober:
    """Asks one server, with one pair of credentials, which it never shows."""

    def __init__(self, base_url: str, credentials: str, rate: float) -> None:
        """`credentials` are `id:secret`, `rate` is in requests a second.

        Raises NoAnswer where the URL is none that can be asked.
        """
        try:
            self._base = httpx.URL(base_url.rstrip("/"))
        except httpx.InvalidURL as error:
            raise NoAnswer(f"nobody can be asked at {base_url}: {error}") from None
        token = b64encode(credentials.encode()).decode()
        self._own = ("Authorization", f"Basic {token}")
        # A shorter secret stands in any text by chance, and hiding it there would tell where.
        self._secrets = [text for text in (token, credentials.partition(":")[2]) if len(text) > 5]
        self._pace = Pace(rate)
        # Certificates are read only where they are needed, which takes a while.
        self._client = httpx.Client(verify=self._base.scheme == "https", timeout=_TIMEOUT)
        self.requests = 0

    def close(self) -> None:
        self._client.close()

    def ask(self, target: str, sent: tuple[Header, ...], *, authorized: bool) -> Reply:
        """The answer to a GET of a target below the base URL, e.g. `/things?limit=1`, byte for byte.

        Raises NoAnswer.
        """
        self._pace.wait()
        self.requests += 1
        url = self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + target.encode("ascii"))
        try:
            answer = self._client.get(url, headers=[*([self._own] if authorized else []), *sent])
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise NoAnswer(f"GET {url} was not answered: {reason}") from None
        headers = tuple(answer.headers.multi_items())
        shown = url.raw_path.decode("ascii")
        return Reply(shown, sent, authorized, answer.status_code, headers, answer.content)

    def redacted(self, text: str) -> str:
        """The text without the secret, should a server have sent it back."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text
