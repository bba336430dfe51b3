"""Reading moments in RFC 3339 and writing them as the vendor does.

A moment is a whole number of microseconds since 1970 in UTC, so that sums of moments are exact.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
LATEST = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
# RFC 3339 section 5.6, e.g. `2024-05-02T14:26:48.63792Z`.
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,30})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)  # fmt: skip


class NoMoment(ValueError):
    """The text is not a moment in RFC 3339, or the moment is outside the years 1 to 9000."""


def parse_moment(text: str) -> int:
    """Return the moment that a text of RFC 3339 names; raise NoMoment for any other text."""
    if _RFC_3339.fullmatch(text) is None:
        raise NoMoment(text)
    try:
        moment = (datetime.fromisoformat(text.upper()) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        raise NoMoment(text) from None
    return check_moment(moment)


def format_timestamp(moment: datetime) -> str:
    """Return a datetime in the vendor's format: UTC, `Z`, e.g. `2024-05-02T14:26:48.63792Z`."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "Z"


def format_moment(moment: int) -> str:
    """Return a moment in the same format as `format_timestamp`."""
    return format_timestamp(_EPOCH + timedelta(microseconds=moment))


def check_moment(moment: int) -> int:
    """Return the moment; raise NoMoment outside the years 1 to 9000.

    The calendar of Python ends in 9999, and a clock that starts at the moment must not reach that.
    """
    if not _FIRST <= moment <= LATEST:
        raise NoMoment(str(moment))
    return moment
