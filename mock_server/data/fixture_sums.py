"""Fixture sums: what records of fixture files say that others come to, and these do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.data import sums
from mock_server.data.collection import Collection
from mock_server.data.records import field_of
from mock_server.data.sums import Sums
from mock_server.formats.source_file import Place, Source
from mock_server.openapi.actions import LineSum
from mock_server.openapi.effects import Resource
from mock_server.problems import Problem
from mock_server.shown_text import quote


class SumFinder:
    """Finds the sums of records that those which they add up do not come to."""

    def __init__(
        self,
        resources: Mapping[str, Resource],
        collections: Mapping[str, Collection],
        computed: Mapping[str, Sums],
    ) -> None:
        """Take all collections, their records, and the members of each that are computed."""
        self._resources = resources
        self._collections = collections
        self._computed = computed

    def find(self, source: Source, item: Mapping[str, Any], place: Place) -> Iterator[Problem]:
        """Yield a problem for each sum of a record, which stands at a place of a file."""
        name = str(place[0])
        own = self._resources[name].key
        key = None if own is None else field_of(item, own)
        for member, rule in self._computed[name].lines.items() if key is not None else ():
            said, values = item.get(member), self._values(rule, str(key))
            come_to = sums.total(values, said)
            if sums.read_number(said) is None or sums.read_number(said) == sums.read_number(come_to):
                continue
            noun = rule.of.rpartition("/")[2]
            message = f"the {member} is {_shown(said)}, and its {noun} ({len(values):,}) come to"
            remedy = f"write that, or change the {noun}"
            yield source.problem((*place, member), f"{message} {_shown(come_to)}", remedy)

    def _values(self, rule: LineSum, key: str) -> list[Any]:
        lines = self._collections[rule.of]
        positions = lines.positions_with(rule.by, key)
        return [field_of(lines.record_at(each, b""), rule.field) for each in positions]


def _shown(number: Any) -> str:
    return quote(number) if isinstance(number, str) else str(number)
