"""Hostile input: nothing that a client sends gives a 500, a traceback, a reset, or a hang."""

from __future__ import annotations

import gc
import logging
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.pipeline import body_limit
from mock_server.server import head_limit, http_protocol, server
from mock_server.server.http_protocol import Protocol
from mock_server.settings import Settings
from tests.support import wire
from tests.support.documents import LIST
from tests.support.servers import build


@pytest.fixture(autouse=True)
def no_error_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


def still_serves(url: str) -> bool:
    return wire.get(url, LIST + "?limit=1").status == 200


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (LIST + "?name=%00", 200), (LIST + "?name=%ff%fe", 200), (LIST + "?name=%ED%A0%80", 200),
        (LIST + "?name=%zz&%zz=%", 200), (LIST + "?%ff=%ff", 200), (LIST + "?&&&=&=", 200),
        (LIST + "?eventType=%00,%ff,%zz", 200), (LIST + "?" + "a=1&" * 15_000, 200),
        (LIST + "?eventType=" + "a," * 30_000, 200), (LIST + "?name=" + "%25" * 20_000, 200),
        ("/api/%2e%2e/api/usage-metrics", 404), ("/api/../api/usage-metrics", 404),
        ("/api/usage-metrics%0A", 404), ("/api%2Fusage-metrics", 404), ("/_mock/health%0a", 404),
        ("/%00", 404), ("/%ff%fe", 404), ("/api/usage-metrics%00", 404), ("/api/usage-metrics%2F", 404),
        ("//", 404), ("///api///usage-metrics", 404), ("/api/usage-metrics;x=1", 404),
        ("http://elsewhere.example/api/usage-metrics", 200), ("*", 404),
        (LIST + "?name=" + "x" * 66_000, 414), ("/" + "x" * 100_000, 414), ("/" + "x" * 600_000, 414),
        (b"/api/usage-metrics?name=\xff\xfe", 400), (b"/\xff", 400), (b"/api usage", 400),
        (b"/\x00", 400), (b"", 400), (b"nonsense", 400),
    ],
)  # fmt: skip
def test_odd_targets(url: str, target: str | bytes, status: int) -> None:
    answer = wire.get(url, target)
    assert answer.status == status
    assert still_serves(url)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["a:"] * 30_000, 431), (["X-A: bbbbbb"] * 6_000, 431),
        (["X-Long: " + "x" * 100_000], 431), (["X-Long: " + "x" * 500_000], 431),
        ([f"X-{i}: {'x' * 1000}" for i in range(100)], 431), ([f"X-{i}: y" for i in range(3000)], 200),
        (["Host: a..b"], 200), (["Host: .."], 200), (["Host: " + "a" * 64], 200), (["Host:"], 200),
        (["Authorization: " + "x" * 60_000], 401),
        (["X: \xff\xfe"], 200), (["Accept: \xff"], 200), (["Cookie: \xff=\xfe; ;;"], 200),
        (["Content-Type: nonsense"], 200), (["Content-Type: \xff; charset=\xff"], 200),
        (["Content-Type: application/json; charset=nope"], 200), (["Host: \xff"], 200),
        (["Content-Length: -1"], 400), (["Content-Length: 1_0"], 400), (["Content-Length: x"], 400),
        (["Content-Length: 99999999999999999999999999999"], 400), (["Content-Length: 1048577"], 413),
        (["Content-Length: 5", "Content-Length: 6"], 400), (["Transfer-Encoding: nonsense"], 400),
        (["X y: z"], 400), (["no colon"], 400), (["X: \x00"], 400),
        (["Connection: Upgrade", "Upgrade: websocket"], 200), (["Connection: Upgrade", "Upgrade: h2c"], 200),
        (["Range: bytes=0-1"], 200), (["If-None-Match: *"], 200), (["Expect: nonsense"], 200),
        (["X-HTTP-Method-Override: DELETE"], 200), (["Forwarded: for=x"], 200),
    ],
)  # fmt: skip
def test_odd_headers(url: str, headers: list[str], status: int) -> None:
    auth = not headers[0].startswith("Authorization")
    assert wire.get(url, LIST, *headers, auth=auth).status == status
    assert still_serves(url)


