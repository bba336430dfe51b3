"""A server as a process of a command that the run was told, e.g. from an environment of its own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mock_server import server_extra, setting_values
from mock_server.client import wait_until_healthy
from mock_server.setting_table import PREFIX, SETTINGS
from mock_server.settings import Settings
from pytest_mock_server import keeper
from pytest_mock_server.server import NoServer, Server

# The longest wait for the server: the first time, a command such as `uvx` downloads it.
READY_SECONDS = 120.0
_POLL_SECONDS = 0.02

# How long the server may take to stop, with some time for the process that stops it.
_STOP_SECONDS = keeper.STOP_SECONDS + 2

# The lines of its output that a message shows, from the end.
_SHOWN_LINES = 20

# What a server prints when it is ready; see `mock_server.banner`.
_ADDRESS = re.compile(r"(https?://\S+)/_mock/ in a browser")


@contextmanager
def start(command: str, stopping: threading.Event, settings: Settings) -> Iterator[Server]:
    """Run `mock-server serve` by a command while a context lasts, e.g. by `.tools/bin/mock-server`.

    Raises NoServer if it can't be started, ends, or is not ready within READY_SECONDS, or `stopping` is
    set meanwhile.
    """
    with TemporaryDirectory(prefix="mock-server-", ignore_cleanup_errors=True) as folder:
        output = Path(folder) / "output"
        if settings.tls_self_signed and settings.tls_ca_out is None:
            settings = replace(settings, tls_ca_out=Path(folder) / "ca.pem")
        words = [*_words(command), "serve", "--quiet", *_flags(settings)]
        with output.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-S", keeper.__file__, *words], stdin=subprocess.PIPE,
                stdout=file, stderr=subprocess.STDOUT, env=_environment(settings),
                start_new_session=True,
            )  # fmt: skip
        try:
            yield _wait(process, output, stopping, settings.tls_ca_out or settings.tls_cert)
        finally:
            _stop(process)


def _words(command: str) -> list[str]:
    """Return the words of a command, its program with its path; raise NoServer."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise _refusal(f"it is not a command line as a shell has it: {error}") from None
    if not words:
        raise _refusal("it is empty")
    program = shutil.which(words[0])
    if program is None:
        raise _refusal(f"there is no program {words[0]!r} on the PATH that can be run")
    return [program, *words[1:]]


def _refusal(what: str) -> NoServer:
    remedy = f'give a command such as "{server_extra.command()}"'
    return NoServer(f"the command that starts a server (MOCK_SERVER_COMMAND): {what}; {remedy}")


def _flags(settings: Settings) -> list[str]:
    """Return the settings as flags, but for credentials, which a list of all processes would show."""
    names = (name for name in setting_values.ACCEPTED if name != "credentials")
    return setting_values.as_flags({name: getattr(settings, name) for name in names})


def _environment(settings: Settings) -> Mapping[str, str]:
    """Return the environment without variables of settings, which `settings` has taken in."""
    names = {name for setting in SETTINGS for name in setting.variables if name.startswith(PREFIX)}
    inherited = {name: text for name, text in os.environ.items() if name not in names}
    if any(re.search(r"\s", pair) for pair in settings.credentials):
        raise _refusal("a pair of credentials holds white space, which no variable can pass on")
    pairs = {f"{PREFIX}CREDENTIALS": " ".join(settings.credentials)} if settings.credentials else {}
    return {**inherited, **pairs}


def _wait(
    process: subprocess.Popen[bytes], output: Path, stopping: threading.Event, ca: Path | None
) -> Server:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        status = process.poll()
        said = output.read_text(errors="replace")
        address = _ADDRESS.search(said)
        if address is not None:
            break
        if status is not None:
            raise _failure(f"ended with status {status} before it was ready", said)
        if time.monotonic() > deadline:
            raise _failure(f"was not ready within {READY_SECONDS:g} seconds", said)
        if stopping.wait(_POLL_SECONDS):
            raise _failure("was given up, since the run ends", said)
    url, trusted = address[1], None if ca is None else str(ca)
    try:
        base_path = wait_until_healthy(url, deadline - time.monotonic(), trusted)["basePath"]
    except (TimeoutError, ValueError) as error:
        raise _failure(f"does not answer: {error}", said) from None
    return Server(url, f"{url}{base_path}", trusted)


def _failure(what: str, said: str) -> NoServer:
    lines = said.splitlines()[-_SHOWN_LINES:]
    printed = ["It printed:", *(f"  {line}" for line in lines)] if lines else ["It printed nothing."]
    return NoServer("\n".join([f"the server that MOCK_SERVER_COMMAND starts {what}.", *printed]))


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if os.name == "posix":
        process.terminate()  # A process that this one has forked may hold the pipe open.
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
