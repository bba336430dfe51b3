"""The host check: the host names by which the control API may be called.

A page of another site can make a browser call this machine by a name of the site's own (DNS rebinding).
It can't make the browser use a name that only this machine or its network has.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from mock_server.errors import Misdirected
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send

# Domains that no site on the Internet can have (RFC 6761 section 6; `.internal` by ICANN's resolution of
# 29 July 2024).
_LOCAL = (".localhost", ".internal", ".test")


class HostCheck:
    """ASGI middleware that raises Misdirected for a Host header that a site on the Internet may own."""

    def __init__(self, app: AsgiApp, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for name, value in scope["headers"]:
            if name == b"host" and not self._admits(value.decode("latin-1")):
                raise Misdirected(value.decode("latin-1"))
        await self._app(scope, receive, send)

    def _admits(self, header: str) -> bool:
        host = re.sub(r":\d*$", "", header.strip().lower()).removesuffix(".")
        return ("." not in host and ":" not in host) or host in self._allowed or _is_local(host)


def _is_local(host: str) -> bool:
    if host.endswith(_LOCAL):
        return True
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
