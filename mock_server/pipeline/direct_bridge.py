"""The direct bridge: calls a handler without what Flask makes for it and no handler reads."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.pipeline.wsgi_bridge import (
    HANDLED,
    Answer,
    Bridge,
    Response,
    RoutedFlask,
    current_environ,
    encode_headers,
    operation_of,
)
from mock_server.server.asgi import Receive, Scope, Send

# The statuses of answers with a body that Werkzeug sends as they are, but for HEAD.
_WHOLE = frozenset([200, 201])

# The headers that Werkzeug's `Response.get_wsgi_headers` corrects.
_CORRECTED = (b"location", b"content-location")


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
        token = HANDLED.set(scope)
        try:
            return self._app.call_handler(scope)
        except Exception as error:
            with self._app.request_context(current_environ()):
                return self._app.make_response(self._app.handle_user_exception(error))
        finally:
            HANDLED.reset(token)


def _read(response: Response, method: str) -> Answer:
    """Return what a response sends, at once where Werkzeug would change nothing of it."""
    headers = encode_headers(response.headers)
    is_whole = method != "HEAD" and response.status_code in _WHOLE
    if is_whole and not any(name in _CORRECTED for name, _ in headers):
        return Answer(response.status_code, headers, response.get_data())
    chunks, status, corrected = response.get_wsgi_response({"REQUEST_METHOD": method})
    return Answer(int(status[:3]), encode_headers(corrected), b"".join(chunks))
