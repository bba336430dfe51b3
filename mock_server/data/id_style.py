"""Ids in the style of an example: its prefix kept, the rest another for each record, and none twice."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from hashlib import blake2b
from math import gcd, prod
from uuid import UUID

# RFC 9562, and https://github.com/ulid/spec, whose first ten characters are a time.
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# A prefix of letters before many hexadecimal digits, e.g. `AC5ef872f6da5a21de157d80997a64bd33`.
_BEFORE_HEX = re.compile(r"([A-Za-z]{0,8}?)([0-9a-f]{16,}|[0-9A-F]{16,})")
_SEPARATED = re.compile(r"(.*[_\-:./#|])?([^_\-:./#|]+)")

# How many ids of a style are enough for those of a thousand collections to differ.
_ENOUGH = 10**10
# The fewest characters of a text that is drawn by chance where nothing but its look says so.
_FEWEST = 8


def looks_random(text: str) -> bool:
    """Tell whether a text looks like an id that nobody chose, e.g. `cus_NffrFeUfNV2Hib` or a UUID."""
    if _UUID.fullmatch(text) or _ULID.fullmatch(text) or _BEFORE_HEX.fullmatch(text):
        return True
    match = _SEPARATED.fullmatch(text)
    return match is not None and len(match[2]) >= _FEWEST and _is_mixed(match[2])


def _is_mixed(text: str) -> bool:
    """Tell whether a text mixes digits and letters, or the cases of letters, as no word does."""
    if not text.isascii() or not text.isalnum():
        return False
    has_digit, has_letter = any(map(str.isdigit, text)), any(map(str.isalpha, text))
    cases = text[1:].islower() or text[1:].isupper()
    return (has_digit and has_letter) or (has_letter and not cases)


def has_style(text: str) -> bool:
    """Tell whether a part of an id can be drawn: one with a digit, or of mixed cases."""
    return bool(text) and text.isascii() and (any(map(str.isdigit, text)) or looks_random(text))


def widened(example: str) -> str:
    """Return an example of an id that is long enough for the ids of many collections to differ.

    `12` becomes `12222222222`, and `cus_NffrFeUfNV2Hib` stays.
    """
    if _UUID.fullmatch(example):
        return example
    space = prod(map(len, _style(example)[1]))
    lacking = 0
    while space * 10**lacking < _ENOUGH:
        lacking += 1
    return example + example[-1] * lacking if example[-1:].isalnum() else example


def restyle(example: str, seed: str, index: int) -> str:
    """Return the id with a number of a sequence that a seed names, in the style of an example.

    Different numbers give different ids. The prefix of an example, all before its last separator, is
    kept.
    """
    if _UUID.fullmatch(example):
        made = _uuid(example, seed, index)
        return made.upper() if example.isupper() else made
    prefix, alphabets = _style(example)
    space = prod(map(len, alphabets))
    rounds, number = _spread(seed, index, space)
    drawn: list[str] = []
    for alphabet in reversed(alphabets):
        number, place = divmod(number, len(alphabet))
        drawn.append(alphabet[place])
    return prefix + "".join(reversed(drawn)) + (str(rounds) if rounds else "")


def _uuid(example: str, seed: str, index: int) -> str:
    digest = blake2b(f"{seed}/{index}".encode(), digest_size=16).digest()
    version = int(example[14]) if example[14] in "12345" else 4
    made = str(UUID(bytes=digest, version=version))
    # Later versions hold a time first, which stays (RFC 9562).
    return example[:13] + made[13:14] + example[14] + made[15:] if example[14] in "678" else made


@lru_cache(maxsize=1000)
def _style(example: str) -> tuple[str, tuple[str, ...]]:
    """Return the prefix of an id, and the characters that each place after it may have."""
    if _ULID.fullmatch(example):
        return example[:10], (_CROCKFORD,) * 16
    match = _BEFORE_HEX.fullmatch(example)
    if match is not None:
        is_small = match[2].islower() or match[2].isdigit()
        return match[1], _alphabets(match[2], "0123456789abcdef" if is_small else "0123456789ABCDEF")
    match = _SEPARATED.fullmatch(example)
    prefix, rest = (match[1] or "", match[2]) if match else ("", example)
    if not any(map(str.isdigit, rest)) and not looks_random(rest) and any(map(str.isdigit, prefix)):
        prefix, rest = "", example
    return prefix, _alphabets(rest, _characters(rest))


def _characters(text: str) -> str:
    """Return all characters of the kinds that a text has, e.g. digits and small letters."""
    kinds = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
    return "".join(kind for kind in kinds if set(kind) & set(text))


def _alphabets(text: str, characters: str) -> tuple[str, ...]:
    """Return the characters for each place of a text; what is no letter or digit stays as it is.

    A number keeps a first digit that is none but 0 (RFC 8259: no number begins with 0).
    """
    each = [characters if char.isascii() and char.isalnum() else char for char in text]
    if characters == string.digits and text[0] != "0" and text[0].isdigit():
        each[0] = string.digits[1:]
    return tuple(each)


def _spread(seed: str, index: int, space: int) -> tuple[int, int]:
    """Return how often a sequence that visits all numbers below `space` has begun anew, and its number.

    The step is the golden section of the space, so that numbers that follow each other lie far apart.
    """
    rounds, place = divmod(index, space)
    return rounds, (_offset(seed, space) + place * _step(space)) % space


@lru_cache(maxsize=1000)
def _offset(seed: str, space: int) -> int:
    return int.from_bytes(blake2b(seed.encode(), digest_size=32).digest()) % space


@lru_cache(maxsize=1000)
def _step(space: int) -> int:
    step = max(1, space * 618_033_988_749_894_848 // 10**18)
    while gcd(step, space) != 1:
        step += 1
    return step


def number_id(seed: str, index: int, low: int, high: int, *, is_rising: bool = False) -> int:
    """Return the number that is the id of a record, within bounds; each index gives another one.

    They count down, since the newest records come first and have the highest ids; else they are rising.
    """
    space = high - low + 1
    if is_rising:
        # From the lower half on, so that they come to no end.
        return low + (_offset(seed, space) // 2 + index) % space
    return low + (_offset(seed, space) - index) % space
