"""Written members: what the body of a request says of a record, by the record's own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.data.member_values import Given, work_out
from mock_server.data.records import Record
from mock_server.openapi.actions import Create, Rules
from mock_server.openapi.effects import Resource
from mock_server.openapi.enclosures import body_enclosure, said_record
from mock_server.openapi.former_names import NO_LINEAGE, BodyShape, Lineage


class Written:
    """Reads the bodies of one operation.

    `sayable` are the members of a record that its bodies can say.
    """

    def __init__(
        self,
        described: Mapping[str, Any],
        rules: Rules,
        resource: Resource,
        lineage: Lineage = NO_LINEAGE,
    ) -> None:
        """Take what the document says of the operation, its rules, and the lineage of the records."""
        self._enclosure = body_enclosure(described, resource)
        self._shape = BodyShape(said_record(described, resource), lineage)
        self._mapped = rules.mapped
        self._create = rules.create or Create({})
        names = [self._mapped.get(name, kept) for name, kept in self._shape.names.items()]
        self.sayable = frozenset(name.split(".")[0] for name in names)

    def new(self, given: Given) -> Record:
        """Return the members of a new record: those that the overlay sets, and over them the body's."""
        return {**_nested(work_out(self._create.set, given)), **self.members(given.body)}

    def record_in(self, body: Any) -> Record:
        """Return what a body says of the record, in the body's own names."""
        said = body if isinstance(body, dict) else {}
        inner = said.get(self._enclosure) if self._enclosure is not None else None
        return dict(inner if isinstance(inner, dict) else said)

    def members(self, body: Any) -> Record:
        """Return the members that a body says, where the record has them."""
        sent = self.record_in(body)
        mapped = {self._mapped[name]: sent.pop(name) for name in list(sent) if name in self._mapped}
        kept: Record = self._shape.kept(sent)
        for path, value in mapped.items():
            _put(kept, path.split("."), value)
        return kept


def _nested(members: Record) -> Record:
    """Return members whose names are paths as members of objects."""
    found: Record = {}
    for path, value in members.items():
        _put(found, path.split("."), value)
    return found


def _put(record: Record, path: list[str], value: Any) -> None:
    """Put a value at a path of a record; into a list of objects, one of several values in each."""
    first, *rest = path
    if not rest:
        record[first] = value
    elif isinstance(value, list):
        there = record.get(first)
        items = there if isinstance(there, list) and len(there) == len(value) else [{} for _ in value]
        record[first] = [dict(each) for each in items]
        for item, each in zip(record[first], value, strict=True):
            _put(item, rest, each)
    elif value is None:
        record.setdefault(first, None)
    else:
        there = record.get(first)
        record[first] = dict(there) if isinstance(there, dict) else {}
        _put(record[first], rest, value)
