"""Several documents that are the versions of one API: which is which, and which is the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.formats import digests, source_file
from mock_server.formats.source_file import Source
from mock_server.openapi import (
    document,
    document_checks,
    extension_places,
    newer_shapes,
    overlay_format,
    structure,
)
from mock_server.openapi.document import BUILT_IN, Document, OlderDocument, compile_document
from mock_server.openapi.schema import DocumentError
from mock_server.openapi.server_paths import base_path_of
from mock_server.openapi.structure import Fault
from mock_server.openapi.version import VersionHeader, written_header
from mock_server.openapi.written_document import WrittenDocument
from mock_server.problems import CannotServe, Problem
from mock_server.setting_parsers import shown_path
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
    # Probably the newest first, since a file's name says the version as a rule: it is read as a whole.
    own.sort(key=lambda each: each[0].name, reverse=True)
    reader = _Reader(is_alone=is_alone)
    problems, found = list[Problem](), list[_Outline]()
    for path, overlay in own:
        try:
            found.append(reader.outline(path, overlay))
        except CannotServe as error:
            problems += error.problems
    problems = problems or [*_no_versions(found), *_same_versions(found)]
    if base_path is None and not problems:
        problems += _other_base_paths(found)
    if problems:
        raise CannotServe(dict.fromkeys(problems))
    return _compile(sorted(found, key=lambda each: each.version, reverse=True), base_path)


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


class _Outline(NamedTuple):
    """What is known of a document before its references are followed.

    `digest` is that of its text and its overlay's. `read` returns it with its overlay merged, and raises
    CannotServe for what is wrong with that.
    """

    source: Source
    digest: str
    header: VersionHeader
    base_path: str
    overlay: Path | None
    read: Callable[[], WrittenDocument]

    @property
    def version(self) -> str:
        """The version that it is, e.g. `2024-07-30`."""
        return self.header.versions[0]

    def problem(self, message: str, remedy: str) -> Problem:
        """Return what is wrong with the document as a whole."""
        return Problem(self.source.name, message, remedy)


class _Reader:
    """Reads the documents of several versions, each file once."""

    def __init__(self, *, is_alone: bool) -> None:
        self._is_alone = is_alone
        self._read_file = cache(source_file.read)
        self._moves_servers = cache(self._find_servers)
        # The names of the headers that a document marks, in lower case.
        self._marked: frozenset[str] = frozenset()

    def outline(self, path: Path, overlay: Path | None) -> _Outline:
        """Return what is known of a document; raise CannotServe with what is wrong with it.

        Of an older one, merging the overlay, whose JSONPaths take long, is left for later: its version
        stands in the header that another document marks.
        """
        read = cache(partial(self._read, path, overlay))
        source = self._read_file(path)
        document_checks.require_openapi(source)
        own = document.overlay_of(path, overlay, is_alone=self._is_alone)
        moves = own is not None and self._moves_servers(own)
        found, header = source.data, written_header(source.data, self._marked)
        if moves or not self._marked or len(header.versions) != 1 or structure.find_faults(found):
            found = read().merged
            header = written_header(found, self._marked)
        self._marked = self._marked.union(name.lower() for name in header.names)
        texts = [source, *([] if own is None else [self._read_file(own)])]
        digest = digests.combine(*(each.digest for each in texts))
        return _Outline(source, digest, header, _base_path(source, found), own, read)

    def _read(self, path: Path, overlay: Path | None) -> WrittenDocument:
        return document.read(path, overlay, is_alone=self._is_alone, read_file=self._read_file)

    def _find_servers(self, path: Path) -> bool:
        """Tell whether an overlay may change the servers; raise CannotServe for a wrong format."""
        overlay = self._read_file(path)
        problems = overlay_format.problems(overlay)
        if problems:
            raise CannotServe(problems)
        return "servers" in overlay.text


def _no_versions(found: Sequence[_Outline]) -> Iterator[Problem]:
    remedy = "mark its version header in an overlay, e.g. 'x-version: {this: 2024-07-30, unknown: {…}}'"
    for each in found:
        names = ", ".join(each.header.versions[:3])
        if not names:
            yield each.problem("it is one of several documents, and says no version", remedy)
        elif len(each.header.versions) > 1:
            yield each.problem(f"its version header names {names}, and not which one it is", remedy)


def _same_versions(found: Sequence[_Outline]) -> Iterator[Problem]:
    known = sorted((each for each in found if each.header.versions), key=lambda each: each.version)
    for first, second in pairwise(known):
        if first.version == second.version:
            message = f"it is of version {quote(second.version)}, as {first.source.name} is"
            yield second.problem(message, "leave one of them out, or correct its x-version")


def _other_base_paths(found: Sequence[_Outline]) -> Iterator[Problem]:
    first, *others = found
    for each in others:
        if each.base_path != first.base_path:
            paths = _shown(each.base_path), _shown(first.base_path)
            message = f"its base path is {paths[0]}, and that of {first.source.name} is {paths[1]}"
            yield each.problem(message, "give one for all with --base-path, or correct its servers")


def _base_path(source: Source, merged: dict[str, Any]) -> str:
    try:
        return base_path_of(merged)
    except DocumentError as error:
        raise CannotServe([source.problem(error.place, error.message, error.remedy)]) from None


def _shown(path: str) -> str:
    return quote(path) if path else "empty"


def _compile(outlines: Sequence[_Outline], base_path: str | None) -> Document:
    """Return the first document compiled, with those after it, which are compiled when asked for."""
    versions = [each.version for each in outlines]

    def compile_one(outline: _Outline) -> Document:
        written = outline.read()
        if [each.overlay for each in outlines].count(outline.overlay) == 1:
            return compile_document(written, base_path, versions)
        # An action of a shared overlay may be for another version.
        kept, written = written.overlay_warnings, replace(written, overlay_warnings=())
        compile_it = partial(compile_document, base_path=base_path, served=versions)
        is_newest = outline is outlines[0]
        found = compile_it(written) if is_newest else _without_misfits(written, compile_it)
        return replace(found, overlay_warnings=kept)

    newest = compile_one(outlines[0])
    older: list[OlderDocument] = []
    for each in outlines[1:]:
        make = partial(_compile_older, partial(compile_one, each), newest, tuple(older))
        older.append(OlderDocument(each.version, each.header, each.source.name, make))
    # What older ones refer to is not read yet.
    digest = digests.combine(newest.digest, *(each.digest for each in outlines[1:]))
    return replace(newest, older=tuple(older), digest=digest)


def _without_misfits(
    written: WrittenDocument, compile_it: Callable[[WrittenDocument], Document]
) -> Document:
    """Return an older document compiled without what a shared overlay says that does not fit it.

    An action that is written for the newest may select what is other here. Raise CannotServe for
    anything else that is wrong.
    """
    try:
        return compile_it(written)
    except CannotServe as error:
        overlay = shown_path(written.overlay_path or written.path)
        own = [each for each in error.problems if each.file == overlay]
        places = [extension_places.place_of(each.place, written.merged) for each in own]
        misfits = [Fault(place, "", is_harmless=False) for place in places if place is not None]
        if len(misfits) < len(error.problems):
            raise
        merged = structure.without_faulty(written.merged, misfits)
        warnings = (*written.overlay_warnings, *error.problems)
        # What is dropped here cannot be wrong in the next round, so that there are few.
        return _without_misfits(replace(written, merged=merged, overlay_warnings=warnings), compile_it)


def _compile_older(
    compile_it: Callable[[], Document], newest: Document, between: Sequence[OlderDocument]
) -> Document:
    """Return an older document that shows the records of the newest, and of those between the two."""
    return newer_shapes.on_newer(compile_it(), [newest, *(each.load() for each in between)])


def warnings(newest: Document) -> tuple[Problem, ...]:
    """Return what is odd about the documents of all versions; raise CannotServe for one that is none.

    Of an overlay that several share, that is what changes nothing in any of them.
    """
    every = [newest, *(each.load() for each in newest.older)]
    found = [w for each in every for w in each.warnings]
    for each in every:
        others = [set(o.overlay_warnings) for o in every if o.overlay_file == each.overlay_file]
        found += [w for w in each.overlay_warnings if all(w in other for other in others)]
    return tuple(dict.fromkeys(found))
