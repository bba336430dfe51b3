"""The servers that are measured: how each is started, and what it takes of the machine."""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple

HERE = Path(__file__).parent
PROGRAM = str(Path(sys.executable).parent / "mock-server")
PATH = "/api/usage-metrics"
CLIENT_ID = "bench"

# With the port in the place of PORT.
Command = Sequence[str]


def ours(*flags: str) -> Command:
    """The command of mock_server."""
    return [PROGRAM, "serve", "--port", "PORT", *flags]


def raw_asgi(body: Path) -> Command:
    """The command of uvicorn and an application that answers with these bytes, whatever comes."""
    return [sys.executable, str(HERE / "raw.py"), "PORT", str(body)]


def stock(body: Path) -> Command:
    """The command of Connexion with Flask as they come, whose handler gives this page."""
    return [sys.executable, str(HERE / "stock.py"), "PORT", str(body)]


def authorization(client_id: str, scheme: str = "Basic") -> str:
    if scheme != "Basic":
        return f"{scheme} {client_id}"
    return "Basic " + base64.b64encode(f"{client_id}:secret".encode()).decode()


@dataclass(frozen=True)
class Server:
    """A process, the way to it, and the path of its list."""

    process: subprocess.Popen[bytes]
    port: int
    path: str = PATH

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)

    def ask(
        self,
        method: str,
        path: str,
        client_id: str = CLIENT_ID,
        body: object = None,
        *,
        scheme: str = "Basic",
    ) -> tuple[int, bytes]:
        connection = self.connect()
        headers = {"Authorization": authorization(client_id, scheme)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def json(self, path: str) -> Any:
        return json.loads(self.ask("GET", path)[1])

    def answers(self) -> bool:
        try:
            return self.ask("GET", self.path)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    @property
    def resident(self) -> float:
        """MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(_found(r"VmRSS:\s+(\d+)", status)) / 1024

    @property
    def proportional(self) -> float:
        """MiB of its own, and its share of what other processes use too."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(_found(r"Pss:\s+(\d+)", rollup)) / 1024

    @property
    def processor(self) -> float:
        """Microseconds used so far."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1000


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise LookupError(f"no {pattern} in: {text}")
    return found[1]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def serving(command: Command, path: str = PATH, cwd: Path | None = None) -> Iterator[Server]:
    """The server of a command, run in a folder, when it has answered its first request with 200."""
    port = _free_port()
    words = [word.replace("PORT", str(port)) for word in command]
    # A log goes into a file, as it would where it is kept.
    with TemporaryFile() as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=cwd)
        server = Server(process, port, path)
        try:
            while not server.answers():
                if process.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(f"{' '.join(words)} has ended: {log.read().decode()}")
                time.sleep(0.001)
            yield server
        finally:
            process.terminate()
            process.wait()


class Start(NamedTuple):
    """How long a process took to its first 200: in seconds, and in those of the processor."""

    seconds: float
    processor: float


def start(command: Command) -> Start:
    """Start a process, and end it when it has answered its first request with 200."""
    began = time.perf_counter()
    with serving(command) as server:
        return Start(time.perf_counter() - began, server.processor / 1e6)
