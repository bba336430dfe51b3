"""The document: the vendor's OpenAPI file with its overlay merged, resolved and checked."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

from mock_server.formats import digests, source_file
from mock_server.formats.secret_texts import SecretNames
from mock_server.openapi import (
    error_shape,
    operations,
    parameter_placing,
    structure,
    version_naming,
    written_document,
)
from mock_server.openapi.effects import LIST, VIEW, Resource
from mock_server.openapi.error_shape import ErrorShape
from mock_server.openapi.operations import Operation
from mock_server.openapi.reference_places import key_names
from mock_server.openapi.references import References
from mock_server.openapi.responses import OK
from mock_server.openapi.schema import Schema
from mock_server.openapi.security import Security, compile_security
from mock_server.openapi.served_document import ServedDocument, server_below
from mock_server.openapi.version import VersionHeader, VersionRule
from mock_server.openapi.written_document import Read, WrittenDocument
from mock_server.problems import Problem

BUILT_IN = Path(str(files("mock_server.spec") / "usage.latest.product.live.yaml"))


@dataclass(frozen=True)
class Document:
    """An OpenAPI document that can be served.

    `effective` is the document with its overlay merged and its references resolved. `file` and
    `overlay_file` are the paths it was read from; `overlay_file` is None where there was no overlay.
    `references` are those before they were resolved. `warnings` are what is odd about the files, or
    wrong with a part of them, and keeps nothing else from being served. `digest` is that of all files.
    `older` are the documents of older versions that are served beside this one, the newest first;
    `overlay_warnings` are what is odd about an overlay that they share, which may be meant for one of
    them. Of a document of an older version, `newer` are those whose records it shows, the newest first,
    and `lineages` the schemas of the records of each collection, from the one kept to its own.
    """

    file: str
    overlay_file: str | None
    effective: dict[str, Any]
    operations: tuple[Operation, ...]
    references: References = field(repr=False, compare=False)
    warnings: tuple[Problem, ...] = ()
    digest: str = ""
    older: tuple[OlderDocument, ...] = field(default=(), compare=False)
    overlay_warnings: tuple[Problem, ...] = ()
    newer: tuple[Document, ...] = field(default=(), repr=False, compare=False)
    lineages: Mapping[str, tuple[Schema, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The title and the version, e.g. `Usage 0.1`."""
        return f"{self.title} {self.version}"

    @property
    def title(self) -> str:
        return str(self.effective["info"]["title"])

    @property
    def version(self) -> str:
        return str(self.effective["info"]["version"])

    @cached_property
    def lists(self) -> dict[str, Operation]:
        """The list operation of each collection, e.g. `{"things": …}`."""
        return {
            o.collection: o
            for o in self.operations
            if o.collection is not None and o.effect.kind != VIEW
        }

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """The collections by name, e.g. `{"things": …}`: those with a list first."""
        found: dict[str, Resource] = {}
        for each in sorted(self.operations, key=lambda each: each.effect.kind != LIST):
            if each.effect.resource is not None:
                found.setdefault(each.effect.resource.name, each.effect.resource)
        return found

    @property
    def compiled(self) -> tuple[Document, ...]:
        """This document and those of older versions that somebody has asked for, the newest first."""
        return (self, *(each.compiled for each in self.older if each.compiled is not None))

    def keeper(self, name: str) -> Document:
        """Return the newest document that has a collection, in whose shape the records are kept."""
        return next((each for each in self.newer if name in each.resources), self)

    def lineage(self, name: str) -> tuple[Schema, ...]:
        """Return the schemas of a collection's records, from the one they are kept in to its own."""
        found = self.lineages.get(name)
        return (self.resources[name].schema,) if found is None else found

    @cached_property
    def kept(self) -> dict[str, Resource]:
        """The collections that there are by name: its own, and those of newer documents."""
        newer = {name: each for one in reversed(self.newer) for name, each in one.resources.items()}
        return {**newer, **self.resources}

    @cached_property
    def version_rules(self) -> tuple[VersionRule, ...]:
        """The rules of all headers that select a version."""
        return tuple(p.version for o in self.operations for p in o.parameters if p.version)

    @property
    def versions(self) -> frozenset[str]:
        """All versions of the API that requests can ask for, e.g. `{"2024-07-30"}`."""
        own = {version for rule in self.version_rules for version in rule.known}
        return frozenset(own.union(each.version for each in self.older))

    @property
    def header_parameters(self) -> frozenset[str]:
        """The names of all headers that some operation describes, spelled as in the document."""
        return frozenset(p.name for o in self.operations for p in o.parameters if p.location == "header")

    @cached_property
    def error_shape(self) -> ErrorShape:
        """How the errors of the mocked API are written: as `x-error` says, or the built-in shape."""
        return error_shape.read_shape(self.effective)

    @cached_property
    def secret_names(self) -> SecretNames:
        """The names under which credentials are sent, in headers, queries and cookies."""
        names = key_names(self.effective)
        return SecretNames(names, is_basic_token=self.security.is_basic_token)

    @cached_property
    def query_names(self) -> frozenset[str]:
        """The names of all query parameters that some operation describes, without keys."""
        return frozenset(p.name for o in self.operations for p in o.parameters if p.location == "query")

    @cached_property
    def security(self) -> Security:
        """The credentials that the operations ask for."""
        routes = [(o.template, o.method.lower()) for o in self.operations]
        return compile_security(self.effective, routes)

    @property
    def base_path(self) -> str:
        """What the path of the first list or other operation begins with, e.g. `/api`, or ""."""
        return next(iter(self.lists.values()), self.operations[0]).base_path

    def described(self, operation: Operation) -> dict[str, Any]:
        """Return what the effective document says of an operation."""
        return self.described_at(operation.template, operation.method)

    def described_at(self, template: str, method: str) -> dict[str, Any]:
        """Return what the effective document says of the operation at a path, e.g. `GET`."""
        found: dict[str, Any] = self.effective["paths"][template][method.lower()]
        return found

    def statuses(self, operation: Operation) -> list[str]:
        """Return the statuses that the document describes for an operation, e.g. `["200", "400"]`.

        Of a range such as `2XX`, and of `default`, only a list's 200 is known to be meant.
        """
        described = self.described(operation)
        statuses = [status for status in described.get("responses", {}) if status.isdigit()]
        is_other = operation.collection is not None and OK not in statuses
        return [OK, *statuses] if is_other else statuses

    @cached_property
    def bundled(self) -> dict[str, Any]:
        """The document as it is written, with its overlay merged, and in one file.

        It lacks the parameters that OpenAPI ignores, which tools would ask for beside the credentials.
        """
        return parameter_placing.without_ignored_headers(self.references.bundle())

    @cached_property
    def served(self) -> ServedDocument:
        """The bundled document, its `servers` replaced by the URLs of this server."""
        return ServedDocument(self._with_own_servers)

    def _with_own_servers(self) -> dict[str, Any]:
        paths: dict[str, dict[str, Any]] = {}
        for path, item in self.bundled.get("paths", {}).items():
            if not isinstance(item, dict):
                continue
            paths[path] = {key: value for key, value in item.items() if key != "servers"}
        for operation in self.operations:
            base = operation.base_path
            item, method = paths[operation.template], operation.method.lower()
            own = {key: value for key, value in item[method].items() if key != "servers"}
            elsewhere = {} if base == self.base_path else {"servers": [server_below(base)]}
            item[method] = {**own, **elsewhere}
        return {**self.bundled, "servers": [server_below(self.base_path)], "paths": paths}


