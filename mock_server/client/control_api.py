"""The control API of a running server, called over HTTP as one account."""

from __future__ import annotations

import json
import re
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mock_server.client.http_connection import Answer, Connections, Limits, NotHttp, TransportError
from mock_server.settings import CONTROL_PATH
from mock_server.shown_text import printable
from mock_server.trust import Ca

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True

# The header of each answer that tells whether the account is still the one that it was.
EPOCH = "X-Mock-Account-Epoch"

# The header with the server's name, where several share the accounts.
REPLICA = "X-Mock-Replica"

# Where a load balancer finds the token of an account, which the calls of its test name by a digest.
KEY = "X-API-Key"

_POLL_SECONDS = 0.02
_HEALTH = "/health"

# The shortest wait for the health of a server that there is.
_SHORTEST_SECONDS = 10.0

_USUAL_LIMITS = Limits()

# A server that reports about itself in no more is taken for a hostile one.
_REPORT_LIMITS = Limits(wait=10.0, whole=10.0, size=64_000_000)

# What a proxy or a port that is being published answers before the server behind it does.
_NOT_YET = (502, 503, 504)


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


class OtherServer(ValueError):
    """What answers at a URL is another kind of server; the message says what it answers."""


class ControlApi:
    """The control API at a server's root, e.g. `http://127.0.0.1:8080`, called as one account.

    Each thread keeps a connection, which is closed with the last reference to this object. A server
    that was restarted is simply called again.

    `is_another` says that the account has changed since `forget_account`: the server was restarted, or
    gave the account up and made it again. `replicas` are the names of the servers that had it first and
    that answered last.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        ca: Ca | None = None,
        token: str | None = None,
    ) -> None:
        """Take the server's root, the account's credentials and what to trust; no call is made.

        `token` is that of an account which the client id only shows. Raises ValueError where the URL is
        none of a server, or `ca` no file of certificates.
        """
        self.url = url.rstrip("/")
        pair = f"{client_id}:{client_secret}".encode()
        self._headers = {"Authorization": f"Basic {b64encode(pair).decode()}"}
        if token is not None and re.fullmatch("[!-~]+", token):
            self._headers[KEY] = token
        self._connections = Connections(self.url, ca)
        self.forget_account()

    def forget_account(self) -> None:
        """Take the account that answers next for the one that is meant."""
        self._epoch: str | None = None
        self.is_another = False
        self.replicas: tuple[str | None, str | None] = None, None

    def health(self, seconds: float = 60.0) -> dict[str, Any]:
        """Return the server's health, without credentials, within so many seconds.

        E.g. `{"status": "ok", "version": "0.2.0", "document": {"title": "Usage", "version": "0.1"},
        "basePath": "/api", "digest": "5f3c…", "records": {"usage-metrics": 100}, "accounts": {"live": 1,
        "evicted": 0}}`. Raises OtherServer where another kind of server answers, and what `call` raises.
        """
        try:
            # Asking for the server's health must not make an account.
            answer = self._send("GET", _HEALTH, None, {}, Limits(seconds, seconds, 1_000_000))
            health = _parse_json(answer.body)
        except NotHttp as error:
            raise OtherServer(str(error)) from None
        except ValueError as error:
            raise OtherServer(f"{self.url} is another kind of server: {error}") from None
        if not isinstance(health, dict) or not {"basePath", "records"} <= health.keys():
            raise OtherServer(
                f"{self.url} is another kind of server: its health says {str(health)[:100]}"
            )
        return health

    def report(self, params: Mapping[str, Any]) -> Any:
        """Return the answer to `GET /report`, within 10 seconds and 64,000,000 bytes."""
        return self.call("GET", "/report", params=params, limits=_REPORT_LIMITS)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        limits: Limits = _USUAL_LIMITS,
    ) -> Any:
        """Return the JSON of an answer, None where it has no body.

        `path` is below `/_mock`, `body` is sent as JSON and `params` as the query, e.g.
        `call("PUT", "/clock", {"advance": 61})`. Raises SandboxError for a refusal, and TransportError
        where there is no server, or no answer within `limits`: a piece of it each 60 seconds.
        """
        target = f"{path}?{_encode(params)}" if params else path
        answer = self._send(method, target, body, self._headers, limits)
        self._notice(answer.headers)
        try:
            return _parse_json(answer.body) if answer.body else None
        except ValueError as error:
            raise SandboxError(answer.status, f"{_describe(method, target, answer)}: {error}") from None

    def _notice(self, headers: Mapping[str, str]) -> None:
        """Notice by the headers of an answer whether the account is still the one that it was."""
        epoch, replica = headers.get(EPOCH.lower()), headers.get(REPLICA.lower())
        first = self.replicas[0] if self._epoch else replica
        self._epoch = self._epoch or epoch
        self.is_another |= epoch != self._epoch
        self.replicas = first, replica

    def _send(
        self, method: str, target: str, body: Any, headers: dict[str, str], limits: Limits
    ) -> Answer:
        """Return an answer; raise SandboxError for one that is no success."""
        content = None
        if body is not None:
            headers = {**headers, "Content-Type": "application/json"}
            content = to_json(body).encode()
        answer = self._connections.send(method, CONTROL_PATH + target, content, headers, limits)
        if not 200 <= answer.status < 300:
            raise SandboxError(answer.status, _refusal_message(method, target, answer))
        return answer


def to_json(value: Any) -> str:
    """Return a value as JSON; raise TypeError or ValueError with a sentence for one that has none."""
    kind: type[TypeError | ValueError] = ValueError
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
        return text
    except TypeError as error:
        kind, reason = TypeError, str(error)
    except RecursionError:
        reason = "it is nested too deep"
    except ValueError as error:  # NaN, a circle, or half of a surrogate pair.
        reason = str(error)
    # Outside of the handlers, so that pytest shows the line of the test alone.
    raise kind(f"{repr(value)[:100]} can't be sent as JSON: {reason}")


def _encode(params: Mapping[str, Any]) -> str:
    texts = {name: value if isinstance(value, str) else to_json(value) for name, value in params.items()}
    return urlencode(texts, quote_via=quote)


def _parse_json(content: bytes) -> Any:
    """Return the value of a JSON text; raise ValueError for one that is none, or nested too deep."""
    try:
        return json.loads(content)
    except RecursionError:
        message = "its answer is nested too deep"
    except ValueError:
        message = f"its answer is no JSON: {content[:60].decode('utf-8', 'replace')!r}"
    raise ValueError(message)


def _describe(method: str, target: str, answer: Answer) -> str:
    path = target.partition("?")[0]
    return f"{method} {CONTROL_PATH}{path} was answered with {answer.status}"


def _refusal_message(method: str, target: str, answer: Answer) -> str:
    start = _describe(method, target, answer)
    try:
        error = _parse_json(answer.body)["error"]
        found = [f"  {each.get('key', '')}: {each['message']}" for each in error.get("errors", ())]
        lines = [f"{start}: {error['message']}", *found]
    except (ValueError, KeyError, TypeError, AttributeError):
        # The first words of a page that another server gives.
        text = " ".join(answer.body[:1000].decode("utf-8", "replace").split())
        lines = [f"{start}: {text[:100]}".rstrip(": ")]
    # What another server says is shown by a terminal.
    return "\n".join(printable(line, None) for line in lines)


def path_segment(text: str) -> str:
    """Return a text encoded as one segment of a path, e.g. `a%2Fb`, and `%2E%2E` for `..`."""
    return quote(text, safe="").replace(".", "%2E")


def wait_until_healthy(url: str, seconds: float, ca: Ca | None = None) -> dict[str, Any]:
    """Return the health of the server at a root as soon as it is ready.

    E.g. `wait_until_healthy("http://127.0.0.1:8080", 10)["basePath"]` is `"/api"`; the whole is
    `{"status": "ok", "version": "0.2.0", "document": {"title": "Usage", "version": "0.1"}, "basePath":
    "/api", "digest": "5f3c…", "records": {"usage-metrics": 100}, "accounts": {"live": 1, "evicted":
    0}}`. Asks at least once. `ca` is that of `Sandbox`. Raises ValueError where `url` is no URL, and at
    once where another kind of server answers, or `url` goes on behind the root of a mock server;
    TimeoutError where no server is ready within `seconds`.
    """
    _require_root(url, ca)
    api = ControlApi(url, "", "", ca)
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        try:
            return api.health(max(left, _SHORTEST_SECONDS))
        except SandboxError as error:
            if error.status not in _NOT_YET:
                raise OtherServer(f"{api.url} does not answer as a mock server: {error}") from None
            problem: Exception = error
        except TransportError as error:
            problem = error
        if time.monotonic() > deadline:
            raise TimeoutError(f"there is no healthy mock server at {url}: {problem}")
        time.sleep(_POLL_SECONDS)


def _require_root(url: str, ca: Ca | None) -> None:
    """Raise OtherServer with what to give, where a URL goes on behind the root of a mock server.

    The root is asked first, since the server would take `/api/_mock/health` for a mistaken request of
    the client under test, and count it.
    """
    try:
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        if not parts.path.strip("/"):
            return
        ControlApi(root, "", "", ca).health(_SHORTEST_SECONDS)
    except (SandboxError, ValueError, TransportError):
        return
    shown = printable(parts.path, 100)
    raise OtherServer(f"'{shown}' is behind the root of the mock server; give {root}")


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}
