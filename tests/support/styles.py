"""A small document for each style of list, each with one list, `/things`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# A scheme of each style, by a name for it.
SCHEMES: dict[str, dict[str, Any]] = {
    "cursor": {
        "style": "cursor", "items": "items",
        "request": {"limit": "limit", "after": "after", "before": "before"},
        "response": {"next": "pages.after", "previous": "pages.before", "total": "pages.total"},
    },
    "item id": {
        "style": "cursor", "items": "data", "cursor": "id",
        "request": {"limit": "limit", "after": "after", "before": "before"},
        "response": {"more": "more"},
    },
    "token": {
        "style": "token", "items": "data", "end": "null",
        "request": {"limit": "max", "after": "token"},
        "response": {"next": "next_token", "count": "count"},
    },
    "page": {
        "style": "page", "items": "results",
        "request": {"limit": "page[size]", "page": "page[number]"},
        "response": {"total": "meta.total", "pages": "meta.pages", "page": "meta.page", "next": "meta.next"},
    },
    "offset": {
        "style": "offset", "items": "data",
        "request": {"limit": "limit", "offset": "offset"},
        "response": {"total": "total", "offset": "offset", "limit": "limit", "more": "more"},
    },
    "url": {
        "style": "url", "items": "data", "end": "null",
        "request": {"limit": "size", "page": "page"},
        "response": {"nextUrl": "links.next", "previousUrl": "links.previous", "lastUrl": "links.last"},
    },
    "bare array": {
        "style": "page", "items": "$",
        "request": {"limit": "per_page", "page": "page"},
        "headers": {"Link": "rfc8288", "X-Total-Count": "total"},
    },
    "none": {"style": "none", "items": "data", "request": {}, "response": {"total": "total"}},
}  # fmt: skip

_WHOLE = {"total", "pages", "page", "offset", "limit", "count"}
_RECORD = {
    "type": "object",
    "required": ["id", "kind", "size"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "kind": {"type": "string", "enum": ["round", "square"]},
        "size": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    },
}


def document(scheme: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document whose list pages by a scheme, which its root names."""
    answer: dict[str, Any] = {"type": "array", "items": _RECORD}
    if scheme["items"] != "$":
        answer = {
            "type": "object",
            "required": [scheme["items"]],
            "properties": {scheme["items"]: answer},
        }
    is_null = scheme.get("end") == "null"
    for role, path in scheme.get("response", {}).items():
        inside = answer["properties"]
        *outer, name = path.split(".")
        for each in outer:
            inside = inside.setdefault(each, {"type": "object", "properties": {}})["properties"]
        is_number = role in _WHOLE or (role == "next" and scheme["style"] == "page")
        kind = "boolean" if role == "more" else "integer" if is_number else "string"
        inside[name] = {"type": kind} | ({"nullable": True} if is_null else {})
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "integer" if role in _WHOLE else "string"}}
        for role, name in scheme["request"].items()
    ]
    parameters.append({"name": "kind", "in": "query", "schema": {"type": "string"}})
    content = {"application/json": {"schema": answer}}
    get = {
        "operationId": "listThings",
        "parameters": parameters,
        "responses": {"200": {"description": "OK", "content": content}},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "x-list": [dict(scheme)],
        "paths": {"/things": {"get": get}},
    }


def write(name: str, folder: Path) -> Path:
    """Write the document for a name of SCHEMES into a folder, and return its path."""
    path = folder / "things.json"
    path.write_text(json.dumps(document(SCHEMES[name])))
    return path
