"""Answers of operations that are no lists: the document's example, else a value by the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.data.branch_choice import NO_GUIDE
from mock_server.data.path_members import read_member
from mock_server.data.record_maker import RecordMaker
from mock_server.data.records import RecordSchema
from mock_server.openapi.answer_examples import answer_examples
from mock_server.openapi.responses import answer_schema
from mock_server.openapi.schema import property_schema
from mock_server.openapi.schema_access import WRITE_ONLY
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.schema_merging import merge_all_of

# Stands for no answer; None is null.
NO_ANSWER: Any = object()


class ExampleAnswer:
    """What an operation answers with a status, made when it is first asked for."""

    def __init__(self, name: str, described: Mapping[str, Any], status: str) -> None:
        """Take the operation's path, and what the document says of it."""
        self._name = name
        self._examples = answer_examples(described, status)
        found = answer_schema(described, status)
        self._schema = None if found is None else merge_all_of(found[1])
        self._made: Any = None
        self._is_made = False

    def value(self) -> Any:
        """Return an example that fits its schema, else a value by the schema; NO_ANSWER for neither.

        Where no value fits, the example is the answer all the same.
        """
        if not self._is_made:
            self._made, self._is_made = self._make(), True
        return self._made

    def _make(self) -> Any:
        if self._schema is None:
            return self._examples[0] if self._examples else NO_ANSWER
        compiled = CompiledSchema(self._schema, WRITE_ONLY, is_closed=False)
        for example in self._examples:
            if compiled.is_valid(example):
                return example
        records = RecordSchema(self._name, self._schema, guides=lambda: self._examples)
        made = records.complete(RecordMaker(records).record(0, 0), 0)
        if compiled.is_valid(made):
            return made
        return self._examples[0] if self._examples else NO_ANSWER

    def with_path(self, values: Mapping[str, str]) -> Any:
        """Return the value with what the path's parameters name in the members of the same names.

        A member that doesn't admit it stays as it is. `values` are those of the path, decoded.
        """
        value = self.value()
        if not isinstance(value, dict) or self._schema is None:
            return value
        shown = {name: self._read(name, text) for name, text in values.items() if name in value}
        return {**value, **{name: each for name, each in shown.items() if each is not NO_GUIDE}}

    def _read(self, name: str, text: str) -> Any:
        return read_member(property_schema(self._schema or {}, name), text)
