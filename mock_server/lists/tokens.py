"""Tokens: opaque texts that stand for a position in a collection, together with the filters of a list.

A token is base64 of a digest of the filters, the position and a checksum over both and the collection's
name, so that any replica recognises issued tokens, and those of other filters, without storing them. In
a sorted list, the order key of the record follows the position.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from mock_server.lists.cursors import ExpiredCursor, UnknownCursor
from mock_server.lists.filters import Filter
from mock_server.lists.sorting import Place, Sort

# Bytes of the parts of a token: 24 in all, which base64 writes without padding.
_CHECKSUM, _BINDING, _POSITION = 11, 6, 7
_LENGTH = _CHECKSUM + _BINDING + _POSITION
# Positions may be negative; the lowest 4 bits of their part number the variants of a token.
_SPAN = 1 << 40
_EXPIRED = VARIANTS = 15

UNFILTERED = bytes(_BINDING)


def binding(wanted: Iterable[Filter | Sort]) -> bytes:
    """Return a digest of filters and the way to sort, the same in any order and on every machine."""
    parts = sorted((each.canonical for each in wanted), key=repr)
    return blake2b(repr(parts).encode(), digest_size=_BINDING).digest() if parts else UNFILTERED


# Cached, since a client sends each token back with its next request.
@lru_cache(maxsize=1024)
def encode(collection: str, bound_to: bytes, position: int, variant: int = 0, key: str = "") -> str:
    """Return the token of a position, which may be negative and lies within ±2**40.

    `bound_to` is the `binding` of the filters. Variants from 1 to `VARIANTS` - 1 give other tokens of
    the same position. `key` is what `Place` has of it in a sorted list.
    """
    head = bound_to + ((position + _SPAN) << 4 | variant).to_bytes(_POSITION) + key.encode()
    checksum = blake2b(head + collection.encode(), digest_size=_CHECKSUM).digest()
    return base64.urlsafe_b64encode(checksum + head).decode().rstrip("=")


def encode_expired(collection: str, bound_to: bytes, position: int) -> str:
    """Return a token of a position that looks like any other, but that `decode` refuses."""
    return encode(collection, bound_to, position, _EXPIRED)


def decode(collection: str, token: str) -> tuple[int, bytes]:
    """Return the position that a token stands for, and the `binding` of its filters.

    That of a sorted list is a `Place`. Raise UnknownCursor or ExpiredCursor.
    """
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        key = raw[_LENGTH:].decode()
    except (binascii.Error, ValueError):
        raise UnknownCursor(token) from None
    if len(raw) < _LENGTH:
        raise UnknownCursor(token)
    bound_to = raw[_CHECKSUM : _CHECKSUM + _BINDING]
    number = int.from_bytes(raw[_CHECKSUM + _BINDING : _LENGTH])
    position, variant = (number >> 4) - _SPAN, number & 15
    if abs(position) >= _SPAN or encode(collection, bound_to, position, variant, key) != token:
        raise UnknownCursor(token)
    if variant == _EXPIRED:
        raise ExpiredCursor(token)
    return Place(position, key) if key else position, bound_to
