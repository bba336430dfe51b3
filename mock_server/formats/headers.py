"""HTTP headers, as pairs of bytes with names in lower case (ASGI, HTTP connection scope)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache, partial
from typing import TypeAlias

Headers = Iterable[tuple[bytes, bytes]]

REDACTED = b"[redacted]"

# The headers that hold credentials, beside those that a document's security names.
SECRET = frozenset(
    {b"authorization", b"proxy-authorization", b"cookie", b"set-cookie", b"x-api-key", b"x-auth-token"}
)

# The schemes that may be shown (the registry of RFC 9110 section 16.4.1, and two in wide use); what
# follows another word may be a secret, and so may the word.
_SCHEME = re.compile(
    rb"(basic|bearer|concealed|digest|dpop|gnap|hoba|mutual|negotiate|oauth|privatetoken|scram-sha-1"
    rb"|scram-sha-256|vapid|apikey|token) ",
    re.IGNORECASE,
)


class HeaderBlock:
    """The headers of one request, understood once.

    `texts` are the values by name, several of one name joined with `, ` (RFC 9110 section 5.3), e.g.
    `{"accept": "text/html, */*"}`; cookies are joined with `; `. `redacted` are the pairs as they came,
    but without credentials. `size` is in bytes on the wire.
    """

    __slots__ = ("redacted", "size", "texts")

    def __init__(self, pairs: Sequence[tuple[bytes, bytes]], secret: Collection[bytes] = SECRET) -> None:
        """Understand pairs; `secret` are the names of headers with credentials, in lower case."""
        texts: dict[str, str] = {}
        for raw_name, raw_value in pairs:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1").strip()
            # RFC 9113 section 8.2.3: cookies may come in several lines.
            separator = "; " if name == "cookie" else ", "
            texts[name] = f"{texts[name]}{separator}{value}" if name in texts else value
        self.texts = texts
        self.redacted = tuple(redact(pairs, secret))
        # Each takes a colon, a space and the end of the line beside its name and value.
        self.size = sum([len(name) + len(value) + 4 for name, value in pairs])


# Returns the block of a request's headers.
HeaderReader: TypeAlias = Callable[[tuple[tuple[bytes, bytes], ...]], HeaderBlock]


def header_reader(secret: Collection[bytes] = SECRET) -> HeaderReader:
    """Return a reader with a cache, since a client sends the same headers with every request.

    A block has at most 64 kB.
    """
    return lru_cache(maxsize=64)(partial(HeaderBlock, secret=secret))


read_headers = header_reader()


def redact(headers: Headers, secret: Collection[bytes] = SECRET) -> list[tuple[bytes, bytes]]:
    """Return the headers without the values of those in `secret`, e.g. `Basic [redacted]`."""
    return [(n, _redact(n, v) if n.lower() in secret else v) for n, v in headers]


def _redact(name: bytes, value: bytes) -> bytes:
    # No scheme stands before a cookie, whose name may look like one.
    scheme = None if name.lower() in (b"cookie", b"set-cookie") else _SCHEME.match(value)
    return (scheme[0] if scheme else b"") + REDACTED


def by_name(headers: Headers) -> dict[str, str]:
    """Return the headers by their names, several values of one joined, e.g. `{"accept": "a, b"}`."""
    result: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        result[name] = f"{result[name]}, {value}" if name in result else value
    return result
