"""What is written to standard output, whatever that is: a file, a pipe, a terminal, or closed."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.support.documents import ROOT
from tests.support.patience import PATIENCE

PROGRAM = [sys.executable, "-W", "error", "-m", "mock_server"]
KINDS = ["file", "pipe", "terminal"]
TO_OUTPUT = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]
SENTENCE = "All accounts: passed. The report is in {}\n"


class Stream:
    """A stream of a process, which leads to a file, a pipe or a terminal."""

    def __init__(self, kind: str, path: Path) -> None:
        self._path = path
        self._read = bytearray()
        if kind == "file":
            self.end = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            self._reader = None
            return
        reading, self.end = os.pipe() if kind == "pipe" else pty.openpty()
        self._reader = threading.Thread(target=self._drain, args=(reading,))
        self._reader.start()

    def _drain(self, reading: int) -> None:
        try:
            while chunk := os.read(reading, 65536):
                self._read += chunk
        except OSError:  # So a terminal ends.
            pass
        os.close(reading)

    def text(self) -> str:
        """Return what has come up to now; a terminal ends its lines otherwise."""
        content = self._path.read_bytes() if self._reader is None else bytes(self._read)
        return content.decode().replace("\r\n", "\n")

    def whole(self) -> str:
        """Return what came until the process ended."""
        if self._reader is not None:
            self._reader.join(PATIENCE)
        return self.text()


class Run:
    """A process whose two outputs lead to a file, a pipe or a terminal each."""

    def __init__(self, folder: Path, kind: str, *arguments: str) -> None:
        self.out, self.err = Stream(kind, folder / "out"), Stream(kind, folder / "err")
        self.process = subprocess.Popen(
            [*PROGRAM, *arguments], cwd=ROOT, stdout=self.out.end, stderr=self.err.end
        )
        for stream in (self.out, self.err):
            os.close(stream.end)

    def wait(self) -> tuple[int, str, str]:
        """Return the exit status and both outputs."""
        status = self.process.wait(60)
        return status, self.out.whole(), self.err.whole()

    def stop_when_ready(self) -> tuple[int, str, str]:
        """Stop a server that has said that it is ready."""
        while "try  curl" not in self.out.text():
            assert self.process.poll() is None, self.wait()
            time.sleep(0.02)
        self.process.send_signal(signal.SIGTERM)
        return self.wait()


def records(text: str) -> int:
    return len(yaml.safe_load(text)["usage-metrics"])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", TO_OUTPUT)
def test_generate_writes_to_standard_output(tmp_path: Path, kind: str, path: str) -> None:
    status, out, err = Run(tmp_path, kind, "generate", "--count", "30", "--out", path).wait()
    place = "standard output" if path == "-" else path
    assert (status, records(out), err) == (0, 30, f"Wrote 30 records to {place}\n")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["/dev/stderr", "/dev/fd/2"])
def test_generate_writes_to_standard_error(tmp_path: Path, kind: str, path: str) -> None:
    status, out, err = Run(tmp_path, kind, "generate", "--count", "30", "--out", path).wait()
    assert (status, out, records(err)) == (0, f"Wrote 30 records to {path}\n", 30)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", TO_OUTPUT)
def test_a_server_writes_its_report_to_standard_output(tmp_path: Path, kind: str, path: str) -> None:
    run = Run(tmp_path, kind, "serve", "--port", "0", "--quiet", "--allow-empty", "--report", path)
    status, out, err = run.stop_when_ready()
    place = "standard output" if path == "-" else path
    assert (status, err) == (0, SENTENCE.format(place))
    banner, _, report = out.partition("?limit=2'\n")
    assert banner.startswith("mock_server ")
    assert report.startswith("All accounts: passed\n\nViolations: 0\n")
    assert report.count("All accounts") == 1
    assert "statuses that take a fault" in report.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_writes_its_report_to_standard_error(tmp_path: Path, kind: str) -> None:
    run = Run(
        tmp_path, kind, "serve", "--port", "0", "--quiet", "--allow-empty", "--report", "/dev/stderr"
    )
    status, out, err = run.stop_when_ready()
    assert status == 0
    assert err.startswith("All accounts: passed\n\nViolations: 0\n")
    assert out.endswith(f"?limit=2'\n{SENTENCE.format('/dev/stderr')}")


Shell = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Run a line of a shell, in which `mock-server` is this program."""
    line = 'mock-server() { "$PYTHON" -W error -m mock_server "$@"; }; '
    environment = os.environ | {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", line + command], cwd=tmp_path, env=environment, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip

    return run


@pytest.mark.slow
@pytest.mark.parametrize("path", ["-", "/dev/stdout"])
def test_a_pipe_that_is_read_no_further_ends_generate_quietly(shell: Shell, path: str) -> None:
    done = shell(f"mock-server generate --count 2000 --out {path} | head -1; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("# yaml-language-server: ")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["-", "/dev/stdout"])
def test_redirection_keeps_what_is_there_already(shell: Shell, tmp_path: Path, path: str) -> None:
    done = shell(
        f"{{ echo '# before'; mock-server generate --count 3 --out {path}; echo '# after'; }} > all.yaml"
    )
    assert (done.returncode, done.stdout) == (0, "")
    text = (tmp_path / "all.yaml").read_text()
    assert (text.splitlines()[0], text.splitlines()[-1], records(text)) == ("# before", "# after", 3)
    assert [entry.name for entry in tmp_path.iterdir()] == ["all.yaml"]


@pytest.mark.slow
def test_a_report_that_nobody_reads_is_no_pass(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0", "--quiet", "--report", "-"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stdout is not None
    while "try  curl" not in run.stdout.readline():
        assert run.poll() is None
    run.stdout.close()
    run.terminate()
    assert run.stderr is not None
    with run.stderr:
        message = (
            "mock-server: standard output: it cannot be written (Broken pipe); give another path.\n"
        )
        assert (run.stderr.read(), run.wait(PATIENCE)) == (message, 2)


@pytest.mark.slow
def test_a_closed_output_is_refused(shell: Shell) -> None:
    done = shell("mock-server generate --out - >&-")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "mock-server: standard output: it cannot be written (Bad file descriptor)"
    )


@pytest.mark.slow
def test_generate_help_names_standard_output(shell: Shell) -> None:
    assert "'-' for standard output" in " ".join(shell("mock-server generate --help").stdout.split())
