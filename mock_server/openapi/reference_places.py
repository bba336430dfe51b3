"""Where a document may refer to another part: the objects of OpenAPI, and which of them they hold.

What is named nowhere here is data, in which `$ref` is a key like any other: examples, defaults, enums,
extensions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

SCHEMA = "schema"
# What may hold a reference, and what stands for a schema in OpenAPI 3.1.
_HOLDERS = (dict, list, bool)
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Kind(NamedTuple):
    """A kind of object: the kinds of its members by name, and that of all others, None for data."""

    members: Mapping[str, str] = {}
    others: str | None = None
    # Whether members may have any name, so that one called `$ref` is a member if it is an object.
    has_names: bool = False
    # Whether the names that begin with `x-` are extensions.
    has_extensions: bool = True


_REPEATED = {
    name: Kind(others=kind, has_names=True, has_extensions=False)
    for name, kind in {
        "schemas": "schema", "responses by name": "response", "parameters by name": "parameter",
        "examples": "example", "bodies": "body", "headers": "parameter", "schemes": "scheme",
        "links": "link", "callbacks": "callback", "content": "media", "encodings": "encoding",
        "schema list": "schema", "parameter list": "parameter",
    }.items()
}  # fmt: skip


def _with(kind: Kind, more: Mapping[str, str]) -> Kind:
    return kind._replace(members={**kind.members, **more})


# OpenAPI 3.0.3, section 4.7. A header has the members of a parameter.
KINDS_30: Mapping[str, Kind] = _REPEATED | {
    "document": Kind({"paths": "paths", "components": "components"}),
    "components": Kind({
        "schemas": "schemas", "responses": "responses by name", "parameters": "parameters by name",
        "examples": "examples", "requestBodies": "bodies", "headers": "headers",
        "securitySchemes": "schemes", "links": "links", "callbacks": "callbacks",
    }),
    "paths": Kind(others="path", has_names=True),
    "path": Kind({"parameters": "parameter list"} | dict.fromkeys(METHODS, "operation")),
    "operation": Kind({
        "parameters": "parameter list", "requestBody": "body", "responses": "responses",
        "callbacks": "callbacks",
    }),
    "parameter": Kind({"schema": "schema", "content": "content", "examples": "examples"}),
    "body": Kind({"content": "content"}),
    "responses": Kind(others="response", has_names=True),
    "response": Kind({"headers": "headers", "content": "content", "links": "links"}),
    "callback": Kind(others="path", has_names=True),
    "media": Kind({"schema": "schema", "examples": "examples", "encoding": "encodings"}),
    "encoding": Kind({"headers": "headers"}),
    "schema": Kind({
        "properties": "schemas", "items": "schema", "additionalProperties": "schema", "not": "schema",
        "allOf": "schema list", "anyOf": "schema list", "oneOf": "schema list",
        "discriminator": "discriminator",
    }),
    # Its mapping, once `discriminators` has written it as references.
    "discriminator": Kind({"mapping": "schemas"}),
    "example": Kind(), "link": Kind(), "scheme": Kind(),
}  # fmt: skip


# OpenAPI 3.1.1, section 4.8, and the vocabularies of JSON Schema 2020-12.
KINDS_31: Mapping[str, Kind] = {
    **KINDS_30,
    "paths by name": Kind(others="path", has_names=True, has_extensions=False),
    "document": _with(KINDS_30["document"], {"webhooks": "paths by name"}),
    "components": _with(KINDS_30["components"], {"pathItems": "paths by name"}),
    "schema": _with(KINDS_30["schema"], {
        "prefixItems": "schema list", "if": "schema", "then": "schema", "else": "schema",
        "contains": "schema", "propertyNames": "schema", "unevaluatedItems": "schema",
        "unevaluatedProperties": "schema", "patternProperties": "schemas",
        "dependentSchemas": "schemas", "$defs": "schemas", "definitions": "schemas",
    }),
}  # fmt: skip


def components_of(document: Mapping[str, Any], section: str) -> dict[str, Any]:
    """Return the components of a section, e.g. `parameters`; none where something else stands there."""
    written = document.get("components")
    found = written.get(section) if isinstance(written, dict) else None
    return found if isinstance(found, dict) else {}


def is_reference(node: Mapping[str, Any], kind: str, kinds: Mapping[str, Kind] = KINDS_30) -> bool:
    """Return whether an object is a reference.

    Where members have names of their own, `$ref` may be one of them; then it is an object. A text there
    is taken for a reference, which the specification does not have, but which can mean nothing else.
    """
    return "$ref" in node and not (kinds[kind].has_names and not isinstance(node["$ref"], str))


def members(
    node: Any, kind: str, kinds: Mapping[str, Kind] = KINDS_30
) -> Iterator[tuple[str | int, Any, str | None]]:
    """Yield each member of an object or a list, with its step and its kind, None for data."""
    described = kinds[kind]
    if isinstance(node, list):
        yield from ((number, part, described.others) for number, part in enumerate(node))
        return
    for name, part in node.items():
        is_extension = described.has_extensions and name.startswith("x-")
        yield name, part, None if is_extension else described.members.get(name, described.others)


def inner_parts(node: Any, kind: str, kinds: Mapping[str, Kind]) -> Iterator[tuple[str | int, Any, str]]:
    """Yield those `members` that are objects, lists or booleans, and no data."""
    described = kinds[kind]
    if isinstance(node, list):
        if described.others is not None:
            yield from (
                (number, part, described.others)
                for number, part in enumerate(node)
                if isinstance(part, _HOLDERS)
            )
        return
    for name, part in node.items():
        # First, since most members are texts.
        if isinstance(part, _HOLDERS) and not (described.has_extensions and name.startswith("x-")):
            part_kind = described.members.get(name, described.others)
            if part_kind is not None:
                yield name, part, part_kind


def paths_and_methods(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the paths and methods of a document, e.g. `("/things", "get")`; skip extensions (`x-…`)."""
    for path, item in document.get("paths", {}).items():
        if path.startswith("/"):
            yield from ((path, method) for method in METHODS if isinstance(item.get(method), dict))


def key_names(document: Mapping[str, Any]) -> list[str]:
    """Return the names under which the keys of security schemes are sent, wherever they stand."""
    schemes = components_of(document, "securitySchemes").values()
    return [str(scheme["name"]) for scheme in schemes if scheme.get("type") == "apiKey"]
