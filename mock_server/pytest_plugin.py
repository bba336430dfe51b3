"""The pytest plugin: a server for the run, and an account of its own for each test.

A suite that does not use it pays for three options and a marker, so everything else is imported where it
is used.
"""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from hashlib import blake2b
from select import select
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_server.client.sandbox import Sandbox

MARKER = "mock_account"
SECRET = "secret"  # noqa: S105

# How long a server that was named or has just been started may take until it is healthy.
_HEALTHY_SECONDS = 30.0

_WORKERS_URL = "mock_server_url"

_SHARED = pytest.StashKey["_Shared | None"]()
_REPORT = pytest.StashKey[str]()
_HAS_FAILED = pytest.StashKey[bool]()


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: `url` is its root, `base_url` what clients under test are pointed at."""

    url: str
    base_url: str


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mock_server")
    group.addoption(
        "--mock-server-url",
        metavar="URL",
        help="Root of a running server to use, in place of one that this run starts; "
        "also MOCK_SERVER_URL.",
    )
    group.addoption(
        "--mock-account-prefix",
        metavar="PREFIX",
        default="",
        help="Begins the client ids of this run, so that several runs can share a server.",
    )
    group.addoption(
        "--mock-server-report",
        action="store_true",
        help="Print at the end what the clients under test got wrong, and what they never tried.",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f'{MARKER}(unfired="allow"): let the test pass although a fault that it scripted did not fire.',
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist where the server is that all of them share."""
    config: pytest.Config = node.config
    if _url(config) is None:
        shared = config.stash.setdefault(_SHARED, None) or _Shared()
        config.stash[_SHARED] = shared
        node.workerinput[_WORKERS_URL] = shared.url


def pytest_unconfigure(config: pytest.Config) -> None:
    shared = config.stash.get(_SHARED, None)
    if shared is not None:
        shared.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    # Workers of pytest-xdist get here too, with a terminal of nobody's.
    if config.getoption("--mock-server-report") and not hasattr(config, "workerinput"):
        terminalreporter.section("mock server report")
        terminalreporter.write_line(_report(config).rstrip("\n"))


def _report(config: pytest.Config) -> str:
    """The report of all accounts, from the server that the run was told of or that its workers share.

    A server of this process has ended by now, and left its report behind.
    """
    shared = config.stash.get(_SHARED, None)
    url = shared.url if shared is not None and shared.was_called else _url(config)
    return config.stash.get(_REPORT, "No test has used the server.") if url is None else _asked(url)


def _asked(url: str) -> str:
    """The report of a running server, or why it can't be had."""
    from mock_server.client import sandbox as client
    from mock_server.report import writer

    try:
        return writer.render_text(client.report_of(url))
    except client.NoReport as error:
        return f"There is none: {error}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    writer = yield
    if call.when == "call":
        item.stash[_HAS_FAILED] = writer.failed
    return writer


class _Shared:
    """The server that the workers of pytest-xdist share, in the process that controls them.

    It listens from the beginning, which costs nothing, and starts when the first of them calls.
    """

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.was_called = False
        self._stopping, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="mock-server-shared", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.close()
        self._thread.join()

    def _serve(self) -> None:
        with closing(self._stopping), self._listening:
            called, _, _ = select([self._listening, self._stopping], [], [])
            if self._stopping not in called:
                self.was_called = True
                with ExitStack() as stack:
                    stack.enter_context(_started(self._listening))
                    select([self._stopping], [], [])


def _started(listening: socket.socket | None = None) -> Any:
    """A context in which a server of the built-in document runs in a thread; it gives its URL."""
    from mock_server import app
    from mock_server.data import starting_data
    from mock_server.openapi import document
    from mock_server.sandbox.sandbox import Sandbox
    from mock_server.server import server
    from mock_server.settings import Settings

    settings = Settings()
    loaded = document.load(document.BUILT_IN)
    sandbox = Sandbox(starting_data.load(loaded, settings).collections, settings)
    return server.in_thread(app.build(loaded, sandbox, settings), listening)


def _url(config: pytest.Config) -> str | None:
    """The root of the server that the run was told to use."""
    named: str | None = config.getoption("--mock-server-url") or os.environ.get("MOCK_SERVER_URL")
    workers: str | None = getattr(config, "workerinput", {}).get(_WORKERS_URL)
    return named.rstrip("/") if named else workers


@pytest.fixture(scope="session")
def mock_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """A server: the one named by --mock-server-url, or one of the built-in document on a free port."""
    named = _url(pytestconfig)
    with ExitStack() as stack:
        url = named or stack.enter_context(_started())
        yield Server(url, f"{url}{_healthy(url)['basePath']}")
        if named is None and pytestconfig.getoption("--mock-server-report"):
            pytestconfig.stash[_REPORT] = _asked(url)


def _healthy(url: str) -> dict[str, Any]:
    from mock_server.client.sandbox import wait_until_healthy

    try:
        return wait_until_healthy(url, _HEALTHY_SECONDS)
    except (TimeoutError, ValueError) as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)


@pytest.fixture
def mock_account(request: pytest.FixtureRequest, mock_server: Server) -> Iterator[Sandbox]:
    """The test's own account: no other test sees its data, faults, journal and clock.

    A fault that did not fire fails the test, unless it is marked with
    `@pytest.mark.mock_account(unfired="allow")`.
    """
    from mock_server.client.sandbox import Sandbox

    must_fire = _must_fire(request.node)
    prefix = request.config.getoption("--mock-account-prefix")
    sandbox = Sandbox(mock_server.url, _client_id(prefix, request.node.nodeid), SECRET)
    _reset(sandbox)
    yield sandbox
    # A test that has failed may not have come as far as its faults.
    if must_fire and not request.node.stash.get(_HAS_FAILED, False):
        problem = _problem(sandbox)
        if problem:
            pytest.fail(problem, pytrace=False)


def _must_fire(node: pytest.Item) -> bool:
    """Whether a fault that did not fire fails the test."""
    marker = node.get_closest_marker(MARKER)
    if marker is None:
        return True
    if marker.args or marker.kwargs not in ({"unfired": "allow"}, {"unfired": "fail"}):
        asked = [
            *map(repr, marker.args),
            *(f"{name}={value!r}" for name, value in marker.kwargs.items()),
        ]
        pytest.fail(
            f"{MARKER}({', '.join(asked)}) is not understood; write {MARKER}(unfired='allow') or 'fail'",
            pytrace=False,
        )
    return bool(marker.kwargs["unfired"] == "fail")


def _problem(sandbox: Sandbox) -> str | None:
    try:
        sandbox.assert_faults_fired()
    except AssertionError as error:
        return str(error)
    return None


def _reset(sandbox: Sandbox) -> None:
    from mock_server.client.sandbox import SandboxError

    try:
        sandbox.reset()
        return
    except SandboxError as error:
        if error.status != 401:
            raise
    pytest.fail(
        f"the mock server at {sandbox.url} accepts only the credentials that it was started with, "
        "so that tests can't have accounts of their own; start it without --credentials "
        "(MOCK_SERVER_CREDENTIALS)",
        pytrace=False,
    )


def _client_id(prefix: str, node_id: str) -> str:
    """A client id that is the same in every run; Basic credentials allow no colon in it (RFC 7617)."""
    return _plain(prefix) + _plain(node_id)


def _plain(text: str) -> str:
    """The text in characters that every client encodes alike, with a digest if that is another one."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[-80:]
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return plain if plain == text else f"{plain}-{digest}"
