"""The truth table of comma-separated, percent-encoded lists (docs/api_facts.md), sent byte for byte.

A row is a form of a query's value, in which names stand for values of the records, and what it must
find. A row is undecidable where the records have no such values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, quote_plus

from mock_server.conform.filter_checks import require_items
from mock_server.conform.filter_under_test import FilterUnderTest
from mock_server.conform.made_values import fits
from mock_server.conform.requirements import Undecidable

# Forms of two plain values, `a` and `b`, which a filter by an enum takes too. In what must be found,
# `a,b` is a single value.
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
    # A percent sign before two digits would be taken for an encoded character.
    "percent": (re.compile(r"[^%,]*%(?![0-9A-Fa-f]{2})[^%,]*"), "holds a percent sign"),
}
_PLAIN = re.compile(r"[^,% ]+")
# A text of each kind, by which a field's schema tells whether its values may be such.
_SAMPLES = {"comma": "a,b", "space": "a b", "percent": "50% off"}
# Forms that OpenAPI itself describes, with and without `explode`.
_REPEATED, _JOINED = ("reading-one", "reading-repeated"), ("reading-one", "reading-two")

EncodingCheck = Callable[[FilterUnderTest], None]


def select_checks(tested: FilterUnderTest) -> dict[str, EncodingCheck]:
    """Return the rows that a filter can be checked by, each as a check under its name.

    The whole table is for filters of an overlay; others are read as OpenAPI says.
    """
    checks: dict[str, EncodingCheck] = {}
    if tested.rule.is_found:
        for name in _REPEATED if tested.is_repeated else _JOINED:
            checks[name] = partial(_check_form, *PLAIN[name])
        return checks
    forms = PLAIN if tested.allowed is not None else PLAIN | _special_forms(tested)
    for name, (form, matched) in forms.items():
        checks[name] = partial(_check_form, form, matched)
    for name, form in EMPTY.items():
        checks[name] = partial(_check_empty, form)
    return checks


def _special_forms(tested: FilterUnderTest) -> dict[str, tuple[str, str]]:
    """Return the forms of SPECIAL of whose kind a value of the field may be."""
    kinds = {kind for kind, sample in _SAMPLES.items() if fits(sample, tested.field)}
    return {name: form for name, form in SPECIAL.items() if form[1].split()[0] in kinds}


def _check_form(form: str, matched: str, tested: FilterUnderTest) -> None:
    """Check that a form finds the records that have any of the values named in `matched`."""
    samples = _Samples(tested)
    raw_values = re.sub(r"\{(\w+)\}", lambda name: samples.raw_value(name[1]), form)
    values = {value for name in matched.split() for value in samples.values(name)}
    wanted = tested.matching_records(*values)
    key = quote(tested.name, safe="")
    query = [f"{key}={raw_value}" for raw_value in raw_values.split("&")]
    require_items(tested.tested_list, wanted, *query)


def _check_empty(raw_value: str, tested: FilterUnderTest) -> None:
    """Check that a form without values filters nothing."""
    query = f"{quote(tested.name, safe='')}={raw_value}"
    require_items(tested.tested_list, tested.tested_list.records, query)


class _Samples:
    """Values of a filter's records, one of each kind."""

    def __init__(self, tested: FilterUnderTest) -> None:
        self._tested = tested

    def raw_value(self, name: str) -> str:
        """Return a value as a form sends it; raise Undecidable where no record has such a value."""
        if name == "plus":
            return quote_plus(self._value("space"))
        once = quote(self._value(name.removesuffix("2")), safe="")
        return quote(once, safe="") if name.endswith("2") else once

    def values(self, name: str) -> list[str]:
        """Return what a name stands for: a value, two joined to one by a comma, or the parts of one."""
        match name:
            case "a,b":
                return [f"{self._value('a')},{self._value('b')}"]
            case "parts":
                return [part for part in self._value("comma").split(",") if part]
        return [self._value(name)]

    def _value(self, name: str) -> str:
        field = self._tested.rule.field
        if name in _KINDS:
            pattern, meaning = _KINDS[name]
            found = [each for each in self._tested.values if pattern.fullmatch(each)]
            if not found:
                raise Undecidable(f"no record's {field} {meaning}")
            return found[0]
        plain = [each for each in self._tested.values if _PLAIN.fullmatch(each)]
        number = "ab".index(name)
        if len(plain) <= number:
            raise Undecidable(f"the records have {'one' if plain else 'no'} plain value of {field}")
        return plain[number]
