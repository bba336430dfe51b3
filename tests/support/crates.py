"""A small document of a list with filters of every match, hidden records, and several ways to sort."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_TEXTS = (
    "sortBy",
    "sortOrder",
    "dueBefore",
    "dueAfter",
    "excludeStatus",
    "search",
    "notNamed",
    "without",
)
_PARAMETERS: dict[str, Any] = {
    **{name: {"type": "string"} for name in _TEXTS},
    "label": {"type": "array", "items": {"type": "string"}},
    "isSent": {"type": "boolean"},
    "weightAbove": {"type": "number"},
    "empty": {"type": "boolean"},
    "includeArchived": {"type": "boolean", "default": False},
}
FILTERS = {
    "dueBefore": {"field": "dueDate", "match": "before"},
    "dueAfter": {"field": "dueDate", "match": "after"},
    "excludeStatus": {"field": "status", "match": "not-any-of"},
    "label": {"field": "labels", "match": "any-of"},
    "search": {"field": ["name", "owner.email", "lines.sku"], "match": "contains"},
    "notNamed": {"field": "name", "match": "not-contains"},
    "without": {"field": "lines.sku", "match": "not-any-of"},
    "isSent": {"field": "sentAt", "match": "present"},
    "weightAbove": {"field": "weight", "match": "after"},
    "empty": {"field": "weight", "match": "any-of", "values": [0]},
}
SORT = {
    "columns": {"DUE_DATE": "dueDate", "NAME": "name", "WEIGHT": "weight", "OWNER": "owner.email"},
    "default": "createdAt",
    "order": "desc",
}
HIDDEN = {"field": "archivedAt", "unless": "includeArchived"}

_CRATE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "x-fill": "id"},
        "name": {"type": "string"},
        "status": {"type": "string", "enum": ["NEW", "SENT", "LOST"]},
        "weight": {"type": "number", "nullable": True},
        "dueDate": {"type": "string", "format": "date", "nullable": True},
        "createdAt": {"type": "string", "format": "date-time", "x-fill": "timestamp"},
        "archivedAt": {"type": "string", "format": "date-time", "nullable": True},
        "labels": {"type": "array", "items": {"type": "string"}},
        "owner": {"type": "object", "properties": {"email": {"type": "string"}}},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"sku": {"type": "string"}}},
        },
    },
}
_CURSORS = {
    "pagination": {
        "type": "object",
        "properties": {
            "total": {"type": "integer"},
            "after": {"type": "string", "nullable": True},
            "before": {"type": "string", "nullable": True},
        },
    }
}
_TOKEN: dict[str, Any] = {"nextPageToken": {"type": "string"}}

# By the style of paging, the parameters of a list and what its answer has beside the items.
STYLES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "cursor": ({"limit": "integer", "after": "string", "before": "string"}, _CURSORS),
    "token": ({"pageSize": "integer", "pageToken": "string"}, _TOKEN),
    "page": ({"page": "integer", "perPage": "integer"}, {"total": {"type": "integer"}}),
    "id": (
        {"limit": "integer", "starting_after": "string", "ending_before": "string"},
        {"has_more": {"type": "boolean"}},
    ),
}


def write_document(folder: Path, style: str = "cursor", overlay: str = "") -> Path:
    """Write the document with its overlay into a folder; return its path.

    `overlay` are further actions, e.g. `- {target: $.info, remove: true}`.
    """
    paging, beside = STYLES[style]
    query = {name: {"type": kind} for name, kind in paging.items()} | _PARAMETERS
    crate = {"$ref": "#/components/schemas/Crate"}
    answer = {"type": "object", "properties": {"items": {"type": "array", "items": crate}, **beside}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Crates", "version": "1"},
        "paths": {
            "/crates": {
                "get": {
                    "operationId": "listCrates",
                    "parameters": [{"name": n, "in": "query", "schema": s} for n, s in query.items()],
                    "responses": _ok("200", answer),
                },
                "post": {
                    "operationId": "createCrate",
                    "requestBody": {"content": {"application/json": {"schema": crate}}},
                    "responses": _ok("201", crate),
                },
            },
            "/crates/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "get": {"operationId": "getCrate", "responses": _ok("200", crate)},
                "delete": {"operationId": "deleteCrate", "responses": _ok("200", crate)},
            },
        },
        "components": {"schemas": {"Crate": _CRATE}},
    }
    path = folder / "crates.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    actions = [
        {
            "target": f"$.paths['/crates'].get.parameters[?@.name == '{name}']",
            "update": {"x-filter": rule},
        }
        for name, rule in FILTERS.items()
    ]
    actions += [
        {"target": "$.paths['/crates'].get", "update": {"x-sort": SORT, "x-hidden": HIDDEN}},
        {
            "target": "$.paths['/crates'].post",
            "update": {"x-create": {"set": {"sentAt": {"now": True}}}},
        },
    ]
    heading = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\n"
    written = heading + yaml.safe_dump({"actions": actions}, sort_keys=False) + overlay
    (folder / "crates.overlay.yaml").write_text(written)
    return path


def _ok(status: str, schema: object) -> dict[str, Any]:
    return {status: {"description": "Done", "content": {"application/json": {"schema": schema}}}}
