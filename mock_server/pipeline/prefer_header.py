"""The `Prefer` header (RFC 7240), by which one request asks for a status or a delay."""

from __future__ import annotations

import re
from typing import NamedTuple

# Commas separate the members of a list, except within quotation marks (RFC 9110 section 5.6).
_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+', re.DOTALL)

# `code=503`, `delay="0.5"`; parameters may follow a semicolon, and none is defined for these two.
_PREFERENCE = re.compile(r'\s*(code|delay)\s*=\s*"?([0-9.]{1,10})"?\s*(;.*)?', re.ASCII | re.IGNORECASE)

# In seconds; a longer delay is ignored.
LONGEST_DELAY = 60.0


class Preferences(NamedTuple):
    """A status to answer with, and seconds to wait before; None for what was not asked for."""

    code: int | None = None
    delay: float | None = None

    @property
    def applied(self) -> str:
        """Return the value of `Preference-Applied`, e.g. `code=503, delay=0.5`; empty for none."""
        code = [] if self.code is None else [f"code={self.code}"]
        delay = [] if self.delay is None else [f"delay={self.delay:g}"]
        return ", ".join(code + delay)


def read(header: str | None) -> Preferences:
    """Return what a `Prefer` header asks for; only the first valid `code` and `delay` count."""
    code: int | None = None
    delay: float | None = None
    for preference in _MEMBER.findall(header or ""):
        found = _PREFERENCE.fullmatch(preference)
        if found is None:
            continue
        if found[1].lower() == "code" and code is None:
            code = _code(found[2])
        elif found[1].lower() == "delay" and delay is None:
            delay = _delay(found[2])
    return Preferences(code, delay)


def _code(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[2-5]\d\d", text, re.ASCII) else None


def _delay(text: str) -> float | None:
    if re.fullmatch(r"\d+(\.\d*)?|\.\d+", text, re.ASCII) is None:
        return None
    seconds = float(text)
    return seconds if seconds <= LONGEST_DELAY else None