@pytest.mark.parametrize(
    "garbage",
    [b"\x00" * 100, b"\xff" * 100, b"nonsense\r\n\r\n",
     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"G\xcbT / HTTP/1.1\r\n\r\n",
     b"GET /\r\n\r\n", b"\r\n\r\n\r\nnonsense\r\n", b"\r\n" * 50_000, b"A" * 200_000, b"\xff" * 500_000],
)  # fmt: skip
def test_bytes_that_are_not_http_get_a_plain_4xx(url: str, garbage: bytes) -> None:
    answer = wire.exchange(url, garbage)
    assert 400 <= answer.status < 500
    assert answer.header("Connection") == "close"
    assert still_serves(url)


def test_a_header_in_many_pieces_is_refused_too(url: str) -> None:
    with wire.connect(url) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
        for _ in range(100):
            connection.sendall(b"x" * 1000)
        assert wire.read(connection).status == 431


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (["Content-Length: 5"], b"hello", 200),
        (["Content-Type: application/json", "Content-Length: 1"], b"{", 200),
        (["Content-Type: multipart/form-data", "Content-Length: 1"], b"{", 200),
        (["Transfer-Encoding: chunked"], b"5\r\nhello\r\n0\r\n\r\n", 200),
        (["Transfer-Encoding: chunked"], b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n", 200),
        (["Transfer-Encoding: chunked"], b"100000\r\n" + b"x" * 0x100000 + b"\r\n1\r\nx\r\n0\r\n\r\n", 413),
        (["Content-Length: 3000000"], b"x" * 3_000_000, 413),
        (["Content-Length: 5", "Expect: 100-continue"], b"", 100),
        (["Content-Length: 5000000", "Expect: 100-continue"], b"", 413),
    ],
)  # fmt: skip
def test_bodies_on_get(url: str, headers: list[str], body: bytes, status: int) -> None:
    assert wire.get(url, LIST, *headers, body=body).status == status
    assert still_serves(url)


def test_every_refusal_reaches_a_client_that_sends_on(url: str) -> None:
    head = f"POST {LIST} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n"
    for _ in range(5):
        assert wire.exchange(url, head.encode(), *[b"x" * 100_000] * 50).status == 413


def test_a_body_that_was_not_asked_for_is_not_taken_for_a_request(url: str) -> None:
    head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n"
    answer = wire.exchange(url, head.encode())
    assert (answer.status, answer.header("Connection")) == (413, "close")


