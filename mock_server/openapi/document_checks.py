"""Checks of a document that was given: by the specification of OpenAPI, and of what can be served."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mock_server.formats.source_file import Place, Source
from mock_server.lists.roles import PAGE
from mock_server.lists.scheme import Scheme
from mock_server.openapi import resources, security
from mock_server.openapi.extension_homes import homes_of, words_in
from mock_server.openapi.extension_places import extension_problem
from mock_server.openapi.field_checks import wrong_fields
from mock_server.openapi.list_shapes import scheme_place, unused_schemes
from mock_server.openapi.operations import Operation
from mock_server.openapi.reference_places import paths_and_methods
from mock_server.openapi.reference_resolver import Default, Resolved
from mock_server.openapi.schema import DocumentError
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.structure import Fault
from mock_server.problems import CannotServe, Problem
from mock_server.settings import CONTROL_PATH, is_below
from mock_server.shown_text import quote

_SERVED = re.compile(r"3\.[01](\.|$)")


def require_openapi(source: Source) -> None:
    """Raise CannotServe for a file that is no OpenAPI document of version 3.0 or 3.1."""
    data = source.data
    described = data if isinstance(data, dict) else {}
    remedy = "give one that begins with 'openapi: 3.0.3' or 'openapi: 3.1.0'"
    if "swagger" in described:
        message = (
            f"it is of Swagger {str(described['swagger'])[:20]}, and OpenAPI 3.0 and 3.1 are served"
        )
        convert = f"convert it, e.g. by 'npx swagger2openapi {source.name} --outfile openapi.json'"
        raise CannotServe([source.problem(("swagger",), message, convert)])
    version = described.get("openapi")
    if version is None:
        raise CannotServe([source.problem((), "it is not an OpenAPI document", remedy)])
    if not _SERVED.match(str(version)):
        message = f"its version is '{str(version)[:20]}', and only 3.0.x and 3.1.x can be served"
        raise CannotServe([source.problem(("openapi",), message, remedy)])


class Checks:
    """What is wrong with a document: problems, with which nothing is served, and warnings."""

    def __init__(
        self,
        source: Source,
        overlay_path: Path | None,
        faults: Sequence[Fault],
        overlays: Sequence[Source] = (),
    ) -> None:
        """Take the sources of a document and of its overlays, and the faults of its structure.

        Raise CannotServe for those of the document as a whole.
        """
        self._source, self._overlays = source, overlays
        self._remedy = f"correct it there{f', or in {overlay_path}' if overlay_path else ''}"
        of_whole = [self._problem(fault) for fault in faults if fault.is_of_whole]
        if of_whole:
            raise CannotServe(of_whole)
        self._faults = faults
        self._warnings: list[Problem] = []

    def fault_warnings(self) -> list[Problem]:
        """Return the faults of the structure, as warnings."""
        return [self._problem(fault) for fault in self._faults]

    @property
    def words(self) -> frozenset[str]:
        """Return the extensions that the overlays write."""
        actions = [a for each in self._overlays for a in each.data.get("actions", ())]
        return frozenset(words_in(each.get("update") for each in actions if isinstance(each, dict)))

    def warnings(self) -> tuple[Problem, ...]:
        """Return what is wrong with parts of the document that keeps no others from being served."""
        return tuple(dict.fromkeys(self._warnings))

    def servable(
        self,
        effective: dict[str, Any],
        resolved: Resolved,
        found: Sequence[Operation | DocumentError],
    ) -> tuple[Operation, ...]:
        """Return the operations that can be served, and warn of the others.

        `found` is what `operations.find` gave. Raise CannotServe with every reason if nothing can be
        served, or an extension, which is written for this program, is not understood.
        """
        source = self._source
        problems = list(self._extension_problems([*_misplaced(resolved), *found], effective))
        self._warnings += self.fault_warnings()
        problems += [p for each in resolved.broken if each.refuses for p in each.problems]
        self._warnings += [p for each in resolved.broken if not each.refuses for p in each.problems]
        places = [fault.place for fault in self._faults if not fault.is_harmless]
        places += [broken.place for broken in resolved.broken if broken.place is not None]
        faulty = {own for own in map(_operation_of, places) if own is not None}
        self._warnings += [
            self._operation_problem(error)
            for error in _errors(found)
            if error.place[:1] != ("paths",) or (error.place[1], error.place[2]) not in faulty
        ]
        self._warnings += self._bad_defaults(resolved.defaults)
        served = [each for each in found if isinstance(each, Operation) and not _is_in(each, faulty)]
        problems += _control_problems(source, served)
        with_effects = list(resources.with_effects(effective, self._distinguishable(served)))
        problems += self._extension_problems(with_effects, effective)
        served = [each for each in with_effects if isinstance(each, Operation)]
        problems += self._extension_problems(list(wrong_fields(effective, served)), effective)
        self._warnings += self._doubts(effective, served)
        fatal, harmless = _security_problems(source, effective, served)
        problems, self._warnings = [*fatal, *problems], [*self._warnings, *harmless]
        if not problems and not served:
            problems += self._warnings or [_no_operation(source)]
        if problems:
            # Several operations may have the mistake of one server.
            raise CannotServe(list(dict.fromkeys(problems)))
        return tuple(served)

    def _doubts(self, effective: dict[str, Any], served: Sequence[Operation]) -> Iterator[Problem]:
        """Yield what is odd about the extensions of served operations, and about ids of operations."""
        used = {o.template: o.scheme for o in served if o.collection is not None}
        for error in (*unused_schemes(effective, used), *_doubtful_firsts(effective, served)):
            yield extension_problem(error, self._source, self._overlays, effective)
        yield from _duplicate_ids(self._source, effective)

    def _problem(self, fault: Fault) -> Problem:
        return self._source.problem(fault.place, fault.message, self._remedy)

    def _operation_problem(self, error: DocumentError) -> Problem:
        return self._source.problem(error.place, error.message, error.remedy)

    def _extension_problems(
        self, found: Sequence[Operation | DocumentError], effective: dict[str, Any]
    ) -> Iterator[Problem]:
        for error in _errors(found):
            if any(str(step).startswith("x-") for step in error.place):
                yield extension_problem(error, self._source, self._overlays, effective)

    def _bad_defaults(self, defaults: Sequence[Default]) -> Iterator[Problem]:
        for place, value, schema in defaults:
            message = _default_flaw(value, schema)
            if message is not None:
                yield self._source.problem(place, message, self._remedy)

    def _distinguishable(self, served: Sequence[Operation]) -> list[Operation]:
        """Return the operations whose requests fit no earlier one, as those of `/a/{y}` fit `/a/{x}`."""
        first: dict[tuple[str, str], Operation] = {}
        for operation in served:
            other = first.setdefault((operation.method, operation.route), operation)
            if other is not operation:
                message = f"no request can tell {operation.path} from {other.path}"
                place = ("paths", operation.template)
                self._warnings.append(self._source.problem(place, message, "remove one of them"))
        return list(first.values())


def _misplaced(resolved: Resolved) -> Iterator[DocumentError]:
    """Yield the extensions of overlays that stand where they mean nothing."""
    for place in resolved.misplaced:
        word = str(place[-1])
        message = f"{word} means nothing here"
        yield DocumentError(place, message, f"put it on {homes_of(word)}")


def _errors(found: Sequence[Operation | DocumentError]) -> list[DocumentError]:
    return [each for each in found if isinstance(each, DocumentError)]


def _operation_of(place: Place) -> tuple[str, str | None] | None:
    """Return the path and the method of the operation that a place keeps from being served.

    That is one of its parameters or of its successful answer; the method is None for those of a whole
    path. None for any other place.
    """
    if len(place) < 3 or place[0] != "paths":
        return None
    path, member = str(place[1]), str(place[2])
    if member == "parameters":
        return path, None
    part = [str(step).upper() for step in place[3:5]]
    is_own = not part or part[0] == "PARAMETERS" or part in (["RESPONSES"], ["RESPONSES", "DEFAULT"])
    is_answer = len(part) == 2 and part[0] == "RESPONSES" and part[1].startswith("2")
    return (path, member) if is_own or is_answer else None


def _is_in(operation: Operation, faulty: set[tuple[str, str | None]]) -> bool:
    path, method = operation.template, operation.method.lower()
    return (path, method) in faulty or (path, None) in faulty


def _control_problems(source: Source, served: Sequence[Operation]) -> Iterator[Problem]:
    for operation in served:
        if is_below(operation.path, CONTROL_PATH):
            message = f"the path {operation.path} is where the control API lives"
            remedy = "give another base path, with --base-path or servers"
            yield source.problem(("paths", operation.template), message, remedy)


def _doubtful_firsts(effective: dict[str, Any], served: Sequence[Operation]) -> Iterator[DocumentError]:
    """Yield what is wrong with schemes whose first page's number is one that a parameter forbids."""
    for operation in served:
        scheme, name = operation.scheme, operation.convention.request.get(PAGE)
        if not isinstance(scheme, Scheme) or scheme.first is None or name is None:
            continue
        page = next(p for p in operation.query if p.name == name)
        if page.schema.get("minimum", scheme.first) > scheme.first:
            message = (
                f"the number of the first page is {scheme.first}, which '{name}' of {operation.path} "
                f"does not take: its minimum is {page.schema['minimum']}"
            )
            place = scheme_place(effective, scheme, operation.template)
            yield DocumentError((*place, "first"), message, "correct one of them")


