"""Quick checks of texts and numbers that are surely right by a schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from mock_server.formats.numbers import is_multiple, is_number
from mock_server.openapi.patterns import is_match
from mock_server.openapi.schema import Schema

# It tells whether a value is surely right.
Check = Callable[[Any], bool]

# With these, a bound is excluded.
_FLAGS = frozenset(["exclusiveMaximum", "exclusiveMinimum"])


def never(_value: Any) -> bool:
    return False


def always(_value: Any) -> bool:
    return True


def text_check(merged: Schema) -> Check:
    """Return the check of texts by a merged schema."""
    least, most = merged.get("minLength", 0), merged.get("maxLength", float("inf"))
    pattern, has_format = merged.get("pattern"), _format_check(merged)
    if pattern is None and has_format is always and (least, most) == (0, float("inf")):
        return always

    def check(value: str) -> bool:
        if not least <= len(value) <= most:
            return False
        if pattern is not None and not is_match(pattern, value):
            return False
        return has_format(value)

    return check


def number_check(merged: Schema) -> Check:
    """Return the check of numbers by a merged schema."""
    low, high = merged.get("minimum", float("-inf")), merged.get("maximum", float("inf"))
    step, has_format = merged.get("multipleOf"), _format_check(merged)
    if not (is_number(low) and is_number(high)) or not _FLAGS.isdisjoint(merged):
        return never

    def check(value: float) -> bool:
        if not low <= value <= high or (step is not None and not is_multiple(value, step)):
            return False
        return has_format(value)

    return check


def _format_check(merged: Schema) -> Check:
    # Where objects are closed, what is filled with a timestamp has the format of one.
    is_filled = merged.get("x-fill") == "timestamp"
    named = merged.get("format", "date-time" if is_filled else None)
    if named is None:
        return always
    if named in _USUAL_FORMATS:
        return _USUAL_FORMATS[named]
    # Imported here, since most records have none of them, and the library takes long to import.
    from mock_server.openapi.dialects import FORMATS

    return partial(FORMATS.conforms, format=named) if named in FORMATS.checkers else always


_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _is_moment(value: Any) -> bool:
    found = _MOMENT.fullmatch(value)
    return found is not None and bool(date.fromisoformat(found["date"]))


def _is_uuid(value: Any) -> bool:
    return _UUID.fullmatch(value) is not None


# Those that nearly all records have; they are about texts, and leave a few odd ones to the validator.
_USUAL_FORMATS: Mapping[str, Check] = {"date-time": _is_moment, "uuid": _is_uuid}
