"""The direct bridge: whatever a handler returns or raises, it answers as the whole call of Flask does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.errors import ApiError, NotFound, Unauthorized
from mock_server.openapi import error_shape
from mock_server.pipeline.connexion_parts import Backend
from mock_server.pipeline.error_rendering import flask_response
from mock_server.pipeline.wsgi_bridge import (
    Bridge,
    DirectBridge,
    Response,
    current_environ,
    current_scope,
)

METHODS = ["GET", "HEAD", "POST", "DELETE"]
STATUSES = [101, 200, 201, 202, 204, 205, 206, 301, 304, 400, 404, 500]
HEADERS = {
    "Location": "/päth?a=b c",
    "content-location": "/ü",
    "Content-Length": "7",
    "Content-Type": "text/plain",
    "ETag": '"a"',
    "Allow": "GET",
    "X-Latin": "é",
}


def answer(
    kind: type[Bridge],
    handler: Callable[..., Response],
    method: str,
    path: str = "/a",
    body: bytes = b"",
) -> list[dict[str, Any]]:
    """Return the messages that a bridge sends for a handler."""
    render = partial(flask_response, shape=error_shape.BUILT_IN)
    backend = Backend(__name__, render, lambda app: kind(app, {}))
    backend.app.view_functions["name"] = handler
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "path_params": {"p0": "x"},
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"x-a", b"1")],
        "extensions": {"connexion_routing": {"operation_id": "name"}},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(backend.asgi_app(scope, receive, send))
    with pytest.raises(LookupError):
        current_scope()
    return sent


@given(
    st.sampled_from(METHODS),
    st.sampled_from(STATUSES),
    st.sets(st.sampled_from(sorted(HEADERS))),
    st.sampled_from([b"", b"{}", "é", None]),
)
def test_a_response_is_sent_alike(method: str, status: int, names: set[str], body: Any) -> None:
    def handler(**_path: str) -> Response:
        return Response(body, status, {name: HEADERS[name] for name in sorted(names)})

    assert answer(DirectBridge, handler, method) == answer(Bridge, handler, method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("error", [NotFound("None is here."), Unauthorized("Who?", "Basic")])
def test_an_error_is_answered_alike(error: ApiError, method: str) -> None:
    def handler(**_path: str) -> Response:
        raise error

    assert answer(DirectBridge, handler, method) == answer(Bridge, handler, method)


@pytest.mark.parametrize("kind", [Bridge, DirectBridge])
def test_an_unexpected_error_is_left_to_the_pipeline(kind: type[Bridge]) -> None:
    def handler(**_path: str) -> Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer(kind, handler, "GET")


@pytest.mark.parametrize("kind", [Bridge, DirectBridge])
@pytest.mark.parametrize("body", [b"", b"abc"])
def test_a_handler_knows_its_request(kind: type[Bridge], body: bytes) -> None:
    def handler(p0: str) -> Response:
        environ = current_environ()
        return Response(
            f"{p0} {current_scope()['path']} {environ['HTTP_X_A']} {environ['REQUEST_METHOD']}"
        )

    start, told = answer(kind, handler, "POST", "/b", body)
    assert (start["status"], told["body"]) == (200, b"x /b 1 POST")
