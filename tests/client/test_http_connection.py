"""Connections to the control API: kept, renewed, bounded, and hidden from tools that replace libraries."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import requests

from mock_server.client import (
    NoReport,
    OtherServer,
    Sandbox,
    TransportError,
    report_of,
    wait_until_healthy,
)
from mock_server.client.http_connection import Connections, Limits, parse_url
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.servers import build

Answer = Callable[[socket.socket], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def answering() -> Iterator[Callable[[Answer], str]]:
    """Starts a server that does this with each connection, and counts none; gives its URL."""
    with ExitStack() as stack:

        def start(answer: Answer) -> str:
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            threading.Thread(target=accept, args=(listening, answer), daemon=True).start()
            return f"http://127.0.0.1:{listening.getsockname()[1]}"

        yield start


def accept(listening: socket.socket, answer: Answer) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            connection.recv(65_536)
            try:
                answer(connection)
            except OSError:
                continue


def send(url: str, limits: Limits) -> bytes:
    return Connections(url).send("GET", "/", None, {}, limits).body


def test_no_tool_that_replaces_the_classes_of_http_libraries_sees_a_call(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a call of the control API came by here")

    for owner, name in (
        (http.client, "HTTPConnection"), (http.client, "HTTPSConnection"), (http.client, "HTTPResponse"),
        (httpx.HTTPTransport, "handle_request"), (requests.adapters.HTTPAdapter, "send"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, refuse)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    account = Sandbox(url, "unseen", "secret")
    account.reset()
    account.fail("pass")
    assert account.requests() == []


def test_a_thread_keeps_its_connection_and_leaves_none_open(answering: Callable[[Answer], str]) -> None:
    seen = []

    def serve(connection: socket.socket) -> None:
        seen.append(connection.getpeername())
        while True:
            connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
            if not connection.recv(65_536):
                return

    connections = Connections(answering(serve))
    for _ in range(3):
        assert connections.send("GET", "/", None, {}, Limits()).body == b"{}"
    assert len(seen) == 1
    del connections  # An open socket would be a ResourceWarning, which fails the test.


def test_a_server_that_was_restarted_or_closes_idle_connections_is_called_again() -> None:
    listening = server.listen("127.0.0.1", 0)
    host, port = listening.getsockname()[:2]
    with server.in_thread(build(Settings()), listening) as url:
        account = Sandbox(url, "again", "secret")
        account.reset()
    with server.in_thread(build(Settings()), server.listen(host, port)):
        assert account.faults() == []
        account.fail("pass")
        assert len(account.faults()) == 1


@pytest.mark.slow
def test_a_fork_does_not_share_the_connection(url: str) -> None:
    script = f"""
import os
from mock_server.client import Sandbox
account = Sandbox({url!r}, "forked", "secret")
account.reset()
child = os.fork()
for _ in range(50):
    assert account.faults() == []
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, check=False, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


# Hostile and broken servers


def drip(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    while True:
        connection.sendall(b"1")
        time.sleep(0.02)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"1")
        time.sleep(0.02)


def flood(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b"1" * 100_000)


def say(text: bytes) -> Answer:
    return lambda connection: connection.sendall(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (drip, "not complete after 0.5 seconds"),
        (drip_headers, "not complete after 0.5 seconds"),
        (flood, "larger than 1,000,000 bytes"),
        (say(HEAD + b"Content-Length: 9\r\n\r\n1"), "broke off"),
        (say(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\n1"), "broke off"),
        (say(b""), "closed the connection without an answer"),
        (say(b"SSH-2.0-OpenSSH\r\n"), "does not speak HTTP"),
        (lambda _: time.sleep(1), "no answer came within 0.3 seconds"),
    ],
)
def test_an_answer_has_bounds(answering: Callable[[Answer], str], answer: Answer, message: str) -> None:
    url = answering(answer)
    with pytest.raises(TransportError, match=message):
        send(url, Limits(wait=0.3, whole=0.5, size=1_000_000))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope", "with 404: nope"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\n<p>\n\t</p>", "with 404: <p> </p>$"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "with 404$"),
        (HEAD + b"Content-Length: 2\r\n\r\n{}", "its health says {}"),
        (HEAD + b"Content-Length: 6\r\n\r\n<html>", "its answer is no JSON: '<html>'"),
        (HEAD + b"Content-Length: 100000\r\n\r\n" + b"[" * 100_000, "nested too deep"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "with 302"),
        (b"-ERR unknown command\r\n", "does not speak HTTP"),
    ],
)
def test_another_kind_of_server_is_refused_at_once(
    answering: Callable[[Answer], str], answer: bytes, message: str
) -> None:
    url = answering(say(answer))
    with pytest.raises(OtherServer, match=message):
        wait_until_healthy(url, 60)
    with pytest.raises(NoReport, match=message):
        report_of(url)


def test_a_server_without_tls_is_refused_at_once(answering: Callable[[Answer], str]) -> None:
    url = answering(say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
    with pytest.raises(OtherServer, match="does not speak TLS; give its URL with http://"):
        wait_until_healthy(url.replace("http://", "https://"), 60)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 503 Not Yet\r\nContent-Length: 0\r\n\r\n"])
def test_what_stands_before_a_server_that_starts_is_waited_for(
    answering: Callable[[Answer], str], answer: bytes
) -> None:
    with pytest.raises(TimeoutError, match="no healthy mock server"):
        wait_until_healthy(answering(say(answer)), 0.1)


# URLs


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8080", (False, "127.0.0.1", 8080, "")),
        ("https://mock.example/", (True, "mock.example", 443, "")),
        ("http://[::1]:8080/a b%20c/".replace(" ", "%20"), (False, "::1", 8080, "/a%20b%20c")),
    ],
)
def test_a_url_is_taken_apart(url: str, expected: tuple[Any, ...]) -> None:
    assert parse_url(url) == expected


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8080", "localhost", "ftp://a", "http://", "http://a:x", "http://a:0", "http://a?b",
     "http://a b", "http://a\n", "http://[::1"],
)  # fmt: skip
def test_what_is_no_url_of_a_server_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match="is not the URL of a server, such as"):
        Sandbox(url, "me", "secret")


@pytest.mark.parametrize("url", ["http://me:hidden@127.0.0.1:9", "http://me:hidden@127.0.0.1:x?y"])
def test_credentials_in_a_url_are_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ValueError, match="URL of") as caught:
        wait_until_healthy(url, 0)
    assert "hidden" not in str(caught.value)
    with pytest.raises(NoReport):
        report_of(url)
