"""The URL of a request, as its connection saw it, or as a proxy in front of the server did."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mock_server.lists.page_links import Target
from mock_server.server.asgi import Scope

# What the URL depends on beside the request's target; the last two where a proxy is trusted.
HOST = "host"
FORWARDED = ("x-forwarded-host", "x-forwarded-proto")

# RFC 9110 section 7.2: a name or an address, and a port.
_HOST = re.compile(r"[A-Za-z0-9._~%!$&'*+;=-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def request_url(scope: Scope, headers: Mapping[str, str], *, trusts_proxy: bool) -> Target:
    """Return the URL of a request; `headers` are its headers by their names in lower case.

    If `trusts_proxy`, `X-Forwarded-Host` and `X-Forwarded-Proto` say what the client asked.
    """
    host, scheme = headers.get(HOST, ""), scope.get("scheme", "http")
    if trusts_proxy:
        forwarded, proto = (_first(headers.get(name, "")) for name in FORWARDED)
        host = forwarded if _HOST.fullmatch(forwarded) else host
        scheme = proto.lower() if proto.lower() in ("http", "https") else scheme
    if _HOST.fullmatch(host) is None:
        address, port = scope.get("server") or ("localhost", 80)
        host = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    path, query = scope["raw_path"], scope["query_string"]
    return Target(f"{scheme}://{host}", path.decode("latin-1"), query.decode("latin-1"))


def _first(value: str) -> str:
    # Each proxy appends its own; the first is what the client asked.
    return value.partition(",")[0].strip()
