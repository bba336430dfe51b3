"""Readings: the truth table of comma-separated, percent-encoded lists (API_FACTS), on the wire's bytes.

A row is a form on the wire, in which names stand for values of the data, and what it must find. Some
data lack the values that decide a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, quote_plus

from mock_server.conform.filter_checks import require_items
from mock_server.conform.filter_under_test import Criterion
from mock_server.conform.list_under_test import Undecidable

# Forms of plain values alone, `a` and `b`, which can be asked of an enum too. `a,b` is a single value.
PLAIN = {
    "reading-one": ("{a}", "a"),
    "reading-two": ("{a},{b}", "a b"),
    "reading-comma-encoded": ("{a}%2C{b}", "a b a,b"),
    "reading-empty-between": ("{a},,{b}", "a b"),
    "reading-empty-first": (",{a}", "a"),
    "reading-empty-last": ("{a},", "a"),
    "reading-repeated": ("{a}&{b}", "a b"),
}

# Forms of a value that holds a comma, a space or a percent sign: encoded once, or `…2`, twice.
SPECIAL = {
    # `a%2Cb` is ambiguous, so that its parts are found too where there are records of them.
    "reading-comma-kept": ("{comma}", "comma parts"),
    "reading-each-encoded": ("{comma},{a}", "comma a"),
    "reading-twice-encoded": ("{comma2}", "comma"),
    "reading-twice-encoded-comma": ("{comma2},{a}", "comma a"),
    "reading-twice-encoded-whole": ("{comma2}%2C{a}", "comma a"),
    "reading-space-plus": ("{plus}", "space"),
    "reading-space-percent": ("{space}", "space"),
    "reading-percent-once": ("{percent}", "percent"),
    "reading-percent-twice": ("{percent2}", "percent"),
}

# Forms that filter nothing.
EMPTY = {
    "reading-empty": "",
    "reading-only-commas": ",,",
}

_KINDS = {
    "comma": (re.compile(r"[^%]*,[^%]*"), "holds a comma"),
    "space": (re.compile(r"[^%,]* [^%,]*"), "holds a space"),
    # One that is followed by two digits would be taken for an encoded character.
    "percent": (re.compile(r"[^%,]*%(?![0-9A-Fa-f]{2})[^%,]*"), "holds a percent sign"),
}
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+")


def rows(each: Criterion) -> dict[str, Callable[[Criterion], None]]:
    """The rows that can be asked of a filter, by their names."""
    asked = PLAIN if each.allowed is not None else PLAIN | SPECIAL
    found: dict[str, Callable[[Criterion], None]] = {}
    for name, (form, matched) in asked.items():
        found[name] = partial(_check, form, matched)
    for name, form in EMPTY.items():
        found[name] = partial(_check_empty, form)
    return found


def _check(form: str, matched: str, each: Criterion) -> None:
    """A form finds the records whose value is any of those that stand for the names in `matched`."""
    samples = _Samples(each)
    wire = re.sub(r"\{(\w+)\}", lambda name: samples.wire(name[1]), form)
    values = {value for name in matched.split() for value in samples.values(name)}
    wanted = each.passing(*values)
    key = quote(each.name, safe="")
    require_items(each.subject, wanted, *(f"{key}={value}" for value in wire.split("&")))


def _check_empty(wire: str, each: Criterion) -> None:
    """A form without values filters nothing."""
    require_items(each.subject, each.subject.records, f"{quote(each.name, safe='')}={wire}")


class _Samples:
    """Values of the data, one of each kind."""

    def __init__(self, each: Criterion) -> None:
        self._criterion = each

    def wire(self, name: str) -> str:
        """A value as a form sends it; raises Undecidable where the data have none such."""
        if name == "plus":
            return quote_plus(self._value("space"))
        once = quote(self._value(name.removesuffix("2")), safe="")
        return quote(once, safe="") if name.endswith("2") else once

    def values(self, name: str) -> list[str]:
        """What a name stands for: a value, a list of two read as one, or the parts of one."""
        match name:
            case "a,b":
                return [f"{self._value('a')},{self._value('b')}"]
            case "parts":
                return [part for part in self._value("comma").split(",") if part]
        return [self._value(name)]

    def _value(self, name: str) -> str:
        field = self._criterion.rule.field
        if name in _KINDS:
            pattern, holds = _KINDS[name]
            found = [each for each in self._criterion.texts if pattern.fullmatch(each)]
            if not found:
                raise Undecidable(f"no record's {field} {holds}")
            return found[0]
        plain = [each for each in self._criterion.texts if _PLAIN.fullmatch(each)]
        place = "ab".index(name)
        if len(plain) <= place:
            raise Undecidable(f"the records have {'one' if plain else 'no'} plain value of {field}")
        return plain[place]
