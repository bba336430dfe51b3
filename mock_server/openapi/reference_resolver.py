"""The parts of a document with their references replaced, each resolved once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from mock_server.formats.json import DEPTH_LIMIT, Json
from mock_server.formats.source_file import Place
from mock_server.openapi import discriminators, schema_31
from mock_server.openapi.discriminators import NamedSchemas
from mock_server.openapi.reference_places import KINDS_30, KINDS_31, SCHEMA, inner_parts, is_reference
from mock_server.openapi.referred_files import At, Files, Unresolvable
from mock_server.problems import CannotServe, Problem
from mock_server.shown_text import quote

# The references that may follow each other until one leads to something else.
CHAIN_LIMIT = 100
# The broken references that are noted of one document; finding the line of each takes time.
LISTED = 100
# Levels of a document with its overlay; an update may put as many as a file has below as many.
_LEVELS = 2 * DEPTH_LIMIT


class Broken(NamedTuple):
    """A reference that cannot be followed: its place in the document, None in another file; problems.

    With what `refuses` nothing of the document is served, since a file of its author's is meant.
    """

    place: Place | None
    problems: list[Problem]
    refuses: bool


class Default(NamedTuple):
    """A default of the document, its place there, and the schema that it stands in."""

    place: Place
    value: Json
    schema: dict[str, Any]


class Resolved(NamedTuple):
    """A document with its references replaced; `{}` stands for what a broken one leads to.

    `misplaced` are the places of extensions that mean nothing there.
    """

    document: dict[str, Any]
    broken: list[Broken]
    defaults: list[Default]
    misplaced: list[Place]


# The place of a part in a file: that of the part around it, and the step from there; an At for
# the part that was begun with. It is a plain tuple, since each part of a document has one.
_Where: TypeAlias = "tuple[_Where, str | int] | At"


def _at(where: _Where) -> At:
    steps: list[str | int] = []
    while not isinstance(where, At):
        where, step = where
        steps.append(step)
    return where.at(tuple(reversed(steps)))


class _Target(NamedTuple):
    """What a reference leads to in the end, and what stood beside the references on the way."""

    at: At
    node: Json
    siblings: list[tuple[At, dict[str, Json]]]


class _Reference(NamedTuple):
    """A reference whose target is not known yet, and the part in which that takes its place."""

    holder: Any
    step: str | int
    node: dict[str, Json]
    kind: str
    where: _Where


class Resolver:
    """Resolves the parts of a document, each once.

    `broken` are the references that cannot be followed.
    """

    def __init__(
        self,
        files: Files,
        is_modern: bool,
        named: NamedSchemas,
        foreign: Mapping[str, frozenset[str]] = MappingProxyType({}),
    ) -> None:
        """Take the files, whether they are of OpenAPI 3.1, and the document's named schemas.

        `foreign` are the members that mean nothing in an object, by its kind.
        """
        self._files = files
        self._is_modern = is_modern
        self._named = named
        self._kinds = KINDS_31 if is_modern else KINDS_30
        self._ends: dict[tuple[At, str], _Target] = {}
        # What became of each part that has changed or was referred to, by its identity and kind.
        self._known: dict[tuple[int, str], Json] = {}
        # Parts that are in no file, whose identity must not become that of another one.
        self._kept: list[Json] = []
        self._waiting: list[_Reference] = []
        self._merging: list[tuple[_Reference, _Target]] = []
        self._with_default: list[tuple[_Where, dict[str, Json]]] = []
        self._foreign = {kind: words for kind, words in foreign.items() if words}
        self._misplaced: list[tuple[_Where, str]] = []
        self.broken: list[Broken] = []

    def resolve(self, at: At, node: Json, kind: str) -> Json:
        """Return a part of a kind, resolved."""
        result = self._begin(node, kind, at)
        self._replace_all()
        while self._merging:
            taken, self._merging = self._merging, []
            for reference, target in taken:
                self._merge_path(reference, target)
        return result

    def _begin(self, node: Json, kind: str, at: At) -> Json:
        return self._walk(node, self._in_words(node, kind), kind, at, 0)

    def _replace_all(self) -> None:
        while self._waiting:
            self._replace(self._waiting.pop())

    def _walk(self, node: Json, written: Json, kind: str, where: _Where, level: int) -> Json:
        """Return a part with its references replaced, or to be replaced; itself where it has none.

        `written` is the part in the words of OpenAPI 3.0.
        """
        key = (id(node), kind)
        if key in self._known:
            return self._known[key]
        if level > _LEVELS:
            self._refuse_depth(where)
        if kind == SCHEMA and "default" in written:
            self._with_default.append((where, node))
        foreign = self._foreign.get(kind)
        if foreign is not None and isinstance(written, dict) and not foreign.isdisjoint(written):
            self._misplaced += [(where, word) for word in written if word in foreign]
        result = written
        for name, part, part_kind in inner_parts(written, kind, self._kinds):
            here = (where, name)
            in_words = self._in_words(part, part_kind, name)
            is_pending = isinstance(in_words, dict) and is_reference(in_words, part_kind, self._kinds)
            replaced = in_words if is_pending else self._part(part, in_words, part_kind, here, level)
            if replaced is part and not is_pending:
                continue
            if result is written:
                result = written.copy()
            result[name] = replaced
            if is_pending:
                self._waiting.append(_Reference(result, name, in_words, part_kind, here))
        if result is not node:
            self._known[key] = result
        return result

    def _part(self, part: Json, written: Json, kind: str, where: _Where, level: int) -> Json:
        if not isinstance(written, dict | list):
            return written
        return self._walk(part, written, kind, where, level + 1)

    def _refuse_depth(self, where: _Where) -> None:
        at = _at(where)
        message = f"it is nested more than {_LEVELS} levels deep"
        raise CannotServe([self._files.problem(at, message, "flatten it")])

    def _in_words(self, node: Json, kind: str, name: str | int = "") -> Json:
        """Return a part in the words of OpenAPI 3.0, the discriminator of a schema with references."""
        if kind != SCHEMA:
            return node
        if isinstance(node, bool):
            if not self._is_modern or name == "additionalProperties":
                return node
            return {} if node else {"not": {}}
        if not isinstance(node, dict):
            return node
        found: Any = schema_31.modern(node) if self._is_modern else schema_31.classic(node)
        if "discriminator" in found:
            found = discriminators.with_references(found, self._named, node)
        if found is not node:
            self._kept.append(found)
        return found

    def _replace(self, reference: _Reference) -> None:
        """Put what a reference leads to in its place; `{}` where it leads nowhere."""
        node, kind = reference.node, reference.kind
        value: Json = {}
        try:
            target = self._find(_at(reference.where), node, kind)
            value = self._target(target, kind)
            if kind == "path" and any(fields for _, fields in target.siblings):
                self._merging.append((reference, target))
        except Unresolvable as error:
            self._note(reference, error)
        reference.holder[reference.step] = value

    def _note(self, reference: _Reference, error: Unresolvable) -> None:
        if len(self.broken) < LISTED:
            at = _at(reference.where)
            message = f"the reference {quote(str(reference.node['$ref']))} {error.message}"
            problem = self._files.problem(at, message, error.remedy)
            is_own = self._files.is_document(at.file)
            place = at.place if is_own else None
            self.broken.append(Broken(place, [*error.more, problem], error.refuses))

    def misplaced(self) -> list[Place]:
        """Return the places of the document's own members that mean nothing there."""
        found = ((_at(w), word) for w, word in self._misplaced)
        return [(*at.place, word) for at, word in found if self._files.is_document(at.file)]

    def defaults(self) -> list[Default]:
        """Return the defaults of the document's own schemas."""
        found = ((_at(w), node) for w, node in self._with_default)
        known = [
            (at.place, self._known.get((id(node), SCHEMA), node))
            for at, node in found
            if self._files.is_document(at.file)
        ]
        return [Default((*place, "default"), schema["default"], schema) for place, schema in known]

    def _find(self, at: At, node: dict[str, Json], kind: str) -> _Target:
        """Return what a reference leads to, through others if these follow each other."""
        first, found = self._files.find(at.file, node["$ref"], at.place)
        if (first, kind) not in self._ends:
            self._ends[first, kind] = self._follow_chain(first, found, kind)
        end = self._ends[first, kind]
        return _Target(end.at, end.node, [(at, _beside(node)), *end.siblings])

    def _follow_chain(self, at: At, node: Json, kind: str) -> _Target:
        siblings = []
        passed = {at}
        while isinstance(node, dict) and is_reference(self._in_words(node, kind), kind, self._kinds):
            siblings.append((at, _beside(node)))
            at, node = self._files.find(at.file, node["$ref"], at.place)
            if at in passed:
                raise Unresolvable("refers to itself by a detour", "describe the shape without it")
            if len(passed) > CHAIN_LIMIT:
                message = f"leads through more than {CHAIN_LIMIT} others"
                raise Unresolvable(message, "refer to the last of them")
            passed.add(at)
        return _Target(at, node, siblings)

    def _target(self, target: _Target, kind: str) -> Json:
        node, key = target.node, (id(target.node), kind)
        if isinstance(node, bool):
            return self._in_words(node, kind)
        if key not in self._known and isinstance(node, dict | list):
            self._known[key] = self._begin(node, kind, target.at)
        return self._known.get(key, node)

    def _merge_path(self, reference: _Reference, target: _Target) -> None:
        """Give a path item the fields beside its reference (OpenAPI 3.0, Path Item Object)."""
        written = target.node
        try:
            for _, fields in target.siblings:
                if isinstance(written, dict):
                    _require_apart(fields, written)
                    written = written | fields
        except Unresolvable as error:
            self._note(reference, error)
            return
        beside = [self._begin(fields, "path", at) for at, fields in target.siblings]
        self._kept += [fields for _, fields in target.siblings]
        self._replace_all()
        for fields in beside:
            if isinstance(reference.holder[reference.step], dict):
                reference.holder[reference.step] = reference.holder[reference.step] | fields


def _require_apart(fields: dict[str, Json], written: dict[str, Json]) -> None:
    """Raise Unresolvable where two parts of a path item have a field of one name."""
    for name in fields.keys() & written.keys():
        if fields[name] != written[name]:
            message = f"has '{name}' beside it and behind it, of which none is meant"
            raise Unresolvable(message, "write it in one of the two places")


def _beside(node: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in node.items() if key != "$ref"}
