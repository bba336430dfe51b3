"""The control API of a running server, called over HTTP as one account."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from mock_server.settings import CONTROL_PATH

# The header of each answer that tells whether the account is still the one that it was.
EPOCH = "X-Mock-Account-Epoch"

# What a call raises where there is no server.
TransportError = httpx.TransportError

_TIMEOUT_SECONDS = 60.0
_POLL_SECONDS = 0.02
_HEALTH = "/health"


class SandboxError(Exception):
    """A call that the server refused.

    `status` is the answer's, e.g. 400. `message`, which is the error's text too, has the server's own
    words, with a line for each mistake, e.g.
    `/items/0/eventTyp: the schema does not name this field; write 'eventType'.`
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message

    def __str__(self) -> str:
        """Return the message."""
        return self.message


class ControlApi:
    """The control API at a server's root, e.g. `http://127.0.0.1:8080`, called as one account.

    Each call has a connection of its own: nothing stays open when a test forgets to close it, and a
    server that was restarted is simply called again.

    `is_another` says that the account has changed since `forget_account`: the server was restarted, or
    gave the account up and made it again.
    """

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        """Take the server's root and the account's credentials; no call is made."""
        self.url = url.rstrip("/")
        pair = f"{client_id}:{client_secret}".encode()
        self._authorization = f"Basic {b64encode(pair).decode()}"
        # An httpx.Client would log every call among those of the code under test.
        self._transport = httpx.HTTPTransport(
            verify=self.url.startswith("https:"), limits=httpx.Limits(max_keepalive_connections=0)
        )
        self.forget_account()

    def forget_account(self) -> None:
        """Take the account that answers next for the one that is meant."""
        self._epoch: str | None = None
        self.is_another = False

    def health(self) -> dict[str, Any]:
        """Return the server's health, without credentials.

        E.g. `{"status": "ok", "version": "0.1.0", "document": {"title": "Usage", "version": "0.1"},
        "basePath": "/api", "records": {"usage-metrics": 100}, "accounts": {"live": 1, "evicted": 0}}`.
        Raises ValueError where another kind of server answers, and what `call` raises.
        """
        health = self.call("GET", _HEALTH)
        if not isinstance(health, dict) or not {"basePath", "records"} <= health.keys():
            raise ValueError(
                f"{self.url} is another kind of server: its health says {str(health)[:100]}"
            )
        return health

    def call(
        self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the JSON of an answer, None where it has no body.

        `path` is below `/_mock`, `body` is sent as JSON and `params` as the query, e.g.
        `call("PUT", "/clock", {"advance": 61})`. Raises SandboxError for a refusal, and TransportError
        where there is no server or no answer within 60 seconds.
        """
        # Asking for the server's health must not make an account.
        headers = {"Authorization": self._authorization} if path != _HEALTH else {}
        options: dict[str, Any] = {} if body is None else {"json": body}
        request = httpx.Request(
            method,
            f"{self.url}{CONTROL_PATH}{path}",
            params=params,
            headers=headers,
            extensions={"timeout": httpx.Timeout(_TIMEOUT_SECONDS).as_dict()},
            **options,
        )
        answer = self._transport.handle_request(request)
        answer.read()
        answer.close()
        if answer.is_error:
            raise SandboxError(answer.status_code, _refusal_message(method, path, answer))
        if headers:
            epoch = answer.headers.get(EPOCH)
            self._epoch = self._epoch or epoch
            self.is_another |= epoch != self._epoch
        return answer.json() if answer.content else None


def _refusal_message(method: str, path: str, answer: httpx.Response) -> str:
    start = f"{method} {CONTROL_PATH}{path} was answered with {answer.status_code}"
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return f"{start}: {answer.text[:200]}"
    lines = [f"  {each.get('key', '')}: {each['message']}" for each in error.get("errors", ())]
    return "\n".join([f"{start}: {error['message']}", *lines])


def path_segment(text: str) -> str:
    """Return a text encoded as one segment of a path, e.g. `a%2Fb`, and `%2E%2E` for `..`."""
    return quote(text, safe="").replace(".", "%2E")


def wait_until_healthy(url: str, seconds: float) -> dict[str, Any]:
    """Return the health of the server at a root as soon as it is ready.

    E.g. `wait_until_healthy("http://127.0.0.1:8080", 10)["basePath"]` is `"/api"`; the whole is
    `{"status": "ok", "version": "0.1.0", "document": {"title": "Usage", "version": "0.1"},
    "basePath": "/api", "records": {"usage-metrics": 100}, "accounts": {"live": 1, "evicted": 0}}`.
    Asks at least once. Raises ValueError where `url` is no URL, and TimeoutError where no server is
    ready within `seconds`.
    """
    api = ControlApi(url, "", "")
    deadline = time.monotonic() + seconds
    while True:
        try:
            return api.health()
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise ValueError(
                f"{url!r} is not the URL of a server, such as http://127.0.0.1:8080"
            ) from None
        except (TransportError, SandboxError, ValueError) as error:
            problem = error
        if time.monotonic() > deadline:
            raise TimeoutError(f"there is no healthy mock server at {url}: {problem}")
        time.sleep(_POLL_SECONDS)
