"""Fixture warnings: what is odd about the records of fixture files beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from mock_server.data import fixture_files
from mock_server.data.bonds import Bonds
from mock_server.data.collection import Collection
from mock_server.data.fixture_references import ReferenceFinder
from mock_server.data.fixture_sums import SumFinder
from mock_server.formats import source_file
from mock_server.formats.source_file import Source
from mock_server.openapi.document import Document
from mock_server.problems import Problem
from mock_server.settings import LISTED


def warnings(
    document: Document, paths: tuple[Path, ...], collections: Mapping[str, Collection]
) -> list[Problem]:
    """Return a problem for each id in fixture files that is that of no record, or of two,
    and for each sum that its lines do not come to.

    Of many, the first are returned. `paths` are those of the files, which were loaded into these
    collections without problems.
    """
    problems: list[Problem] = []
    files = fixture_files.list_files(paths, problems)
    if not files:
        return []
    sources = source_file.read_all(files, problems, fixture_files.LARGEST)
    return list(islice(_found(document, sources, collections), LISTED))


def _found(
    document: Document, sources: Iterable[Source], collections: Mapping[str, Collection]
) -> Iterator[Problem]:
    resources = document.resources
    bonds = Bonds(resources)
    references = ReferenceFinder(resources, collections, bonds.nouns)
    sums = SumFinder(resources, collections, bonds.sums)
    for source in sources:
        for name, items in source.data.items():
            for number, item in enumerate(items):
                if isinstance(item, dict):
                    yield from references.find(source, item, (name, number))
                    yield from sums.find(source, item, (name, number))
