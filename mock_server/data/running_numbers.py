"""Running numbers: those that the records of a collection get one after another, e.g. `SEQ-0042`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from mock_server.data.chunk import Chunk
from mock_server.data.columns import texts_in, texts_of

_NUMBERED = re.compile(r"(.*?)([0-9]+)")
_FEWEST_DIGITS = 4


class Series(NamedTuple):
    """The running numbers of one member, named by its path, that begin with the same text."""

    member: str
    start: str

    def number_in(self, text: str | None) -> int:
        """Return the number of a text, e.g. 42 of `SEQ-0042`; 0 where the text is none of these."""
        if text is None or not text.startswith(self.start):
            return 0
        rest = text[len(self.start) :]
        return int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 19 else 0


class Numbering(NamedTuple):
    """How the numbers of a series are written: with so many digits at least."""

    series: Series
    digits: int

    @classmethod
    def of(cls, prefix: str, member: str, example: Any) -> Numbering:
        """Return that of a prefix: with as many digits as an example, and what stands before them."""
        parts = _NUMBERED.fullmatch(example) if isinstance(example, str) else None
        lead, digits = (parts[1], len(parts[2])) if parts else ("", _FEWEST_DIGITS)
        # Of another prefix in the example, what separates it from the digits: the `-` of `INV-0001`.
        separator = lead[len(lead.rstrip("-_/# ")) :]
        start = lead if lead.startswith(prefix) else prefix + separator
        return cls(Series(member, start), digits)

    def text(self, number: int) -> str:
        """Return a number as records have it."""
        return f"{self.series.start}{number:0{self.digits}}"


class RunningNumbers(NamedTuple):
    """The numbers that a collection must not give again, though no record has them any more.

    - `beginning`: the records that the collection began with
    - `given`: the greatest number of each series that a record was given since
    """

    beginning: tuple[Chunk, ...] = ()
    given: Mapping[Series, int] = {}

    def greatest(self, series: Series, chunks: Iterable[Chunk]) -> int:
        """Return the greatest number that was given, or that records have or had at the beginning."""
        # Each chunk knows its own, so that one is counted anew after a change.
        of_chunks = [_greatest(each, series) for each in (*self.beginning, *chunks)]
        return max([self.given.get(series, 0), *of_chunks])

    def with_numbers(self, every: Iterable[Series], record: Any) -> RunningNumbers:
        """Return these with the numbers of a record."""
        found = {
            each: max(map(each.number_in, texts_in(record, each.member)), default=0) for each in every
        }
        new = {each: n for each, n in found.items() if n > self.given.get(each, 0)}
        return self._replace(given={**self.given, **new}) if new else self


def _greatest(chunk: Chunk, series: Series) -> int:
    return chunk.once(f"numbers {series.start}", series.member, partial(_find_greatest, chunk, series))


def _find_greatest(chunk: Chunk, series: Series, _field: str) -> int:
    texts = (text for cell in chunk.columns[series.member] for text in texts_of(cell))
    return max(map(series.number_in, texts), default=0)
