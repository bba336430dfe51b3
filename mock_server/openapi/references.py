"""References: replacing every `$ref` of a document by what it refers to, here or in files beside it.

prance does the replacing. All files are read and all references checked before, so that prance
calls neither the network nor a Python package, and each bad reference is reported with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from mock_server.errors import CannotServe, Problem
from mock_server.formats import source_file
from mock_server.formats.json import Json
from mock_server.formats.source_file import Place, Source

# Values in the resolved document; one of the vendor's has about 3,000.
SIZE_LIMIT = 50_000


def resolve(source: Source, path: Path, document: Json) -> dict[str, Any]:
    """Return the document with its references replaced; a recursive one by an object of any shape.

    `path` is the document's file, from which relative references start. Raise CannotServe, naming
    each reference that is remote or dangling.
    """
    # Imported here: it is needed at the start alone, and not by `--help`.
    from prance.util import resolver
    from prance.util.url import ResolutionError

    files = _ReferencedFiles(source, path, document)
    if files.problems:
        raise CannotServe(files.problems)
    resolving = resolver.RefResolver(
        document,
        path.resolve().as_uri(),
        reference_cache={(file.as_uri(), True): data for file, data in files.data.items()},
        resolve_types=resolver.RESOLVE_INTERNAL | resolver.RESOLVE_FILES,
        recursion_limit_handler=resolver.permissive_object_on_recursion,
    )
    try:
        resolving.resolve_references()
    except (ResolutionError, ValueError, TypeError, AttributeError, RecursionError) as error:
        message = f"a reference cannot be resolved ({str(error)[:200]})"
        raise CannotServe([source.problem((), message, "correct it")]) from None
    specs: dict[str, Any] = resolving.specs
    if _size(specs, {}) > SIZE_LIMIT:
        message = f"with its references followed it holds more than {SIZE_LIMIT:,} values"
        raise CannotServe([source.problem((), message, "refer to less")])
    for place, reference in _references(specs):
        message = f"the reference '{str(reference)[:100]}' refers to itself by a detour"
        raise CannotServe([source.problem(place, message, "describe the shape without it")])
    return specs


class _ReferencedFiles:
    """The document and all files that it refers to, each read once.

    `data` are their values by absolute path, `problems` the references that cannot be followed.
    """

    def __init__(self, source: Source, path: Path, document: Json) -> None:
        self.data: dict[Path, Json] = {}
        self.problems: list[Problem] = []
        self._read(path.resolve(), source, document)

    def _read(self, path: Path, source: Source, document: Json) -> None:
        self.data[path] = document
        for place, reference in _references(document):
            message, remedy = self._check(path, reference)
            if message:
                message = f"the reference '{str(reference)[:100]}' {message}"
                self.problems.append(source.problem(place, message, remedy))

    def _check(self, base: Path, reference: Json) -> tuple[str, str]:
        """Return what is wrong with a reference, and the remedy; two empty texts if nothing is.

        A file that it leads to is read, if it was not yet.
        """
        url = _parse_url(reference)
        if url is None:
            return "is no URL", "write a text such as '#/components/schemas/Name'"
        if url.scheme not in ("", "file") or url.netloc:
            return "is remote", "refer to a part of this document, or to a file beside it"
        target = (base.parent / unquote(url.path)).resolve() if url.path else base
        if target not in self.data:
            try:
                source = source_file.read(target)
            except CannotServe as error:
                self.problems += error.problems
                return "leads to a file that cannot be read", "correct that file"
            if not isinstance(source.data, dict):
                return "leads to a file that is no mapping", "refer to another one"
            self._read(target, source, source.data)
        if not _has_part(self.data[target], url.fragment):
            return "is dangling", f"add what it names to {target.name}, or correct it"
        return "", ""


def _references(node: Json, place: Place = ()) -> Iterator[tuple[Place, Json]]:
    """Yield the place and the value of each `$ref`; a property of that name is none."""
    if isinstance(node, dict):
        if "$ref" in node and place[-1:] != ("properties",):
            yield place, node["$ref"]
        for key, value in node.items():
            yield from _references(value, (*place, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _references(value, (*place, index))


def _parse_url(reference: Json) -> SplitResult | None:
    if not isinstance(reference, str) or "\0" in unquote(reference):
        return None
    try:
        return urlsplit(reference)
    except ValueError:
        return None


def _has_part(node: Json, fragment: str) -> bool:
    """Return whether the JSON pointer of a URL's fragment (RFC 6901 section 6) leads to a value."""
    for escaped in filter(None, unquote(fragment).split("/")):
        step = escaped.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdecimal() and int(step) < len(node):
            node = node[int(step)]
        else:
            return False
    return True


def _size(node: Json, known: dict[int, int]) -> int:
    """Return the number of values in a node, counting what references share each time.

    `known` holds the sizes already counted, by the identity of the node.
    """
    if not isinstance(node, dict | list):
        return 1
    if id(node) not in known:
        children = node.values() if isinstance(node, dict) else node
        known[id(node)] = 1 + sum(_size(child, known) for child in children)
    return known[id(node)]
