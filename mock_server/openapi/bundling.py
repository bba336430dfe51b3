"""Bundling: a document in one file, in which what stands in other files is among its components.

References and the names of components stay as they are written, since generators of clients name their
types by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, count
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from mock_server.formats.json import Json
from mock_server.formats.source_file import pointer
from mock_server.openapi.reference_places import KINDS_31, SCHEMA, is_reference, members
from mock_server.openapi.referred_files import At, Files, Unresolvable

# The components that a part of a kind can be; one of any other kind is put where it is referred to.
_SECTIONS = {
    SCHEMA: "schemas", "response": "responses", "parameter": "parameters", "example": "examples",
    "body": "requestBodies", "scheme": "securitySchemes", "link": "links", "callback": "callbacks",
}  # fmt: skip

# OpenAPI 3.0, Components Object.
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")


class Bundler:
    """Brings the parts of other files into a document, each once."""

    def __init__(self, files: Files, at: At, document: dict[str, Json]) -> None:
        """Take the files, and the document with its place."""
        self._files = files
        self._at = at
        self._document = document
        written = self._written()
        self._components = {section: {**parts} for section, parts in written.items() if _holds(parts)}
        self._others = {name: part for name, part in written.items() if not _holds(part)}
        # By the place in another file of a part: the reference to it as a component.
        self._names: dict[At, str] = {}
        self._waiting: list[tuple[str, str, At, Json, str]] = []
        self._taken = {section: {*map(_as_type, parts)} for section, parts in self._components.items()}

    def bundle(self) -> dict[str, Any]:
        """Return the document in one file; parts of it that stay as they are are the same objects."""
        self._name_aliases()
        result = dict(self._document)
        for name, part, kind in members(self._document, "document", KINDS_31):
            if kind is not None and name != "components" and isinstance(part, dict | list):
                result[str(name)] = self._walk(self._at.file, part, kind)
        for section, name, part, kind in self._own_components():
            self._components[section][name] = self._own(section, name, part, kind)
        while self._waiting:
            section, name, at, node, kind = self._waiting.pop()
            self._components[section][name] = self._walk(at.file, node, kind)
        if self._components or self._others:
            result["components"] = {**self._others, **self._components}
        return result

    def _written(self) -> dict[str, Json]:
        """Return the components as they are written; none where something else stands there."""
        written = self._document.get("components")
        return written if isinstance(written, dict) else {}

    def _own_components(self) -> Iterator[tuple[str, str, Json, str]]:
        """Yield the section, the name, the part and the kind of each component of the document."""
        written = self._written()
        for section, parts, of_section in members(written, "components", KINDS_31):
            if of_section is not None and _holds(parts):
                for name, part, kind in members(parts, of_section, KINDS_31):
                    if kind is not None and isinstance(part, dict | list):
                        yield str(section), str(name), part, kind

    def _name_aliases(self) -> None:
        """Let parts of other files have the names of components that are only references to them."""
        for section, name, part, kind in self._own_components():
            at = self._elsewhere(part, kind)
            if at is not None:
                self._names.setdefault(at, _reference_to(section, name))

    def _own(self, section: str, name: str, part: Json, kind: str) -> Json:
        at = self._elsewhere(part, kind)
        if at is None or self._names[at] != _reference_to(section, name):
            return self._walk(self._at.file, part, kind)
        return self._walk(at.file, self._files.find(self._at.file, part["$ref"])[1], kind)

    def _elsewhere(self, part: Json, kind: str) -> At | None:
        """Return the place in another file that a component is a reference to; None for any other."""
        if not (isinstance(part, dict) and is_reference(part, kind, KINDS_31)):
            return None
        try:
            at, _ = self._files.find(self._at.file, part["$ref"])
        except Unresolvable:
            return None
        return None if at.file == self._at.file else at

    def _walk(self, file: str, node: Json, kind: str) -> Json:
        """Return a part of a file as it is written in the bundled document; itself where it stays."""
        if isinstance(node, dict) and is_reference(node, kind, KINDS_31):
            return self._reference(file, node, kind)
        result = node
        for step, part, part_kind in members(node, kind, KINDS_31):
            if part_kind == "discriminator":
                replaced = self._discriminator(file, part)
            elif part_kind is None or not isinstance(part, dict | list):
                continue
            else:
                replaced = self._walk(file, part, part_kind)
            if replaced is not part:
                result = node.copy() if result is node else result
                result[step] = replaced
        return result

    def _reference(self, file: str, node: dict[str, Json], kind: str) -> Json:
        try:
            at, found = self._files.find(file, node["$ref"])
        except Unresolvable:
            return node
        if kind == "path":
            beside = {name: part for name, part in node.items() if name != "$ref"}
            own = self._walk(file, beside, kind)
            return {**self._walk(at.file, found, kind), **own} if isinstance(found, dict) else own
        if at.file == self._at.file:
            is_own = file == self._at.file
            return node if is_own else {**node, "$ref": "#" + quote(pointer(at.place))}
        section = _section(found, kind)
        if section is None:
            return self._walk(at.file, found, kind)
        return {**node, "$ref": self._component(section, at, found, kind)}

    def _component(self, section: str, at: At, node: Json, kind: str) -> str:
        """Return the reference to a part of another file, which becomes a component."""
        if at not in self._names:
            parts = self._components.setdefault(section, {})
            wanted = _NOT_IN_NAMES.sub("_", str(at.place[-1] if at.place else PurePath(at.file).stem))
            others = (f"{wanted}_{number}" for number in count(2))
            taken = self._taken.setdefault(section, set())
            name = next(each for each in chain([wanted], others) if _as_type(each) not in taken)
            taken.add(_as_type(name))
            parts[name] = {}
            self._names[at] = _reference_to(section, name)
            self._waiting.append((section, name, at, node, kind))
        return self._names[at]

    def _discriminator(self, file: str, node: Json) -> Json:
        mapping = node.get("mapping") if isinstance(node, dict) else None
        if not isinstance(mapping, dict):
            return node
        found = {value: self._meant(file, meant) for value, meant in mapping.items()}
        return node if found == mapping else {**node, "mapping": found}

    def _meant(self, file: str, meant: Json) -> Json:
        if not isinstance(meant, str) or not ("#" in meant or "/" in meant or "." in meant):
            return meant
        return self._reference(file, {"$ref": meant}, SCHEMA)["$ref"]


def _as_type(name: str) -> str:
    """Return what is left of a name in every generator's types: `line_item` and `LineItem` are one."""
    return re.sub("[^a-z0-9]", "", name.lower()) or name


def _holds(part: Json) -> bool:
    return isinstance(part, dict)


def _reference_to(section: str, name: str) -> str:
    return "#" + quote(pointer(("components", section, name)))


def _section(node: Json, kind: str) -> str | None:
    """Return the section of the components that a part belongs to; None where there is none."""
    if kind == "parameter" and isinstance(node, dict) and "in" not in node:
        return "headers"
    return _SECTIONS.get(kind)
