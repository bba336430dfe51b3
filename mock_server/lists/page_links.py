"""Links: the URLs of other pages, as a request's own URL makes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import quote

from mock_server.formats.query_string import decode

# What a URL may hold as it is: RFC 3986 section 2, and `%` since the parts are encoded already.
_SAFE = "!$%&'()*+,-./:;=?@_~"
_UNSAFE = re.compile(r"[^A-Za-z0-9!$%&'()*+,\-./:;=?@_~]")


class Target(NamedTuple):
    """A request's URL: the origin, e.g. `http://127.0.0.1:8080`, the path, and the query."""

    origin: str
    path: str
    query: str


class Links(NamedTuple):
    """The links from one page to others: the request's URL with another position.

    `before` and `after` are the encoded parts of the query around the position, with their `&`.
    """

    origin: str
    path: str
    before: str
    after: str

    def url(self, name: str, text: object | None, *, is_relative: bool = False) -> str:
        """Return the URL that sends a text by the parameter `name`; None leads to the first page."""
        query = self.before if text is None else f"{self.before}{_name(name)}={_value(text)}"
        query += self.after if query and query[-1] != "&" else self.after[1:]
        if query[-1:] == "&":
            query = query[:-1]
        url = f"{self.path}?{query}" if query else self.path
        return url if is_relative else self.origin + url


# Cached, since they are names of the document's own parameters.
_name = lru_cache(maxsize=256)(partial(quote, safe=""))


def _value(text: object) -> str:
    return str(text) if type(text) is int else quote(str(text), safe="")


def links(target: Target, positions: Collection[str], left_out: Collection[str]) -> Links:
    """Return the links from a page to others, which keep every parameter of its request in its order.

    `positions` are the names of the parameters for positions, in whose place the new position comes;
    parameters in `left_out`, which are credentials, do not come along.
    """
    before: list[str] = []
    after: list[str] = []
    found = before
    for piece in filter(None, target.query.split("&")):
        name = decode(piece.partition("=")[0])
        if name in positions:
            found = after
        elif name not in left_out:
            found.append(piece)
    ahead = "".join([f"{piece}&" for piece in before])
    behind = "".join([f"&{piece}" for piece in after])
    return Links(target.origin, _safe(target.path), _safe(ahead), _safe(behind))


def _safe(text: str) -> str:
    # Texts are bytes decoded as Latin-1, as ASGI has the query.
    return quote(text.encode("latin-1"), safe=_SAFE) if _UNSAFE.search(text) else text


def link_header(links: Iterable[tuple[str, str]]) -> str:
    """Return the value of a `Link` header, by RFC 8288 section 3, for pairs of a relation and a URL."""
    return ", ".join([f'<{url}>; rel="{relation}"' for relation, url in links])
