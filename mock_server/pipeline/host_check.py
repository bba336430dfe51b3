"""The host check: by which host names the control API may be called, and which pages may steer it.

A page of another site can make a browser call this machine by a name of the site's own (DNS rebinding).
It can't make the browser use a name that only this machine or its network has. It can also send a
request to a name of this machine, and then the browser says from which origin it comes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from mock_server.errors import Forbidden, Misdirected
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.shown_text import quote

# Domains that no site on the Internet can have (RFC 6761 section 6; `.internal` by ICANN's resolution of
# 29 July 2024).
_LOCAL = (".localhost", ".internal", ".test")

# A name (RFC 1123 section 2.1, and the `_` of a service's name in compose) or an address, in brackets if
# of IPv6, and a port.
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(
    rf"(?P<name>(?=.{{1,254}}(?::|$)){_LABEL}(?:\.{_LABEL})*\.?|\[[0-9a-f:.]+(?:%[a-z0-9]+)?\])(?::\d{{0,5}})?",
    re.ASCII,
)

# Methods that change nothing (RFC 9110 section 9.2.1); a browser asks by OPTIONS whether it may send.
_SAFE = ("GET", "HEAD", "OPTIONS")

# What a browser says of a request that no page of another origin has caused
# (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header). No page can set that header.
_OWN_SITES = ("same-origin", "none")


class HostCheck:
    """ASGI middleware that refuses calls which a page of another site may have caused.

    It raises Misdirected for a Host header that is no host name or that a site on the Internet may own,
    and Forbidden for a call that changes something and comes from a page of another origin.
    """

    def __init__(self, app: AsgiApp, allowed: Iterable[str]) -> None:
        """Allow the names in `allowed` too, e.g. `mock.example`, `*.example` or, for any, `*`."""
        self._app = app
        self._allowed = frozenset(name for name in allowed if not name.startswith("*"))
        self._suffixes = tuple(name[1:] for name in allowed if name.startswith("*"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        for host in hosts:
            self._require_admitted(host.strip().lower())
        if scope["method"] not in _SAFE:
            _require_own_page(scope, hosts)
        await self._app(scope, receive, send)

    def _require_admitted(self, header: str) -> None:
        found = _HOST.fullmatch(header)
        if found is None:
            raise Misdirected(header, "")
        host = found["name"].removesuffix(".")
        is_allowed = host in self._allowed or host.endswith(self._suffixes)
        if not (is_allowed or _is_local(host)):
            raise Misdirected(header, host)


def _is_local(host: str) -> bool:
    """Tell whether no site on the Internet can own a host: a single name, an address, or a local domain.

    A name of digits, as in `256.1.1.1`, is none of them.
    """
    if host.startswith("["):
        return _is_address(host[1:-1], ipaddress.IPv6Address)
    return "." not in host or host.endswith(_LOCAL) or _is_address(host, ipaddress.IPv4Address)


def _is_address(text: str, kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def _require_own_page(scope: Scope, hosts: list[str]) -> None:
    """Raise Forbidden where a browser says that a page of another origin has caused the call."""
    for name, value in scope["headers"]:
        text = value.decode("latin-1").strip().lower()
        if name == b"sec-fetch-site" and text not in _OWN_SITES:
            sent = f"The Sec-Fetch-Site header is {quote(text)}"
        elif name == b"origin" and not any(_is_origin(text, host) for host in hosts):
            sent = f"The Origin header is {quote(text)}"
        else:
            continue
        raise Forbidden(
            f"{sent}, so that a page of another origin has caused the call; "
            "call from a page of this server, or from a program, which sends no such header."
        )


def _is_origin(origin: str, host: str) -> bool:
    """Tell whether an origin is that of a Host header.

    Its scheme is not compared, since a proxy may take TLS off: who answers by that name is one server.
    """
    scheme, _, authority = origin.partition("://")
    return scheme in ("http", "https") and _with_port(authority, scheme) == _with_port(host, scheme)


def _with_port(authority: str, scheme: str) -> str:
    port = "443" if scheme == "https" else "80"
    bare = authority.strip().lower().removesuffix(":")
    return bare if re.search(r":\d+$", bare, re.ASCII) else f"{bare}:{port}"
