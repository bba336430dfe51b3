"""Texts of others in messages: shortened, printable, in quotation marks, with a near name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def printable(text: str, limit: int | None = 60) -> str:
    """Return at most `limit` characters of a text, with U+FFFD for each that is not printable."""
    short = text if limit is None or len(text) <= limit else text[:limit] + "…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in short)


def quote(text: str) -> str:
    """Return a text in quotation marks, shortened and printable, e.g. `'limt'`."""
    return f"'{printable(text)}'"


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return ` (did you mean 'limit'?)` where a known name is close to this one, else ""."""
    # Comparing long names takes long.
    if len(name) > 60:
        return ""
    lowered = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f" (did you mean '{lowered[near[0]]}'?)" if near else ""
