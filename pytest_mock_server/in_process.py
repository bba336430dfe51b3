"""A server in a thread of this process, which takes the packages of the extra `server`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mock_server import local_server
from mock_server.settings import Settings
from pytest_mock_server.server import NoServer, Server


@contextmanager
def start(settings: Settings) -> Iterator[Server]:
    """Run a server while a context lasts; raise NoServer if that cannot be."""
    try:
        running = local_server.run(settings)
        with running as server:
            yield Server(server.url, server.base_url, server.ca)
            return
    except local_server.CannotStart as error:
        message = str(error)
    raise NoServer(message)
