"""The body limit: all bodies under way together are bounded, and each is given back."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mock_server.pipeline import body_limit
from mock_server.pipeline.body_limit import BodiesUnderWay
from mock_server.settings import Settings
from tests.support import wire
from tests.support.callers import JSON, RECORDS, Caller
from tests.support.documents import LIST
from tests.support.patience import PATIENCE
from tests.support.servers import Serve

LIMIT = 10_000


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BodiesUnderWay]]:
    """The counts of the servers that are started."""
    made: list[BodiesUnderWay] = []
    original = BodiesUnderWay.__init__

    def note(self: BodiesUnderWay, limit: int) -> None:
        original(self, limit)
        made.append(self)

    monkeypatch.setattr(BodiesUnderWay, "__init__", note)
    yield made
    assert [await_held(each, 0) for each in made] == [0] * len(made)


def await_held(bodies: BodiesUnderWay, size: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while bodies.held != size and time.monotonic() < deadline:
        time.sleep(0.01)
    return bodies.held


def begin(me: Caller, method: str, target: str, length: int, sent: int) -> socket.socket:
    """Send the first bytes of a body, and leave the rest to come."""
    connection = wire.connect(me.url)
    head = f"{method} {target} HTTP/1.1\r\nHost: x\r\n{me.authorization}\r\n{JSON}\r\n"
    connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + b" " * sent)
    return connection


Send = Callable[[Caller, bytes], wire.Answer]


def send_mocked(me: Caller, body: bytes) -> wire.Answer:
    return me.send("GET", LIST, body, JSON)


def send_control(me: Caller, body: bytes) -> wire.Answer:
    return me.call("POST", "/reset", body, JSON)


def send_chunked(me: Caller, body: bytes) -> wire.Answer:
    lines = (me.authorization, JSON, "Transfer-Encoding: chunked")
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    return wire.get(me.url, LIST, *lines, auth=False, body=chunks)


@pytest.mark.parametrize("send", [send_mocked, send_control, send_chunked])
def test_bodies_that_are_too_large_together_are_503_until_one_has_ended(
    serve: Serve, bodies: list[BodiesUnderWay], send: Send
) -> None:
    me = Caller(serve(max_bodies=LIMIT, count=1), "me")
    with ExitStack() as stack:
        for method, target in (("GET", LIST), ("PUT", "/_mock" + RECORDS)):
            stack.enter_context(begin(me, method, target, 5_000, 4_900))
        assert await_held(bodies[0], 9_800) == 9_800
        answer = send(me, b" " * 300)
        assert (answer.status, answer.header("Retry-After")) == (503, "1")
        error = answer.json["error"]
        assert (error["type"], "--max-bodies" in error["message"]) == ("serviceUnavailable", True)
        assert send(me, b"{}" + b" " * 100).status in (200, 204)
        assert wire.get(me.url, LIST).status == 200
    assert await_held(bodies[0], 0) == 0
    assert send(me, b"{}" + b" " * 300).status in (200, 204)


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", LIST, b"{}", 200), ("POST", LIST, b"{}", 405), ("POST", "/nowhere", b"{}", 404),
        ("PUT", "/_mock" + RECORDS, b"{", 400), ("PUT", "/_mock" + RECORDS, b'{"items": []}', 200),
        ("POST", "/_mock/nowhere", b"{}", 404), ("GET", LIST, b"x" * 1_001, 413),
        ("POST", "/_mock/reset", b"x" * 1_001, 413),
    ],
)  # fmt: skip
def test_a_body_is_given_back_whatever_its_request_is_answered(
    serve: Serve, bodies: list[BodiesUnderWay], method: str, target: str, body: bytes, status: int
) -> None:
    me = Caller(serve(max_bodies=LIMIT, max_body=1_000, max_control_body=1_000, count=1), "me")
    assert me.send(method, target, body, JSON).status == status
    assert await_held(bodies[0], 0) == 0


def test_a_body_is_given_back_after_a_cut_a_timeout_and_a_failure(
    serve: Serve, bodies: list[BodiesUnderWay], monkeypatch: pytest.MonkeyPatch
) -> None:
    me = Caller(serve(max_bodies=LIMIT, count=1), "me")
    me.done("POST", "/faults", {"script": [{"cut": "reset"}]})
    with begin(me, "GET", LIST, 100, 100) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert await_held(bodies[0], 0) == 0
    monkeypatch.setattr(body_limit, "BODY_SECONDS", 0.1)
    with begin(me, "GET", LIST, 100, 50) as connection:
        assert wire.read(connection).status == 408
    assert await_held(bodies[0], 0) == 0


@pytest.mark.parametrize(
    ("method", "target", "auth", "status"),
    [
        ("POST", "/_mock/faults", False, 401), ("PUT", "/_mock/collections", False, 401),
        ("POST", "/_mock/nowhere", True, 404), ("PUT", "/_mock/faults", True, 405),
    ],
)  # fmt: skip
@pytest.mark.parametrize("expect", [[], ["Expect: 100-continue"]])
def test_the_control_api_reads_no_body_before_credentials_and_routing_have_passed(
    url: str, method: str, target: str, auth: bool, status: int, expect: list[str]
) -> None:
    headers = [JSON, "Content-Length: 60000000", *expect]
    answer = wire.get(url, target, *headers, method=method, auth=auth)
    assert answer.status == status
    # A client that waits for 100 may leave its body out, so the connection can't be used again.
    assert answer.header("Connection") == ("close" if expect else None)


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/", "/_mock/inspector/page.js"])
def test_the_control_api_reads_no_body_of_a_call_without_credentials(url: str, path: str) -> None:
    for framing in ("Content-Length: 60000000", "Transfer-Encoding: chunked"):
        assert wire.get(url, path, JSON, framing, auth=False).status in (200, 404)


def test_bodies_may_be_256_mib_together_by_default() -> None:
    assert Settings().max_bodies == 268_435_456
