"""Answered members: those that other operations answer of a record beside what the list shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_server.data.blanks import Occasion
from mock_server.data.projection import Projection
from mock_server.data.records import Record, RecordSchema
from mock_server.openapi.schema import Schema, kinds_of, member_names, members_of
from mock_server.openapi.schema_merging import merge_all_of


class AnsweredMembers:
    """Gives records what answers have and the list lacks, so that each answer has the same."""

    def __init__(self, listed: RecordSchema, answers: Iterable[tuple[Schema, Any]]) -> None:
        """Take the schema of the list's records, and those of answers, each with an example or None."""
        known = set(member_names(listed.schema))
        distinct = {id(schema): (merge_all_of(schema), example) for schema, example in answers}
        self._parts: list[tuple[RecordSchema, Projection]] = []
        for each, example in distinct.values():
            described = members_of(each) if "object" in (kinds_of(each) or ("object",)) else {}
            further = {name: part for name, part in described.items() if name not in known}
            if further:
                known.update(further)
                required = [name for name in each.get("required", ()) if name in further]
                schema = {"type": "object", "properties": further, "required": required}
                # Its ids differ from those of the list's members by the collection's name.
                own = RecordSchema(f"{listed.collection}/further", schema)
                self._parts.append((own, Projection(schema, example)))

    @property
    def described(self) -> dict[str, Schema]:
        """Return the schemas of these members by their names."""
        return {n: part for own, _ in self._parts for n, part in members_of(own.schema).items()}

    @property
    def shapes(self) -> list[Projection]:
        """Return what shows these members."""
        return [shape for _, shape in self._parts]

    def complete(self, record: Record, index: int, attempt: int, now: str) -> Record:
        """Return a record with what `x-fill` gives its further members."""
        for schema, _ in self._parts:
            own = {name: record[name] for name in schema.schema["properties"] if name in record}
            record = record | schema.complete(own, index, attempt=attempt, created=now)
        return record

    def show(self, record: Record, occasion: Occasion) -> Record:
        """Return the further members of a record, with those that it must have."""
        shown: Record = {}
        for _, shape in self._parts:
            shown |= shape.show(record, occasion)
        return shown
