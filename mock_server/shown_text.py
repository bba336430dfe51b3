"""Texts of others in messages: shortened, printable, in quotation marks, with a near name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# Characters of a name that is compared with others; comparing long ones takes long.
_LONGEST_COMPARED = 60


def printable(text: str, limit: int | None = 60) -> str:
    """Return at most `limit` characters of a text, with U+FFFD for each that is not printable."""
    short = text if limit is None or len(text) <= limit else text[:limit] + "…"
    if short.isprintable():
        return short
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in short)


def quote(text: str) -> str:
    """Return a text in quotation marks, shortened and printable, e.g. `'limt'`."""
    return f"'{printable(text)}'"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'limit'?)` where a known name is close to this one, else ""."""
    near = nearest(name, known)
    return "" if near is None else f" (did you mean '{near}'?)"


def name_some(names: Iterable[str], most: int = 20) -> str:
    """Return the first of some names with commas, e.g. `a, b, … (550 in all)`."""
    known = list(names)
    return ", ".join(known[:most]) + (f", … ({len(known):,} in all)" if len(known) > most else "")


def nearest(name: str, known: Iterable[str], similarity: float = 0.6) -> str | None:
    """Return the known name that is most like another, in whatever case; None where none is near.

    `similarity` is that of names which are near, from 0 to 1 (difflib).
    """
    if len(name) > _LONGEST_COMPARED:
        return None
    lowered = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=similarity)
    return lowered[near[0]] if near else None
