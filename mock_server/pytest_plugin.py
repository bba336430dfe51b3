"""The pytest plugin: a server for the run, and an account for each test.

Every pytest run imports this module, so that it imports what it needs in the functions that need it.
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
    from mock_server.client import Sandbox

MARKER = "mock_account"
SECRET = "secret"  # noqa: S105

# The longest wait for a server to be ready.
_HEALTHY_SECONDS = 30.0

# The key under which a worker of pytest-xdist finds the URL of the shared server.
_WORKERS_URL = "mock_server_url"

_SHARED = pytest.StashKey["_SharedServer | None"]()
_REPORT = pytest.StashKey[str]()
_HAS_FAILED = pytest.StashKey[bool]()


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, as the fixture `mock_server` gives it.

    `url` is its root, e.g. `http://127.0.0.1:8080`, and `base_url` is for clients under test, e.g.
    `http://127.0.0.1:8080/api`.
    """

    url: str
    base_url: str


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--mock-server-url`, `--mock-account-prefix` and `--mock-server-report`."""
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
    """Register the marker, e.g. `@pytest.mark.mock_account(unfired="allow")`."""
    config.addinivalue_line(
        "markers",
        f'{MARKER}(unfired="allow"): let the test pass although a fault that it scripted did not fire.',
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist the URL of the server that all workers share."""
    config: pytest.Config = node.config
    if _url(config) is None:
        shared = config.stash.setdefault(_SHARED, None) or _SharedServer()
        config.stash[_SHARED] = shared
        node.workerinput[_WORKERS_URL] = shared.url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that the workers shared."""
    shared = config.stash.get(_SHARED, None)
    if shared is not None:
        shared.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the verdict of all accounts where `--mock-server-report` asks for it."""
    # pytest-xdist calls this in its workers too, whose terminal nobody sees.
    if config.getoption("--mock-server-report") and not hasattr(config, "workerinput"):
        terminalreporter.section("mock server report")
        terminalreporter.write_line(_report(config).rstrip("\n"))


def _report(config: pytest.Config) -> str:
    """Return the report of all accounts as text.

    It comes from the server that the workers share, or from the one that the run was told to use. A
    server of this process has ended by now; the fixture kept its report.
    """
    shared = config.stash.get(_SHARED, None)
    url = shared.url if shared is not None and shared.was_called else _url(config)
    return (
        config.stash.get(_REPORT, "No test has used the server.") if url is None else _report_text(url)
    )


def _report_text(url: str) -> str:
    """Return the report of a running server as text, or the reason why there is none."""
    from mock_server import client
    from mock_server.report import writer

    try:
        return writer.render_text(client.report_of(url))
    except client.NoReport as error:
        return f"There is none: {error}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note for `mock_account` whether the test has failed."""
    report = yield
    if call.when == "call":
        item.stash[_HAS_FAILED] = report.failed
    return report


class _SharedServer:
    """The server that the workers of pytest-xdist share, in the process that controls them.

    Its socket listens from the beginning, which is cheap; the server starts with the first connection.
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
                    stack.enter_context(_run_server(self._listening))
                    select([self._stopping], [], [])


def _run_server(listening: socket.socket | None = None) -> Any:
    """Return a context manager that runs a server of the built-in document and gives its URL.

    The server runs in a thread, on `listening`, or on a free port where that is None.
    """
    from mock_server import app
    from mock_server.data import starting_data
    from mock_server.openapi import document
    from mock_server.sandbox.sandbox import SandboxState
    from mock_server.server import server
    from mock_server.settings import Settings

    settings = Settings()
    loaded = document.load(document.BUILT_IN)
    sandbox = SandboxState(starting_data.load(loaded, settings).collections, settings)
    return server.in_thread(app.build(loaded, sandbox, settings), listening)


def _url(config: pytest.Config) -> str | None:
    """Return the root of the server to use, None where this run is to start one."""
    named: str | None = config.getoption("--mock-server-url") or os.environ.get("MOCK_SERVER_URL")
    workers: str | None = getattr(config, "workerinput", {}).get(_WORKERS_URL)
    return named.rstrip("/") if named else workers


@pytest.fixture(scope="session")
def mock_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """Give the server of the run, e.g. `mock_server.base_url` for a client under test.

    It is the one that `--mock-server-url` or `MOCK_SERVER_URL` names, or else one of the built-in
    document on a free port of this machine, which all workers of pytest-xdist share. A server that is
    not ready within 30 seconds fails the test.
    """
    named = _url(pytestconfig)
    with ExitStack() as stack:
        url = named or stack.enter_context(_run_server())
        yield Server(url, f"{url}{_require_healthy(url)['basePath']}")
        if named is None and pytestconfig.getoption("--mock-server-report"):
            pytestconfig.stash[_REPORT] = _report_text(url)


def _require_healthy(url: str) -> dict[str, Any]:
    from mock_server.client import wait_until_healthy

    try:
        return wait_until_healthy(url, _HEALTHY_SECONDS)
    except (TimeoutError, ValueError) as error:
        message = str(error)
    pytest.fail(message, pytrace=False)


@pytest.fixture
def mock_account(request: pytest.FixtureRequest, mock_server: Server) -> Iterator[Sandbox]:
    """The test's own account, a `mock_server.client.Sandbox` that no other test uses.

    It begins with the starting data, and its client id follows from the test's name. A fault that did
    not fire fails the test at its end, unless the test is marked with
    `@pytest.mark.mock_account(unfired="allow")`. A server with `--credentials` fails it at once.

        def test_it_retries(mock_account):
            mock_account.fail({"status": 503}, {"cut": "reset"})
            call_the_code_under_test(mock_account.base_url, mock_account.auth)
            mock_account.assert_called(times=3)
    """  # noqa: D401
    from mock_server.client import Sandbox

    must_fire = _must_fire(request.node)
    prefix = request.config.getoption("--mock-account-prefix")
    sandbox = Sandbox(mock_server.url, _client_id(prefix, request.node.nodeid), SECRET)
    _reset(sandbox)
    yield sandbox
    # A test that has failed may have ended before the requests that its faults were for.
    if must_fire and not request.node.stash.get(_HAS_FAILED, False):
        message = _unfired_message(sandbox)
        if message:
            pytest.fail(message, pytrace=False)


def _must_fire(node: pytest.Item) -> bool:
    """Return whether a fault that did not fire fails the test; fail it for a marker with a mistake."""
    marker = node.get_closest_marker(MARKER)
    if marker is None:
        return True
    if marker.args or marker.kwargs not in ({"unfired": "allow"}, {"unfired": "fail"}):
        named = (f"{name}={value!r}" for name, value in marker.kwargs.items())
        given = ", ".join([*map(repr, marker.args), *named])
        pytest.fail(
            f"{MARKER}({given}) is not understood; write {MARKER}(unfired='allow') or 'fail'",
            pytrace=False,
        )
    return bool(marker.kwargs["unfired"] == "fail")


def _unfired_message(sandbox: Sandbox) -> str | None:
    try:
        sandbox.assert_faults_fired()
    except AssertionError as error:
        return str(error)
    return None


def _reset(sandbox: Sandbox) -> None:
    from mock_server.client import SandboxError

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
    """Return a client id that is the same in every run, e.g. `tests-test_a.py-test_it-6b0f…`."""
    return _plain(prefix) + _plain(node_id)


def _plain(text: str) -> str:
    """Return a text of letters, digits, `.`, `_` and `-`, with a digest where characters were replaced.

    Clients encode others in different ways, and RFC 7617 allows no colon in a client id.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[-80:]
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return plain if plain == text else f"{plain}-{digest}"
