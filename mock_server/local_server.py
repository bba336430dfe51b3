"""A server in a thread of the process that uses it, for test suites and scripts."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_server import app, setting_values, threads
from mock_server.client import Sandbox
from mock_server.data import starting_data
from mock_server.formats import atomic_file
from mock_server.openapi import documents
from mock_server.openapi.document import Document
from mock_server.problems import CannotServe
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server import server, tls
from mock_server.server.asgi import AsgiApp
from mock_server.server.tls import Tls
from mock_server.setting_parsers import secrets
from mock_server.settings import Settings

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True


logger = logging.getLogger("mock_server")


class CannotStart(Exception):
    """A server cannot be started; the message says why, with a line for each reason."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that runs in this process.

    `url` is its root, e.g. `http://127.0.0.1:8080`, and `base_url` is for clients under test, e.g.
    `http://127.0.0.1:8080/api`. `ca` is the path of the certificate that clients have to trust, None for
    plain HTTP; it is there as long as the server. `versions` are those of the API that it serves.
    """

    url: str
    base_url: str
    settings: Settings
    ca: str | None = None
    versions: frozenset[str] = frozenset()

    def account(self, name: str | None = None, *, token: str | None = None) -> Sandbox:
        """Return the account with this client id, e.g. `account("nightly")`, or that of a token.

        Its secret is `"secret"`, or that of the setting `credentials`. A token or key is for a document
        that asks for one, e.g. `account(token="sk_test")`.
        """
        if name is None or token is not None:
            return Sandbox(self.url, name, ca=self.ca, token=token)
        known = secrets(self.settings.credentials, self.versions)
        return Sandbox(self.url, name, known.get(name, "secret"), self.ca)


def run(settings: Settings) -> AbstractContextManager[LocalServer]:
    """Run a server while a context lasts; raise CannotStart, here or there, if that cannot be."""
    try:
        threads.require_real()
        secured = tls.load(settings)
        loaded = documents.load(settings.documents, settings.overlays, settings.base_path)
        sandbox = SandboxState(starting_data.load(loaded, settings).collections, settings)
        application = app.build(loaded, sandbox, settings)
    except (threads.ThreadsReplaced, CannotServe) as error:
        message = str(error)
    else:
        return _listen(application, settings, loaded, secured)
    raise CannotStart(message)


@contextmanager
def _listen(
    application: AsgiApp, settings: Settings, loaded: Document, secured: Tls | None
) -> Iterator[LocalServer]:
    with ExitStack() as stack:
        try:
            listening = server.listen(settings.host, settings.port)
            stack.callback(listening.close)
            ca = stack.enter_context(_written_ca(settings, secured))
        except (server.CannotListen, CannotServe) as error:
            message = str(error)
        else:
            serving = server.in_thread(
                application, listening, keep_alive=settings.keep_alive, tls=secured
            )
            url = stack.enter_context(serving)
            yield LocalServer(url, f"{url}{loaded.base_path}", settings, ca, loaded.versions)
            return
    raise CannotStart(message)


@contextmanager
def _written_ca(settings: Settings, secured: Tls | None) -> Iterator[str | None]:
    """Give the path of what clients have to trust, None for plain HTTP; raise CannotServe.

    A certificate that was made for the server is in the file that the settings name, or else in a
    temporary one.
    """
    if secured is None:
        yield None
        return
    if secured.warning is not None:
        logger.warning(secured.warning)
    if secured.ca is None:
        yield str(settings.tls_cert)
    elif settings.tls_ca_out is not None:
        atomic_file.write(settings.tls_ca_out, [secured.ca])
        yield str(settings.tls_ca_out)
    else:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="mock_server-") as folder:
            path = Path(folder, "ca.pem")
            atomic_file.write(path, [secured.ca])
            yield str(path)


def serve(given: Mapping[str, Any]) -> AbstractContextManager[LocalServer]:
    """Run a server by the names and values of settings, as `mock_server.serve` documents."""
    from_environment = setting_values.from_environment(os.environ)
    return run(setting_values.build({**from_environment, **setting_values.parse(given)}))
