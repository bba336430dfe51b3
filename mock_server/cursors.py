"""Cursors: opaque texts that stand for a position in a collection.

A cursor is base64 of the text of a UUIDv7, as published (API_FACTS, decoded from the document's
example). The UUID's time field carries the position, and its random bits are a checksum over the
collection's name and the position, so that a cursor which was never issued is told from one that
was, by any replica, without memory.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from hashlib import blake2b

# 2024-07-30T00:00:00Z in milliseconds: position 0. Later positions are older, hence minus.
_EPOCH = 1_722_297_600_000
_SPAN = 1 << 40
_RANDOM_BITS = 74


class UnknownCursor(ValueError):
    """The text is no cursor that this server issues for the collection."""


def encode(collection: str, position: int) -> str:
    """The cursor of a position; positions may be negative, and stay within ±2**40."""
    time = _EPOCH - position
    random = int.from_bytes(blake2b(f"{collection}\0{position}".encode(), digest_size=10).digest())
    random >>= 80 - _RANDOM_BITS
    value = time << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    return base64.b64encode(str(uuid.UUID(int=value)).encode()).decode()


def decode(collection: str, cursor: str) -> int:
    """The position that the cursor stands for; raises UnknownCursor."""
    try:
        value = uuid.UUID(base64.b64decode(cursor, validate=True).decode("ascii")).int
    except (binascii.Error, ValueError):
        raise UnknownCursor(cursor) from None
    position = _EPOCH - (value >> 80)
    if abs(position) >= _SPAN or encode(collection, position) != cursor:
        raise UnknownCursor(cursor)
    return position
