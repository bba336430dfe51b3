"""What a request has of credentials: the pair, token or key of a security scheme, or what is wrong."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from mock_server.formats.authorization import token_of
from mock_server.openapi.security import AUTHORIZATION, BASIC, UNCHECKED, SecurityScheme


class Flaw(NamedTuple):
    """Why a scheme is not satisfied; `name` is that of the header, parameter or cookie.

    `is_final`: whether it is refused even where nothing is asked for.
    """

    message: str
    remedy: str
    name: str = AUTHORIZATION
    is_final: bool = False


class Sent(NamedTuple):
    """What a request has: texts of headers by names in lower case, raw values of query parameters."""

    headers: Mapping[str, str | None]
    keys: Mapping[str, tuple[str, ...]]


BASIC_REMEDY = "send 'Authorization: Basic' and base64 of clientId:clientSecret"


def header_of(scheme: SecurityScheme) -> str:
    """Return the name of the header that a scheme's credentials stand in."""
    return "cookie" if scheme.location == "cookie" else scheme.name.lower()


def place_of(scheme: SecurityScheme) -> str:
    """Return where credentials stand, e.g. `The query parameter 'api_key'`."""
    if scheme.name == AUTHORIZATION:
        return "The Authorization header"
    kinds = {"header": "header", "query": "query parameter", "cookie": "cookie"}
    return f"The {kinds[scheme.location]} '{scheme.name}'"


def remedy_of(scheme: SecurityScheme) -> str:
    if scheme.kind == BASIC:
        return BASIC_REMEDY
    if scheme.word:
        return f"send 'Authorization: {scheme.word}' and {_THINGS.get(scheme.kind, 'a token')}"
    return "send it with a key"


_THINGS = {UNCHECKED: "what that scheme asks for"}


def basic_pair(scheme: SecurityScheme, sent: Sent) -> bytes | Flaw:
    """Return the client id and secret of Basic credentials, e.g. `demo:secret` (RFC 7617)."""
    token = _after_word(scheme, sent)
    if isinstance(token, Flaw):
        return token
    try:
        pair = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return Flaw("The Basic credentials are not base64", BASIC_REMEDY)
    if b":" not in pair:
        return Flaw("The Basic credentials hold no colon between client id and secret", BASIC_REMEDY)
    if pair.startswith(b":"):
        return Flaw("The Basic credentials have an empty client id", BASIC_REMEDY)
    return pair


def _after_word(scheme: SecurityScheme, sent: Sent) -> str | Flaw:
    """Return what follows the word of an Authorization header, e.g. `abc` of `Bearer abc`."""
    text = sent.headers[header_of(scheme)]
    if text is None:
        return Flaw("The Authorization header is missing", remedy_of(scheme))
    word, _, rest = text.strip().partition(" ")
    if not word:
        return Flaw("The Authorization header is empty", remedy_of(scheme))
    if word.lower() != scheme.word.lower():
        return Flaw(f"The Authorization header's scheme is not {scheme.word}", remedy_of(scheme))
    if not rest.strip():
        return Flaw(f"The {scheme.word} credentials are empty", remedy_of(scheme))
    return rest.strip()


def token_in(scheme: SecurityScheme, sent: Sent) -> bytes | Flaw:
    """Return the token or key of a scheme as it was before it was encoded."""
    if scheme.location == "query":
        return _query_key(scheme, sent.keys[scheme.name])
    if scheme.takes_any_word and (any_token := token_of(sent.headers[header_of(scheme)] or "")):
        return any_token.encode("latin-1")
    if scheme.word:
        token = _after_word(scheme, sent)
        if isinstance(token, str) and scheme.kind != UNCHECKED and " " in token:
            message = "The Bearer token holds a space, or the Authorization header was sent twice"
            return Flaw(message, remedy_of(scheme))
        return token if isinstance(token, Flaw) else token.encode("latin-1")
    text = sent.headers[header_of(scheme)]
    if scheme.location == "cookie":
        text = _cookie(scheme.name, text)
    elif text is not None and ", " in text:
        return Flaw(f"{place_of(scheme)} was sent more than once", "send it once", scheme.name)
    if scheme.name.lower() == "authorization" and text is not None:
        # Documents that describe a token as a key in this header say in prose which word is before.
        text = token_of(text) or text.strip()
    return _present(scheme, None if text is None else text.encode("latin-1"))


def _query_key(scheme: SecurityScheme, raw_values: tuple[str, ...]) -> bytes | Flaw:
    keys = {unquote_to_bytes(raw.replace("+", " ").encode("latin-1")) for raw in raw_values}
    if len(keys) > 1:
        message = f"{place_of(scheme)} was sent more than once, with different keys"
        return Flaw(message, "send it once", scheme.name)
    return _present(scheme, next(iter(keys), None))


def _present(scheme: SecurityScheme, key: bytes | None) -> bytes | Flaw:
    if key:
        return key
    wrong = "is missing" if key is None else "is empty"
    return Flaw(f"{place_of(scheme)} {wrong}", remedy_of(scheme), scheme.name)


def _cookie(name: str, header: str | None) -> str | None:
    """Return a cookie's value; of several, that of the most specific path (RFC 6265 section 5.4)."""
    for pair in (header or "").split(";"):
        own, equals, value = pair.partition("=")
        if equals and own.strip() == name:
            return value.strip()
    return None
