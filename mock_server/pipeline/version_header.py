"""Versions: the header by which a client selects one, and which every response carries."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.formats.headers import Headers, header_value, with_added
from mock_server.openapi.version import VersionRule
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.settings import is_below


class Versions:
    """What a response says its version is, by the rules of all operations of a document."""

    def __init__(self, rules: Iterable[VersionRule]) -> None:
        self._headers: dict[bytes, tuple[bytes, frozenset[str], bytes]] = {}
        for rule in rules:
            name = rule.header.encode("latin-1")
            _, known, _ = self._headers.get(name.lower(), (name, frozenset[str](), b""))
            known |= set(rule.known)
            # Versions are dates, or anything else whose order is that of texts.
            self._headers[name.lower()] = (name, known, max(known).encode("latin-1"))

    def of(self, headers: Headers) -> list[tuple[bytes, bytes]]:
        """The headers for the response: the version asked for if there is one such, else the newest."""
        result = []
        for lowered, (name, known, newest) in self._headers.items():
            version = header_value(headers, lowered)
            result.append((name, version.encode("latin-1") if version in known and version else newest))
        return result


class Versioned:
    """A wrapper that adds its version to every response, but not below the spared path."""

    def __init__(self, app: AsgiApp, versions: Versions, spared: str) -> None:
        self._app = app
        self._versions = versions
        self._spared = spared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def versioned(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = self._versions.of(scope["headers"])
                message = {**message, "headers": with_added(message["headers"], own)}
            await send(message)

        spared = is_below(scope["path"], self._spared)
        await self._app(scope, receive, send if spared else versioned)
