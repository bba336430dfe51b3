"""The document: the vendor's OpenAPI file with its overlay merged, resolved and checked."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from mock_server.formats import source_file
from mock_server.formats.json import Json
from mock_server.formats.secret_texts import SecretNames
from mock_server.formats.source_file import Source
from mock_server.openapi import document_checks, error_shape, operations, structure
from mock_server.openapi.effects import LIST, Resource
from mock_server.openapi.error_shape import ErrorShape
from mock_server.openapi.operations import Operation, paths_and_methods
from mock_server.openapi.reference_places import components_of
from mock_server.openapi.references import References
from mock_server.openapi.responses import OK
from mock_server.openapi.security import Security, compile_security, key_queries
from mock_server.openapi.served_document import ServedDocument, server_below
from mock_server.openapi.version import VersionRule
from mock_server.problems import CannotServe, Problem

# OpenAPI 3.0, Parameter Object: header parameters of these names are to be ignored.
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}

BUILT_IN = Path(str(files("mock_server.spec") / "usage.latest.product.live.yaml"))


@dataclass(frozen=True)
class Document:
    """An OpenAPI document that can be served.

    `effective` is the document with its overlay merged and its references resolved. `file` and
    `overlay_file` are the paths it was read from; `overlay_file` is None where there was no overlay.
    `references` are those before they were resolved. `warnings` are what is odd about the files, or
    wrong with a part of them, and keeps nothing else from being served.
    """

    file: str
    overlay_file: str | None
    effective: dict[str, Any]
    operations: tuple[Operation, ...]
    references: References = field(repr=False, compare=False)
    warnings: tuple[Problem, ...] = ()

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
        return {o.collection: o for o in self.operations if o.collection is not None}

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """The collections by name, e.g. `{"things": …}`: those with a list first."""
        found: dict[str, Resource] = {}
        for each in sorted(self.operations, key=lambda each: each.effect.kind != LIST):
            if each.effect.resource is not None:
                found.setdefault(each.effect.resource.name, each.effect.resource)
        return found

    @cached_property
    def version_rules(self) -> tuple[VersionRule, ...]:
        """The rules of all headers that select a version."""
        return tuple(p.version for o in self.operations for p in o.parameters if p.version)

    @property
    def versions(self) -> frozenset[str]:
        """All versions of the API that requests can ask for, e.g. `{"2024-07-30"}`."""
        return frozenset(version for rule in self.version_rules for version in rule.known)

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
        names = operations.key_names(self.effective)
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
        return _without_ignored_headers(self.references.bundle())

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
    beside = overlay_beside(path)
    if not is_alone and os.path.lexists(beside):
        overlay_path = overlay_path or beside
    source, *overlays = _read([path, *([overlay_path] if overlay_path else [])])
    document_checks.require_openapi(source)
    merged, warnings = source.data, list[Problem]()
    for each in overlays:
        merged = _merge(each, merged, path, warnings)
    # The built-in pair never changes: a test has checked it.
    is_given = (path, overlay_path) != (BUILT_IN, beside)
    faults = structure.find_faults(merged) if is_given else []
    checks = document_checks.Checks(source, overlay_path, faults, overlays)
    references = References(source, path, merged, overlay_path)
    resolved = references.resolve(structure.without_faulty(merged, faults))
    effective = _normalize(resolved.document)
    found = [*operations.find(effective, base_path), *error_shape.errors_in(effective)]
    served = checks.servable(effective, resolved, found)
    warnings += checks.warnings()
    overlay_file = str(overlay_path) if overlay_path else None
    return Document(str(path), overlay_file, effective, served, references, tuple(warnings))


def _merge(source: Source, document: Json, path: Path, warnings: list[Problem]) -> Json:
    """Return a document with an overlay merged, and add what is odd about that to `warnings`."""
    # Imported here: JSONPath takes a fifth of the time of all imports.
    from mock_server.openapi import overlay

    merged = overlay.apply(source, document, warnings)
    warnings += overlay.extends_warnings(source, path)
    return merged


def overlay_beside(path: Path) -> Path:
    """Return where the overlay of a document lies by default, e.g. `x.overlay.yaml` for `x.yaml`."""
    return path.parent / f"{path.stem}.overlay{path.suffix}"


def _read(paths: list[Path]) -> list[Source]:
    problems: list[Problem] = []
    sources = list(source_file.read_all(paths, problems))
    if problems:
        raise CannotServe(problems)
    return sources


def _normalize(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the parameters of paths in their operations, without ignored ones."""
    paths, keys = dict(document.get("paths", {})), key_queries(document)
    for path, method in paths_and_methods(document):
        item = paths[path]
        own, shared = _parameters(item[method]), _parameters(item)
        names = {(parameter.get("in"), parameter.get("name")) for parameter in own}
        inherited = [p for p in shared if (p.get("in"), p.get("name")) not in names]
        parameters = [p for p in own + inherited if not _is_ignored(p, keys)]
        if inherited or len(parameters) < len(own):
            paths[path] = {**item, method: {**item[method], "parameters": parameters}}
    return {**document, "paths": paths}


def _without_ignored_headers(document: dict[str, Any]) -> dict[str, Any]:
    named = components_of(document, "parameters")
    paths = dict(document.get("paths", {}))
    for path, method in paths_and_methods(document):
        item = _shown(paths[path], named)
        paths[path] = {**item, method: _shown(item[method], named)}
    return {**document, "paths": paths} if "paths" in document else document


def _shown(holder: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """Return a path or an operation without the parameters that OpenAPI ignores."""
    every = _parameters(holder)
    shown = [parameter for parameter in every if not _is_ignored(_found(parameter, named), ())]
    return {**holder, "parameters": shown} if len(shown) < len(every) else holder


def _found(parameter: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter, or that among the components to which it refers."""
    found = named.get(str(parameter.get("$ref")).rpartition("/")[2]) if "$ref" in parameter else None
    return found if isinstance(found, dict) else parameter


def _parameters(holder: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of a path or an operation, without what can be none."""
    found = holder.get("parameters")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _is_ignored(parameter: dict[str, Any], keys: Collection[str]) -> bool:
    """Tell whether a parameter is left to the security, which is described elsewhere."""
    place, name = parameter.get("in"), str(parameter.get("name"))
    return name.lower() in _IGNORED_HEADERS if place == "header" else place == "query" and name in keys
