"""Texts of credentials: the names they are sent under, and how they are hidden in what is shown."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from mock_server.formats.authorization import token_of
from mock_server.settings import DEFAULT, RESERVED

# What stands for a credential in a path, a query or a body.
HIDDEN = b"***"

# The names under which credentials are sent whatever a document says, without case, `_` and `-`; that of
# a query parameter is of RFC 6750 section 2.3.
_USUAL = frozenset([b"authorization", b"proxyauthorization", b"xapikey", b"xauthtoken", b"accesstoken"])

# A shorter text is hidden only where it stands alone, e.g. as a whole value: part of a word, it may be
# there by chance. One shorter than the least tells nothing, e.g. the password `x`.
_LONG, _LEAST = 8, 3
_PUBLIC = frozenset(name.encode() for name in (*RESERVED, DEFAULT))

# The most bytes that are looked through for percent-encoded texts: a head has no more, and a body that
# has may be of any size.
_ENCODED = 65_536

# A byte as it stands in a URL: percent-encoded, also several times, or itself.
_BYTE = re.compile(rb"%(?:25)*([0-9A-Fa-f]{2})|.", re.DOTALL)


def plain(name: bytes) -> bytes:
    """Return a name without case, `_` and `-`: `apikey` for `API-Key`."""
    return name.lower().replace(b"_", b"").replace(b"-", b"")


class SecretNames:
    """The names under which a document's credentials are sent, in whatever place and spelling.

    `plain_names` are without case, `_` and `-`, those with blanks also as a query has them: `api+key`.
    """

    def __init__(self, names: Iterable[str] = (), *, is_basic_token: bool = False) -> None:
        """Take the names of keys; `is_basic_token` tells that Basic's user name is a token."""
        own = {plain(name.encode()) for name in names}
        self.plain_names = _USUAL | own | {name.replace(b" ", b"+") for name in own}
        self._is_basic_token = is_basic_token

    def has(self, name: bytes) -> bool:
        """Tell whether a header, a parameter or a cookie of a name holds a credential."""
        return plain(name) in self.plain_names

    def of_headers(self, pairs: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, ...]:
        """Return the texts of credentials that headers hold."""
        found: dict[bytes, None] = {}
        for name, value in pairs:
            if name.lower() == b"cookie":
                cookies = (piece.partition(b"=") for piece in value.split(b";"))
                texts = [text.strip() for own, _, text in cookies if self.has(own.strip())]
            else:
                texts = list(self._of_header(value)) if self.has(name) else []
            found |= dict.fromkeys(filter(_is_secret, texts))
        return tuple(found)

    def _of_header(self, value: bytes) -> Iterator[bytes]:
        """Yield a header's text, what follows the name of its scheme, and the parts of Basic's."""
        word, _, rest = value.strip().partition(b" ")
        yield rest.strip() or word
        if word.lower() != b"basic":
            if b"=" in rest and (token := token_of(value.decode("latin-1"))) is not None:
                yield token.encode("latin-1")  # As in `Token token="abc"`.
            return
        try:
            pair = base64.b64decode(rest.strip(), validate=True)
        except (binascii.Error, ValueError):
            return
        user, _, password = pair.partition(b":")
        yield pair
        if self._is_basic_token:
            yield user
        if len(password) >= _LONG:
            yield password


def of_value(raw: bytes) -> Sequence[bytes]:
    """Return the texts that a raw value of a query may have as a credential."""
    return [text for text in (unquote_to_bytes(raw.replace(b"+", b" ")),) if _is_secret(text)]


def _is_secret(text: bytes) -> bool:
    return len(text) >= _LEAST and text not in _PUBLIC


def hide(raw: bytes, secrets: Sequence[bytes]) -> bytes:
    """Return bytes with `***` for each text of credentials in them.

    Percent-encoded ones are found too, in what is no longer than the head of a request may be.
    """
    if any(map(raw.__contains__, secrets)):
        raw = _replace(raw, secrets)
    if b"%" not in raw or not secrets or len(raw) > _ENCODED or not _is_in_decoded(raw, secrets):
        return raw
    parts = list(_BYTE.finditer(raw))
    decoded = bytes(int(part[1], 16) if part[1] else part[0][0] for part in parts)
    starts = [*(part.start() for part in parts), len(raw)]
    return _replace(decoded, secrets, lambda start, end: raw[starts[start] : starts[end]])


def _is_in_decoded(raw: bytes, secrets: Sequence[bytes]) -> bool:
    once = unquote_to_bytes(raw)
    return any(text in each for each in (once, unquote_to_bytes(once)) for text in secrets)


def hide_in_message(message: str, secrets: Sequence[bytes]) -> str:
    """Return a message that shows no credential; a short one is looked for in quotation marks alone."""
    return hide_text(message, [text if len(text) >= _LONG else b"'%s'" % text for text in secrets])


def hide_in_texts(value: Any, secrets: Sequence[bytes]) -> Any:
    """Return a JSON value whose texts, those of an error, show no credential."""
    if isinstance(value, dict):
        return {name: hide_in_texts(part, secrets) for name, part in value.items()}
    if isinstance(value, list):
        return [hide_in_texts(part, secrets) for part in value]
    return hide_in_message(value, secrets) if isinstance(value, str) else value


def hide_text(text: str, secrets: Sequence[bytes]) -> str:
    """Return a text in which credentials are hidden, whether as UTF-8 or as headers are read."""
    for encoding in ("utf-8", "latin-1"):
        try:
            text = hide(text.encode(encoding), secrets).decode(encoding)
        except UnicodeError:
            continue  # It holds none in this encoding.
    return text


def _replace(
    found: bytes, secrets: Sequence[bytes], shown: Callable[[int, int], bytes] | None = None
) -> bytes:
    """Return bytes with the texts replaced; `shown` returns what stands from one place to another."""
    pieces: list[bytes] = []
    end = 0
    for match in _pattern(secrets).finditer(found):
        pieces += [found[end : match.start()] if shown is None else shown(end, match.start()), HIDDEN]
        end = match.end()
    return b"".join([*pieces, found[end:] if shown is None else shown(end, len(found))])


def _pattern(secrets: Sequence[bytes]) -> re.Pattern[Any]:
    longest_first = sorted(secrets, key=len, reverse=True)
    return re.compile(b"|".join(map(_alone, longest_first)))


def _alone(text: bytes) -> bytes:
    escaped = re.escape(text)
    return escaped if len(text) >= _LONG else rb"(?<![A-Za-z0-9_-])" + escaped + rb"(?![A-Za-z0-9_-])"
