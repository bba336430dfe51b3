"""A run of pytest: what it was told, its servers, and what the tests were allowed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mock_server import options, package
from pytest_mock_server.server import NoServer, Server

if TYPE_CHECKING:
    from pytest_mock_server.servers import OwnServers, Start
    from pytest_mock_server.sharing import SharedServers

RUN = pytest.StashKey["Run"]()

# The longest wait for a server that is named to be ready.
HEALTHY_SECONDS = 30.0

# What to do for who can't install a server beside the project under test.
_OTHERWISE = (
    "let the run start one from an environment of its own: "
    'MOCK_SERVER_COMMAND="{command}", '
    "or name one that runs: --mock-server-url"
)

# The key under which a worker of pytest-xdist finds where to ask for a server.
_INVITATION = "mock_server_invitation"


class Run:
    """A run of pytest, in one of its processes."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.options = options.read(config)
        self._named: Server | None = None
        # Why there is none where one is named, once it was waited for.
        self._missing: str | None = None
        self._own: OwnServers | None = None
        self._shared: SharedServers | None = None
        # Set when nothing needs a server any more that is being started.
        self.stopping = threading.Event()
        # By client ids, how many mistakes of each cause a test's marker allowed it.
        self.allowed: dict[str, dict[str, int]] = {}
        # Why no test can go on, as a worker of pytest-xdist has found it.
        self.usage_error: str | None = None

    @property
    def is_worker(self) -> bool:
        """Tell whether this process is a worker of pytest-xdist."""
        return hasattr(self._config, "workerinput")

    @property
    def worker(self) -> str:
        """Return the name of this worker of pytest-xdist, e.g. `gw0`, and "" where it is none."""
        return str(getattr(self._config, "workerinput", {}).get("workerid", ""))

    @property
    def used(self) -> list[Server]:
        """Return the servers that the run has used, as far as this process knows."""
        if self.options.url is not None:
            return [self._named or Server(self.options.url, self.options.url, self.options.ca)]
        return [] if self._own is None else self._own.used

    def invite(self, workerinput: dict[str, Any]) -> None:
        """Tell a worker of pytest-xdist where to ask for a server."""
        from pytest_mock_server.sharing import SharedServers

        if self._shared is None:
            self._shared = SharedServers(self._answer)
        workerinput[_INVITATION] = self._shared.invitation

    def _answer(self, texts: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._find_own(texts)
        except Exception as error:  # The worker says it, whatever it is.
            return {"error": str(error) or repr(error)}

    def _find_own(self, texts: Mapping[str, Any]) -> dict[str, Any]:
        package.require()
        from mock_server import server_extra
        from pytest_mock_server.servers import OwnServers

        try:
            with server_extra.required("a server in this process", _OTHERWISE):
                if self._own is None:
                    self._own = OwnServers(self._choose_start())
                return self._own.find(texts)
        except server_extra.ServerNotInstalled as error:
            raise NoServer(str(error)) from None

    def _choose_start(self) -> Start:
        if self.options.command is not None:
            from pytest_mock_server import command

            return partial(command.start, self.options.command, self.stopping)
        from pytest_mock_server import in_process

        return in_process.start

    def find_server(self, settings: Any) -> Server:
        """Return the server with what the fixture `mock_server_settings` gives; raise NoServer."""
        try:
            package.require()
        except package.Hidden as error:
            raise NoServer(str(error)) from None
        return self._find_named() if self.options.url is not None else self._find_started(settings)

    def _find_started(self, of_fixture: Any) -> Server:
        from mock_server import threads
        from pytest_mock_server import server_settings

        try:
            if self.options.command is None:
                # Also before a server is asked for that runs already, here or in another process.
                threads.require_real()
            of_file = options.settings_of_file(self._config)
        except (threads.ThreadsReplaced, pytest.UsageError) as error:
            raise NoServer(str(error)) from None
        if isinstance(of_fixture, dict):
            of_fixture = options.settings_of_fixture(self._config, of_fixture)
        texts = server_settings.merge(of_file, of_fixture)
        invitation = getattr(self._config, "workerinput", {}).get(_INVITATION)
        if invitation is None:
            return Server(**self._find_own(texts))
        from pytest_mock_server import sharing

        answer = sharing.ask(invitation, texts)
        if "error" in answer:
            raise NoServer(answer["error"])
        return Server(**answer)

    def _find_named(self) -> Server:
        from mock_server.client import OtherServer, wait_until_healthy

        if self._missing is not None:
            raise NoServer(self._missing)
        if self._named is None:
            url, ca = str(self.options.url), self.options.ca
            try:
                base_path = wait_until_healthy(url, HEALTHY_SECONDS, ca)["basePath"]
            except OtherServer:
                raise
            except (TimeoutError, ValueError) as error:
                self._missing = str(error)
                raise NoServer(self._missing) from None
            self._named = Server(url, f"{url}{base_path}", ca)
        return self._named

    def require_named_server(self) -> None:
        """Raise UsageError if what answers at the URL that the run was told is no mock server."""
        if self.options.url is None:
            return
        try:
            package.require()
        except package.Hidden:
            return  # Each test that asks for a fixture says it.
        from mock_server.client import wait_until_healthy

        try:
            wait_until_healthy(self.options.url, 0, self.options.ca)
        except ValueError as error:
            message = str(error)
        except TimeoutError:
            return  # It may not be ready yet; the first fixture waits for it.
        else:
            return
        raise pytest.UsageError(f"--mock-server-url (or MOCK_SERVER_URL): {message}")

    def stop(self) -> None:
        """Stop the servers of this process."""
        self.stopping.set()
        if self._shared is not None:
            self._shared.stop()
        if self._own is not None:
            self._own.stop()
