"""Versions: the header by which a client selects one, and which every response carries."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.errors import UnknownVersion, quote
from mock_server.openapi.operations import VersionRule
from mock_server.pipeline.wsgi_bridge import AsgiApp, Message, Receive, Scope, Send, is_below

Headers = Iterable[tuple[bytes, bytes]]


def sent(headers: Headers, name: bytes) -> str | None:
    """A header's value, several of them joined as RFC 9110 section 5.3 says; None if absent."""
    values = [value.decode("latin-1").strip() for key, value in headers if key == name]
    return ", ".join(values) if values else None


def added(headers: Headers, own: Headers) -> list[tuple[bytes, bytes]]:
    """The headers, whose names are in lower case, with the server's own, but for those already there."""
    there = {name for name, _ in headers}
    return [*headers, *((name, value) for name, value in own if name.lower() not in there)]


def check(rule: VersionRule, headers: Headers) -> str:
    """The version asked for, or else the newest.

    Raises UnknownVersion, the vendor's own error, for one that the operation lacks.
    """
    version = sent(headers, rule.header.lower().encode("latin-1"))
    if version is not None and version not in rule.known:
        blame = (
            f"{quote(version)} was sent for '{rule.header}', which must be one of "
            f"{', '.join(rule.known)}; send that, or leave it out."
        )
        raise UnknownVersion(rule.error_type, rule.error_message, rule.header, blame)
    return version or max(rule.known)


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
            version = sent(headers, lowered)
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
                message = {**message, "headers": added(message["headers"], own)}
            await send(message)

        spared = is_below(scope["path"], self._spared)
        await self._app(scope, receive, send if spared else versioned)
