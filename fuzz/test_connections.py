"""Garbage on raw sockets, while a client that behaves well keeps getting right answers.

The server is a process of its own, so that its memory and its file descriptors can be looked at.
"""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from mock_server.server import notices
from tests.support.documents import LIST
from tests.support.processes import Process

SLOW = 10_000
ROUNDS = 4
BURSTS = 1_500

LINES = [
    b"GET", b"GET ", b"GET /", b"GET / HTTP/9.9", b"get / http/1.1", b"\x16\x03\x01\x02\x00", b"PRI * HTTP/2.0",
    b"GET  /  HTTP/1.1", b"G\x00T / HTTP/1.1", b"GET /\xff HTTP/1.1", b"POST /_mock/reset HTTP/1.1",
    b"GET /api/usage-metrics HTTP/1.1", b"PUT /_mock/collections/usage-metrics HTTP/1.1",
]  # fmt: skip
HEADS = [
    b"Host: x", b"Host: evil.example", b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked",
    b"Content-Length: 5", b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Expect: 100-continue",
    b"Connection: close", b"Connection: Upgrade\r\nUpgrade: websocket", b"X: " + b"y" * 5_000, b": ", b"no colon",
    b"Authorization: Basic ZGVtbzpzZWNyZXQ=", b"Authorization: \xff", b"Content-Type: application/json",
]  # fmt: skip
BODIES = [
    b"", b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffff\r\n", b"zz\r\n", b"-1\r\n", b"5;x=y\r\nhello",
    b"1\r\nx\r\n" * 500, b"0\r\nTrailer: x\r\n\r\n", b"\x00" * 2_000, b"[" * 2_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    process = Process("--quiet")
    yield process
    status, errors = process.end()
    # One of the lines that are sent is the beginning of TLS.
    others = [line for line in errors.splitlines() if not line.startswith(notices.TLS_ON_PLAIN_PORT)]
    assert (status, others) == (0, [])


def connect(process: Process) -> socket.socket:
    parts = urlsplit(process.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


@contextmanager
def well_served(process: Process) -> Iterator[list[int]]:
    """Meanwhile a client asks for the same page again and again; it must get the same answer."""
    stop, wrong, served = threading.Event(), list[str](), [0]

    def ask() -> None:
        with requests.Session() as session:
            session.auth = ("well", "behaved")
            url = f"{process.url}{LIST}?limit=7"
            right = session.get(url, timeout=30).content
            while not stop.is_set():
                answer = session.get(url, timeout=30)
                if (answer.status_code, answer.content) != (200, right):
                    wrong.append(f"{answer.status_code} {answer.text[:200]}")
                served[0] += 1

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield served
    finally:
        stop.set()
        thread.join()
    assert wrong == []
    assert served[0] > 0


def descriptors(process: Process) -> int:
    return len(list(Path(f"/proc/{process.popen.pid}/fd").iterdir()))


def resident(process: Process) -> int:
    """MiB of memory."""
    status = Path(f"/proc/{process.popen.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) // 1024


def settled(measure: Callable[[], int], at_most: int) -> int:
    """The measure when it has come down, or after 20 s."""
    deadline = time.monotonic() + 20
    while measure() > at_most and time.monotonic() < deadline:
        time.sleep(0.1)
    return measure()


def garbage(chance: random.Random) -> bytes:
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(1, 3_000))
    heads = chance.sample(HEADS, chance.randrange(5))
    end = chance.choice([b"\r\n\r\n", b"\r\n", b"", b"\n\n"])
    return chance.choice(LINES) + b"\r\n" + b"\r\n".join(heads) + end + chance.choice(BODIES)


def burst(process: Process, chance: random.Random) -> None:
    """One connection: garbage in pieces, and an end of one kind or another."""
    with suppress(OSError), connect(process) as connection:
        for _ in range(chance.randrange(1, 4)):
            sent = garbage(chance)
            cut = chance.randrange(len(sent) + 1)
            connection.sendall(sent[:cut])
            connection.sendall(sent[cut:])
        match chance.randrange(4):
            case 0:  # Half-open: it will send no more, and reads.
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(0.05)
                connection.recv(10_000)
            case 1:  # A reset.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            case 2:
                connection.settimeout(0.02)
                connection.recv(10_000)


def test_garbage_harms_nobody(process: Process) -> None:
    before = descriptors(process)
    grown = []
    for number in range(ROUNDS):
        chance = random.Random(number)
        with well_served(process):
            for _ in range(BURSTS):
                burst(process, chance)
        grown.append(resident(process))
    # What the first rounds have warmed up may stay; the last ones add nothing.
    assert grown[-1] - grown[1] <= 5, grown
    assert settled(lambda: descriptors(process), before + 5) <= before + 5


def test_slow_connections_harm_nobody(process: Process) -> None:
    before = descriptors(process)
    slow: list[socket.socket] = []
    with well_served(process) as served:
        for number in range(SLOW):
            connection = connect(process)
            connection.sendall(b"GET /api/usage-metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            slow.append(connection)
            if number % 100 == 0:
                slow[number // 2].sendall(b"a")
        asked = served[0]
        deadline = time.monotonic() + 30
        while served[0] < asked + 100 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert served[0] >= asked + 100
        assert descriptors(process) > SLOW / 2
        for connection in slow:
            connection.close()
        assert settled(lambda: descriptors(process), before + 10) <= before + 10
