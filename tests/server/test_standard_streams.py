"""Standard output and error that keep nobody waiting, whoever reads them."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from typing import TextIO

import pytest

from mock_server.server import standard_streams
from tests.support.patience import PATIENCE


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    """A pipe: its reading end, and the stream that writes to it."""
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w", encoding="ascii", errors="backslashreplace")
    yield reading, stream
    os.close(reading)
    for thread in threading.enumerate():
        if thread.name == "stderr":
            thread.join(PATIENCE)
    stream.close()


def test_what_is_written_arrives_in_its_order_and_encoding(
    pipe: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, stream = pipe
    monkeypatch.setattr(sys, "stderr", stream)
    sys.stderr.write("before\n")
    with standard_streams.detached():
        sys.stderr.write("größer\n")
        sys.stderr.flush()
        sys.stderr.write("last")
    assert sys.stderr is stream
    assert os.read(reading, 1_000) == b"before\ngr\\xf6\\xdfer\nlast"


def test_a_pipe_that_nobody_reads_keeps_nobody_waiting(
    pipe: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, stream = pipe
    monkeypatch.setattr(sys, "stderr", stream)
    other = standard_streams.unlocked(stream)
    with standard_streams.detached():
        for number in range(1_000):
            sys.stderr.write(f"{number} " + "x" * 1_000 + "\n")
            sys.stderr.flush()
    stream.flush()
    assert other is not stream
    assert os.read(reading, 2) == b"0 "


def test_a_reader_that_is_gone_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with standard_streams.detached():
            sys.stderr.write("nobody")


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_what_leads_to_no_file_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, stream: TextIO | None
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with standard_streams.detached():
        assert sys.stderr is stream
    if stream is not None:
        assert standard_streams.unlocked(stream) is stream
