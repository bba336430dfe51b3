"""Criteria: the parameters of a subject that filter, with the values that its records have for them.

What a filter means is said here anew, and not by the code that the server filters with: a kit that
asked itself what is right would find itself right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import quote

from mock_server.conform.list_under_test import Item, Subject, Undecidable
from mock_server.openapi.operations import FilterRule, Parameter

# Values that are tried to find one that tells.
_CANDIDATES = 200
# Records that a filtered walk is to have, so that it takes several pages.
_SEVERAL = 5


@dataclass(frozen=True)
class Criterion:
    """A parameter of a subject that filters by a field of its records."""

    subject: Subject
    parameter: Parameter
    rule: FilterRule

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def is_any_of(self) -> bool:
        return self.rule.match == "any-of"

    @cached_property
    def allowed(self) -> Sequence[str] | None:
        """The only values that may be sent; None where all may."""
        field = self.subject.operation.record_schema["properties"][self.rule.field]
        enum = field.get("enum") if self.is_any_of else self.parameter.schema.get("enum")
        return None if enum is None else [text(value) for value in enum]

    @cached_property
    def column(self) -> list[str | None]:
        """The field of each record as text; None where it has none."""
        values = (item.get(self.rule.field) for item in self.subject.records)
        return [None if value is None else text(value) for value in values]

    @property
    def texts(self) -> list[str]:
        """The values of the field in the records, each once, in their order."""
        return list(dict.fromkeys(filter(None, self.column)))

    @cached_property
    def plain(self) -> list[str]:
        """Those that have a single reading on the wire; raises Undecidable where there are none."""
        plain = [each for each in self.texts if not (self.is_any_of and re.search("[,%]", each))]
        if not plain:
            raise Undecidable(f"no record has a plain value of {self.rule.field}")
        return plain

    def query(self, *values: str) -> str:
        """The part of a query that asks for a value, or for any of several, e.g. `name=a%20b,c`."""
        return f"{quote(self.name, safe='')}={','.join(quote(value, safe='') for value in values)}"

    def passes(self, value: str | None, wanted: str) -> bool:
        """By the meaning of the filter: a substring in any case, or exactly the value."""
        if value is None:
            return False
        return value == wanted if self.is_any_of else wanted.lower() in value.lower()

    def places(self, *wanted: str) -> frozenset[int]:
        """The places in the list of the records that pass by any of the values."""
        for each in wanted:
            if each not in self._places:
                column = enumerate(self.column)
                self._places[each] = frozenset(n for n, value in column if self.passes(value, each))
        return frozenset[int]().union(*(self._places[each] for each in wanted))

    @cached_property
    def _places(self) -> dict[str, frozenset[int]]:
        return {}

    def passing(self, *wanted: str) -> list[Item]:
        return [self.subject.records[place] for place in sorted(self.places(*wanted))]

    def telling(self) -> str:
        """The value by which most records pass, though not all; raises Undecidable."""
        counted = {each: len(self.places(each)) for each in islice(self._candidates(), _CANDIDATES)}
        found = [each for each, count in counted.items() if 0 < count < len(self.column)]
        if not found:
            raise Undecidable(f"no value of {self.rule.field} is that of some records, but not of all")
        return max(found, key=counted.__getitem__)

    def _candidates(self) -> Iterator[str]:
        yield from islice(self.plain, _CANDIDATES // 2)
        if not self.is_any_of:
            words = (word for each in self.plain for word in re.findall(r"\w+", each))
            yield from (part for word in words for part in (word, word[:1]))

    def several(self) -> list[str]:
        """Values by which two records or more pass, though not all; raises Undecidable."""
        found = [self.telling()]
        for each in self.plain if self.is_any_of else ():
            if len(self.places(*found)) < _SEVERAL and len(self.places(*found, each)) < len(self.column):
                found.append(each)
        if len(self.places(*found)) < 2:
            raise Undecidable(f"no values of {self.rule.field} are those of two records, but not of all")
        return list(dict.fromkeys(found))


def text(value: Any) -> str:
    """A value as a filter compares it."""
    return value if isinstance(value, str) else json.dumps(value)


def criteria(subject: Subject) -> list[Criterion]:
    return [Criterion(subject, p, p.filters) for p in subject.operation.at("query") if p.filters]