def read_to_end(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(1 << 20):
        received += chunk
    return received


GOOD = f"GET {LIST}?limit=1 HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.BASIC}\r\n\r\n".encode()


@pytest.mark.parametrize("bad", [b"BAD\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"X: " + b"x" * 100_000])
def test_a_good_request_is_answered_before_the_bad_one_that_follows(url: str, bad: bytes) -> None:
    with wire.connect(url) as connection:
        connection.sendall(GOOD * 3 + bad)
        received = read_to_end(connection)
    assert received.count(b"HTTP/1.1 200") == 3
    assert received.rindex(b"HTTP/1.1 4") > received.rindex(b"HTTP/1.1 200")


def test_a_bad_chunk_after_a_good_request_is_refused(url: str) -> None:
    head = (
        f"POST {LIST} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with wire.connect(url) as connection:
        connection.sendall(GOOD + head.encode() + b"zz\r\n")
        received = read_to_end(connection)
    assert received.count(b"HTTP/1.1 200") == 1
    assert received.count(b"HTTP/1.1 400") == 1


def test_trailers_are_no_headers(url: str) -> None:
    head = f"GET {LIST} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    trailer = f"0\r\nAuthorization: {wire.BASIC}\r\n\r\n"
    assert wire.exchange(url, head.encode(), trailer.encode()).status == 401


def test_endless_trailers_are_refused(url: str) -> None:
    head = f"GET {LIST} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    assert wire.exchange(url, head.encode(), *[b"X-T: " + b"a" * 1000 + b"\r\n"] * 100).status == 431


@pytest.mark.parametrize("upgrade", [b"h2c", b"websocket"])
def test_a_request_behind_one_that_asks_for_an_upgrade_is_answered(url: str, upgrade: bytes) -> None:
    asking = GOOD.replace(b"Host: x", b"Host: x\r\nConnection: Upgrade\r\nUpgrade: " + upgrade)
    with wire.connect(url) as connection:
        connection.sendall(asking + GOOD)
        connection.shutdown(socket.SHUT_WR)
        assert read_to_end(connection).count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("count", [1, 2, 20, 300])
def test_a_client_that_ends_its_sending_gets_all_its_answers(url: str, count: int) -> None:
    with wire.connect(url) as connection:
        connection.sendall(GOOD * count)
        connection.shutdown(socket.SHUT_WR)
        assert read_to_end(connection).count(b"HTTP/1.1 200") == count


def post_request(size: int) -> bytes:
    head = GOOD.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % size)
    return head + b"x" * size


CHUNKED = (
    GOOD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    + b"1\r\nx\r\n" * 20_000
    + b"0\r\n\r\n"
)


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize(
    "requests",
    [
        [GOOD, post_request(8_000)], [post_request(8_000)] * 3, [post_request(8_000)] * 30, [GOOD, CHUNKED, GOOD],
        [GOOD] * 30 + [post_request(9_000)], [post_request(3), GOOD] * 100, [post_request(4096 - len(post_request(0)) - 3), GOOD] * 5,
    ],
)  # fmt: skip
def test_bodies_in_a_pipeline_are_read_to_their_end(
    url: str, requests: list[bytes], ended: bool
) -> None:
    with wire.connect(url) as connection:
        sender = threading.Thread(target=connection.sendall, args=(b"".join(requests),))
        sender.start()
        received = b""
        while received.count(b"HTTP/1.1 200") < len(requests):
            received += connection.recv(1 << 20)
        sender.join()
        if ended:
            connection.shutdown(socket.SHUT_WR)
            # The rest of the last answer may be still to come.
            while more := connection.recv(1 << 20):
                received += more
            assert received.count(b"HTTP/1.1 ") == len(requests)


@pytest.mark.parametrize("before", [0, 2, 300])
@pytest.mark.parametrize("missing", [1, 5_000])
def test_a_body_that_ends_too_early_ends_the_connection(url: str, before: int, missing: int) -> None:
    with wire.connect(url) as connection:
        connection.sendall(GOOD * before + post_request(9_000)[:-missing])
        connection.shutdown(socket.SHUT_WR)
        assert read_to_end(connection).count(b"HTTP/1.1 200") == before


@pytest.mark.slow
def test_connections_that_are_gone_leave_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    alive: weakref.WeakSet[Protocol] = weakref.WeakSet()
    original = Protocol.__init__

    def note(self: Protocol, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        alive.add(self)

    monkeypatch.setattr(Protocol, "__init__", note)
    with server.in_thread(build(Settings())) as url:
        for _ in range(50):
            with wire.connect(url) as connection:
                connection.sendall(GOOD)
                wire.read(connection)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        assert still_serves(url)
        time.sleep(0.2)
        gc.collect()
        assert len(alive) < 10


@pytest.mark.slow
def test_a_request_in_two_halves_is_no_idle_connection() -> None:
    with server.in_thread(build(Settings()), keep_alive=1) as url, wire.connect(url) as connection:
        connection.sendall(GOOD + GOOD[:20])
        assert wire.read(connection).status == 200
        time.sleep(1.5)
        connection.sendall(GOOD[20:])
        assert wire.read(connection).status == 200


def test_a_last_answer_is_not_followed_by_a_reset(url: str) -> None:
    last = GOOD.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    for _ in range(10):
        with wire.connect(url) as connection:
            connection.sendall(last + b"x" * 3_000_000)
            assert read_to_end(connection).count(b"HTTP/1.1 200") == 1


def test_the_body_of_a_request_that_asks_for_an_upgrade_is_no_request(url: str) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(GOOD)
    with wire.connect(url) as connection:
        connection.sendall(GOOD.replace(b"\r\n\r\n", b"\r\n" + upgrade) + GOOD)
        connection.shutdown(socket.SHUT_WR)
        assert read_to_end(connection).count(b"HTTP/1.1 ") == 1


def await_answers(connection: socket.socket, count: int) -> None:
    received = b""
    while received.count(b"HTTP/1.1 404") < count:
        chunk = connection.recv(1 << 20)
        assert chunk
        received += chunk


@pytest.mark.slow
def test_requests_in_a_pipeline_are_parsed_a_few_at_a_time(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = unparsed = 0
    original = Protocol.on_message_complete

    def count(self: Protocol) -> None:
        nonlocal most, unparsed
        original(self)
        most = max(most, len(self.pipeline))
        unparsed = max(unparsed, len(self._unparsed))

    monkeypatch.setattr(Protocol, "on_message_complete", count)
    with wire.connect(url) as connection:
        requests = b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 900 + b"\r\n\r\n"
        sender = threading.Thread(target=connection.sendall, args=(requests * 5_000,))
        sender.start()
        await_answers(connection, 5_000)
        sender.join()
        connection.sendall(b"GET / HTTP/1.1\r\nHost:\r\n\r\n" * 3_000)
        await_answers(connection, 3_000)
    assert 0 < most <= 230
    assert unparsed < 1_000_000


@pytest.mark.slow
def test_an_idle_connection_is_closed_whatever_was_sent_after_the_answer(
    serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.in_thread(build(Settings()), keep_alive=1) as url, wire.connect(url) as connection:
        connection.sendall(GOOD)
        assert wire.read(connection).status == 200
        connection.sendall(b"\r\n")
        assert connection.recv(1) == b""


@pytest.mark.slow
def test_a_head_that_never_ends_is_answered_408(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_limit, "HEAD_SECONDS", 0.2)
    assert wire.exchange(url, b"GET / HTTP/1.1\r\nHost: x\r\n").status == 408
    with wire.connect(url) as connection:
        assert connection.recv(1) == b""


def test_a_body_that_never_comes_is_answered_408(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "BODY_SECONDS", 0.2)
    answer = wire.get(url, LIST, "Content-Length: 5")
    assert (answer.status, answer.json["error"]["type"]) == (408, "requestTimeout")


def test_a_client_that_reads_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "STUCK_SECONDS", 0.2)
    with server.in_thread(build(Settings())) as url, wire.connect(url) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        pages = GOOD.replace(b"limit=1", b"limit=100") * 500_000
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            connection.sendall(pages)
        assert still_serves(url)


def test_a_malformed_chunk_ends_the_connection_and_nothing_else(url: str) -> None:
    head = f"GET {LIST} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert wire.exchange(url, head.encode(), b"zz\r\n").status in (400, 401)
    assert still_serves(url)


def test_pipelined_requests_are_answered_in_their_order(url: str) -> None:
    requests = [
        f"GET {LIST}?limit={n} HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.BASIC}\r\n\r\n"
        for n in range(1, 30)
    ]
    with wire.connect(url) as connection:
        connection.sendall(
            "".join(requests).encode() + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        received = b""
        while chunk := connection.recv(1 << 20):
            received += chunk
    sizes = [part.count(b'"metricType"') for part in received.split(b"HTTP/1.1 200")[1:]]
    assert sizes == list(range(1, 30))


def test_clients_that_leave_in_the_middle_leave_nothing_behind(url: str) -> None:
    for head in (b"", b"G", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"):
        for _ in range(20):
            with wire.connect(url) as connection:
                connection.sendall(head)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert still_serves(url)


@given(st.binary(max_size=300))
def test_any_bytes_as_a_request(raw: bytes) -> None:
    url = shared_url()
    with wire.connect(url) as connection:
        connection.sendall(raw + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        received = connection.recv(1 << 16)
    assert received == b"" or received.startswith(b"HTTP/1.1 4")


@pytest.mark.slow
@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=5))
def test_any_query_of_any_characters(pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import urlencode

    encoded = urlencode(pairs, errors="surrogatepass")
    assert wire.get(shared_url(), f"{LIST}?{encoded}").status in (200, 400)


names = st.sampled_from(["limit", "after", "before", "name", "id", "eventType", "aggregationType", "x"])
visible = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=30
)


@given(st.lists(st.tuples(names, visible), max_size=6))
def test_any_raw_query_of_known_names(pairs: list[tuple[str, str]]) -> None:
    raw = "&".join(f"{name}={value}" for name, value in pairs)
    answer = wire.get(shared_url(), f"{LIST}?{raw}")
    assert answer.status in (200, 400)
    assert answer.json


_shared: list[str] = []


def shared_url() -> str:
    """Return the URL of the server for all examples of a property.

    Hypothesis forbids a fixture of one test, since it lasts for many examples.
    """
    return _shared[0]


@pytest.fixture(autouse=True, scope="module")
def _shared_server() -> Iterator[None]:
    with server.in_thread(build(Settings())) as root:
        _shared.append(root)
        yield
        _shared.clear()
