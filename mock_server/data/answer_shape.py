"""Answer shapes: how an operation shows a record, by itself or in a member of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.data.blanks import Occasion
from mock_server.data.projection import Projection
from mock_server.data.records import Record, field_of
from mock_server.openapi.answer_examples import answer_examples
from mock_server.openapi.effects import Resource
from mock_server.openapi.enclosures import answer_enclosure
from mock_server.openapi.former_names import NO_LINEAGE, Lineage
from mock_server.openapi.responses import answer_schema, best_success
from mock_server.openapi.schema import Schema, members_of
from mock_server.openapi.schema_merging import merge_all_of


class AnswerShape:
    """Shows the records of a resource as one schema of answers has them.

    `schema` and `example` are those of the record, wherever it stands in the answer.
    """

    def __init__(
        self,
        schema: Schema,
        example: Any,
        resource: Resource,
        lineage: Lineage = NO_LINEAGE,
        kept: Sequence[Projection] = (),
    ) -> None:
        """Take what an answer is described as, and an example of it; None for none.

        `kept` are what has shown each record before, as it is kept; none where not all were.
        """
        merged = merge_all_of(schema)
        self._member = answer_enclosure(merged, resource)
        self.schema, self.example = schema, example
        if self._member is not None:
            self.schema = members_of(merged)[self._member]
            self.example = example.get(self._member) if isinstance(example, Mapping) else None
        self._record = Projection(self.schema, self.example, lineage)
        if kept:
            self._record = self._record.after(kept)
        self._answer = self._record if self._member is None else Projection(schema, example)

    @classmethod
    def of(
        cls,
        described: Mapping[str, Any],
        status: str,
        resource: Resource,
        lineage: Lineage = NO_LINEAGE,
        kept: Sequence[Projection] = (),
    ) -> AnswerShape | None:
        """Return that of an operation's answer with a status; None where it has no content."""
        found = answer_schema(described, status)
        example = next(iter(answer_examples(described, status)), None)
        return None if found is None else cls(found[1], example, resource, lineage, kept)

    def show(self, record: Record, occasion: Occasion) -> Any:
        """Return the answer with a record."""
        shown = self._record.show(record, occasion)
        return shown if self._member is None else self._answer.show({self._member: shown}, occasion)

    @property
    def whole(self) -> Schema:
        """Return the merged schema of the answer."""
        return self._answer.schema

    def show_members(self, members: Record, occasion: Occasion) -> Any:
        """Return the answer with members of its own."""
        return self._answer.show(members, occasion)


def answered_records(described: Mapping[str, Any], resource: Resource) -> list[Any]:
    """Return the examples of records that an operation's successful answer has."""
    status = best_success(described)
    found, examples = answer_schema(described, status), answer_examples(described, status)
    enclosure = None if found is None else answer_enclosure(merge_all_of(found[1]), resource)
    return examples if enclosure is None else [field_of(each, enclosure) for each in examples]
