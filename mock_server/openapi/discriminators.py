"""Discriminators: the schemas that their values stand for, written as references.

OpenAPI 3.0, Discriminator Object: `mapping` leads from a value to a schema, by its name or by a
reference. A schema of `oneOf` or `anyOf` that is referred to is meant by its own name, too. Without
these and without a mapping, the schemas that extend the one with the discriminator are meant by theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from urllib.parse import unquote

from mock_server.formats.json import Json
from mock_server.formats.source_file import unescaped

_SCHEMAS = "#/components/schemas/"


class NamedSchemas:
    """The schemas of a document by their names, and which of them extend which by `allOf`."""

    def __init__(self, schemas: Mapping[str, Json]) -> None:
        """Take the schemas as they are written in the document."""
        self._schemas = schemas

    @property
    def names(self) -> Collection[str]:
        """Return the names of all schemas."""
        return self._schemas.keys()

    def extending(self, schema: Json) -> Sequence[str]:
        """Return the names of those that extend a schema, directly or by others; none of an unnamed one.

        What extends a schema that has a discriminator of its own is named by that.
        """
        found: dict[str, None] = {}
        waiting = [self._own_names.get(id(schema), "")]
        while waiting:
            for name in self._extending.get(waiting.pop(), ()):
                own = self._schemas[name]
                if name not in found and own is not schema and not _has_discriminator(own):
                    found[name] = None
                    waiting.append(name)
        return list(found)

    @cached_property
    def _own_names(self) -> dict[int, str]:
        return {id(schema): name for name, schema in self._schemas.items()}

    @cached_property
    def _extending(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, schema in self._schemas.items():
            for reference in _references(schema, "allOf"):
                found.setdefault(_last_part(reference), []).append(name)
        return found


def _has_discriminator(schema: Json) -> bool:
    return isinstance(schema, dict) and "discriminator" in schema


def with_references(schema: dict[str, Json], named: NamedSchemas, written: Json) -> dict[str, Json]:
    """Return a schema whose discriminator maps values to references, e.g. `{"cat": {"$ref": …}}`.

    `named` are the document's schemas, of which `written` is this one. A text of a mapping that is
    neither the name of one nor a reference stays.
    """
    discriminator = schema["discriminator"]
    if not isinstance(discriminator, dict):
        return schema
    mapping = discriminator.get("mapping", {})
    if not isinstance(mapping, dict):
        return schema
    explicit = {value: _reference(meant, named.names) for value, meant in mapping.items()}
    found = {**_implicit(schema), **explicit}
    if not found:
        found = {name: _reference(name, named.names) for name in named.extending(written)}
    if not found:
        return schema
    return {**schema, "discriminator": {**discriminator, "mapping": found}}


def _reference(meant: Json, names: Collection[str]) -> Json:
    if not isinstance(meant, str):
        return meant
    if meant in names:
        return {"$ref": _SCHEMAS + meant.replace("~", "~0").replace("/", "~1").replace("%", "%25")}
    return {"$ref": meant} if "#" in meant or "/" in meant or "." in meant else meant


def _implicit(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a reference to each branch by the last part of its own."""
    found: dict[str, Json] = {}
    for reference in _references(schema, "oneOf" if "oneOf" in schema else "anyOf"):
        found.setdefault(_last_part(reference), {"$ref": reference})
    return found


def _references(schema: Json, keyword: str) -> Iterator[str]:
    """Yield the references among the branches that a schema has under a keyword, e.g. `allOf`."""
    branches = schema.get(keyword) if isinstance(schema, dict) else None
    for branch in branches if isinstance(branches, list) else []:
        reference = branch.get("$ref") if isinstance(branch, dict) else None
        if isinstance(reference, str):
            yield reference


def _last_part(reference: str) -> str:
    return unescaped(unquote(reference.rpartition("/")[2]))
