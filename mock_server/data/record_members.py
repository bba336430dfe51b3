"""Record members: reading and setting a member of records by its path, e.g. `customer.id`."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from mock_server.data import text_style
from mock_server.data.records import Record
from mock_server.openapi.schema import Schema, admits_null, alternatives, members_of
from mock_server.openapi.schema_access import WRITE_ONLY
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.schema_merging import merge_all_of

# Words of the names of moments that each record has.
_ALWAYS = frozenset(["created", "updated", "modified", "changed", "received"])
# Words of the names of amounts.
_AMOUNTS = frozenset(
    ["amount", "balance", "count", "due", "outstanding", "paid", "quantity", "remaining", "total"]
)


class RecordMember:
    """A member of the records of one schema, and what that says of it."""

    def __init__(self, schema: Schema, path: str) -> None:
        """Take the merged schema of the records; a property may be named like the whole path."""
        self.path = path
        self._names = [path] if path in members_of(schema) else path.split(".")
        self.is_described = True
        self.is_required = True
        found = schema
        for name in self._names:
            described = members_of(found)
            self.is_described = self.is_described and name in described
            self.is_required = name in found.get("required", ())
            found = merge_all_of(described.get(name, {}))
        self.schema = found

    @property
    def last_name(self) -> str:
        """Return the name of the property itself, e.g. `id`."""
        return self._names[-1]

    @cached_property
    def can_lack(self) -> bool:
        """Whether a record may be without a value."""
        return not self.is_required or any(map(admits_null, alternatives(self.schema)))

    @cached_property
    def is_often_empty(self) -> bool:
        """Whether records without a value are usual: it admits null, or is when something ends or ended.

        What is only optional is mostly there.
        """
        words = text_style.words_of(self.last_name)
        may_end = text_style.is_moment(self.last_name) and _ALWAYS.isdisjoint(words)
        is_nullable = any(map(admits_null, alternatives(self.schema)))
        return is_nullable or (self.can_lack and may_end)

    @cached_property
    def may_be_zero(self) -> bool:
        """Whether it is a number of something of which there may be nothing, e.g. a balance."""
        return not _AMOUNTS.isdisjoint(text_style.words_of(self.last_name))

    @cached_property
    def _compiled(self) -> CompiledSchema:
        return CompiledSchema(self.schema, WRITE_ONLY)

    def admits(self, value: Any) -> bool:
        """Tell whether the schema admits a value."""
        return not self.is_described or self._compiled.is_valid(value)

    def get(self, record: Record) -> Any:
        """Return the value that a record has; None where it has none."""
        holder = self._holder(record)
        return None if holder is None else holder.get(self.last_name)

    def set(self, record: Record, value: Any) -> bool:
        """Set the value in a record; tell whether there was an object to have it."""
        holder = self._holder(record)
        if holder is not None:
            holder[self.last_name] = value
        return holder is not None

    def remove(self, record: Record) -> bool:
        """Remove the value from a record; tell whether there was an object to have it."""
        holder = self._holder(record)
        if holder is not None:
            holder.pop(self.last_name, None)
        return holder is not None

    def _holder(self, record: Record) -> Record | None:
        holder: Any = record
        for name in self._names[:-1]:
            holder = holder.get(name) if isinstance(holder, dict) else None
        return holder if isinstance(holder, dict) else None
