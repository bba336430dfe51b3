"""Shares: what lines have, so that they come to the sums that a record of a fixture file states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from mock_server.data.bonds import Bonds
from mock_server.data.nesting import Nesting
from mock_server.data.records import Record
from mock_server.data.sums import DIGITS, read_number, result, total, written
from mock_server.openapi.actions import Arithmetic
from mock_server.openapi.effects import Resource

# The most decimals of a factor, e.g. of a rate of tax.
_MOST_DECIMALS = 12

_ZERO, _ONE = Decimal(0), Decimal(1)


class Shares:
    """Gives the lines of one collection their shares of what the records above them state."""

    def __init__(
        self, bonds: Bonds, resource: Resource, given: Sequence[Record], nesting: Nesting
    ) -> None:
        """Take the lines' collection, the records of files above, and which of these has which lines."""
        name, parent = resource.name, resource.parent
        above = {} if parent is None else bonds.sums[parent.collection].lines
        field = None if parent is None else parent.field
        self._stated = [(n, rule) for n, rule in above.items() if (rule.of, rule.by) == (name, field)]
        self._own = bonds.sums[name].own
        self._given = given
        self._nesting = nesting

    def give(self, line: Record, index: int) -> None:
        """Set the members of the line at an index to its share of what the record above it states."""
        number = self._nesting.parent_of(index)
        lines = self._nesting.of_parent(number)
        totals = [(rule.field, read_number(self._given[number].get(n))) for n, rule in self._stated]
        place, count = lines.index(index), len(lines)
        wanted = {n: _share(each, place, count) for n, each in totals if each is not None}
        for name, rule in reversed(list(self._own.rules.items())):
            if name in wanted and rule.operator != "multiply":
                wanted |= _terms(rule, wanted.pop(name), wanted)
        for name, rule in self._own.rules.items():
            if name in wanted:
                self._set_factors(line, rule, wanted[name], wanted)
        line |= {name: written(each, line.get(name), [each]) for name, each in wanted.items()}
        if wanted:
            self._own.work_out(line, wanted)

    def _set_factors(
        self, line: Record, rule: Arithmetic, product: Decimal, wanted: Mapping[str, Decimal]
    ) -> None:
        """Set the last factor of a product, and those before it to 1; what is wanted otherwise stays."""
        *before, last = rule.fields
        line |= {
            n: written(_ONE, line.get(n)) for n in before if n not in wanted.keys() | self._own.rules
        }
        others = [wanted.get(name) or read_number(line.get(name)) for name in before]
        unit = result(rule, [*others, _ONE])
        if unit and last not in wanted.keys() | self._own.rules:
            line[last] = total([f"{_factor(product, unit):f}"], line.get(last))


def _share(whole: Decimal, number: int, count: int) -> Decimal:
    """Return a share of a number, exact to its last digit, e.g. 0.04 as the first of 3 of 0.10."""
    unit = Decimal((0, (1,), min(0, int(whole.as_tuple().exponent))))
    with localcontext(prec=DIGITS, rounding=ROUND_HALF_UP):
        each, rest = divmod(int(whole / unit), count)
        return unit * (each + (number < rest))


def _factor(product: Decimal, other: Decimal) -> Decimal:
    """Return the shortest factor that makes a product of another one, e.g. 0.19 for 3.80 of 20.00."""
    exponent = int(product.as_tuple().exponent)
    with localcontext(prec=DIGITS):
        found = (round(product / other, digits) for digits in range(_MOST_DECIMALS))
        fitting = (each for each in found if round(each * other - product, -exponent) == 0)
        return next(fitting, product / other)


def _terms(rule: Arithmetic, comes_to: Decimal, wanted: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return what the terms of a sum are to be, but for those known: the first has the rest."""
    free = [name for name in rule.fields if name not in wanted]
    left = comes_to - result(rule, [wanted.get(name) for name in rule.fields])
    is_taken = rule.operator == "subtract" and free[:1] != list(rule.fields[:1])
    return {name: (-left if is_taken else left) if name == free[0] else _ZERO for name in free}
