"""References: replacing every `$ref` of a document by what it refers to, here or in files beside it."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from mock_server.formats import source_file
from mock_server.formats.json import DEPTH_LIMIT, Json
from mock_server.formats.source_file import Place, Source
from mock_server.openapi.reference_places import is_reference, members
from mock_server.problems import CannotServe, Problem
from mock_server.shown_text import quote

# Values in the resolved document; one of the vendor's has about 3,000.
SIZE_LIMIT = 50_000
# The references that may follow each other until one leads to something else.
CHAIN_LIMIT = 100
# The problems that are reported of one document; finding the line of each takes time.
LISTED = 100

_EXAMPLE = "write a text such as '#/components/schemas/Name'"


def resolve(source: Source, path: Path, document: Json) -> dict[str, Any]:
    """Return the document with its references replaced; a recursive one by an object of any shape.

    `path` is the document's file, from which relative references start: as it is given, and not the
    file that a link there leads to. Raise CannotServe, naming each reference that cannot be followed.
    """
    resolver = _Resolver(_Files(source, path, document))
    resolved = resolver.resolve(_At(os.path.normpath(path), ()), document, "document", level=0)
    if resolver.problems:
        raise CannotServe(list(dict.fromkeys(resolver.problems)))
    result: dict[str, Any] = resolved.value
    return result


class _At(NamedTuple):
    """A place in a file, which is named by its path."""

    file: str
    place: Place

    def at(self, steps: Place) -> _At:
        return _At(self.file, (*self.place, *steps))


class _Resolved(NamedTuple):
    """A resolved part: its value, the number of values in it, and the levels of them."""

    value: Json
    size: int
    height: int


class _Unresolvable(Exception):
    """A reference cannot be followed; `message` goes on after the words `the reference '…'`."""

    def __init__(self, message: str, remedy: str, more: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.message, self.remedy, self.more = message, remedy, more


class _Target(NamedTuple):
    """What a reference leads to in the end, and what stood beside the references on the way."""

    at: _At
    node: Json
    siblings: list[tuple[_At, dict[str, Json]]]


class _Files:
    """The document and the files that it refers to, each read once, by their paths."""

    def __init__(self, source: Source, path: Path, document: Json) -> None:
        name = os.path.normpath(path)
        self._base = path.parent
        self._document = name
        self._sources = {name: source}
        self._data = {name: document}
        self._found: dict[tuple[str, str], tuple[_At, Json]] = {}

    def problem(self, at: _At, message: str, remedy: str) -> Problem:
        """Return the problem of a place."""
        return self._sources[at.file].problem(at.place, message, remedy)

    def find(self, file: str, reference: Json) -> tuple[_At, Json]:
        """Return the place that a reference in a file leads to, and its value; raise _Unresolvable."""
        if not isinstance(reference, str):
            raise _Unresolvable("is no URL", _EXAMPLE)
        if (file, reference) not in self._found:
            self._found[file, reference] = self._look_up(file, reference)
        return self._found[file, reference]

    def _look_up(self, file: str, reference: str) -> tuple[_At, Json]:
        url = _parse_url(reference)
        if url is None:
            raise _Unresolvable("is no URL", _EXAMPLE)
        if url.scheme not in ("", "file") or url.netloc:
            remedy = "refer to a part of this document, or to a file beside it"
            raise _Unresolvable("is remote", remedy)
        target = self._read(file, unquote(url.path)) if url.path else file
        found = _find_part(self._data[target], unquote(url.fragment))
        if found is None:
            remedy = f"add what it names to {Path(target).name}, or correct it"
            raise _Unresolvable("is dangling", remedy)
        place, node = found
        return _At(target, place), node

    def _read(self, file: str, relative: str) -> str:
        """Read the file at a path that is relative to another file, and return its own path."""
        base = self._base if file == self._document else Path(file).parent
        name = os.path.normpath(base / relative)
        if name not in self._data:
            try:
                source = source_file.read(Path(name))
            except CannotServe as error:
                message = "leads to a file that cannot be read"
                raise _Unresolvable(message, "correct that file", error.problems) from None
            if not isinstance(source.data, dict):
                raise _Unresolvable("leads to a file that is no mapping", "refer to another one")
            self._sources[name], self._data[name] = source, source.data
        return name


class _Resolver:
    """Resolves the parts of a document; each that a reference leads to, once.

    `problems` are those of the references that cannot be followed.
    """

    def __init__(self, files: _Files) -> None:
        self._files = files
        self._ends: dict[tuple[_At, str], _Target] = {}
        self._known: dict[tuple[_At, str], _Resolved | None] = {}
        self.problems: list[Problem] = []

    def resolve(self, at: _At, node: Json, kind: str | None, level: int) -> _Resolved:
        """Return a part of a kind, resolved; raise CannotServe if it is too large.

        `level` is that of the part in the resolved document, `kind` None for data.
        """
        self._require_depth(at, level)
        if not isinstance(node, dict | list):
            return _Resolved(node, 1, 1)
        if kind is not None and isinstance(node, dict) and is_reference(node, kind):
            return self._follow(at, node, kind, level)
        parts = members(node, kind) if kind is not None else _data_members(node)
        return self._assemble(at, node, parts, level)

    def _assemble(
        self, at: _At, node: Json, parts: Iterator[tuple[Place, Json, str | None]], level: int
    ) -> _Resolved:
        found = {steps[-1]: self.resolve(at.at(steps), part, k, level + 1) for steps, part, k in parts}
        size = 1 + sum(each.size for each in found.values())
        if size > SIZE_LIMIT:
            message = f"with its references followed it holds more than {SIZE_LIMIT:,} values"
            raise CannotServe([self._files.problem(at, message, "refer to less")])
        height = 1 + max((each.height for each in found.values()), default=0)
        values = [each.value for each in found.values()]
        value = values if isinstance(node, list) else dict(zip(found, values, strict=True))
        return _Resolved(value, size, height)

    def _follow(self, at: _At, node: dict[str, Json], kind: str, level: int) -> _Resolved:
        reference = node["$ref"]
        try:
            target = self._find(at, node, kind)
            resolved = self._target(target, reference, kind, level)
            return self._with_siblings(resolved, target, level) if kind == "path" else resolved
        except _Unresolvable as error:
            self.problems += error.more
            message = f"the reference {quote(str(reference))} {error.message}"
            self.problems.append(self._files.problem(at, message, error.remedy))
            if len(self.problems) >= LISTED:
                raise CannotServe(self.problems[:LISTED]) from None
            return _Resolved({}, 1, 1)

    def _find(self, at: _At, node: dict[str, Json], kind: str) -> _Target:
        """Return what a reference leads to, through others if these follow each other."""
        first, found = self._files.find(at.file, node["$ref"])
        if (first, kind) not in self._ends:
            self._ends[first, kind] = self._follow_chain(first, found, kind)
        end = self._ends[first, kind]
        return _Target(end.at, end.node, [(at, _beside(node)), *end.siblings])

    def _follow_chain(self, at: _At, node: Json, kind: str) -> _Target:
        siblings = []
        passed = {at}
        while isinstance(node, dict) and is_reference(node, kind):
            siblings.append((at, _beside(node)))
            at, node = self._files.find(at.file, node["$ref"])
            if at in passed:
                raise _Unresolvable("refers to itself by a detour", "describe the shape without it")
            if len(passed) > CHAIN_LIMIT:
                message = f"leads through more than {CHAIN_LIMIT} others"
                raise _Unresolvable(message, "refer to the last of them")
            passed.add(at)
        return _Target(at, node, siblings)

    def _target(self, target: _Target, reference: str, kind: str, level: int) -> _Resolved:
        key = target.at, kind
        if key not in self._known:
            # None while it is resolved, so that a reference within it to itself is found.
            self._known[key] = None
            self._known[key] = self.resolve(target.at, target.node, kind, level)
        known = self._known[key]
        if known is None:
            return _cut_recursion(target.node, kind, reference)
        self._require_depth(target.at, level + known.height - 1)
        return known

    def _require_depth(self, at: _At, level: int) -> None:
        if level > DEPTH_LIMIT:
            message = f"with its references followed it is nested more than {DEPTH_LIMIT} levels deep"
            raise CannotServe([self._files.problem(at, message, "flatten it")])

    def _with_siblings(self, resolved: _Resolved, target: _Target, level: int) -> _Resolved:
        """Return a path item with the fields beside its reference (OpenAPI 3.0, Path Item Object)."""
        for at, fields in target.siblings:
            if not fields or not isinstance(resolved.value, dict):
                continue
            beside = self.resolve(at, fields, "path", level)
            for name in beside.value.keys() & resolved.value.keys():
                if beside.value[name] != resolved.value[name]:
                    message = f"has '{name}' beside it and behind it, of which none is meant"
                    raise _Unresolvable(message, "write it in one of the two places")
            value = resolved.value | beside.value
            height = max(resolved.height, beside.height)
            resolved = _Resolved(value, resolved.size + beside.size, height)
        return resolved


def _beside(node: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in node.items() if key != "$ref"}


def _data_members(node: Json) -> Iterator[tuple[Place, Json, None]]:
    parts = enumerate(node) if isinstance(node, list) else node.items()
    yield from (((step,), part, None) for step, part in parts)


def _cut_recursion(node: Json, kind: str, reference: str) -> _Resolved:
    """Return what stands for a part within itself: of a schema, any value of its type."""
    mark: dict[str, Json] = {"x-recursive-ref": reference}
    if kind != "schema" or not isinstance(node, dict):
        return _Resolved(mark, 2, 2)
    wanted = node.get("type", "object")
    rest: dict[str, Json] = {"items": {}} if wanted == "array" else {"additionalProperties": True}
    return _Resolved({"type": wanted, **rest, **mark}, 4, 2)


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
        step: str | int = escaped.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and escaped.isdecimal() and escaped.isascii() and len(escaped) < 10:
            step = int(escaped)
        if not (step in node if isinstance(node, dict) else _has_index(node, step)):
            return None
        node = node[step]
        place.append(step)
    return tuple(place), node


def _has_index(node: Json, step: str | int) -> bool:
    return isinstance(node, list) and isinstance(step, int) and step < len(node)
