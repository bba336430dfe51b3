"""The collections that a server starts with: from fixture files, or generated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mock_server.data import fixture_files
from mock_server.data.collection import Collection
from mock_server.data.records import Record, RecordSchema
from mock_server.formats.source_file import pointer
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation
from mock_server.problems import CannotServe, Problem
from mock_server.settings import Settings


@dataclass(frozen=True, slots=True)
class StartingData:
    """Collections by name, and the origin of each, e.g. `generated with seed 0`."""

    collections: Mapping[str, Collection]
    origins: Mapping[str, str]


def load(
    document: Document, settings: Settings, fields: Mapping[str, Iterable[str]] = MappingProxyType({})
) -> StartingData:
    """Return the collections of the fixture files; those that no file names are generated.

    `fields` are further ones by which a collection is filtered, by its name. Raise CannotServe with
    every problem of every file.
    """
    known = schemas(document)
    fixtures = fixture_files.load(settings.fixtures, known)
    collections: dict[str, Collection] = {}
    origins: dict[str, str] = {}
    for name, schema in known.items():
        if name in fixtures:
            records: Iterable[Record] = fixtures[name]
            origins[name] = f"from {', '.join(map(str, settings.fixtures))}"
        else:
            records, origins[name] = _generate(schema, settings)
            if settings.fixtures and not fixtures:
                origins[name] += f" ({', '.join(map(str, settings.fixtures))} is empty)"
        columns = [*filtered_fields(document.lists[name]), *fields.get(name, ())]
        collections[name] = Collection(name, records, columns, schema.id_field)
    return StartingData(collections, origins)


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


def generate(document: Document, settings: Settings) -> dict[str, Iterator[Record]]:
    """Return the records of each collection by the settings `count` and `seed`, made while read."""
    known = schemas(document)
    return {name: _generate(schema, settings)[0] for name, schema in known.items()}


def schemas(document: Document) -> dict[str, RecordSchema]:
    """Return the schema of the records of each collection, by the collection's name."""
    return {name: RecordSchema(name, o.record_schema) for name, o in document.lists.items()}


def _generate(schema: RecordSchema, settings: Settings) -> tuple[Iterator[Record], str]:
    """Return generated records and their origin, which says so if they do not fit the schema.

    The generator can't satisfy every schema, e.g. not one with a pattern.
    """
    # Imported here, since a server of fixture files needs no Faker, which takes long to import.
    from mock_server.data import generator

    make = generator.choose_maker(schema)
    records = generator.generate(schema, settings.count, settings.seed, make)
    origin = f"generated with seed {settings.seed}"
    sample = generator.generate(schema, min(settings.count, 3), settings.seed, make)
    for flaw in (flaw for record in sample for flaw in schema.flaws(record)):
        misfit = f"{pointer(flaw.place)}: {flaw.message}" if flaw.place else flaw.message
        return records, f"{origin}, which do not fit its schema ({misfit}); give fixture files"
    return records, origin


def filtered_fields(operation: Operation) -> list[str]:
    """Return the fields by which the parameters of a list filter, and that of its cursor."""
    cursor = [operation.convention.cursor] if operation.convention.cursor is not None else []
    return list(dict.fromkeys([*(p.filters.field for p in operation.parameters if p.filters), *cursor]))
