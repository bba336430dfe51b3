"""The first bytes on a port: of TLS, of plain HTTP, of neither, and of TLS where plain HTTP is spoken."""

from __future__ import annotations

import asyncio
import gc
import ssl
import time
from collections.abc import Iterator

import pytest

from mock_server.local_server import LocalServer
from mock_server.server import event_loop, handshake, notices
from tests.support import wire
from tests.support.patience import PATIENCE
from tests.support.servers import Serve
from tests.support.tls import connect, exchange, plain, serving

HEALTH = b"GET /_mock/health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def server(request: pytest.FixtureRequest) -> Iterator[LocalServer]:
    """A server of TLS on either event loop."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "asyncio":
            patch.setattr(event_loop, "factory", lambda: asyncio.new_event_loop)
        with serving() as running:
            yield running


@pytest.fixture(autouse=True)
def _all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "SECONDS", 0.0)


def wait_for_line(caplog: pytest.LogCaptureFixture, start: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not any(record.getMessage().startswith(start) for record in caplog.records):
        assert time.monotonic() < deadline, caplog.text
        time.sleep(0.01)


def test_requests_in_pieces_and_in_pipelines_are_answered(server: LocalServer) -> None:
    with connect(server) as connection:
        assert connection.selected_alpn_protocol() is None
        for start in range(0, len(HEALTH), 20):
            connection.sendall(HEALTH[start : start + 20])
        assert wire.read(connection).status == 200
        closing = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        connection.sendall(HEALTH * 40 + closing)
        received = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    assert received.count(b"HTTP/1.1 200") == 41


def test_a_hello_that_comes_byte_by_byte_begins_a_connection(server: LocalServer) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=server.ca)
    secured = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with plain(server) as connection:
        for _ in range(10):
            try:
                secured.do_handshake()
                break
            except ssl.SSLWantReadError:
                hello = outgoing.read()
                for index in range(len(hello)):
                    connection.sendall(hello[index : index + 1])
                incoming.write(connection.recv(1 << 16))
        assert secured.version() == "TLSv1.3"


def test_plain_http_is_answered_with_what_to_do_and_logged(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    with plain(server) as connection:
        connection.sendall(HEALTH)
        answer = wire.read(connection)
        assert (answer.status, answer.header("Connection")) == (400, "close")
        assert answer.body == (
            b"This port speaks HTTPS; send the request to a URL that begins with https://."
        )
        assert connection.recv(1) == b""
    wait_for_line(caplog, notices.HTTP_ON_TLS_PORT)


def test_what_is_neither_tls_nor_http_is_closed_and_logged(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    with plain(server) as connection:
        connection.sendall(b"\x00\xff" * 1000)
        assert connection.recv(1) == b""
    wait_for_line(caplog, notices.NOT_TLS)
    with plain(server) as connection:
        connection.sendall(b"\x16\x03\x01\x00\x05hello")
        assert connection.recv(1) == b""
    wait_for_line(caplog, notices.FAILED)


def test_a_client_that_does_not_trust_the_certificate_is_logged(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with plain(server) as connection, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(connection, server_hostname="localhost")
    wait_for_line(caplog, notices.NOT_TRUSTED)


def test_a_handshake_that_does_not_end_is_ended_and_logged(
    server: LocalServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "HANDSHAKE_SECONDS", 0.1)
    with plain(server) as connection:
        connection.sendall(b"\x16\x03\x01")
        assert connection.recv(1) == b""
    wait_for_line(caplog, notices.TOO_SLOW)
    with plain(server) as connection:
        connection.sendall(b"\x16\x03\x01")
    wait_for_line(caplog, notices.LEFT)
    monkeypatch.setattr(handshake, "HEAD_SECONDS", 0.1)
    with plain(server) as connection:
        assert connection.recv(1) == b""


def test_a_bad_request_is_refused_over_tls(server: LocalServer) -> None:
    assert exchange(server, b"nonsense\r\n\r\n").status == 400


def test_tls_on_the_plain_port_gets_an_alert_and_one_line(
    serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "SECONDS", 60.0)
    url = serve(count=1)
    for hello in (b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)):
        with wire.connect(url) as connection:
            connection.sendall(hello)
            assert connection.recv(100) == bytes([21, 3, 1, 0, 2, 2, 10])
            assert connection.recv(1) == b""
    lines = [r.getMessage() for r in caplog.records if r.name == "mock_server"]
    assert lines == [notices.TLS_ON_PLAIN_PORT]


def test_lines_that_were_left_out_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    written = notices.Notices()
    for seconds in (60.0, 60.0, 60.0, 0.0):
        notices.SECONDS = seconds
        written.add(notices.FAILED, "no shared cipher")
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "a TLS handshake failed (no shared cipher)",
        "a TLS handshake failed (no shared cipher); 2 more since the last line of this sort",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02", HEALTH])
def test_a_connection_that_has_ended_leaves_nothing_of_tls_to_the_collector(
    server: LocalServer, sent: bytes
) -> None:
    def count() -> int:
        names = ("SSLProtocol", "_SSLSocket", "Handshake")
        return sum(type(each).__name__ in names for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = count()
        for _ in range(5):
            with connect(server) if sent == HEALTH else plain(server) as connection:
                connection.sendall(sent)
                if sent == HEALTH:
                    assert wire.read(connection).status == 200
        del connection
        deadline = time.monotonic() + PATIENCE
        while count() > before:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        gc.enable()
