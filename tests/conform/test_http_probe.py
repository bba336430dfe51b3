"""Requests at a steady pace, and exchanges in words."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace

import pytest

from mock_server.conform import http_probe
from mock_server.conform.http_probe import HttpProbe
from mock_server.conform.probe_credentials import NoAnswer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def test_a_pause_is_not_caught_up_with(no_pace: list[float], now: list[float]) -> None:
    pace = http_probe.Pace(2)
    pace.wait()
    now[0] += 60
    pace.wait()
    pace.wait()
    assert [moment - no_pace[0] for moment in no_pace] == [0, 60, 60.5]


def test_the_exchange_of_a_refusal_says_what_was_sent_in_place_of_credentials() -> None:
    reply = http_probe.Reply("/x?a=b%2C+c", (), False, 200, (), b"\x1b[31m{" + b"x" * 1000 + b"}")
    assert list(reply.format_lines(str)) == [
        "GET /x?a=b%2C+c",
        "    a = 'b, c'",
        "    without credentials",
        "was answered with 200, no Content-Type",
        f"     [31m{{{'x' * 394} … {'x' * 199}}}",
    ]
    scheme = replace(reply, sent_headers=(("Authorization", "Bearer abc"),), body=b"")
    assert list(scheme.format_lines(str))[2:] == [
        "    Authorization: Bearer abc",
        "was answered with 200, no Content-Type",
        "    (no body)",
    ]


@pytest.fixture
def hostile() -> Iterator[Callable[[bytes, bytes], str]]:
    """Start a server that answers with a beginning, and then with the same piece again and again."""
    listening = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()
    threads: list[threading.Thread] = []

    def answer(beginning: bytes, piece: bytes) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(65_536)
            connection.sendall(beginning)
            while piece and not is_over.wait(0.02):
                connection.sendall(piece)

    def start(beginning: bytes, piece: bytes) -> str:
        threads.append(threading.Thread(target=answer, args=(beginning, piece)))
        threads[-1].start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    is_over.set()
    for thread in threads:
        thread.join()
    listening.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("beginning", "piece", "reason"),
    [
        (HEAD + b"\r\n[", b"1,", "its answer had not ended after 0.3 seconds"),
        (HEAD + b"X: ", b"a", "its answer had not ended after 0.3 seconds"),
        (HEAD + b"\r\n", b"[" * 10_000, "its answer has more than 1,000 bytes"),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", b"", "decompressing"),
    ],
)
def test_an_answer_without_end_is_given_up(
    hostile: Callable[[bytes, bytes], str],
    monkeypatch: pytest.MonkeyPatch,
    beginning: bytes,
    piece: bytes,
    reason: str,
) -> None:
    monkeypatch.setattr(http_probe, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(http_probe, "ANSWER_BYTES", 1_000)
    probe = HttpProbe(hostile(beginning, piece), "a:b", 100)
    with closing(probe), pytest.raises(NoAnswer, match=reason):
        probe.ask("/x", (), authorized=True)
