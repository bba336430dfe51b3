"""A server in a thread of the process that uses it, for test suites and scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from mock_server import app, setting_values, threads
from mock_server.client import Sandbox
from mock_server.data import starting_data
from mock_server.openapi import document
from mock_server.problems import CannotServe
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server import server
from mock_server.server.asgi import AsgiApp
from mock_server.settings import Settings

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True


class CannotStart(Exception):
    """A server cannot be started; the message says why, with a line for each reason."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that runs in this process.

    `url` is its root, e.g. `http://127.0.0.1:8080`, and `base_url` is for clients under test, e.g.
    `http://127.0.0.1:8080/api`.
    """

    url: str
    base_url: str
    settings: Settings

    def account(self, name: str) -> Sandbox:
        """Return the account with this client id, e.g. `account("nightly")`.

        Its secret is `"secret"`, or that of the setting `credentials`.
        """
        secrets = dict(pair.split(":", 1) for pair in self.settings.credentials)
        return Sandbox(self.url, name, secrets.get(name, "secret"))


def run(settings: Settings) -> AbstractContextManager[LocalServer]:
    """Run a server while a context lasts; raise CannotStart, here or there, if that cannot be."""
    try:
        threads.require_real()
        path = settings.document or document.BUILT_IN
        loaded = document.load(path, settings.overlay, settings.base_path)
        sandbox = SandboxState(starting_data.load(loaded, settings).collections, settings)
        application = app.build(loaded, sandbox, settings)
    except (threads.ThreadsReplaced, CannotServe) as error:
        message = str(error)
    else:
        return _listen(application, settings, loaded.base_path)
    raise CannotStart(message)


@contextmanager
def _listen(application: AsgiApp, settings: Settings, base_path: str) -> Iterator[LocalServer]:
    try:
        listening = server.listen(settings.host, settings.port)
    except server.CannotListen as error:
        message = str(error)
    else:
        with server.in_thread(application, listening, keep_alive=settings.keep_alive) as url:
            yield LocalServer(url, f"{url}{base_path}", settings)
        return
    raise CannotStart(message)


def serve(given: Mapping[str, Any]) -> AbstractContextManager[LocalServer]:
    """Run a server by the names and values of settings, as `mock_server.serve` documents."""
    from_environment = setting_values.from_environment(os.environ)
    return run(setting_values.build({**from_environment, **setting_values.parse(given)}))
