"""HTTP headers, as pairs of bytes with names in lower case (ASGI, HTTP connection scope)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import TypeAlias

from mock_server.formats.secret_texts import SecretNames, hide

Headers = Iterable[tuple[bytes, bytes]]

REDACTED = b"[redacted]"

# Those of documents without keys.
_USUAL_NAMES = SecretNames()
_COOKIES = (b"cookie", b"set-cookie")

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
    but without credentials, whose texts are `secrets`. `size` is in bytes on the wire.
    """

    __slots__ = ("redacted", "secrets", "size", "texts")

    def __init__(self, pairs: Sequence[tuple[bytes, bytes]], names: SecretNames = _USUAL_NAMES) -> None:
        """Understand pairs; `names` are those of headers and cookies with credentials."""
        texts: dict[str, str] = {}
        for raw_name, raw_value in pairs:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1").strip()
            # RFC 9113 section 8.2.3: cookies may come in several lines.
            separator = "; " if name == "cookie" else ", "
            texts[name] = f"{texts[name]}{separator}{value}" if name in texts else value
        self.texts = texts
        self.secrets = names.of_headers(pairs)
        self.redacted = tuple(redact(pairs, names, self.secrets))
        # Each takes a colon, a space and the end of the line beside its name and value.
        self.size = sum([len(name) + len(value) + 4 for name, value in pairs])


# Returns the block of a request's headers.
HeaderReader: TypeAlias = Callable[[tuple[tuple[bytes, bytes], ...]], HeaderBlock]


def header_reader(names: SecretNames = _USUAL_NAMES) -> HeaderReader:
    """Return a reader with a cache, since a client sends the same headers with every request.

    A block has at most 64 kB.
    """
    return lru_cache(maxsize=64)(partial(HeaderBlock, names=names))


read_headers = header_reader()


def redact(
    headers: Headers, names: SecretNames = _USUAL_NAMES, secrets: Sequence[bytes] = ()
) -> list[tuple[bytes, bytes]]:
    """Return the headers without credentials: `Basic [redacted]`, and `***` for the texts of `secrets`.

    Cookies and the headers in `names` are redacted whole.
    """
    return [
        (name, _redact(name, value) if _is_secret(name, names) else hide(value, secrets))
        for name, value in headers
    ]


def _is_secret(name: bytes, names: SecretNames) -> bool:
    return names.has(name) or name.lower() in _COOKIES


def _redact(name: bytes, value: bytes) -> bytes:
    # No scheme stands before a cookie, whose name may look like one.
    scheme = None if name.lower() in _COOKIES else _SCHEME.match(value)
    return (scheme[0] if scheme else b"") + REDACTED


def by_name(headers: Headers) -> dict[str, str]:
    """Return the headers by their names, several values of one joined, e.g. `{"accept": "a, b"}`."""
    result: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        result[name] = f"{result[name]}, {value}" if name in result else value
    return result
