"""Real load balancers in front of servers, run as `deploy/` and the pages say."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.documents import ROOT
from tests.support.patience import PATIENCE

TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
ACCOUNT_KEY = "http_x_auth_token"

# Where Debian has them, which is not in the path of every user.
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])

# Begins the reason of each test that is skipped, which the summary shows.
MISSING = "NOT TESTED:"


def find(program: str, package: str, *, is_required: bool) -> str:
    """The path of a program; without it a test is skipped, and fails in CI if the program `is_required`."""
    found = shutil.which(program, path=_PATH)
    if found is None:
        # In CI, a test that did not run proves nothing.
        give_up = pytest.fail if is_required and os.environ.get("CI") else pytest.skip
        give_up(f"{MISSING} there is no {program}; install Debian's package {package}")
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """What envsubst makes of a text: names of variables that are given are replaced, and no others."""
    return re.sub(r"\$\{(\w+)\}", lambda found: variables.get(found[1], found[0]), text)


def server_lines(replicas: Sequence[str]) -> str:
    return "".join(f"server {url.partition('//')[2]} max_fails=0;" for url in replicas)


class Nginx:
    """nginx by the configuration of `deploy/`, in a folder of its own, where its log is `access.log`."""

    def __init__(self, folder: Path, account_key: str) -> None:
        self.folder = folder
        self._account_key = account_key
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def configure(self, replicas: Sequence[str]) -> None:
        """Write the configuration for servers by their URLs."""
        variables = {
            "LISTEN": f"127.0.0.1:{self._port}",
            "REPLICAS": server_lines(replicas),
            "ACCOUNT_KEY": self._account_key,
        }
        (self.folder / "nginx.conf").write_text(substitute(TEMPLATE.read_text(), variables))

    def reload(self, replicas: Sequence[str]) -> None:
        """Have it go on with other servers."""
        self.configure(replicas)
        os.kill(int((self.folder / "nginx.pid").read_text()), signal.SIGHUP)

    @contextmanager
    def run(self) -> Iterator[None]:
        program = find("nginx", "nginx-light", is_required=True)
        command = [program, "-e", "stderr", "-p", str(self.folder), "-c", "nginx.conf"]
        with running(command, self.folder / "access.log", self._port):
            yield


@contextmanager
def nginx(replicas: Sequence[str], folder: Path, account_key: str = ACCOUNT_KEY) -> Iterator[Nginx]:
    """Run nginx in front of servers, by their URLs."""
    found = Nginx(folder, account_key)
    found.configure(replicas)
    with found.run():
        yield found


@contextmanager
def haproxy(configuration: str, folder: Path, port: int) -> Iterator[str]:
    """Run HAProxy by a configuration that listens on a port; give its URL."""
    program = find("haproxy", "haproxy", is_required=False)
    path = folder / "haproxy.cfg"
    path.write_text(configuration)
    with running([program, "-db", "-f", str(path)], folder / "haproxy.log", port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(command: list[str], log: Path, port: int) -> Iterator[None]:
    """Run a program that listens on a port, and end it; what it prints goes into a file."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + PATIENCE
            while not listens(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.01)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


def listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0