def _duplicate_ids(source: Source, effective: dict[str, Any]) -> Iterator[Problem]:
    """Yield the operations whose id an earlier one has (OpenAPI 3.0, Operation Object)."""
    first: dict[str, str] = {}
    for path, method in paths_and_methods(effective):
        own = effective["paths"][path][method].get("operationId")
        other = first.setdefault(own, f"{method.upper()} {path}") if isinstance(own, str) else ""
        if other and other != f"{method.upper()} {path}":
            place = ("paths", path, method, "operationId")
            message = f"{quote(own)} is the id of {other} too"
            yield source.problem(place, message, "give each operation an id of its own")


def _no_operation(source: Source) -> Problem:
    return source.problem(("paths",), "it has no operation", "give a document that has one")


def _default_flaw(value: Any, schema: dict[str, Any]) -> str | None:
    """Return what is wrong with the default of a schema; None where it is right."""
    try:
        flaw = next(CompiledSchema(schema, is_closed=False).flaws(value), None)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None
    return None if flaw is None else f"the default does not fit its schema: {flaw}"


def _security_problems(
    source: Source, effective: dict[str, Any], served: Sequence[Operation]
) -> tuple[list[Problem], list[Problem]]:
    """Return what keeps the credentials of served operations from being checked, and what is ignored."""
    fatal: list[Problem] = []
    harmless: list[Problem] = []
    for flaw in security.flaws(effective, [(o.template, o.method.lower()) for o in served]):
        member = (flaw.member,) if flaw.member else ()
        place = ("components", "securitySchemes", flaw.name, *member)
        found = fatal if flaw.is_fatal else harmless
        found.append(source.problem(place, flaw.message, flaw.remedy))
    return fatal, harmless
