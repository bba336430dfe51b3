"""Random choices by which records are made: the same for a seed on every machine, in every version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from hashlib import blake2b
from typing import TypeVar

from faker.generator import Generator
from faker.providers import BaseProvider

T = TypeVar("T")


class SeededProvider(BaseProvider):
    """Random choices made with `random()` alone, whose sequence Python guarantees for a seed."""

    def __init__(self, generator: Generator | None = None) -> None:
        super().__init__(generator or Generator())

    def seed(self, text: str) -> None:
        """Begin the sequence that belongs to a text."""
        digest = blake2b(text.encode(), digest_size=8).digest()
        self.generator.seed_instance(int.from_bytes(digest))

    def draw(self) -> float:
        """Return a number from 0 up to, but not including, 1."""
        return float(self.generator.random.random())

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
