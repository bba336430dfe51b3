"""The access log: one line for each request, and no wait for its reader."""

from __future__ import annotations

import io
import json
import threading

import pytest

from mock_server.server import access_log
from mock_server.server.access_log import AccessLog, Line
from tests.support.patience import PATIENCE


def build_line(query: bytes = b"", status: int | None = 200) -> Line:
    return Line("GET", access_log.request_target(b"/a%0Ab", query), status, 0.001)


@pytest.mark.parametrize(
    ("query", "status", "line"),
    [
        (b"", 200, "GET /a%0Ab 200 "),
        (b"x=%1b", 404, "GET /a%0Ab?x=%1b 404 "),
        (b"x=\x1b[31m\n", 200, "GET /a%0Ab?x=\ufffd[31m\ufffd 200 "),
        (b"x" * 5000, 200, f"GET /a%0Ab?{'x' * 993}… 200 "),
        (b"", None, "GET /a%0Ab - "),
    ],
)
def test_a_line_says_what_was_sent_and_answered(query: bytes, status: int | None, line: str) -> None:
    stream = io.StringIO()
    log = AccessLog(stream, "text")
    log.add(build_line(query, status))
    log.close(5)
    assert stream.getvalue().startswith(line)
    assert stream.getvalue().count("\n") == 1


def test_json_has_a_line_each_too() -> None:
    stream = io.StringIO()
    log = AccessLog(stream, "json")
    for _ in range(3):
        log.add(build_line())
    log.close(5)
    entries = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [entry["status"] for entry in entries] == [200] * 3
    assert set(entries[0]) == {"time", "method", "target", "status", "durationMs"}


def test_lines_for_a_slow_reader_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "BUFFERED_LINES", 5)
    reads = threading.Event()

    class Pipe(io.StringIO):
        def write(self, text: str) -> int:
            reads.wait(PATIENCE)
            return super().write(text)

    stream = Pipe()
    log = AccessLog(stream, "text")
    for _ in range(50):
        log.add(Line("GET", "/", 200, 0.001))
    reads.set()
    log.close(5)
    lines = stream.getvalue().splitlines()
    assert len(lines) < 10
    [dropped] = [line for line in lines if line.endswith("dropped: nobody read them in time")]
    assert int(dropped.split()[0]) + lines.count("GET / 200 1.0 ms") == 50


def test_a_reader_that_is_gone_harms_nothing() -> None:
    stream = io.StringIO()
    log = AccessLog(stream, "text")
    stream.close()
    log.add(Line("GET", "/", 200, 0.001))
    log.close(5)
    assert not log._thread.is_alive()
