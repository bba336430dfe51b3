"""A filter of a list under test, with the values that the list's records have for it.

What a filter means is written here a second time, apart from the code by which the server filters:
checks that shared that code would share its mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from mock_server.conform.list_page import Item
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.made_values import made_value
from mock_server.conform.request_values import SEPARATORS, text_of
from mock_server.conform.requirements import Undecidable
from mock_server.conform.ways import query_part
from mock_server.openapi.filter_rules import FilterRule
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import Schema, items_of, kinds_of, only_values
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked
from mock_server.openapi.schema_dialect import compile_schema

# A text that no record is likely to hold, and that is in no enum.
NO_VALUE = "no-record-holds-this"
# The most values that are tried to find a selective one.
_CANDIDATES = 200
# The records that a filtered walk should have, so that it takes several pages.
_SEVERAL = 5


@dataclass(frozen=True)
class FilterUnderTest:
    """A parameter of a list that filters by a field of the records."""

    tested_list: ListUnderTest
    parameter: Parameter
    rule: FilterRule

    @property
    def name(self) -> str:
        """Return the name of the parameter."""
        return self.parameter.name

    @property
    def is_any_of(self) -> bool:
        """Return whether the parameter takes a list of values, of which a record has one."""
        return self.rule.match == "any-of"

    @property
    def is_exact(self) -> bool:
        """Return whether a record matches that has the value itself, and not one that contains it."""
        return self.rule.match != "contains"

    @cached_property
    def allowed(self) -> Sequence[str] | None:
        """Return the only values that may be sent; None where all may."""
        schema = self.parameter.schema
        own = only_values(schema) or only_values(items_of(schema))
        enum = own or (only_values(self.field) if self.is_any_of and not self.rule.is_found else None)
        return None if enum is None else [text for text in map(text_of, enum) if text not in self._mute]

    @property
    def _mute(self) -> tuple[str, ...]:
        """Return the values that ask for nothing: the default of a filter that no overlay names."""
        default = self.parameter.schema.get("default")
        return (text_of(default),) if self.rule.is_found and default is not None else ()

    @property
    def field(self) -> Schema:
        """Return the schema of the field that it filters by, that of the items where it is a list."""
        schema = self.tested_list.operation.field_schema(self.rule.field)
        return items_of(schema) if "array" in kinds_of(schema) else schema

    @property
    def is_shown(self) -> bool:
        """Return whether answers show the field: else no record tells what it has there."""
        schema = self.tested_list.operation.field_schema(self.rule.field)
        return not is_marked(schema, WRITE_ONLY)

    @property
    def absent_value(self) -> str:
        """Return a value that no record is likely to have; raise Undecidable where none may be sent."""
        kinds = set(kinds_of(self.field)) or {"string"}
        sent = set(kinds_of(self._single)) or {"string"}
        values: list[Any] = [NO_VALUE]
        if "string" not in sent or (self.is_exact and "string" not in kinds):
            values = [False, True] if kinds <= {"boolean", "null"} else [4815162342]
        # An id that is made by a pattern is that of no record.
        values += filter(None, [made_value(self._single), made_value(self.field)])
        for value in values:
            if (not self.rule.is_found or self.admits(value)) and text_of(value) not in self.values:
                return text_of(value)
        raise Undecidable(f"{self.name} allows no other value than those of the records")

    def admits(self, value: Any) -> bool:
        """Return whether the parameter's schema admits a value, or a list of it."""
        return compile_schema(self.parameter.schema).is_valid([value] if self.is_any_of else value)

    def admits_text(self, text: str) -> bool:
        """Return whether a text may be sent: one of a number is none where only numbers are right."""
        kinds = set(kinds_of(self._single)) - {"null"}
        if not self.rule.is_found:
            return "string" in (set(kinds_of(self.field)) or {"string"})
        if kinds and "string" not in kinds:
            return bool(kinds & {"integer", "number"}) and text.isdecimal() and self.admits(int(text))
        return self.admits(text)

    @property
    def _single(self) -> Schema:
        """Return the schema of a single value."""
        return items_of(self.parameter.schema) if self.is_any_of else self.parameter.schema

    @cached_property
    def column(self) -> list[list[str]]:
        """Return the values of the field in each record, as texts."""
        return [self.values_in(item) for item in self.tested_list.records]

    def values_in(self, item: Item) -> list[str]:
        """Return the values of the field in a record, as texts: the items of a list, none for null."""
        value = item.get(self.rule.field)
        own = value if isinstance(value, list) else [value]
        return [text_of(each) for each in own if each is not None]

    @cached_property
    def values(self) -> list[str]:
        """Return the values of the field in the records, each once, in their order."""
        return list(dict.fromkeys(each for own in self.column for each in own if each))

    @cached_property
    def plain_values(self) -> list[str]:
        """Return the values that can be understood in one way; raise Undecidable where there are none.

        In a list, a comma or a percent sign makes a value ambiguous.
        """
        told = (each for each in self.values if each not in self._mute)
        plain = [each for each in told if not (self.is_any_of and re.search("[,%]", each))]
        if not plain:
            raise Undecidable(f"no record has a plain value of {self.rule.field}")
        return plain

    def query(self, *values: str) -> str:
        """Return the part of a query that asks for any of the values, e.g. `name=a%20b,c`."""
        if self.is_repeated:
            return "&".join(query_part(self.name, each) for each in values)
        return query_part(self.name, *values, separator=SEPARATORS.get(self.parameter.style, ","))

    @property
    def is_repeated(self) -> bool:
        """Return whether each of several values is sent as a parameter, as OpenAPI says by default.

        A filter of an overlay takes a list of values, whatever the parameter's style.
        """
        return self.rule.is_found and self.parameter.style == "form" and self.parameter.explode

    @property
    def is_form(self) -> bool:
        """Return whether several values are repeated, or have commas between them."""
        return self.is_any_of and self.parameter.style not in SEPARATORS

    def matches(self, values: Iterable[str], wanted: str) -> bool:
        """Return whether a value of a record holds the wanted text in any case, or is just that."""
        if self.is_exact:
            return wanted in values
        return any(wanted.lower() in each.lower() for each in values)

    def matching_positions(self, *wanted: str) -> frozenset[int]:
        """Return the positions in the list of the records that match any of the values."""
        for each in wanted:
            if each not in self._positions:
                column = enumerate(self.column)
                self._positions[each] = frozenset(n for n, own in column if self.matches(own, each))
        return frozenset[int]().union(*(self._positions[each] for each in wanted))

    @cached_property
    def _positions(self) -> dict[str, frozenset[int]]:
        return {}

    def matching_records(self, *wanted: str) -> list[Item]:
        """Return the records that match any of the values, in the order of the list."""
        records = self.tested_list.records
        return [records[position] for position in sorted(self.matching_positions(*wanted))]

    def selective_value(self) -> str:
        """Return the value that matches most records but not all; raise Undecidable for none.

        A filter that does nothing is caught by such a value.
        """
        candidates = islice(self._candidates(), _CANDIDATES)
        counted = {each: len(self.matching_positions(each)) for each in candidates}
        found = [each for each, count in counted.items() if 0 < count < len(self.column)]
        if not found:
            raise Undecidable(f"no value of {self.rule.field} is that of some records, but not of all")
        return max(found, key=counted.__getitem__)

    def _candidates(self) -> Iterator[str]:
        yield from islice(self.plain_values, _CANDIDATES // 2)
        if not self.is_exact:
            words = (word for each in self.plain_values for word in re.findall(r"\w+", each))
            yield from (part for word in words for part in (word, word[:1]))

    def selective_values(self) -> list[str]:
        """Return values that match two records or more but not all; raise Undecidable for none."""
        found = [self.selective_value()]
        for each in self.plain_values if self.is_any_of else ():
            is_partial = len(self.matching_positions(*found, each)) < len(self.column)
            if len(self.matching_positions(*found)) < _SEVERAL and is_partial:
                found.append(each)
        if len(self.matching_positions(*found)) < 2:
            raise Undecidable(f"no values of {self.rule.field} are those of two records, but not of all")
        return list(dict.fromkeys(found))


def find_filters(tested_list: ListUnderTest) -> list[FilterUnderTest]:
    """Return the filters of a list that may be left out, in the order of the document."""
    query = tested_list.operation.at("query")
    # The list can't be had without a required one, whose value each request sends.
    optional = [(p, p.filters) for p in query if p.filters is not None and not p.required]
    return [FilterUnderTest(tested_list, p, rule) for p, rule in optional if _is_decidable(rule)]


def _is_decidable(rule: FilterRule) -> bool:
    """Tell whether the records of a list show what a filter should find: those of one field do."""
    is_plain = rule.match in ("contains", "any-of", "equals") and rule.values is None
    return is_plain and rule.through is None and len(rule.fields) == 1 and "." not in rule.field
