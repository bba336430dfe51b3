"""The pytest plugin of mock_server: a server for the run, and an account for each test.

Every pytest run imports this module, so that it imports what it needs in the functions that need it. It
is no part of mock_server, whose name a module of the project under test may have.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from pytest_mock_server import options
from pytest_mock_server.run import RUN, Run
from pytest_mock_server.server import NoServer, Server

if TYPE_CHECKING:
    from mock_server.client import Sandbox
    from pytest_mock_server.accounts import Rule

__all__ = ["Server"]

_OUTCOME = pytest.StashKey[str]()
_VERDICT = pytest.StashKey[Any]()

# The fixture that the others depend on, whatever a project makes of their names.
_PRIVATE = "_mock_servers"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options `--mock-server-…`, and values of the configuration file."""
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Read the options, and register the marker, e.g. `@pytest.mark.mock_account(unfired="allow")`."""
    config.addinivalue_line(
        "markers",
        'mock_account(unfired="allow", fail_on="violations,warnings"): let the test pass although a '
        "fault that it scripted did not fire; fail it on these causes, or on none, in place of those of "
        "--mock-server-fail-on.",
    )
    config.stash[RUN] = Run(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where to ask for the server that all workers share."""
    run = node.config.stash[RUN]
    if run.options.url is None:
        run.invite(node.workerinput)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take in what the tests of a worker of pytest-xdist were allowed."""
    from pytest_mock_server import run_verdict

    run_verdict.receive(node.config.stash[RUN], getattr(node, "workeroutput", {}))


def pytest_collection_finish(session: pytest.Session) -> None:
    """End the run if what answers at `--mock-server-url` is no server, and a test needs it."""
    run = session.config.stash[RUN]
    is_used = any(_PRIVATE in getattr(item, "fixturenames", ()) for item in session.items)
    if is_used and not run.is_worker and not session.config.option.collectonly:
        run.require_named_server()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Judge the run where an option asks for it, and fail it if all tests passed and it falls short."""
    from pytest_mock_server import run_verdict

    run = session.config.stash[RUN]
    # The workers of a run that is interrupted may wait for a server, and pytest-xdist for them.
    run.stopping.set()
    if run.is_worker:
        run_verdict.send(run, session.config.workeroutput)  # type: ignore[attr-defined]
    elif run.usage_error is not None:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR
    elif (run.options.judges or run.options.prints_report) and not session.config.option.collectonly:
        verdict = session.config.stash[_VERDICT] = run_verdict.judge(run)
        if verdict.reasons and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the verdict where `--mock-server-report` asks for it, and why the run fails on it."""
    verdict = config.stash.get(_VERDICT, None)
    if verdict is None:
        return
    run = config.stash[RUN]
    if run.options.prints_report:
        terminalreporter.section("mock server report")
        terminalreporter.write_line(verdict.text.rstrip("\n"))
    if verdict.reasons:
        hint = "" if run.options.prints_report else "; --mock-server-report shows all of it"
        terminalreporter.write_line(
            f"ERROR: the mock server's verdict falls short: {'; '.join(verdict.reasons)}{hint}", red=True
        )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers of this process."""
    run = config.stash.get(RUN, None)
    if run is not None:
        run.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note for `mock_account` whether the test has passed, failed, or was skipped."""
    report = yield
    if call.when == "call":
        item.stash[_OUTCOME] = report.outcome
    return report


class _Servers:
    """The servers of a run, for its fixtures."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self.run = session.config.stash[RUN]

    def find(self, settings: Any) -> Server:
        """Return the server with these settings, or fail the test; end the run for another server."""
        is_other = False
        try:
            return self.run.find_server(settings)
        except NoServer as error:
            message = str(error)
        except ValueError as error:
            message, is_other = f"--mock-server-url (or MOCK_SERVER_URL): {error}", True
        # Outside of the handlers, so that pytest shows the message alone.
        if is_other:
            self._end_run(message)
        pytest.fail(message, pytrace=False)

    def _end_run(self, message: str) -> NoReturn:
        if not self.run.is_worker:
            pytest.exit(message, pytest.ExitCode.USAGE_ERROR)
        # A worker can't end the run itself; no test of it follows this one.
        self.run.usage_error = self._session.shouldfail = message
        pytest.fail(message, pytrace=False)

    def read_rule(self, node: pytest.Item) -> Rule:
        """Return what fails a test by its markers, or fail it for one that is not understood."""
        from pytest_mock_server import accounts

        try:
            return accounts.rule(node, self.run.options.fail_on)
        except accounts.Refused as error:
            message = str(error)
        pytest.fail(message, pytrace=False)

    def open_account(self, server: Server, name: str) -> Sandbox:
        """Return an account with the starting data, named with the run's prefix; or fail the test."""
        from pytest_mock_server import accounts

        client_id = accounts.client_id(self.run.options.prefix, name)
        try:
            accounts.require_free(client_id)
            return accounts.open_account(server, client_id)
        except accounts.Refused as error:
            message = str(error)
        pytest.fail(message, pytrace=False)


