"""The collections that a server starts with: from fixture files, or generated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

from mock_server.data import fixture_files, generator
from mock_server.data.chunk import Stored
from mock_server.data.collection import Collection, FilterCache
from mock_server.data.indexed_fields import rule_fields
from mock_server.data.records import Record, RecordSchema
from mock_server.data.snapshot import Snapshot, Source
from mock_server.data.starting_records import Origin, StartingRecords
from mock_server.data.traits import find_traits
from mock_server.data.uniqueness import unique_fields, upsert_fields
from mock_server.formats.source_file import pointer
from mock_server.lists.convention import WHOLE
from mock_server.lists.roles import AFTER, NONE
from mock_server.openapi.answer_examples import answer_examples, record_examples
from mock_server.openapi.document import Document
from mock_server.openapi.effects import Resource
from mock_server.openapi.operations import Operation
from mock_server.openapi.responses import OK, best_success
from mock_server.openapi.schema import kinds_of
from mock_server.openapi.sort_reading import sorted_fields
from mock_server.problems import CannotServe, Problem
from mock_server.settings import Settings
from mock_server.shown_text import did_you_mean, name_some, quote


@dataclass(frozen=True)
class StartingData:
    """Collections by name, and the origin of each, e.g. `generated with seed 0`.

    `misfit` makes a few records of a collection, and returns why they do not fit their schema, e.g.
    `/id: …`; None where they do, or where they come from a file.
    """

    collections: Snapshot
    origins: Mapping[str, str]
    misfit: Callable[[str], str | None] = field(repr=False, compare=False)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """The number of records in each collection."""
        return self.collections.counts


def load(
    document: Document, settings: Settings, fields: Mapping[str, Iterable[str]] = MappingProxyType({})
) -> StartingData:
    """Return the collections of the fixture files; those that no file names are generated when used.

    `fields` are further ones by which a collection is filtered, by its name. Raise CannotServe with
    every problem of every file.
    """
    known = schemas(document)
    fixtures = fixture_files.load(settings.fixtures, known)
    records = _starting_records(document, settings, known, fixtures)
    files = ", ".join(map(str, settings.fixtures))
    generated = f"generated with seed {settings.seed}"
    if settings.fixtures and not fixtures:
        generated += f" ({files} is empty)"
    sources: dict[str, Source] = {}
    cache, ruled = FilterCache(), rule_fields(document)
    for name, schema in known.items():
        columns = [*_columns(document, name), *ruled.get(name, ()), *fields.get(name, ())]
        outline = Collection(name, (), columns, schema.key_field, cache)
        stored = partial(_stored, records, name)
        if name in fixtures:
            sources[name] = Source.made(outline.of(stored()))
        else:
            sources[name] = Source(outline, records.count(name), stored)
    origins = {name: f"from {files}" if name in fixtures else generated for name in known}

    def misfit(name: str) -> str | None:
        return None if name in fixtures else _misfit(known[name], settings)

    return StartingData(Snapshot(sources), origins, misfit)


def require_fixtures(settings: Settings) -> None:
    """Raise CannotServe if there is no fixture file.

    For a running server that had one, that is a mistake, and not the wish for generated records.
    """
    problems: list[Problem] = []
    if not fixture_files.list_files(settings.fixtures, problems):
        place = ", ".join(map(str, settings.fixtures))
        problems.append(Problem(place, "no fixture file is left", "put one back"))
    if problems:
        raise CannotServe(problems)


def generate(
    document: Document, settings: Settings, names: Iterable[str] = ()
) -> dict[str, Iterator[Record]]:
    """Return the records of collections by the settings `count` and `seed`, made while read.

    `names` are those of the collections, none for all. Raise CannotServe for names of no collection.
    """
    known = schemas(document)
    wanted = tuple(names) or tuple(known)
    problems = [
        Problem(
            document.file,
            f"the document has no collection {quote(name)}{did_you_mean(name, known)}",
            f"use {name_some(known)}" if known else "give a document with lists",
        )
        for name in wanted
        if name not in known
    ]
    if problems:
        raise CannotServe(problems)
    records = _starting_records(document, settings, known)
    return {name: records.records(name) for name in wanted}


def _stored(records: StartingRecords, name: str) -> Iterator[Any]:
    """Yield the records of a collection, with the members that no answer shows apart."""
    hidden = records.hidden(name)
    for record in records.records(name):
        if hidden and isinstance(record, dict) and not hidden.isdisjoint(record):
            apart = {member: record[member] for member in hidden if member in record}
            yield Stored({n: v for n, v in record.items() if n not in hidden}, apart)
        else:
            yield record


def _starting_records(
    document: Document,
    settings: Settings,
    known: Mapping[str, RecordSchema],
    fixtures: Mapping[str, list[Record]] = MappingProxyType({}),
) -> StartingRecords:
    origins = {
        name: Origin(
            document.resources[name], schema, _count(document, name, settings), fixtures.get(name)
        )
        for name, schema in known.items()
    }
    fields = {name: _columns(document, name) for name in known}
    return StartingRecords(origins, settings.seed, lambda: find_traits(document, fields))


def schemas(document: Document) -> dict[str, RecordSchema]:
    """Return the schema of the records of each collection, by the collection's name."""
    return {name: _schema(document, each) for name, each in document.resources.items()}


