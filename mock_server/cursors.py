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


# A hostile page may need cursors that differ although they stand for one position (laps), and one
# that is refused later.
LAPS = 16
_EXPIRED = "expired"


class UnknownCursor(ValueError):
    """The text is no cursor that this server issues for the collection."""


class ExpiredCursor(UnknownCursor):
    """The cursor was issued by `expired`."""


def encode(collection: str, position: int, lap: int = 0) -> str:
    """The cursor of a position; positions may be negative, and stay within ±2**40.

    Laps from 1 to 15 give other cursors of the same position.
    """
    return _encode(collection, position, f"\0{lap}" if lap else "")


def expired(collection: str, position: int) -> str:
    """A cursor that looks like any other and that `decode` refuses."""
    return _encode(collection, position, f"\0{_EXPIRED}")


def _encode(collection: str, position: int, variant: str) -> str:
    time = _EPOCH - position
    text = f"{collection}\0{position}{variant}"
    random = int.from_bytes(blake2b(text.encode(), digest_size=10).digest())
    random >>= 80 - _RANDOM_BITS
    value = time << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    return base64.b64encode(str(uuid.UUID(int=value)).encode()).decode()


def decode(collection: str, cursor: str) -> int:
    """The position that the cursor stands for; raises UnknownCursor, or ExpiredCursor."""
    try:
        value = uuid.UUID(base64.b64decode(cursor, validate=True).decode("ascii")).int
    except (binascii.Error, ValueError):
        raise UnknownCursor(cursor) from None
    position = _EPOCH - (value >> 80)
    if abs(position) >= _SPAN:
        raise UnknownCursor(cursor)
    if not any(encode(collection, position, lap) == cursor for lap in range(LAPS)):
        raise (ExpiredCursor if expired(collection, position) == cursor else UnknownCursor)(cursor)
    return position
