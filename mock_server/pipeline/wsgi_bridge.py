"""The bridges from ASGI to handlers, by the whole of Flask or straight, inline on the event loop.

Handlers compute for microseconds, so a thread for each request would cost more than the request:
Connexion's own bridge takes 1.1 ms of 2.6 ms.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import ContextVar
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import flask

from mock_server.server.asgi import Receive, Scope, Send

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# Headers that Flask must not see: Werkzeug fails on hosts such as `a..b`, and takes a
# request with `Upgrade: websocket` for one that a websocket answers.
_LEFT_OUT = {b"connection", b"upgrade", b"host"}

# The ASGI scope of the request that a handler answers.
_handled: ContextVar[Scope] = ContextVar("handled")

# The key of the ASGI scope for the commit that a handler leaves.
_COMMIT = "mock_server.commit"

# Changes the state and returns True; returns False if the state has changed since the handler read it.
Commit = Callable[[], bool]


# The answers of handlers; other modules of the pipeline and the control API take it from here.
Response = flask.Response


def empty_response(status: int) -> Response:
    """Return a response with neither body nor Content-Type."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def current_scope() -> Scope:
    """Return the ASGI scope of the request that a handler answers."""
    return _handled.get()


def current_environ() -> dict[str, Any]:
    """Return the WSGI environment of the same request, without a body."""
    return environ(_handled.get(), b"")


def leave_commit(commit: Commit) -> None:
    """Leave a change of the state to the event loop, for the request that a handler answers."""
    _handled.get()[_COMMIT] = commit


class RoutedFlask(flask.Flask):
    """Flask without URL matching, since Connexion has found the operation before, and without hooks.

    Handlers must return a whole response.
    """

    def create_url_adapter(self, _request: Any) -> None:
        return None

    def full_dispatch_request(self) -> flask.Response:
        try:
            return self.call_handler(current_scope())
        except Exception as error:
            return self.make_response(self.handle_user_exception(error))

    def call_handler(self, scope: Scope) -> flask.Response:
        """Return what the handler of a request's operation returns."""
        handler: Callable[..., Any] = self.view_functions[operation_of(scope)]
        response: flask.Response = handler(**scope["path_params"])
        return response

    def do_teardown_request(self, *_error: Any, **_errors: Any) -> None:
        pass

    def do_teardown_appcontext(self, *_error: Any, **_errors: Any) -> None:
        pass


def operation_of(scope: Scope) -> str:
    """Return the route name (`routing.route_name`) of the operation that routing has found."""
    name: str = scope["extensions"]["connexion_routing"]["operation_id"]
    return name


class Answer(NamedTuple):
    """The answer of a WSGI application."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Bridge:
    """An ASGI application around a WSGI application.

    Operations that may take long run in worker threads. Such a handler leaves a commit, which runs on
    the event loop, where alone the state changes. If the commit returns False, the handler runs again.
    """

    def __init__(self, wsgi_app: WsgiApp, workers: Mapping[str, str] = MappingProxyType({})) -> None:
        """Run operations in threads: `workers` maps their route names to names of threads."""
        self._wsgi_app = wsgi_app
        self._workers = workers
        self._threads = {name: ThreadPoolExecutor(1, name) for name in set(workers.values())}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        environment = environ(scope, await _body(receive))
        worker = self._workers.get(operation_of(scope)) if self._workers else None
        if worker is None:
            answer = self._run(scope, environment)
        else:
            answer = await self._in_worker(self._threads[worker], scope, environment)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _in_worker(self, thread: Executor, scope: Scope, environment: dict[str, Any]) -> Answer:
        while True:
            environment["wsgi.input"].seek(0)
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(thread, self._run, scope, environment)
            commit: Commit = scope.pop(_COMMIT, lambda: True)
            if commit():
                return answer

    def _run(self, scope: Scope, environment: dict[str, Any]) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc: Any = None) -> None:
            started.append((status, headers))

        token = _handled.set(scope)
        try:
            chunks = self._wsgi_app(environment, start_response)
            try:
                body = b"".join(chunks)
            finally:
                getattr(chunks, "close", lambda: None)()
        finally:
            _handled.reset(token)
        status, headers = started[-1]
        return Answer(int(status[:3]), _encode_headers(headers), body)


class DirectBridge(Bridge):
    """A bridge that answers on the event loop by itself, and in worker threads as `Bridge` does.

    It stands for `Flask.wsgi_app` and Werkzeug's `Response.__call__`. Flask makes a request, a session
    and two contexts of each WSGI environment, but handlers read the ASGI scope alone. Only for an error
    are they made, since Flask looks for its error handler by them. That both bridges answer alike is
    proved by `tests/pipeline/test_direct_bridge.py` and `tests/test_stack.py`.
    """

    def __init__(self, app: RoutedFlask, workers: Mapping[str, str]) -> None:
        super().__init__(app, workers)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if operation_of(scope) in self._workers:
            await super().__call__(scope, receive, send)
            return
        answer = _read(self._respond(scope), scope["method"])
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _respond(self, scope: Scope) -> Response:
        token = _handled.set(scope)
        try:
            return self._app.call_handler(scope)
        except Exception as error:
            with self._app.request_context(current_environ()):
                return self._app.make_response(self._app.handle_user_exception(error))
        finally:
            _handled.reset(token)


# The statuses of answers with a body that Werkzeug sends as they are, but for HEAD.
_WHOLE = frozenset([200, 201])

# The headers that Werkzeug's `Response.get_wsgi_headers` corrects.
_CORRECTED = (b"location", b"content-location")


def _read(response: Response, method: str) -> Answer:
    """Return what a response sends, at once where Werkzeug would change nothing of it."""
    headers = _encode_headers(response.headers)
    is_whole = method != "HEAD" and response.status_code in _WHOLE
    if is_whole and not any(name in _CORRECTED for name, _ in headers):
        return Answer(response.status_code, headers, response.get_data())
    chunks, status, corrected = response.get_wsgi_response({"REQUEST_METHOD": method})
    return Answer(int(status[:3]), _encode_headers(corrected), b"".join(chunks))


def _encode_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer as ASGI has them, e.g. `(b"content-type", b"text/css")`."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return body


def environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333: texts are bytes decoded as latin-1)."""
    host, port = scope.get("server") or ("localhost", 80)
    result = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "replace").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if name in _LEFT_OUT:
            continue
        key, text = _key(name), value.decode("latin-1")
        result[key] = f"{result[key]},{text}" if key in result else text
    result["CONTENT_LENGTH"] = str(len(body))
    return result


def _key(header: bytes) -> str:
    """Return a header's key in the WSGI environment, e.g. `HTTP_ACCEPT`."""
    # Cached, since clients send the same headers with every request; long names would fill the memory.
    return _known_key(header) if len(header) <= 100 else _known_key.__wrapped__(header)


@lru_cache(maxsize=256)
def _known_key(header: bytes) -> str:
    key = header.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
