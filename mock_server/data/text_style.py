"""Texts in the style of an example: ids, dates, names and numbers vary, other texts repeat it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import Any

from mock_server.data import id_style

# The last words of names of properties that hold ids, and of those that hold names.
_IDS = frozenset(["id", "ids", "uuid", "guid", "ulid", "sid", "gid"])
_NAMES = frozenset(["name", "title", "label", "login", "username", "slug", "email", "nickname"])
_MOMENTS = frozenset(["at", "on", "time", "timestamp", "date", "created", "updated", "modified"])

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)([Tt ])(\d\d:\d\d:\d\d)(\.\d+)?(Z|z|[+-]\d\d:?\d\d)?", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DECIMAL = re.compile(r"-?\d+\.\d+", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DIGITS = re.compile(r"\d{3,}", re.ASCII)
_RFC_2822 = re.compile(r"[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} .*", re.ASCII)

# Records that follow each other are a minute apart, their dates a day; then they begin anew, since no
# date lies before the year 1.
_MINUTES, _DAYS = 10_000_000, 20_000


@lru_cache(maxsize=10_000)
def last_word(name: str) -> str:
    """Return the last word of a property's name in small letters, e.g. `id` of `customerId`."""
    words = _WORD.findall(name)
    return words[-1].lower() if words else name.lower()


def words_of(name: str) -> list[str]:
    """Return the words of a property's name in small letters, e.g. `["sent", "at"]` of `sentAt`."""
    return [word.lower() for word in _WORD.findall(name)]


def is_id(name: str) -> bool:
    """Tell whether a property of this name holds an id."""
    return last_word(name) in _IDS


def is_moment(name: str) -> bool:
    """Tell whether a property of this name holds a moment or a date."""
    return last_word(name) in _MOMENTS


def vary(example: str, name: str, seed: str, index: int, draw: Callable[[], float]) -> str:
    """Return a text in the style of an example for a record's number.

    `name` is that of the property, `seed` names the place in the records, e.g. `0/things/id`.
    """
    match _style(example, name):
        case "moment":
            return earlier(example, index) or example
        case "decimal":
            return _other_decimal(example, draw)
        case "id":
            return id_style.restyle(example, seed, index)
        case "name":
            return numbered(example, index)
    return example


def varies(example: str, name: str) -> bool:
    """Tell whether texts in the style of an example differ from it."""
    return _style(example, name) != "text"


@lru_cache(maxsize=10_000)
def _style(example: str, name: str) -> str:
    """Return what varies of an example: its `moment`, `decimal`, `id` or `name`; `text` for nothing."""
    if earlier(example, 0) is not None:
        return "moment"
    if _DECIMAL.fullmatch(example):
        return "decimal"
    is_of_id = is_id(name)
    if (is_of_id and id_style.has_style(example)) or id_style.looks_random(example):
        return "id"
    if _DIGITS.fullmatch(example):
        return "id"
    return "name" if is_of_id or last_word(name) in _NAMES else "text"


def earlier(example: str, index: int) -> str | None:
    """Return a date or time that lies before an example's by a record's number; None for other texts."""
    try:
        if _DATE.fullmatch(example):
            return (date.fromisoformat(example) - timedelta(days=index % _DAYS)).isoformat()
        match = _DATE_TIME.fullmatch(example)
        if match is not None:
            day, between, time, fraction, zone = match.groups(default="")
            moved = datetime.fromisoformat(f"{day}T{time}") - timedelta(minutes=index % _MINUTES)
            return f"{moved:%Y-%m-%d}{between}{moved:%H:%M:%S}{fraction}{zone}"
        if _RFC_2822.fullmatch(example):
            moved = parsedate_to_datetime(example) - timedelta(minutes=index % _MINUTES)
            return format_datetime(moved, usegmt=example.endswith("GMT"))
    except (ValueError, OverflowError):
        pass
    return None


def _other_decimal(example: str, draw: Callable[[], float]) -> str:
    decimals = len(example.partition(".")[2])
    return f"{float(example) * (0.5 + draw()):.{decimals}f}" if decimals <= 12 else example


def numbered(example: str, index: int) -> str:
    """Return a name with a record's number: `Gold plan 2`, `gold-plan-2`, `ada2@example.com`."""
    if index == 0:
        return example
    local, at, host = example.partition("@")
    if at and local and host:
        return f"{local}{index + 1}@{host}"
    return f"{example}{_between(example)}{index + 1}"


def zero_like(value: Any) -> Any:
    """Return zero as a number or a decimal text writes it, e.g. `0.00`; None for other values."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        _, point, decimals = value.partition(".")
        return "0" + point + "0" * len(decimals)
    return None


def _between(example: str) -> str:
    if " " in example or example[:1].isupper():
        return " "
    return "_" if "_" in example and "-" not in example else "-"
