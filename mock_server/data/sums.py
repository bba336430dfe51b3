"""Sums: adding up the numbers of records, also those that are written as texts, e.g. `"12.50"`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import prod
from typing import Any

from mock_server.data.records import Record, value_of
from mock_server.openapi.actions import Arithmetic, LineSum
from mock_server.openapi.effects import Resource
from mock_server.openapi.member_rules import nested_name, sums_of
from mock_server.openapi.schema import Schema, kinds_of

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)

# Enough digits for sums to be exact: those of a float have at most 17.
DIGITS = 400
# The longest text that is read as a number, since longer ones would take long to add up.
_LONGEST = 100
# What a computed text is like, where its example has no decimals.
_MONEY = "0.00"


def total(values: Iterable[Any], like: Any) -> Any:
    """Return the sum of values, written like a value of the member that has it.

    A text stays a text, with as many decimals as `like` has, or as the most exact of the values, if that
    has more. Where `like` is no number, the sum is written like the values. What is no number counts as
    nothing, such as null. For example, `total(["1.50", "2.25"], "0.00")` is `"3.75"`.
    """
    terms = [value for value in values if read_number(value) is not None]
    numbers = [number for number in map(read_number, terms) if number is not None]
    sample = read_number(like)
    if sample is None and terms:
        like = "" if isinstance(terms[0], str) else 0
    with localcontext(prec=DIGITS):
        added = sum(numbers, Decimal(0))
        if isinstance(like, str):
            exact = max(map(_decimals, [*numbers, *([] if sample is None else [sample])]), default=0)
            return f"{added:z.{exact}f}"
        return written(added, like)


def read_number(value: Any) -> Decimal | None:
    """Return a number, or a text that is one, as a decimal; None for any other value."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        # As it is written, since 0.1 is no binary number.
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return number if number.is_finite() else None
    is_number = isinstance(value, str) and len(value) <= _LONGEST and _DECIMAL.fullmatch(value)
    return Decimal(value) if is_number else None


def written(number: Decimal, like: Any, terms: Iterable[Decimal] = ()) -> Any:
    """Return a number as a text or a number, as `like` is, rounded to the decimals of a text.

    Halves are rounded away from zero. `terms` are what it was computed from: where `like` is a text that
    is no number, it has as many decimals as the most exact of these.
    """
    with localcontext(prec=DIGITS, rounding=ROUND_HALF_UP):
        if isinstance(like, str):
            sample = read_number(like)
            decimals = max(map(_decimals, terms), default=0) if sample is None else _decimals(sample)
            return f"{number:z.{decimals}f}"
        return int(number) if number == number.to_integral_value() else float(number)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


class OwnSums:
    """The members of records that others of their members come to, as `x-sum` of their schemas says."""

    def __init__(self, members: Mapping[str, Schema]) -> None:
        """Take the schemas of the records' members."""
        found = sums_of(members).items()
        self.rules = _in_order({name: rule for name, rule in found if isinstance(rule, Arithmetic)})
        self._texts = {name for name in self.rules if "string" in kinds_of(members[name])}

    @property
    def members(self) -> Iterable[str]:
        """Return the names of the members that are computed."""
        return self.rules

    def first_term(self, member: str) -> str:
        """Return the member whose value makes another one zero by its own; that one itself for none."""
        for _ in self.rules:
            rule = self.rules.get(member)
            if rule is None:
                break
            member = rule.fields[0]
        return member

    def work_out(self, record: Record, kept: Container[str] = ()) -> None:
        """Set the members of a record that its other members come to, e.g. its quantity by its rate.

        `kept` are those that stay as they are.
        """
        for member, rule in self.rules.items():
            if member in kept:
                continue
            terms = [read_number(value_of(record, field)) for field in rule.fields]
            known = [term for term in terms if term is not None]
            if len(known) == len(terms) or (known and rule.operator != "multiply"):
                like = record.get(member)
                like = ("" if member in self._texts else 0) if like is None else like
                is_exact = not isinstance(like, str) or "." in like
                record[member] = written(result(rule, terms), like if is_exact else _MONEY)


class Sums:
    """The members of one collection's records that are computed.

    `own` are those of a record's own members. `lines` are the sums of other records by the members that
    have them, with the full names of these records' collections.
    """

    def __init__(
        self, described: Mapping[str, Schema], resources: Mapping[str, Resource], name: str
    ) -> None:
        """Take the schemas of the records' members, all collections, and the name of this one."""
        self.own = OwnSums(described)
        self.lines: dict[str, LineSum] = {}
        for member, rule in sums_of(described).items():
            if isinstance(rule, LineSum):
                of = nested_name(resources, name, rule.of)
                self.lines.update({} if of is None else {member: rule._replace(of=of)})
        self._texts = {member for member in self.lines if "string" in kinds_of(described[member])}

    @property
    def members(self) -> Iterable[str]:
        """Return the names of the members that are computed."""
        return [*self.own.members, *self.lines]

    def add_up(self, record: Record, member: str, values: Iterable[Any]) -> None:
        """Set a member of a record to the sum of the values that its lines have."""
        like = record.get(member)
        record[member] = total(values, ("" if member in self._texts else 0) if like is None else like)


def _in_order(rules: Mapping[str, Arithmetic]) -> dict[str, Arithmetic]:
    """Return rules in an order in which each comes behind those of its own terms."""
    ordered: dict[str, Arithmetic] = {}
    waiting = dict(rules)
    while waiting:
        ready = [name for name, rule in waiting.items() if waiting.keys().isdisjoint(rule.fields)]
        # Those of a circle come as they stand.
        for name in ready or list(waiting):
            ordered[name] = waiting.pop(name)
    return ordered


def result(rule: Arithmetic, terms: Iterable[Decimal | None]) -> Decimal:
    """Return what terms come to; None counts as nothing."""
    numbers = [Decimal(0) if term is None else term for term in terms]
    with localcontext(prec=DIGITS):
        if rule.operator == "multiply":
            product = prod(numbers, start=Decimal(1))
            return product / 100 if rule.is_percent else product
        first, *rest = numbers
        return first + sum(rest) if rule.operator == "add" else first - sum(rest)
