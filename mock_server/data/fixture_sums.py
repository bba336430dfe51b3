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
from mock_server.openapi.schema import members_of
from mock_server.problems import Problem
from mock_server.shown_text import quote


class SumFinder:
    """Finds the sums of one collection's records that those which they add up do not come to."""

    def __init__(
        self,
        resource: Resource,
        resources: Mapping[str, Resource],
        collections: Mapping[str, Collection],
    ) -> None:
        """Take a collection, all those of the document, and their records."""
        self._key = resource.key
        self._lines = Sums(members_of(resource.schema), resources, resource.name).lines
        self._collections = collections

    def find(self, source: Source, item: Mapping[str, Any], place: Place) -> Iterator[Problem]:
        """Yield a problem for each sum of a record, which stands at a place of a file."""
        key = None if self._key is None else field_of(item, self._key)
        for member, rule in self._lines.items() if key is not None else ():
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
