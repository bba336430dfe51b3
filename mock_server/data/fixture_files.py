"""Fixture files: hand-made records, checked against the document before anything is served."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from mock_server.data.record_completion import RecordCompleter
from mock_server.data.records import Record, RecordSchema, without_own_account
from mock_server.formats import atomic_file, digests, source_file, yaml
from mock_server.formats.source_file import Source
from mock_server.problems import CannotServe, Problem
from mock_server.settings import CONTROL_PATH, LISTED, Settings
from mock_server.shown_text import name_some, quote

SUFFIXES = (".yaml", ".yml", ".json")

# What file systems, network drives and desktops put into a folder, beside names that begin with a dot:
# ext4, Windows, Synology and QNAP.
_NOT_OURS = frozenset(
    ("lost+found", "System Volume Information", "$RECYCLE.BIN", "Thumbs.db", "desktop.ini", "@eaDir",
     "#recycle", "@Recycle", "@Recently-Snapshot", "aquota.user", "aquota.group")
)  # fmt: skip

# Bytes of a file: a million records of the built-in document have 465 MB.
LARGEST = 512 * 2**20

Schemas = Mapping[str, RecordSchema]

# The first line of a file in YAML: where editors find its schema, which a server on this machine gives.
_SCHEMA_COMMENT = (
    f"# yaml-language-server: $schema=http://{Settings().host}:{Settings().port}{CONTROL_PATH}"
    "/schemas/fixtures.json\n"
)


class Fixtures(dict[str, list[Record]]):
    """Records by collection; `digest` is that of the files, empty without any."""

    digest = ""


def load(paths: Iterable[Path], schemas: Schemas) -> Fixtures:
    """Return the records of all files by collection, completed, in the order of the files.

    A file is a mapping from collection to records, e.g. `things: [{name: …}]`. A path may be
    a folder, whose files come in order of name. Raise CannotServe with every problem of every file.
    """
    problems: list[Problem] = []
    reader = _FixtureReader(schemas, problems)
    for source in source_file.read_all(list_files(paths, problems), problems, LARGEST):
        reader.add(source)
    if problems:
        raise CannotServe(problems)
    return reader.records


def list_files(paths: Iterable[Path], problems: list[Problem]) -> list[Path]:
    """Return the files at the paths: a file itself, or the fixture files in a folder.

    A folder that only holds other files is added to `problems`. An empty one is none: a container's
    folder for fixtures is empty if nothing was mounted there. Hidden files do not count, nor what a file
    system puts there, such as `lost+found` on a fresh volume.
    """
    result: list[Path] = []
    for path in paths:
        try:
            result += _list_path(path, problems)
        except OSError as error:
            message = f"it cannot be read ({error.strerror})"
            problems.append(Problem(str(path), message, "make it readable"))
    return result


def _list_path(path: Path, problems: list[Problem]) -> list[Path]:
    if not path.is_dir():
        return [path]
    entries = sorted(entry for entry in path.iterdir() if not _is_hidden(entry.name))
    found = [entry for entry in entries if entry.suffix in SUFFIXES and not entry.is_dir()]
    if entries and not found:
        message = f"the folder holds no {', '.join('*' + suffix for suffix in SUFFIXES)}"
        problems.append(Problem(str(path), message, "put fixture files into it"))
    return found


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~")) or name.endswith("~") or name in _NOT_OURS


def write(
    path: Path, collections: Mapping[str, Iterable[Record]], on_record: Callable[[], None]
) -> None:
    """Write records as a fixture file: JSON if its name ends in `.json`, else YAML.

    `on_record` is called after each record. The file appears when it is whole, and `-` is standard
    output; raises CannotServe as `atomic_file.write` does.
    """
    lines = _json_lines if path.suffix == ".json" else _yaml_lines
    counted = {name: _counted(records, on_record) for name, records in collections.items()}
    atomic_file.write(path, (line.encode() for line in lines(counted)))


def _counted(records: Iterable[Record], on_record: Callable[[], None]) -> Iterator[Record]:
    for record in records:
        yield record
        on_record()


def _yaml_lines(collections: Mapping[str, Iterable[Record]]) -> Iterator[str]:
    yield _SCHEMA_COMMENT
    for name, records in collections.items():
        heading = f"{name}:\n"
        for record in records:
            yield heading + yaml.dump([without_own_account(record)])
            heading = ""
        if heading:
            yield f"{name}: []\n"


def _json_lines(collections: Mapping[str, Iterable[Record]]) -> Iterator[str]:
    before = "{\n"
    for name, records in collections.items():
        before += f"{json.dumps(name)}: ["
        for record in records:
            yield f"{before}\n{json.dumps(without_own_account(record), ensure_ascii=False)}"
            before = ","
        before = "" if before == "," else before
        yield f"{before}]"
        before = ",\n"
    yield "\n}\n"


class _FixtureReader:
    """Collects the records of fixture files by collection, and the problems that they have."""

    def __init__(self, schemas: Schemas, problems: list[Problem]) -> None:
        self._schemas = schemas
        self._problems = problems
        self._completers: dict[str, RecordCompleter] = {}
        self.records = Fixtures()

    def add(self, source: Source) -> None:
        """Complete and keep the records of a file; stop where enough problems were found."""
        self.records.digest = digests.combine(self.records.digest, source.digest)
        self._problems += islice(self._find_problems(source), max(0, LISTED - len(self._problems)))

    def _find_problems(self, source: Source) -> Iterator[Problem]:
        if not isinstance(source.data, dict):
            message = "it is not a mapping from collection to records"
            yield source.problem((), message, f"begin it with '{next(iter(self._schemas), 'things')}:'")
            return
        for name, items in source.data.items():
            if name not in self._schemas:
                message = f"the document has no collection {quote(name)}"
                yield source.problem((name,), message, f"use {name_some(self._schemas)}")
            elif not isinstance(items, list):
                message = "the collection is not a list of records"
                yield source.problem((name,), message, "write a list, e.g. []")
            else:
                yield from self._add_items(source, self._schemas[name], items)

    def _add_items(self, source: Source, schema: RecordSchema, items: list[Any]) -> Iterator[Problem]:
        records = self.records.setdefault(schema.collection, [])
        completer = self._completers.setdefault(schema.collection, RecordCompleter(schema))
        completer.reserve_ids(items)
        for number, item in enumerate(items):
            place = (schema.collection, number)
            where = f"{source.name} at {source_file.pointer(place)}"
            record, flaws = completer.complete(item, len(records), where)
            for flaw in flaws:
                yield source.problem((*place, *flaw.place), flaw.message, flaw.remedy)
            records.append(record)
