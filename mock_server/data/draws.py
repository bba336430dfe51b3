"""Random choices by which records are made: the same for a seed on every machine, in every version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from fractions import Fraction
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """Random choices made with `random()` alone, whose sequence Python guarantees for a seed."""

    def __init__(self, random: Random | None = None) -> None:
        """Draw from a generator of random numbers, or else from a new one; seed it first."""
        self._random = random or Random(0)  # noqa: S311
        # Returns a number from 0 up to, but not including, 1; the library's own, since most calls are
        # of it.
        self.draw: Callable[[], float] = self._random.random

    def seed(self, number: int) -> None:
        """Begin the sequence that belongs to a number."""
        self._random.seed(number)

    def seed_by(self, text: str) -> None:
        """Begin the sequence that belongs to a text."""
        self.seed(int.from_bytes(blake2b(text.encode(), digest_size=8).digest()))

    def is_chosen(self, probability: float) -> bool:
        """Tell by chance whether something is done."""
        return self.draw() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[int(self.draw() * len(choices))]

    def part_of(self, span: timedelta) -> timedelta:
        """Return a part of a time span, in whole microseconds."""
        return timedelta(microseconds=int(self.draw() * (span // timedelta(microseconds=1))))

    def below(self, count: int) -> int:
        """Return one of the first `count` whole numbers, which may be more than a float can count."""
        draw = self.draw()
        return int(draw * count if count < 2**53 else Fraction(draw) * count)
