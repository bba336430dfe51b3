"""What references lead to: parts of the document, and of the files that it refers to."""

from __future__ import annotations

import os.path
from collections.abc import Iterable
from copy import copy
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from mock_server.formats import digests, source_file
from mock_server.formats.json import Json, count_values
from mock_server.formats.source_file import Place, Source
from mock_server.openapi.schema_names import SchemaNames, may_have_names
from mock_server.problems import CannotServe, Problem

# Values of a document and the files that it refers to; the largest published have 260,000.
SIZE_LIMIT = 1_000_000

_EXAMPLE = "write a text such as '#/components/schemas/Name'"


class At(NamedTuple):
    """A place in a file, which is named by its path."""

    file: str
    place: Place

    def at(self, steps: Place) -> At:
        return At(self.file, (*self.place, *steps))


class Unresolvable(Exception):
    """A reference cannot be followed; `message` goes on after the words `the reference '…'`."""

    def __init__(
        self, message: str, remedy: str, more: Iterable[Problem] = (), *, refuses: bool = False
    ) -> None:
        """Take what is wrong; `refuses` says that no part of the document is to be served then."""
        super().__init__(message)
        self.message, self.remedy, self.more, self.refuses = message, remedy, more, refuses


class Files:
    """The document and the files that it refers to, each read once, by their paths."""

    def __init__(self, source: Source, path: Path, document: Json, overlay: Path | None = None) -> None:
        """Take a document, the source that it was read from, its path, and that of its overlay."""
        name = os.path.normpath(path)
        self._base = path.parent
        self._folder = _widest_folder(path, overlay)
        self._document, self._value = name, document
        self._sources = {name: source}
        # What is left of the values that the document and the other files may have.
        self._left = SIZE_LIMIT
        self._count(source, document)
        self._found: dict[tuple[str, str], tuple[At, Json]] = {}
        # Schemas have names in OpenAPI 3.1 alone.
        self._has_names = isinstance(document, dict) and str(document.get("openapi")).startswith("3.1")
        self._names: dict[str, SchemaNames | None] = {}

    def with_document(self, document: Json) -> Files:
        """Return these files, each read once for both, with another value of the document."""
        files = copy(self)
        files._value, files._found, files._names = document, {}, {}
        return files

    def is_document(self, file: str) -> bool:
        """Tell whether a path is that of the document."""
        return file == self._document

    @property
    def digest(self) -> str:
        """The digest of the files that were read, by their paths from the document's folder."""
        texts = {os.path.relpath(name, self._base): each for name, each in self._sources.items()}
        return digests.combine(*(part for name in sorted(texts) for part in (name, texts[name].digest)))

    def problem(self, at: At, message: str, remedy: str) -> Problem:
        """Return the problem of a place."""
        return self._sources[at.file].problem(at.place, message, remedy)

    def find(self, file: str, reference: Json, place: Place = ()) -> tuple[At, Json]:
        """Return the place that a reference in a file leads to, and its value; raise Unresolvable.

        `place` is that of the reference, since a schema's `$id` counts for all in it.
        """
        if not isinstance(reference, str):
            raise Unresolvable("is no URL", _EXAMPLE)
        named = self._find_by_name(file, reference, place) if self._has_names else None
        if named is not None:
            return named
        if (file, reference) not in self._found:
            self._found[file, reference] = self._look_up(file, reference)
        return self._found[file, reference]

    def _find_by_name(self, file: str, reference: str, place: Place) -> tuple[At, Json] | None:
        """Return what a reference leads to by the names of schemas in its own file; None for nothing."""
        if file not in self._names:
            has_names = may_have_names(self._sources[file].text)
            self._names[file] = SchemaNames(self._data_of(file)) if has_names else None
        names = self._names[file]
        named = names.find(reference, place) if names is not None and _parse_url(reference) else None
        if named is None:
            return None
        (above, schema), pointer = named
        found = _find_part(schema, pointer)
        return None if found is None else (At(file, (*above, *found[0])), found[1])

    def _look_up(self, file: str, reference: str) -> tuple[At, Json]:
        url = _parse_url(reference)
        if url is None:
            raise Unresolvable("is no URL", _EXAMPLE)
        if url.scheme not in ("", "file") or url.netloc:
            remedy = "refer to a part of this document, or to a file beside it"
            raise Unresolvable("is remote", remedy)
        target = self._read(file, unquote(url.path)) if url.path else file
        fragment = unquote(url.fragment)
        found = _find_part(self._data_of(target), fragment)
        if found is None and target != file and self._has_names and not fragment.startswith("/"):
            named = self._find_by_name(target, f"#{url.fragment}", ())
            if named is not None:
                return named
        if found is None:
            remedy = f"add what it names to {Path(target).name}, or correct it"
            raise Unresolvable("is dangling", remedy)
        place, node = found
        return At(target, place), node

    def _read(self, file: str, relative: str) -> str:
        """Read the file at a path that is relative to another file, and return its own path."""
        base = self._base if file == self._document else Path(file).parent
        name = os.path.normpath(base / relative)
        if name not in self._sources:
            if not os.path.abspath(name).startswith(self._folder):
                message = f"leads to {name}, which is outside of the folder {self._folder}"
                raise Unresolvable(message, "put the file there", refuses=True)
            try:
                source = source_file.read(Path(name))
            except CannotServe as error:
                message = "leads to a file that cannot be read"
                is_there = os.path.lexists(name)
                remedy = "correct that file"
                raise Unresolvable(message, remedy, error.problems, refuses=is_there) from None
            if not isinstance(source.data, dict):
                raise Unresolvable("leads to a file that is no mapping", "refer to another one")
            self._count(source, source.data)
            self._sources[name] = source
        return name

    def _count(self, source: Source, data: Json) -> None:
        """Count the values of a file; raise CannotServe where there are too many."""
        self._left -= count_values(data)
        if self._left < 0:
            message = f"with the files that it refers to it has more than {SIZE_LIMIT:,} values"
            raise CannotServe([source.problem((), message, "serve a part of it")])

    def _data_of(self, file: str) -> Json:
        return self._value if file == self._document else self._sources[file].data


def _widest_folder(path: Path, overlay: Path | None) -> str:
    """Return the folder whose files may be referred to, with a separator at its end.

    That is the document's, or the overlay's where that is above the document's.
    """
    own = os.path.join(os.path.dirname(os.path.abspath(path)), "")
    other = os.path.join(os.path.dirname(os.path.abspath(overlay)), "") if overlay else own
    return other if own.startswith(other) else own


def _parse_url(reference: str) -> SplitResult | None:
    if "\0" in unquote(reference):
        return None
    try:
        return urlsplit(reference)
    except ValueError:
        return None


def _find_part(node: Json, pointer: str) -> tuple[Place, Json] | None:
    """Return the place and the value that a JSON pointer (RFC 6901) leads to; None where there is none.

    `/` alone, by RFC 6901 a member without a name, is taken for the whole where there is no such member.
    """
    if pointer in ("", "/") and not (pointer and isinstance(node, dict) and "" in node):
        return (), node
    place: list[str | int] = []
    for escaped in pointer.removeprefix("/").split("/"):
        step: str | int = source_file.unescaped(escaped)
        if isinstance(node, list) and escaped.isdecimal() and escaped.isascii() and len(escaped) < 10:
            step = int(escaped)
        if not (step in node if isinstance(node, dict) else _has_index(node, step)):
            return None
        node = node[step]
        place.append(step)
    return tuple(place), node


def _has_index(node: Json, step: str | int) -> bool:
    return isinstance(node, list) and isinstance(step, int) and step < len(node)
