"""The collections that a server starts with: from fixture files, or generated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.data import fixture_files, generator
from mock_server.data.answer_shape import answered_records
from mock_server.data.chunk import as_stored
from mock_server.data.collection import Collection, FilterCache
from mock_server.data.indexed_fields import rule_fields
from mock_server.data.records import Record, RecordSchema
from mock_server.data.snapshot import Snapshot, Source
from mock_server.data.starting_records import Origin, StartingRecords
from mock_server.data.traits import NO_TRAITS, Traits, find_traits
from mock_server.data.uniqueness import unique_fields, upsert_fields
from mock_server.data.variety import hidden_members
from mock_server.formats.source_file import pointer
from mock_server.lists.convention import WHOLE
from mock_server.lists.roles import AFTER, NONE
from mock_server.openapi.answer_examples import record_examples
from mock_server.openapi.document import Document
from mock_server.openapi.effects import Resource
from mock_server.openapi.operations import Operation
from mock_server.openapi.responses import OK
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

    `fields` are further ones by which a collection is filtered, by its name. A fixture file may name a
    collection that an older document alone has. Raise CannotServe with every problem of every file.
    """
    keepers = _keepers(document, settings)
    known = _schemas(keepers)
    fixtures = fixture_files.load(settings.fixtures, known)
    records = _starting_records(keepers, settings, known, fixtures)
    files = ", ".join(map(str, settings.fixtures))
    generated = f"generated with seed {settings.seed}"
    if settings.fixtures and not fixtures:
        generated += f" ({files} is empty)"
    sources: dict[str, Source] = {}
    cache, ruled = FilterCache(), rule_fields(document)
    for name, schema in known.items():
        columns = [*_columns(keepers[name], name), *ruled.get(name, ()), *fields.get(name, ())]
        outline = Collection(name, (), columns, schema.key_field, cache)
        stored = partial(_stored, records, schema)
        if name in fixtures:
            sources[name] = Source.made(outline.of(stored()))
        else:
            sources[name] = Source(outline, records.count(name), stored)
    origins = {name: f"from {files}" if name in fixtures else generated for name in known}

    def misfit(name: str) -> str | None:
        return None if name in fixtures else _misfit(known[name], settings)

    return StartingData(Snapshot(sources, digest=fixtures.digest), origins, misfit)


def _keepers(document: Document, settings: Settings) -> dict[str, Document]:
    """Return the document in whose shape each collection is kept.

    Without fixture files, those of older documents are left to the first request for one of these.
    """
    older = [each.load() for each in document.older] if settings.fixtures else []
    every = (*reversed(older), document, *reversed(document.newer))
    return {name: each for each in every for name in each.resources if each.keeper(name) is each}


def load_older(older: Document, settings: Settings) -> Snapshot:
    """Return the collections that an older document or one between has, and the newest one lacks.

    They are generated when they are used.
    """
    every = load(older, replace(settings, fixtures=())).collections
    return every.named(name for name in every if name not in older.newer[0].resources)


def further_fields(older: Document) -> dict[str, list[str]]:
    """Return the fields by which an older document's lists filter the records of newer ones."""
    return {
        name: filtered_fields(operation)
        for name, operation in older.lists.items()
        if older.keeper(name) is not older
    }


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


class Generated(NamedTuple):
    """The records of a collection, made while they are read, and their number."""

    number: int
    records: Iterator[Record]


def generate(document: Document, settings: Settings, names: Iterable[str] = ()) -> dict[str, Generated]:
    """Return the records of collections by the settings `count` and `seed`.

    They refer to each other, and to those that a server with these settings has. `names` are those of
    the collections, none for all. Raise CannotServe for names of no collection.
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
    records = _starting_records(dict.fromkeys(known, document), settings, known)
    return {name: Generated(records.count(name), records.records(name)) for name in wanted}


def _stored(records: StartingRecords, schema: RecordSchema) -> Iterator[Any]:
    """Yield the records of a collection, with the members that no answer shows apart."""
    for record in records.records(schema.collection):
        yield as_stored(record, schema.hidden)


def _starting_records(
    keepers: Mapping[str, Document],
    settings: Settings,
    known: Mapping[str, RecordSchema],
    fixtures: Mapping[str, list[Record]] = MappingProxyType({}),
) -> StartingRecords:
    origins = {
        name: Origin(
            keepers[name].resources[name],
            schema,
            _count(keepers[name], name, settings),
            fixtures.get(name),
        )
        for name, schema in known.items()
    }
    return StartingRecords(origins, settings.seed, partial(_traits, keepers))


def _traits(keepers: Mapping[str, Document]) -> dict[str, Traits]:
    """Return the traits of each collection's records, as the document has them that it is kept by."""
    fields = {name: _columns(keeper, name) for name, keeper in keepers.items()}
    documents = {id(keeper): keeper for keeper in keepers.values()}
    return {
        name: traits
        for document in documents.values()
        for name, traits in find_traits(document, fields).items()
        if keepers.get(name) is document
    }


def schemas(document: Document) -> dict[str, RecordSchema]:
    """Return the schema of the records of each collection, by the collection's name."""
    return _schemas({name: document.keeper(name) for name in document.kept})


def _schemas(keepers: Mapping[str, Document]) -> dict[str, RecordSchema]:
    """Return the schemas of collections, by the documents in whose shapes they are kept."""
    traits = cache(partial(_traits, keepers))

    def hidden(resource: Resource) -> frozenset[str]:
        kept = resource.parent.field if resource.parent is not None and resource.parent.is_kept else None
        ruled = hidden_members(resource.schema, traits().get(resource.name, NO_TRAITS))
        return ruled.union([] if kept is None else [kept])

    return {
        name: _schema(keeper, name).with_hidden(partial(hidden, keeper.resources[name]))
        for name, keeper in keepers.items()
    }


def all_schemas(documents: Sequence[Document]) -> dict[str, RecordSchema]:
    """Return the schema of the records of each collection of documents, the newest of them first."""
    return {name: each for one in reversed(documents) for name, each in schemas(one).items()}


def all_resources(documents: Sequence[Document]) -> dict[str, Resource]:
    """Return the collections of documents, the newest of them first, each as the newest has it."""
    return {name: each for one in reversed(documents) for name, each in one.resources.items()}


def _schema(document: Document, name: str) -> RecordSchema:
    resource = document.resources[name]
    operation = document.lists.get(resource.name)
    cursor = None if operation is None else operation.convention.cursor
    return RecordSchema(
        resource.name,
        resource.schema,
        [*filter(None, [cursor, resource.parameter, resource.key])],
        partial(_examples, document, resource),
        None if operation is None else _rising_field(operation),
    ).with_name(None if resource.parameter is None else resource.key)


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
    return answered_records(document.described_at(*resource.source), resource)


def _resource_name(operation: Operation) -> str | None:
    resource = operation.effect.resource
    return None if resource is None else resource.name


def _columns(document: Document, name: str) -> list[str]:
    """Return the fields of a collection's records by which they are found."""
    resource = document.resources[name]
    reading = [o for o in document.operations if name in (o.collection, _resource_name(o))]
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
    return list(dict.fromkeys(map(operation.column, found)))
