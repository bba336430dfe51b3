"""One API in three versions, each in a small document of its own, and the overlay for all of them.

What the newest calls `title` was `name`, and before that `label`. The oldest has a `floor` that is
required, knows no size `large`, and has visitors, which no other version has; the newest has tags.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OLD, MIDDLE, NEW = "2024-01-01", "2024-05-09", "2024-07-30"
HEADER = "Api-Version"

OVERLAY = """
overlay: 1.1.0
info: {title: Shops, version: '1'}
actions:
  - target: $.components.parameters.Version
    update: {x-version: {unknown: {type: unknownVersion, message: There is no such version.}}}
  - target: $.components.schemas.Shop.properties.title
    update: {x-was: name}
  - target: $.components.schemas.Shop.properties.name
    update: {x-was: label}
"""

_TEXT = {"type": "string"}
_SMALL, _ANY = [{"type": "string", "enum": sizes} for sizes in (["small"], ["small", "large"])]
_OWN: dict[str, tuple[str, dict[str, Any]]] = {
    OLD: ("label", {"size": _SMALL, "floor": {"type": "integer", "minimum": 1}}),
    MIDDLE: ("name", {"size": _ANY}),
    NEW: ("title", {"size": _ANY, "tags": {"type": "array", "items": _TEXT}}),
}
_VERSION = [{"$ref": "#/components/parameters/Version"}]


def described(version: str, base: str = "/v1") -> dict[str, Any]:
    """Return the document of a version."""
    name, own = _OWN[version]
    header = HEADER.lower() if version == NEW else HEADER
    parameter = {"name": header, "in": "header", "schema": {"type": "string", "enum": [version]}}
    members = {name: _TEXT, **own}
    key = {"id": {"type": "string", "format": "uuid"}}
    schemas = {
        "Body": {"type": "object", "required": [name], "properties": members},
        "Shop": {
            "type": "object", "required": ["id", *members], "properties": {**key, **members},
        },
        "Visitor": {"type": "object", "required": ["id"], "properties": {**key, "nick": _TEXT}},
    }  # fmt: skip
    return {
        "openapi": "3.0.3",
        "info": {"title": "Shops", "version": version},
        "servers": [{"url": f"https://example.com{base}"}],
        "paths": _paths(name, version),
        "security": [{"basic": []}],
        "components": {
            "parameters": {"Version": parameter},
            "schemas": schemas,
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
        },
    }


def _paths(name: str, version: str) -> dict[str, Any]:
    queries = [{"name": each, "in": "query", "schema": _TEXT} for each in ("after", "before", name)]
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    key = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
    body = {"required": True, "content": {"application/json": {"schema": _ref("Body")}}}
    page = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _ref("Shop")},
            "pagination": {
                "type": "object",
                "properties": {"after": _TEXT, "total": {"type": "integer"}},
            },
        },
    }
    paths = {
        "/shops": {
            "parameters": _VERSION,
            "get": _operation("listShops", page, parameters=[limit, *queries]),
            "post": _operation("createShop", _ref("Shop"), "201", requestBody=body),
        },
        "/shops/{id}": {
            "parameters": [*_VERSION, key],
            "get": _operation("getShop", _ref("Shop")),
            "put": _operation("replaceShop", _ref("Shop"), requestBody=body),
            "delete": _operation("removeShop", _ref("Shop")),
        },
    }
    if version == OLD:
        visitors = {"type": "array", "items": _ref("Visitor")}
        nick = {"type": "object", "properties": {"nick": _TEXT}}
        visitor = {"content": {"application/json": {"schema": nick}}}
        paths["/visitors"] = {
            "parameters": _VERSION,
            "get": _operation("listVisitors", visitors),
            "post": _operation("createVisitor", _ref("Visitor"), "201", requestBody=visitor),
        }
    return paths


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(name: str, schema: Any, status: str = "200", **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        "operationId": name,
        "responses": {status: {"description": "OK", "content": content}},
        **more,
    }


def write(folder: Path, *versions: str, **documents: Any) -> tuple[Path, ...]:
    """Write the documents of versions, all of them for none, and others by name; give their paths."""
    written = {each: described(each) for each in versions or (() if documents else _OWN)} | documents
    paths = []
    for name, each in written.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(each))
        paths.append(path)
    return tuple(paths)


def write_overlay(folder: Path, text: str = OVERLAY) -> Path:
    path = folder / "all.yaml"
    path.write_text(text)
    return path
