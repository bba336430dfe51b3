"""References: replacing every `$ref` of a document by what it refers to, here or in files beside it."""

from __future__ import annotations

import os.path
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.formats.json import DEPTH_LIMIT, Json
from mock_server.formats.source_file import Place, Source
from mock_server.openapi.reference_places import is_reference, members
from mock_server.openapi.referred_files import At, Files, Unresolvable
from mock_server.problems import CannotServe, Problem
from mock_server.shown_text import quote

# Values in the resolved document; one of the vendor's has about 3,000.
SIZE_LIMIT = 50_000
# The references that may follow each other until one leads to something else.
CHAIN_LIMIT = 100
# The problems that are reported of one document; finding the line of each takes time.
LISTED = 100


class References:
    """The references of a document, and the files that they lead to, each read once."""

    def __init__(self, source: Source, path: Path, document: Json) -> None:
        """Take a document, the source that it was read from, and its file.

        Relative references start from `path` as it is given, not from what a link there leads to.
        """
        self._at = At(os.path.normpath(path), ())
        self._files = Files(source, path, document)
        self._document = document

    def resolve(self) -> dict[str, Any]:
        """Return the document with its references replaced; a recursive one by an object of any shape.

        Raise CannotServe, naming each reference that cannot be followed.
        """
        return self._resolve(keeps_components=False)

    def bundle(self) -> dict[str, Any]:
        """Return the document with its references to other files replaced, as `resolve` does.

        Those to its own components stay, since generators of clients name their types by them. Those of
        parameters and paths are replaced all the same.
        """
        return self._resolve(keeps_components=True)

    def _resolve(self, *, keeps_components: bool) -> dict[str, Any]:
        resolver = _Resolver(self._files, keeps_components=keeps_components)
        resolved = resolver.resolve(self._at, self._document, "document", level=0)
        if resolver.problems:
            raise CannotServe(list(dict.fromkeys(resolver.problems)))
        result: dict[str, Any] = resolved.value
        return result


def resolve(source: Source, path: Path, document: Json) -> dict[str, Any]:
    """Return a document as `References.resolve` does."""
    return References(source, path, document).resolve()


class _Resolved(NamedTuple):
    """A resolved part: its value, the number of values in it, and the levels of them."""

    value: Json
    size: int
    height: int


class _Target(NamedTuple):
    """What a reference leads to in the end, and what stood beside the references on the way."""

    at: At
    node: Json
    siblings: list[tuple[At, dict[str, Json]]]


class _Resolver:
    """Resolves the parts of a document; each that a reference leads to, once.

    `problems` are those of the references that cannot be followed.
    """

    def __init__(self, files: Files, *, keeps_components: bool) -> None:
        self._files = files
        self._keeps_components = keeps_components
        self._ends: dict[tuple[At, str], _Target] = {}
        self._known: dict[tuple[At, str], _Resolved | None] = {}
        self.problems: list[Problem] = []

    def resolve(self, at: At, node: Json, kind: str | None, level: int) -> _Resolved:
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
        self, at: At, node: Json, parts: Iterator[tuple[Place, Json, str | None]], level: int
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

    def _follow(self, at: At, node: dict[str, Json], kind: str, level: int) -> _Resolved:
        reference = node["$ref"]
        try:
            if self._keeps_components and kind not in ("parameter", "path"):
                component = self._files.component(at.file, reference)
                if component is not None:
                    return _Resolved({"$ref": component}, 2, 2)
            target = self._find(at, node, kind)
            resolved = self._target(target, reference, kind, level)
            return self._with_siblings(resolved, target, level) if kind == "path" else resolved
        except Unresolvable as error:
            self.problems += error.more
            message = f"the reference {quote(str(reference))} {error.message}"
            self.problems.append(self._files.problem(at, message, error.remedy))
            if len(self.problems) >= LISTED:
                raise CannotServe(self.problems[:LISTED]) from None
            return _Resolved({}, 1, 1)

    def _find(self, at: At, node: dict[str, Json], kind: str) -> _Target:
        """Return what a reference leads to, through others if these follow each other."""
        first, found = self._files.find(at.file, node["$ref"])
        if (first, kind) not in self._ends:
            self._ends[first, kind] = self._follow_chain(first, found, kind)
        end = self._ends[first, kind]
        return _Target(end.at, end.node, [(at, _beside(node)), *end.siblings])

    def _follow_chain(self, at: At, node: Json, kind: str) -> _Target:
        siblings = []
        passed = {at}
        while isinstance(node, dict) and is_reference(node, kind):
            siblings.append((at, _beside(node)))
            at, node = self._files.find(at.file, node["$ref"])
            if at in passed:
                raise Unresolvable("refers to itself by a detour", "describe the shape without it")
            if len(passed) > CHAIN_LIMIT:
                message = f"leads through more than {CHAIN_LIMIT} others"
                raise Unresolvable(message, "refer to the last of them")
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

    def _require_depth(self, at: At, level: int) -> None:
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
                    raise Unresolvable(message, "write it in one of the two places")
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
