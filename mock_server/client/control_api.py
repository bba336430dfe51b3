"""The remote: the control API of a running server, called with one account's credentials.

Each call has a connection of its own, so that nothing is left open when a test forgets to close, and a
restarted server is no news to it.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from mock_server.settings import CONTROL_PATH

EPOCH = "X-Mock-Account-Epoch"

_TIMEOUT = 60.0
_HEALTH = "/health"


class SandboxError(Exception):
    """The server has refused a call; the message says what it said."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message

    def __str__(self) -> str:
        return self.message


class Remote:
    """The control API at a server's root, e.g. `http://127.0.0.1:8080`, as one account sees it.

    `is_another` is whether an answer has named another epoch of the account than the first since
    `begin`: the account is not the one that it was.
    """

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self.url = url.rstrip("/")
        pair = f"{client_id}:{client_secret}".encode()
        self._authorization = f"Basic {b64encode(pair).decode()}"
        # Without a client of httpx around it, which would log every call among the suite's own.
        self._transport = httpx.HTTPTransport(
            verify=self.url.startswith("https:"), limits=httpx.Limits(max_keepalive_connections=0)
        )
        self.begin()

    def begin(self) -> None:
        """Know nothing of the account."""
        self._epoch: str | None = None
        self.is_another = False

    def health(self) -> dict[str, Any]:
        """What the server says of itself; raises ValueError where it is no mock server."""
        health = self.call("GET", _HEALTH)
        if not isinstance(health, dict) or not {"basePath", "records"} <= health.keys():
            raise ValueError(
                f"{self.url} is another kind of server: its health says {str(health)[:100]}"
            )
        return health

    def call(
        self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        """The JSON of an answer, None for none.

        Raises SandboxError where it is a refusal, and `httpx.TransportError` where there is no server.
        """
        options: dict[str, Any] = {} if body is None else {"json": body}
        # The server's health is no account's, and asking for it should make none.
        named = {"Authorization": self._authorization} if path != _HEALTH else {}
        request = httpx.Request(
            method,
            f"{self.url}{CONTROL_PATH}{path}",
            params=params,
            headers=named,
            extensions={"timeout": httpx.Timeout(_TIMEOUT).as_dict()},
            **options,
        )
        answer = self._transport.handle_request(request)
        answer.read()
        answer.close()
        if answer.is_error:
            raise SandboxError(answer.status_code, _refusal(method, path, answer))
        if named:
            epoch = answer.headers.get(EPOCH)
            self._epoch = self._epoch or epoch
            self.is_another |= epoch != self._epoch
        return answer.json() if answer.content else None


def _refusal(method: str, path: str, answer: httpx.Response) -> str:
    """What the server said, e.g. with every flaw of a load."""
    said = f"{method} {CONTROL_PATH}{path} was answered with {answer.status_code}"
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return f"{said}: {answer.text[:200]}"
    lines = [f"  {each.get('key', '')}: {each['message']}" for each in error.get("errors", ())]
    return "\n".join([f"{said}: {error['message']}", *lines])


def segment(text: str) -> str:
    """A text as one segment of a path, also if it is `..`."""
    return quote(text, safe="").replace(".", "%2E")


def wait_until_healthy(url: str, seconds: float) -> dict[str, Any]:
    """What the server at a root says of itself, as soon as it is ready.

    Raises ValueError where the URL is none, and TimeoutError where no server is ready in time.
    """
    remote = Remote(url, "", "")
    deadline = time.monotonic() + seconds
    while True:
        try:
            return remote.health()
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise ValueError(
                f"{url!r} is not the URL of a server, such as http://127.0.0.1:8080"
            ) from None
        except (httpx.TransportError, SandboxError, ValueError) as error:
            problem = error
        if time.monotonic() > deadline:
            raise TimeoutError(f"there is no healthy mock server at {url}: {problem}")
        time.sleep(0.02)
