"""The data that a server starts with: records of fixture files, or generated ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mock_server import fixture_files
from mock_server.collection import Collection
from mock_server.document import Document
from mock_server.errors import CannotServe, Problem
from mock_server.records import Record, RecordSchema
from mock_server.settings import Settings
from mock_server.sources import pointer


@dataclass(frozen=True, slots=True)
class StartingData:
    """Collections by name, and where each comes from, in words."""

    collections: Mapping[str, Collection]
    origins: Mapping[str, str]


def load(document: Document, settings: Settings) -> StartingData:
    """The records of the fixture files; a collection that none of them names is generated.

    Raises CannotServe with every fault of every file.
    """
    fixtures = fixture_files.load(settings.fixtures, schemas(document))
    generated_ones = generated(document, settings)
    collections: dict[str, Collection] = {}
    origins: dict[str, str] = {}
    for name in document.lists:
        records = fixtures[name] if name in fixtures else generated_ones[name]
        collections[name] = Collection(name, records, _filtered_fields(document, name))
        origins[name] = (
            f"from {', '.join(map(str, settings.fixtures))}"
            if name in fixtures
            else f"generated with seed {settings.seed}{_reservation(document, name, settings)}"
        )
    return StartingData(collections, origins)


def schemas(document: Document) -> dict[str, RecordSchema]:
    """The schema of each collection's records."""
    return {
        name: RecordSchema(name, operations[0].record_schema)
        for name, operations in document.lists.items()
    }


def reload(document: Document, settings: Settings) -> StartingData:
    """The same, but fixture files that have all gone are a problem, no reason to generate."""
    problems: list[Problem] = []
    if not fixture_files.files(settings.fixtures, problems):
        place = ", ".join(map(str, settings.fixtures))
        problems.append(Problem(place, "no fixture file is left", "put one back"))
    if problems:
        raise CannotServe(problems)
    return load(document, settings)


def generated(document: Document, settings: Settings) -> dict[str, Iterator[Record]]:
    """The records that `count` and `seed` stand for, made while they are read."""
    return {name: _records(schema, settings) for name, schema in schemas(document).items()}


def _reservation(document: Document, name: str, settings: Settings) -> str:
    """What is to be said of generated records that do not fit a schema, one with a pattern e.g."""
    schema = schemas(document)[name]
    sample = _records(schema, replace(settings, count=min(settings.count, 3)))
    fault = next((fault for record in sample for fault in schema.faults(record)), None)
    if fault is None:
        return ""
    return f", which do not fit its schema ({pointer(fault.place)}: {fault.message}); give fixture files"


def _records(schema: RecordSchema, settings: Settings) -> Iterator[Record]:
    # Imported here: a server of fixture files does without Faker.
    from mock_server.generate import generate

    yield from generate(schema, settings.count, settings.seed)


def _filtered_fields(document: Document, name: str) -> list[str]:
    rules = [p.filters for o in document.lists[name] for p in o.parameters if p.filters]
    return list(dict.fromkeys(rule.field for rule in rules))
