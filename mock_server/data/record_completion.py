"""Completing records that come from outside, and checking them by their schema and their ids."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import count, islice
from typing import Any

from mock_server.data.columns import texts_in
from mock_server.data.records import Record, RecordSchema
from mock_server.openapi.patterns import PatternTimeout
from mock_server.openapi.schema_errors import Flaw
from mock_server.settings import LISTED
from mock_server.shown_text import quote


class RecordCompleter:
    """Completes and checks the records of one collection, one after the other.

    `taken` are the ids of the records that the collection has already. `key` is the member whose values
    have to differ; None for the one that `x-fill: id` marks.
    """

    def __init__(self, schema: RecordSchema, taken: Container[str] = (), key: str | None = None) -> None:
        self._schema = schema
        self._key = key or schema.id_field
        self._taken = taken
        self._reserved: set[str] = set()
        self._ids: dict[str, str] = {}
        # Whether checking a record took too long: no others are checked, since that flaw refuses all.
        self._gave_up = False

    def reserve_ids(self, items: Iterable[Any]) -> None:
        """Keep the ids that these items have from being given to items without one.

        To be called with all items of a file before any of them is completed.
        """
        field = self._schema.id_field
        ids = (item.get(field) for item in items if isinstance(item, dict))
        self._reserved |= {record_id for record_id in ids if isinstance(record_id, str)}

    def complete(
        self, item: Any, index: int, where: str, created: str | None = None
    ) -> tuple[Any, list[Flaw]]:
        """Return the record completed, and its flaws.

        `index` and `created` are passed to `RecordSchema.complete`. `where` is the place of the
        item, e.g. `/items/3`, which the message for a later record with the same id names. An item
        that is no object comes back as it is, with that flaw.
        """
        record = self._complete_with_new_id(item, index, created) if isinstance(item, dict) else item
        flaws = [] if self._gave_up else list(islice(self._schema.flaws(record), LISTED))
        self._gave_up |= any(flaw.keyword == PatternTimeout.CODE for flaw in flaws)
        if isinstance(record, dict):
            flaws += self._id_flaws(record, where)
        return record, flaws

    def _complete_with_new_id(self, item: Record, index: int, created: str | None) -> Any:
        """Return the record completed; if it has no id, with one that no other record has.

        An id that is derived may be taken: another item may have been copied from an earlier answer.
        """
        field = self._schema.id_field
        for attempt in count():
            record = self._schema.complete(item, index, attempt=attempt, created=created)
            if field is None or field in item or not self._is_reserved(record[field]):
                break
        return record

    def _is_taken(self, record_id: str) -> bool:
        return record_id in self._ids or record_id in self._taken

    def _is_reserved(self, record_id: str) -> bool:
        return record_id in self._reserved or self._is_taken(record_id)

    def _id_flaws(self, record: Record, where: str) -> Iterator[Flaw]:
        field = self._key
        texts = [] if field is None else texts_in(record, field)
        if field is None or len(texts) != 1:
            return
        [record_id] = texts
        if self._is_taken(record_id):
            there = (
                f"in {self._ids[record_id]}/{field}" if record_id in self._ids else "in the collection"
            )
            message = f"the id {quote(record_id)} is there already, {there}"
            yield Flaw((field,), "unique", message, "give each record its own")
        else:
            self._ids[record_id] = where
