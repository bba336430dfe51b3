"""The JSON Schema of fixture files, by which editors complete and check them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.data import generator
from mock_server.data.records import RecordSchema, without_own_account
from mock_server.openapi.json_schema import DRAFT_07, AnswerSchemas
from mock_server.openapi.schema import Schema, item_schema, kinds_of
from mock_server.openapi.schema_merging import merge_all_of


def schema(title: str, schemas: Iterable[RecordSchema]) -> dict[str, Any]:
    """Return the schema of a file with records of these schemas; `title` is that of the document.

    What a record is given where it lacks it (`x-fill`) is not required. Each collection has an example,
    a generated record, where that fits its schema.
    """
    converter = AnswerSchemas()
    collections = {each.collection: _collection(each, converter) for each in schemas}
    definitions = {"definitions": converter.definitions} if converter.definitions else {}
    return {
        "$schema": DRAFT_07,
        "title": f"Fixture file of {title}",
        "description": "Records by collection, in the order in which they are served.",
        "type": "object",
        "properties": collections,
        "additionalProperties": False,
        **definitions,
    }


def _collection(records: RecordSchema, converter: AnswerSchemas) -> dict[str, Any]:
    maker = generator.choose_maker(records)
    generated = next(iter(generator.generate(records, 1, 0, maker)))
    is_fit = next(records.flaws(generated), None) is None
    return {
        "description": f"The records of {records.collection}, in place of generated ones.",
        "type": "array",
        "items": converter.convert(_Unfilled().schema(_with_hidden(records), parent_has_id=False)),
        "examples": [[without_own_account(generated)]] if is_fit else [],
    }


def _with_hidden(records: RecordSchema) -> Schema:
    """Return the schema of records with the members that files may have, and answers never show."""
    schema = records.schema
    if not records.hidden:
        return schema
    further = {
        name: {"description": "It is kept beside the record, and no answer shows it."}
        for name in sorted(records.hidden)
    }
    return {**schema, "properties": {**schema.get("properties", {}), **further}}


class _Unfilled:
    """Schemas in which nothing is required that records.py fills in; one that holds itself, likewise."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bool, frozenset[str]], dict[str, Any]] = {}

    def schema(
        self, schema: Schema, *, parent_has_id: bool, filled: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """Return the schema so.

        `filled` are members of the object that this is a part of, since one part of an `allOf` may
        require what another describes.
        """
        key = (id(schema), parent_has_id, filled)
        if key not in self._known:
            result = self._known[key] = dict(schema)
            self._change(schema, result, parent_has_id=parent_has_id, filled=filled)
        return self._known[key]

    def _change(
        self, schema: Schema, result: dict[str, Any], *, parent_has_id: bool, filled: frozenset[str]
    ) -> None:
        properties = {name: merge_all_of(part) for name, part in _properties(schema).items()}
        fills = {name: part["x-fill"] for name, part in properties.items() if "x-fill" in part}
        filled |= {name for name, fill in fills.items() if fill != "parent-id" or parent_has_id}
        has_id = "id" in fills.values()

        def change(part: Schema) -> dict[str, Any]:
            return self.schema(part, parent_has_id=has_id)

        def changed(name: str, part: Schema) -> Schema:
            if "array" in kinds_of(properties[name]):
                return _with_items(part, change)
            return change(part) if "object" in kinds_of(properties[name]) else part

        if "required" in schema:
            result["required"] = [name for name in schema["required"] if name not in filled]
        if "properties" in schema:
            result["properties"] = {
                name: _described(changed(name, part), properties[name])
                for name, part in schema["properties"].items()
            }
        if "allOf" in schema:
            result["allOf"] = [
                self.schema(part, parent_has_id=parent_has_id, filled=filled) for part in schema["allOf"]
            ]


def _properties(schema: Schema) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = merge_all_of(schema).get("properties", {})
    return properties


def _with_items(schema: Schema, change: Callable[[Schema], dict[str, Any]]) -> dict[str, Any]:
    """Return an array's schema with that of its items changed, also where a part of `allOf` has it."""
    result = dict(schema)
    if "items" in schema:
        result["items"] = change(item_schema(schema))
    if "allOf" in schema:
        result["allOf"] = [_with_items(part, change) for part in schema["allOf"]]
    return result


def _described(schema: Schema, merged: Schema) -> Schema:
    """Return a property's schema whose description says what a record without it is given."""
    if "x-fill" not in merged:
        return schema
    given = f"A record without it is given one (x-fill: {merged['x-fill']})."
    return {**schema, "description": "\n\n".join(filter(None, [merged.get("description"), given]))}
