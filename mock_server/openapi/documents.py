"""Several documents that are the versions of one API: which is which, and which is the newest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

from mock_server.formats import source_file
from mock_server.openapi import document, operations
from mock_server.openapi.document import BUILT_IN, Document, OlderDocument, compile_document
from mock_server.openapi.schema import DocumentError
from mock_server.openapi.version import VersionHeader, written_header
from mock_server.openapi.written_document import WrittenDocument
from mock_server.problems import CannotServe, Problem
from mock_server.shown_text import quote


def load(
    paths: Sequence[Path],
    overlays: Sequence[Path] = (),
    base_path: str | None = None,
    *,
    is_alone: bool = False,
) -> Document:
    """Return the document of the newest version, with those of older ones.

    No paths mean the built-in one. The nth overlay is merged into the nth document, and a single one
    into all. The newest is compiled, the others are read and checked as they are written. `is_alone` and
    `base_path` are those of `document.load`. Raise CannotServe with every problem found.
    """
    own = _overlays_of(paths or (BUILT_IN,), overlays)
    if len(own) == 1:
        [(path, overlay)] = own
        return document.load(path, overlay, base_path, is_alone=is_alone)
    read = partial(document.read, is_alone=is_alone, read_file=cache(source_file.read))
    problems, found = list[Problem](), list[WrittenDocument]()
    for path, overlay in own:
        try:
            found.append(read(path, overlay))
        except CannotServe as error:
            problems += error.problems
    if problems:
        raise CannotServe(dict.fromkeys(problems))
    return _compile(_by_version(_with_common_warnings(found), base_path), base_path)


def _overlays_of(paths: Sequence[Path], overlays: Sequence[Path]) -> list[tuple[Path, Path | None]]:
    """Return each document with its overlay, None for the one beside it."""
    if len(overlays) > len(paths):
        count = "one document" if len(paths) == 1 else f"{len(paths)} documents"
        message = f"it is overlay {len(paths) + 1} of {count}"
        remedy = "give one overlay for each document in the same order, or a single one for all"
        raise CannotServe([Problem(str(overlays[len(paths)]), message, remedy)])
    if len(overlays) == 1:
        return [(path, overlays[0]) for path in paths]
    return [(path, overlays[n] if n < len(overlays) else None) for n, path in enumerate(paths)]


def _with_common_warnings(found: Sequence[WrittenDocument]) -> list[WrittenDocument]:
    """Return the documents, of an overlay that several share with the warnings alone that all have.

    One action of it may be for an older version, and another for the newest.
    """
    sharing: dict[Path | None, list[WrittenDocument]] = {}
    for each in found:
        sharing.setdefault(each.overlay_path, []).append(each)

    def common(each: WrittenDocument) -> tuple[Problem, ...]:
        others = [set(other.overlay_warnings) for other in sharing[each.overlay_path]]
        return tuple(w for w in each.overlay_warnings if all(w in other for other in others))

    return [replace(each, overlay_warnings=common(each)) for each in found]


_Version = tuple[str, VersionHeader, WrittenDocument]


def _by_version(found: Sequence[WrittenDocument], base_path: str | None) -> list[_Version]:
    """Return the documents with their versions, the newest first; raise CannotServe where one has none.

    So it does where two have the same version, or other base paths.
    """
    headers = [written_header(each.merged) for each in found]
    problems = [
        _problem(each, *_no_version(header))
        for each, header in zip(found, headers, strict=True)
        if len(header.versions) != 1
    ]
    if problems:
        raise CannotServe(problems)
    known = [(h.versions[0], h, each) for h, each in zip(headers, found, strict=True)]
    known.sort(key=lambda each: each[0], reverse=True)
    problems = [*_same_versions(known), *([] if base_path is not None else _other_base_paths(known))]
    if problems:
        raise CannotServe(problems)
    return known


def _no_version(header: VersionHeader) -> tuple[str, str]:
    """Return what is wrong with a document that says no single version, and the remedy."""
    remedy = "mark the header in its overlay, e.g. 'x-version: {this: 2024-07-30, unknown: {…}}'"
    if header.versions:
        names = ", ".join(header.versions[:3])
        return f"its version header names {names}, and not which of them it is", remedy
    return "it is one of several documents, and says no version", remedy


def _same_versions(known: Sequence[_Version]) -> Iterator[Problem]:
    for (version, _, first), (other, _, second) in pairwise(known):
        if version == other:
            message = f"it is of version {quote(version)}, as {first.path} is"
            yield _problem(second, message, "leave one of them out, or correct its x-version")


def _other_base_paths(known: Sequence[_Version]) -> Iterator[Problem]:
    newest, *others = [(_base_path(each), each) for _, _, each in known]
    for path, each in others:
        if path != newest[0]:
            message = (
                f"its base path is {_shown(path)}, and that of {newest[1].path} is {_shown(newest[0])}"
            )
            yield _problem(each, message, "give one for all with --base-path, or correct its servers")


def _base_path(each: WrittenDocument) -> str:
    try:
        return operations.base_path_of(each.merged)
    except DocumentError as error:
        problem = each.source.problem(error.place, error.message, error.remedy)
        raise CannotServe([problem]) from None


def _shown(path: str) -> str:
    return quote(path) if path else "empty"


def _problem(each: WrittenDocument, message: str, remedy: str) -> Problem:
    return Problem(each.source.name, message, remedy)


def _compile(known: Sequence[_Version], base_path: str | None) -> Document:
    versions = [version for version, _, _ in known]
    (_, _, newest), *others = known
    older = [
        OlderDocument(
            version,
            header,
            str(each.path),
            (*each.overlay_warnings, *each.checks.fault_warnings()),
            partial(compile_document, each, base_path, versions),
        )
        for version, header, each in others
    ]
    return replace(compile_document(newest, base_path, versions), older=tuple(older))