class OlderDocument:
    """A document of an older version, which is compiled once, when somebody asks for it first.

    - `version`: the version of the API that it describes, e.g. `2024-05-09`
    - `header`: what it says of the header that selects the version
    - `file`: the path that it was read from
    """

    def __init__(
        self, version: str, header: VersionHeader, file: str, compile_it: Callable[[], Document]
    ) -> None:
        self.version, self.header, self.file = version, header, file
        self._compile = compile_it
        self._lock = Lock()
        self._compiled: Document | None = None

    @property
    def compiled(self) -> Document | None:
        """Return the document; None where nobody has asked for it yet."""
        return self._compiled

    def load(self) -> Document:
        """Return the document compiled, any thread may call this; raise CannotServe with what is wrong.

        It takes as long as to start with that document alone.
        """
        with self._lock:
            if self._compiled is None:
                self._compiled = self._compile()
            return self._compiled


def load(
    path: Path,
    overlay_path: Path | None = None,
    base_path: str | None = None,
    *,
    is_alone: bool = False,
) -> Document:
    """Read a document, merge its overlay, resolve its references, and return it checked.

    Without `overlay_path`, the overlay that lies beside it (`x.yaml`, `x.overlay.yaml`) is used if
    there is one, unless the document `is_alone`. `base_path` overrides the servers that the document
    names. Raise CannotServe with every problem found.
    """
    return compile_document(read(path, overlay_path, is_alone=is_alone), base_path)


def read(
    path: Path,
    overlay_path: Path | None = None,
    *,
    is_alone: bool = False,
    read_file: Read = source_file.read,
) -> WrittenDocument:
    """Read a document and merge its overlay, without following references, as `load` begins."""
    overlay_path = overlay_of(path, overlay_path, is_alone=is_alone)
    if (path, overlay_path) == (BUILT_IN, overlay_beside(path)):
        # The built-in pair never changes: a test has checked it.
        read = source_file.read_shipped
        return written_document.read(path, overlay_path, is_checked=False, read_file=read)
    return written_document.read(path, overlay_path, read_file=read_file)


def overlay_of(path: Path, overlay_path: Path | None = None, *, is_alone: bool = False) -> Path | None:
    """Return the overlay of a document: the one given, or the one beside it, unless it `is_alone`."""
    beside = overlay_beside(path)
    return overlay_path or (beside if not is_alone and os.path.lexists(beside) else None)


def overlay_beside(path: Path) -> Path:
    """Return where the overlay of a document lies by default, e.g. `x.overlay.yaml` for `x.yaml`."""
    return path.parent / f"{path.stem}.overlay{path.suffix}"


def compile_document(
    written: WrittenDocument, base_path: str | None = None, served: Collection[str] = ()
) -> Document:
    """Resolve the references of a document that was read, and return it checked.

    `served` are the versions of several documents that are served together. Raise CannotServe with
    every problem found.
    """
    checks = written.checks
    references = References(written.source, written.path, written.merged, written.overlay_path)
    resolved = references.resolve(structure.without_faulty(written.merged, written.faults), checks.words)
    effective = parameter_placing.with_own_parameters(resolved.document)
    found = [*operations.find(effective, base_path), *error_shape.errors_in(effective)]
    servable = checks.servable(effective, resolved, found)
    own = tuple(version_naming.naming(each, served) for each in servable)
    warnings = (*written.overlay_warnings, *checks.warnings())
    overlay_file = str(written.overlay_path) if written.overlay_path else None
    digest = digests.combine(written.digest, references.digest)
    return Document(str(written.path), overlay_file, effective, own, references, warnings, digest)