@pytest.fixture(scope="session")
def _mock_servers(request: pytest.FixtureRequest) -> _Servers:
    return _Servers(request.session)


@pytest.fixture(scope="session")
def mock_server_settings() -> dict[str, Any]:
    """Settings of the server that the run starts; override it to return some, e.g. `{"count": 250}`.

    The names are those of the flags of `mock-server serve`, e.g. `rate_limit`; a value is the setting's
    own or the text that the flag takes, and a list for a repeatable one. They go before the values
    `mock_server_…` of pytest's configuration file, and these before the variables `MOCK_SERVER_…`.
    """  # noqa: D401
    return {}


@pytest.fixture(scope="session")
def mock_server(_mock_servers: _Servers, mock_server_settings: dict[str, Any]) -> Server:
    """Give the server of the run, e.g. `mock_server.base_url` for a client under test.

    It is the one that `--mock-server-url` or `MOCK_SERVER_URL` names, or else one with the settings of
    `mock_server_settings` on a free port of this machine, which all workers of pytest-xdist share. A
    server that is not ready within 30 seconds fails the test.
    """
    return _mock_servers.find(mock_server_settings)


@pytest.fixture(scope="session")
def mock_account_factory(
    _mock_servers: _Servers, mock_server_settings: dict[str, Any]
) -> Callable[[str], Sandbox]:
    """Make accounts that live longer than a test, e.g. `mock_account_factory("orders")` in a fixture.

    Each call makes an account of its own with the starting data. Its client id is the name, with a
    number where the name was used before, and with the worker's name under pytest-xdist. Nothing is
    asserted of it when it is given up: call `assert_faults_fired` where a fault has to fire.

        @pytest.fixture(scope="module")
        def orders(mock_account_factory):
            account = mock_account_factory("orders")
            account.generate(500)
            return account
    """
    server = _mock_servers.find(mock_server_settings)
    worker = f"-{_mock_servers.run.worker}" if _mock_servers.run.worker else ""
    used: set[str] = set()

    def make(name: str) -> Sandbox:
        numbered = (f"{name}-{number}" if number > 1 else name for number in count(1))
        free = next(each for each in numbered if each not in used)
        used.add(free)
        return _mock_servers.open_account(server, f"{free}{worker}" if free else "")

    return make


@pytest.fixture
def mock_account(
    request: pytest.FixtureRequest, _mock_servers: _Servers, mock_server_settings: dict[str, Any]
) -> Iterator[Sandbox]:
    """The test's own account, a `mock_server.client.Sandbox` that no other test uses.

    It begins with the starting data, and its client id follows from the test's name. A fault that did
    not fire fails the test at its end, unless the test is marked with
    `@pytest.mark.mock_account(unfired="allow")`; so does what `--mock-server-fail-on` names, or the
    marker's `fail_on`. A server with `--credentials` fails it at once.

        def test_it_retries(mock_account):
            mock_account.fail({"status": 503}, {"cut": "reset"})
            call_the_code_under_test(mock_account.base_url, mock_account.auth)
            mock_account.assert_called(times=3)
    """  # noqa: D401
    from pytest_mock_server import accounts

    rule = _mock_servers.read_rule(request.node)
    server = _mock_servers.find(mock_server_settings)
    sandbox = _mock_servers.open_account(server, request.node.nodeid)
    yield sandbox
    message = accounts.close(_mock_servers.run, sandbox, rule, request.node.stash.get(_OUTCOME, None))
    if message:
        pytest.fail(message, pytrace=False)
