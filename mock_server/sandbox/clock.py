"""The clock of an account, which a test can freeze and advance. Moments are microseconds since 1970."""

from __future__ import annotations

import time
from typing import NamedTuple

from mock_server.formats.timestamps import LATEST, SECOND, NoMoment, check_moment


def _wall_clock() -> int:
    return time.time_ns() // 1000


class Clock(NamedTuple):
    """A clock that is `distance` microseconds ahead of the wall clock, or stands still.

    `stands_at` is the moment at which it stands, None where it runs. A clock never changes: each method
    returns a new one.
    """

    distance: int = 0
    stands_at: int | None = None

    @property
    def is_frozen(self) -> bool:
        """Tell whether it stands still."""
        return self.stands_at is not None

    def now(self) -> int:
        """Return the moment that it shows."""
        return _wall_clock() + self.distance if self.stands_at is None else self.stands_at

    def freeze(self, moment: int) -> Clock:
        """Return a clock that stands at a moment; raise NoMoment beyond the years that one can show."""
        return Clock(stands_at=check_moment(moment))

    def advance(self, seconds: float) -> Clock:
        """Return the clock set ahead by seconds; raise NoMoment beyond the years that one can show."""
        if seconds > LATEST / SECOND:
            raise NoMoment(str(seconds))
        microseconds = round(seconds * SECOND)
        reached = check_moment(self.now() + microseconds)
        return Clock(self.distance + microseconds) if self.stands_at is None else Clock(0, reached)

    def run(self) -> Clock:
        """Return a running clock that goes on from the moment at which this one stands."""
        return self if self.stands_at is None else Clock(self.stands_at - _wall_clock())
