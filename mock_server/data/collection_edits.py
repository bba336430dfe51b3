"""Loads: what a suite makes of an account's collection, as new collections; no old one changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_server.data.collection import Collection
from mock_server.data.record_completion import Intake
from mock_server.data.records import Record, RecordSchema
from mock_server.errors import InvalidRequest, Violation
from mock_server.formats.source_file import Place, pointer
from mock_server.openapi.schema_errors import Flaw

# A load may make a million mistakes; nobody reads more than the first of them.
LISTED = 10_000

_ITEMS: Place = ("items",)


def replacing(
    collection: Collection, schema: RecordSchema, items: Sequence[Any], place: Place = _ITEMS
) -> Collection:
    """The items alone, complete; raises InvalidRequest with every flaw of every one.

    `place` is that of the items in the body.
    """
    records = _checked(Intake(schema), items, first=0, created=None, place=place)
    return _made(collection, records)


def loading(
    collections: Iterable[Collection],
    schemas: Mapping[str, RecordSchema],
    fixture: Mapping[str, Sequence[Any]],
) -> list[Collection]:
    """What the collections become of what a fixture file has for them; raises as `replacing`."""
    made: list[Collection] = []
    violations: list[Violation] = []
    for old in collections:
        try:
            made.append(replacing(old, schemas[old.name], fixture[old.name], (old.name,)))
        except InvalidRequest as error:
            violations += error.violations
    if violations:
        raise InvalidRequest(violations[:LISTED])
    return made


def adding(
    collection: Collection, schema: RecordSchema, items: Sequence[Any], created: str
) -> Collection:
    """The items in front of what is there; `created` is the time of those that have none.

    Raises InvalidRequest with every flaw of every one.
    """
    first = collection.front - len(items)
    records = _checked(Intake(schema, collection.ids), items, first, created)
    return collection.with_records(records)


def generating(collection: Collection, schema: RecordSchema, count: int, seed: int) -> Collection:
    """Generated records alone."""
    # Imported here: a server of fixture files does without Faker.
    from mock_server.data import generator

    return _made(collection, generator.generate(schema, count, seed))


def flaws(schema: RecordSchema, items: Sequence[Any], place: Place = _ITEMS) -> list[Violation]:
    """What `adding` and `replacing` would refuse."""
    try:
        _checked(Intake(schema), items, first=0, created=None, place=place)
    except InvalidRequest as error:
        return list(error.violations)
    return []


def _made(old: Collection, records: Iterable[Record]) -> Collection:
    return Collection(old.name, records, old.fields, old.id_field, old.filter_cache)


def _checked(
    intake: Intake,
    items: Sequence[Any],
    first: int,
    created: str | None,
    place: Place = _ITEMS,
) -> list[Record]:
    records: list[Record] = []
    violations: list[Violation] = []
    intake.announce(items)
    for number, item in enumerate(items):
        record, flaws = intake.check(item, first + number, pointer((*place, number)), created)
        violations += [violation(flaw, (*place, number)) for flaw in flaws]
        records.append(record)
        if len(violations) >= LISTED:
            break
    if violations:
        raise InvalidRequest(violations[:LISTED])
    return records


def violation(flaw: Flaw, base: tuple[str | int, ...] = ()) -> Violation:
    """A flaw of a body; its key is a JSON pointer from the body's root."""
    return Violation(flaw.keyword, f"{flaw.message}; {flaw.remedy}.", pointer((*base, *flaw.place)))
