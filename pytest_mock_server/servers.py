"""The servers that a process starts, one for each set of settings that its fixtures ask for."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from mock_server import local_server, setting_values
from mock_server.local_server import LocalServer
from mock_server.settings import Settings
from pytest_mock_server.server import NoServer, Server


class OwnServers:
    """Servers that run in this process until they are stopped."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self._by_settings: dict[Settings, LocalServer] = {}

    @property
    def used(self) -> list[Server]:
        """Return them, in the order in which they were started."""
        return [Server(**_described(server)) for server in self._by_settings.values()]

    def find(self, texts: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `Server` has of that with these settings, and start it where there is none.

        It is e.g. `{"url": "http://127.0.0.1:8080", "base_url": "http://127.0.0.1:8080/api", "ca":
        None}`. Raises NoServer.
        """
        settings = setting_values.build(setting_values.parse(texts))
        server = self._by_settings.get(settings)
        if server is None:
            server = self._start(settings)
            self._by_settings[settings] = server
        return _described(server)

    def _start(self, settings: Settings) -> LocalServer:
        try:
            return self._running.enter_context(local_server.run(settings))
        except local_server.CannotStart as error:
            message = str(error)
        raise NoServer(message)

    def stop(self) -> None:
        """Stop all of them."""
        self._running.close()


def _described(server: LocalServer) -> dict[str, Any]:
    return {"url": server.url, "base_url": server.base_url, "ca": server.ca}
