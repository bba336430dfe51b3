"""The servers that a process starts, one for each set of settings that its fixtures ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict
from typing import Any

from mock_server import setting_values
from mock_server.settings import Settings
from pytest_mock_server.server import NoServer, Server

# Of settings: a context in which a server with them runs, as `in_process.start` is.
Start = Callable[[Settings], AbstractContextManager[Server]]


class OwnServers:
    """Servers that run until they are stopped."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._running = ExitStack()
        self._by_settings: dict[Settings, Server] = {}
        # Why there is none with these settings: a command may take long to fail.
        self._missing: dict[Settings, str] = {}

    @property
    def used(self) -> list[Server]:
        """Return them, in the order in which they were started."""
        return list(self._by_settings.values())

    def find(self, texts: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `Server` has of that with these settings, and start it where there is none.

        It is e.g. `{"url": "http://127.0.0.1:8080", "base_url": "http://127.0.0.1:8080/api", "ca":
        None}`. Raises NoServer.
        """
        settings = setting_values.build(setting_values.parse(texts))
        if settings in self._missing:
            raise NoServer(self._missing[settings])
        if settings not in self._by_settings:
            try:
                server = self._running.enter_context(self._start(settings))
            except NoServer as error:
                self._missing[settings] = str(error)
                raise
            self._by_settings[settings] = server
        return asdict(self._by_settings[settings])

    def stop(self) -> None:
        """Stop all of them."""
        self._running.close()
