"""Files: whole or not at all, and what is open already is written to as it is."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.formats import atomic_file
from mock_server.problems import CannotServe
from tests.support.documents import ROOT


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "v"
    path.write_text("before")

    def chunks() -> Iterator[bytes]:
        yield b"after" * 10_000
        assert path.read_text() == "before"
        raise OSError(28, "No space left on device")

    with pytest.raises(CannotServe, match="No space left on device"):
        atomic_file.write(path, chunks())
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_mistake_in_the_content_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        atomic_file.write(tmp_path / "v", (b"%d" % (1 / number) for number in (1, 0)))
    assert list(tmp_path.iterdir()) == []


def test_a_file_can_be_a_link_or_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    atomic_file.require(tmp_path / "link")
    assert [path.name for path in tmp_path.iterdir()] == ["link"]
    atomic_file.write(tmp_path / "link", [b"who", b"le"])
    assert (tmp_path / "target").read_bytes() == b"whole"
    read, write = os.pipe()
    atomic_file.require(Path(f"/dev/fd/{write}"))
    atomic_file.write(Path(f"/dev/fd/{write}"), [b"piped"])
    os.close(write)
    with open(read, "rb") as file:
        assert file.read() == b"piped"


def test_an_open_file_is_written_to_where_it_stands(tmp_path: Path) -> None:
    with (tmp_path / "v").open("w+b", buffering=0) as file:
        file.write(b"one ")
        (tmp_path / "link").symlink_to(f"/dev/fd/{file.fileno()}")
        for path in (f"/dev/fd/{file.fileno()}", f"/proc/self/fd/{file.fileno()}", tmp_path / "link"):
            atomic_file.require(Path(path))
            atomic_file.write(Path(path), [b"more "])
        file.write(b"last")
    assert (tmp_path / "v").read_bytes() == b"one more more more last"
    assert {path.name for path in tmp_path.iterdir()} == {"v", "link"}


def test_what_is_open_for_reading_alone_or_not_at_all_is_refused(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(write)
    for number in (read, write, 10**8):
        with pytest.raises(
            CannotServe, match=f"/dev/fd/{number}: it cannot be written .Bad file descriptor"
        ):
            atomic_file.require(Path(f"/dev/fd/{number}"))
    os.close(read)


def test_a_pipe_that_nobody_reads_is_an_error_of_its_own() -> None:
    read, write = os.pipe()
    os.close(read)
    with pytest.raises(atomic_file.ReaderGone, match="Broken pipe"):
        atomic_file.write(Path(f"/dev/fd/{write}"), [b"x"])
    os.close(write)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert atomic_file.descriptor(tmp_path / "a") is None


@pytest.mark.parametrize("path", [".", "/", "", "none/v.txt", "/dev/full/v.txt", "a\0b", "/none/.."])
def test_a_path_that_cannot_be_a_file_is_refused(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for act in (atomic_file.require, lambda place: atomic_file.write(place, [b""])):
        with pytest.raises(CannotServe, match="it cannot be written"):
            act(Path(path))
    assert list(tmp_path.iterdir()) == []


def test_no_other_module_writes_files() -> None:
    writes = re.compile(
        r"\bopen\([^)]*[\"'][rbt+]*[wax+]|write_text|write_bytes|\bmkstemp|NamedTemporary"
    )
    found = {
        path.name for path in (ROOT / "mock_server").rglob("*.py") if writes.search(path.read_text())
    }
    # That of TLS writes a key into memory alone.
    assert found == {"atomic_file.py", "tls.py"}


def test_a_pipe_that_nobody_reads_is_given_up_after_its_patience() -> None:
    reading, writing = os.pipe()
    try:
        with pytest.raises(CannotServe, match=r"cannot be written \(nobody reads it\)"):
            atomic_file.write(Path(f"/dev/fd/{writing}"), [b"x" * 1_000_000], patience=0.1)
        assert os.read(reading, 1) == b"x"
    finally:
        os.close(reading)
        os.close(writing)


def test_a_pipe_that_is_read_slowly_gets_all() -> None:
    reading, writing = os.pipe()
    content = bytes(range(256)) * 2_000
    received = bytearray()

    def read() -> None:
        while chunk := os.read(reading, 50_000):
            received.extend(chunk)
            time.sleep(0.01)

    reader = threading.Thread(target=read)
    reader.start()
    atomic_file.write(Path(f"/dev/fd/{writing}"), [content[:7], content[7:]], patience=5)
    os.close(writing)
    reader.join()
    os.close(reading)
    assert received == content


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_named_pipe_is_written_to_where_somebody_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    atomic_file.require(path)
    with pytest.raises(CannotServe, match=r"cannot be written \(nobody reads it\)"):
        atomic_file.write(path, [b"lost"], patience=0.1)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(path.read_bytes()))
    reader.start()
    content = b"x" * 500_000
    while not received:
        try:
            atomic_file.write(path, [content], patience=5)
        except CannotServe:
            continue  # The reader has not opened it yet.
        reader.join()
    assert received == [content]
