"""A clock that a suite can set: it runs beside the wall clock, or stands still."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mock_server.formats.timestamps import LATEST, SECOND, NoMoment, check_moment


def _wall_clock() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Clock:
    """Runs at a distance from the wall clock, in microseconds, or stands still at a moment."""

    distance: int = 0
    stands_at: int | None = None

    @property
    def frozen(self) -> bool:
        return self.stands_at is not None

    def now(self) -> int:
        return _wall_clock() + self.distance if self.stands_at is None else self.stands_at

    def freeze(self, moment: int) -> Clock:
        return Clock(stands_at=check_moment(moment))

    def advance(self, seconds: float) -> Clock:
        """Raises NoMoment where that leads beyond the years that a clock can show."""
        if seconds > LATEST / SECOND:
            raise NoMoment(str(seconds))
        microseconds = round(seconds * SECOND)
        reached = check_moment(self.now() + microseconds)
        return Clock(self.distance + microseconds) if self.stands_at is None else Clock(0, reached)

    def run(self) -> Clock:
        """Runs on from where it stood."""
        return self if self.stands_at is None else Clock(self.stands_at - _wall_clock())