def _schema(document: Document, resource: Resource) -> RecordSchema:
    operation = document.lists.get(resource.name)
    cursor = None if operation is None else operation.convention.cursor
    return RecordSchema(
        resource.name,
        resource.schema,
        [*filter(None, [cursor, resource.parameter])],
        partial(_examples, document, resource),
        None if operation is None else _rising_field(operation),
    )


def _rising_field(operation: Operation) -> str | None:
    """Return the field after whose numbers a list goes on, as `since=1234` does; None for any other.

    "Only those with a greater id" is what such a parameter means, so that the ids have to rise.
    """
    convention = operation.convention
    if convention.cursor is None or AFTER not in convention.request:
        return None
    kinds = set(kinds_of(operation.query_schemas.get(convention.request[AFTER], {})))
    return convention.cursor if kinds and kinds <= {"integer", "number", "null"} else None


def _examples(document: Document, resource: Resource) -> list[Any]:
    """Return the examples of a resource's records that the answer with its schema has."""
    operation = document.lists.get(resource.name)
    if operation is not None:
        return record_examples(document.described(operation), OK, operation.convention.items)
    described = document.described_at(*resource.source)
    return answer_examples(described, best_success(described))


def _columns(document: Document, name: str) -> list[str]:
    """Return the fields of a collection's records by which they are found."""
    resource = document.resources[name]
    reading = [o for o in document.operations if o.effect.resource is resource or o.collection == name]
    own = [field for each in reading for field in filtered_fields(each)]
    parent = [] if resource.parent is None else [resource.parent.field]
    compared = unique_fields(document.operations, name) + upsert_fields(document.operations, name)
    return [*own, *parent, *compared]


def _count(document: Document, name: str, settings: Settings) -> int:
    """Return the number of records: no more than an array that is given whole may have (`maxItems`)."""
    operation, resource = document.lists.get(name), document.resources[name]
    if resource.is_single:
        return min(settings.count, 1)
    if operation is None:
        return settings.count
    own = operation.convention
    is_bounded = own.style == NONE and own.default_limit < WHOLE
    return min(settings.count, own.default_limit) if is_bounded else settings.count


def _misfit(schema: RecordSchema, settings: Settings) -> str | None:
    sample = generator.generate(schema, min(settings.count, 3), settings.seed)
    for flaw in (flaw for record in sample for flaw in schema.misfits(record)):
        return f"{pointer(flaw.place)}: {flaw.message}" if flaw.place else flaw.message
    return None


def filtered_fields(operation: Operation) -> list[str]:
    """Return the fields by which a list is filtered and sorted, and that of its cursor."""
    hidden = operation.effect.rules.hidden
    found = [field for p in operation.parameters if p.filters for field in p.filters.fields]
    found += sorted_fields(operation) + ([] if hidden is None else [hidden.field])
    found += filter(None, [operation.convention.cursor])
    return list(dict.fromkeys(found))
