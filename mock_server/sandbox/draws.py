"""Draws: numbers that look random, and depend on a seed and the number of a request alone."""

from __future__ import annotations

from hashlib import blake2b

# A draw is a whole number below this.
SPAN = 2**64


def draw(purpose: str, seed: int, number: int) -> tuple[int, int]:
    """Return two draws for the request with a number, the same on every machine.

    `purpose` is what they decide, e.g. `chaos`, so that two decisions with one seed are independent.
    """
    digest = blake2b(f"{purpose} {seed} {number}".encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")
