"""Cursors: opaque texts that stand for a position in a collection.

A cursor is base64 of the text of a UUIDv7, as the vendor's are (docs/api_facts.md). The UUID's time
field carries the position. Its random bits are a checksum over the collection's name and the position,
so that any replica recognises issued cursors without storing them. In a sorted list, the text has the
order key of the record behind the UUID, which the checksum is about too.
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from hashlib import blake2b

from mock_server.lists.sorting import Place

# 2024-07-30T00:00:00Z in milliseconds: position 0. Later positions have earlier times.
_EPOCH = 1_722_297_600_000
_SPAN = 1 << 40
_RANDOM_BITS = 74

# Broken pages need different cursors for one position: 12 bits number the variants of a cursor. The last
# variant marks a cursor that is refused as expired.
VARIANTS = (1 << 12) - 1
_EXPIRED = VARIANTS


class UnknownCursor(ValueError):
    """Raised for a text that is no cursor of the collection."""


class ExpiredCursor(UnknownCursor):
    """Raised for a cursor that `encode_expired` returned."""


# The length of a UUID's text.
_UUID = 36


# Cached, since a client sends each cursor back with its next request.
@lru_cache(maxsize=1024)
def encode(collection: str, position: int, variant: int = 0, key: str = "") -> str:
    """Return the cursor of a position, which may be negative and lies within ±2**40.

    Variants from 1 to `VARIANTS` - 1 give other cursors of the same position. `key` is what `Place` has
    of it in a sorted list.
    """
    text = f"{collection}\0{position}\0{variant}" if variant else f"{collection}\0{position}"
    text += f"\0{key}" if key else ""
    digest = blake2b(text.encode(), digest_size=10).digest()
    random = int.from_bytes(digest) >> (80 - _RANDOM_BITS)
    high, low = random >> 62, random & ((1 << 62) - 1)
    value = (_EPOCH - position) << 80 | 0x7 << 76 | (variant or high) << 64 | 0b10 << 62 | low
    digits = f"{value:032x}"
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return base64.b64encode(("-".join(parts) + key).encode()).decode()


def encode_expired(collection: str, position: int) -> str:
    """Return a cursor of a position that looks like any other, but that `decode` refuses."""
    return encode(collection, position, _EXPIRED)


def decode(collection: str, cursor: str) -> int:
    """Return the position that a cursor stands for; raise UnknownCursor or ExpiredCursor.

    That of a sorted list is a `Place`.
    """
    try:
        raw = base64.b64decode(cursor, validate=True)
        # Texts that are no UUID in the usual form are found by the comparison below.
        value, key = int(raw[:_UUID].replace(b"-", b""), 16), raw[_UUID:].decode()
    except (binascii.Error, ValueError):
        raise UnknownCursor(cursor) from None
    position = _EPOCH - (value >> 80)
    if abs(position) >= _SPAN:
        raise UnknownCursor(cursor)
    variant = value >> 64 & 0xFFF
    plain = encode(collection, position, 0, key)
    if plain != cursor and encode(collection, position, variant, key) != cursor:
        raise UnknownCursor(cursor)
    if variant == _EXPIRED and plain != cursor:
        raise ExpiredCursor(cursor)
    return Place(position, key) if key else position
