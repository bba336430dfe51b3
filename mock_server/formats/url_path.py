"""Paths of URLs, decoded so that routes can be matched and no segment loses what it holds."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

# An encoded slash is data of its segment and no separator (RFC 3986 section 2.2), and the patterns of
# routers end at a line break. In a decoded path, lone surrogates stand for the two; nothing else decodes
# to those.
_SLASH, _LINE_BREAK = "\udc2f", "\udc0a"


def decode(raw: bytes) -> str:
    """Return a path to match routes with, e.g. `/a/ö` for `/a/%C3%B6`.

    An encoded slash or line break stays apart, until `restore`. What is no UTF-8 becomes U+FFFD.
    """
    segments = [unquote_to_bytes(segment).decode("utf-8", "replace") for segment in raw.split(b"/")]
    return "/".join([s.replace("/", _SLASH).replace("\n", _LINE_BREAK) for s in segments])


def restore(decoded: str) -> str:
    """Return the value of a segment of a decoded path, e.g. `group/project` for `group%2Fproject`."""
    return decoded.replace(_SLASH, "/").replace(_LINE_BREAK, "\n")


def show(decoded: str) -> str:
    """Return a decoded path for a message, with what stayed apart as clients send it: `a%2Fb`."""
    return decoded.replace(_SLASH, "%2F").replace(_LINE_BREAK, "%0A")
