"""Discriminators: the schemas that their values stand for, written as references.

OpenAPI 3.0, Discriminator Object: `mapping` leads from a value to a schema, by its name or by a
reference. A schema of `oneOf` or `anyOf` that is referred to is meant by its own name, too.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import unquote

from mock_server.formats.json import Json
from mock_server.formats.source_file import unescaped

_SCHEMAS = "#/components/schemas/"


def with_references(schema: dict[str, Json], names: Collection[str]) -> dict[str, Json]:
    """Return a schema whose discriminator maps values to references, e.g. `{"cat": {"$ref": …}}`.

    `names` are those of the document's schemas. A text that is neither such a name nor a reference
    stays.
    """
    discriminator = schema["discriminator"]
    if not isinstance(discriminator, dict):
        return schema
    mapping = discriminator.get("mapping", {})
    if not isinstance(mapping, dict):
        return schema
    explicit = {value: _reference(meant, names) for value, meant in mapping.items()}
    found = {**_implicit(schema), **explicit}
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
    branches = schema.get("oneOf", schema.get("anyOf", []))
    found: dict[str, Json] = {}
    for branch in branches if isinstance(branches, list) else []:
        reference = branch.get("$ref") if isinstance(branch, dict) else None
        if isinstance(reference, str):
            name = unescaped(unquote(reference.rpartition("/")[2]))
            found.setdefault(name, {"$ref": reference})
    return found
