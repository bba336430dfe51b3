"""Moments, and a clock that a suite can set: it runs beside the wall clock, or stands still.

A moment is a whole number of microseconds since 1970 in UTC, so that sums of moments are exact.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# RFC 3339 section 5.6, e.g. `2024-05-02T14:26:48.63792Z`.
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,30})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)  # fmt: skip


class NoMoment(ValueError):
    """The text is no moment, or one beyond the years that a clock can show."""


def wall() -> int:
    """The moment that it is outside."""
    return time.time_ns() // 1000


def parse(text: str) -> int:
    """The moment that a text of RFC 3339 names; raises NoMoment."""
    if _RFC_3339.fullmatch(text) is None:
        raise NoMoment(text)
    try:
        moment = (datetime.fromisoformat(text.upper()) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise NoMoment(text) from None
    return _checked(moment)


def timestamp(moment: datetime) -> str:
    """A moment as the vendor writes it: UTC, `Z`, and a fraction without trailing zeros."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "Z"


def shown(moment: int) -> str:
    """As `timestamp`, of a moment in microseconds."""
    return timestamp(_EPOCH + timedelta(microseconds=moment))


def _checked(moment: int) -> int:
    # A clock that runs on from here must not reach the last year that there is.
    if not _FIRST <= moment <= _LAST:
        raise NoMoment(str(moment))
    return moment


_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LAST = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """Runs at a distance from the wall clock, in microseconds, or stands still at a moment."""

    distance: int = 0
    stands_at: int | None = None

    @property
    def frozen(self) -> bool:
        return self.stands_at is not None

    def now(self) -> int:
        return wall() + self.distance if self.stands_at is None else self.stands_at

    def freeze(self, moment: int) -> Clock:
        return Clock(stands_at=_checked(moment))

    def advance(self, seconds: float) -> Clock:
        """Raises NoMoment where that leads beyond the years that a clock can show."""
        if seconds > _LAST / SECOND:
            raise NoMoment(str(seconds))
        microseconds = round(seconds * SECOND)
        reached = _checked(self.now() + microseconds)
        return Clock(self.distance + microseconds) if self.stands_at is None else Clock(0, reached)

    def run(self) -> Clock:
        """Runs on from where it stood."""
        return self if self.stands_at is None else Clock(self.stands_at - wall())
