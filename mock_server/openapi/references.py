"""References: replacing every `$ref` of a document by the very object that it leads to.

The result is a graph: what is referred to often is there once, and a part that refers to itself holds
itself. A part without references is the same object as in the file, so that nobody may change either.
"""

from __future__ import annotations

import os.path
from collections.abc import Collection
from pathlib import Path
from typing import Any

from mock_server.formats.json import Json
from mock_server.formats.source_file import Place, Source
from mock_server.openapi.bundling import Bundler
from mock_server.openapi.discriminators import NamedSchemas
from mock_server.openapi.extension_homes import foreign_words
from mock_server.openapi.reference_places import components_of
from mock_server.openapi.reference_resolver import Resolved, Resolver
from mock_server.openapi.referred_files import At, Files
from mock_server.problems import CannotServe, Problem


class References:
    """The references of a document, and the files that they lead to, each read once."""

    def __init__(self, source: Source, path: Path, document: Json, overlay: Path | None = None) -> None:
        """Take a document, the source that it was read from, its file, and that of its overlay.

        Relative references start from `path` as it is given, not from what a link there leads to.
        """
        self._at = At(os.path.normpath(path), ())
        self._files = Files(source, path, document, overlay)
        self._document = document

    def resolve(self, document: Json, words: Collection[str] = ()) -> Resolved:
        """Return a document, which stands for the one in the file, with its references replaced.

        `words` are the extensions of which it is found out whether they stand where they mean something.
        It is cyclic where the document is recursive. Raise CannotServe for one that is nested too deep.
        """
        named = NamedSchemas(components_of(document, "schemas"))
        files = self._files.with_document(document)
        resolver = Resolver(files, is_modern(document), named, foreign_words(words))
        resolved: dict[str, Any] = resolver.resolve(self._at, document, "document")
        return Resolved(resolved, resolver.broken, resolver.defaults(), resolver.misplaced())

    @property
    def digest(self) -> str:
        """The digest of the files that were read, the document without its overlay among them."""
        return self._files.digest

    def problem(self, place: Place, message: str, remedy: str) -> Problem:
        """Return the problem of a place in the document, with its line in the file."""
        return self._files.problem(self._at.at(place), message, remedy)

    def bundle(self) -> dict[str, Any]:
        """Return the document as it is written, with what is in other files among its components."""
        return Bundler(self._files, self._at, self._document).bundle()


def resolve(source: Source, path: Path, document: Json) -> dict[str, Any]:
    """Return a document with its references replaced; raise CannotServe where one can't be followed."""
    resolved = References(source, path, document).resolve(document)
    if resolved.broken:
        raise CannotServe(problem for broken in resolved.broken for problem in broken.problems)
    return resolved.document


def is_modern(document: dict[str, Json]) -> bool:
    """Tell whether a document is of OpenAPI 3.1."""
    return str(document.get("openapi")).startswith("3.1")
