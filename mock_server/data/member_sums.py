"""Member sums: the members of a record that are what others of its members come to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mock_server.data import sums
from mock_server.data.records import Record, value_of
from mock_server.openapi.actions import Arithmetic
from mock_server.openapi.member_rules import sums_of
from mock_server.openapi.schema import Schema

_MONEY = "0.00"


class MemberSums:
    """Works out the members of records of a schema that `x-sum` computes of others."""

    def __init__(self, schema: Schema) -> None:
        found = sums_of(schema).items()
        self._rules = [(name, rule) for name, rule in found if isinstance(rule, Arithmetic)]

    def apply(self, record: Record) -> Record:
        """Return a record with its sums, each in the order of the schema."""
        if not self._rules:
            return record
        summed = dict(record)
        for name, rule in self._rules:
            numbers = [sums.read_number(value_of(summed, field)) for field in rule.fields]
            known = [number for number in numbers if number is not None]
            if len(known) == len(numbers):
                summed[name] = _written(_come_to(rule, known), summed.get(name), summed, rule)
        return summed


def _come_to(rule: Arithmetic, numbers: list[Decimal]) -> Decimal:
    first, *rest = numbers
    for number in rest:
        if rule.operator == "multiply":
            first *= number
        else:
            first += number if rule.operator == "add" else -number
    return first / 100 if rule.is_percent else first


def _written(number: Decimal, like: Any, record: Record, rule: Arithmetic) -> Any:
    """Return a number as the member's, or else as the numbers that it comes of are written."""
    if sums.read_number(like) is None:
        texts = [value_of(record, field) for field in rule.fields]
        like = _MONEY if any(isinstance(each, str) for each in texts) else 0
    elif isinstance(like, str) and "." not in like:
        like = _MONEY
    return sums.written(number, like)
