"""The HTTP protocol: a usual request takes the short way."""

from __future__ import annotations

import threading
from pathlib import Path
from types import FrameType
from typing import Any

from mock_server.server import http_protocol, server
from mock_server.server.asgi import Receive, Scope, Send
from tests.support import wire

PACKAGE = Path(http_protocol.__file__).parent
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer any request with an empty body."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def test_a_request_on_a_kept_connection_enters_two_modules_of_the_package() -> None:
    entered: list[str] = []

    def note_call(frame: FrameType, event: str, argument: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.parent == PACKAGE:
            entered.append(path.stem)

    threading.setprofile(note_call)
    try:
        with server.in_thread(answer) as url, wire.connect(url) as connection:
            threading.setprofile(None)
            connection.sendall(REQUEST)
            assert wire.read(connection).status == 200
            entered.clear()
            connection.sendall(REQUEST)
            assert wire.read(connection).status == 200
            modules = set(entered)
    finally:
        threading.setprofile(None)
    assert modules == {"http_protocol", "joined_writes"}
