"""The bridge: what a WSGI application sees of a request, and what becomes of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from mock_server.pipeline.wsgi_bridge import Bridge, current_scope
from mock_server.settings import is_below


def call(app: Callable[..., Iterable[bytes]], **changes: Any) -> list[dict[str, Any]]:
    scope = {
        "type": "http", "method": "GET", "path": "/ü", "query_string": b"a=%FF", "http_version": "1.1",
        "headers": [(b"x-a", b"1"), (b"x-a", b"2"), (b"host", b"a..b"), (b"upgrade", b"websocket")],
    } | changes  # fmt: skip
    parts = [b"hel", b"lo"]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Bridge(app)(scope, receive, send))
    return sent


def test_the_environment_is_what_pep_3333_says() -> None:
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        seen.update(environ, scope=current_scope())
        start_response("201 Created", [("X-B", "ü")])
        return [environ["wsgi.input"].read(), b"!"]

    start, body = call(app)
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/ü"
    assert (seen["QUERY_STRING"], seen["HTTP_X_A"], seen["CONTENT_LENGTH"]) == ("a=%FF", "1,2", "5")
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("localhost", "80")
    assert "HTTP_HOST" not in seen
    assert "HTTP_UPGRADE" not in seen
    assert seen["scope"]["path"] == "/ü"
    assert start == {"type": "http.response.start", "status": 201, "headers": [(b"x-b", b"\xfc")]}
    assert body == {"type": "http.response.body", "body": b"hello!"}


def test_the_iterable_of_the_application_is_always_closed() -> None:
    class Chunks:
        closed = False

        def __iter__(self) -> Any:
            raise ZeroDivisionError

        def close(self) -> None:
            Chunks.closed = True

    with pytest.raises(ZeroDivisionError):
        call(lambda environ, start_response: Chunks())
    assert Chunks.closed


def test_below_a_path_are_its_segments_only() -> None:
    assert is_below("/_mock", "/_mock")
    assert is_below("/_mock/x", "/_mock")
    assert not is_below("/_mocks", "/_mock")
