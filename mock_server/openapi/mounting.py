"""The reduced document that Connexion routes by: paths and path parameters alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_server.openapi.operations import Operation


def routing_document(
    effective: dict[str, Any], operations: Iterable[Operation], base_path: str = ""
) -> dict[str, Any]:
    """Return a new document with the routes of these operations below `base_path`.

    Path parameters have the names p0, p1 …, which every router takes. Query parameters and headers
    are left out, since `request_validation` checks them, and so are bodies, which handlers check.
    Credentials are checked by the pipeline.
    """
    paths: dict[str, dict[str, Any]] = {}
    for operation in sorted(operations, key=_concreteness):
        method = operation.method.lower()
        route = operation.route.removeprefix(base_path)
        paths.setdefault(route, {})[method] = _routing_operation(operation)
    # Connexion knows no 3.1, of which nothing is left here.
    kept = {"openapi": "3.0.3", "info": effective["info"]}
    return {**kept, "servers": [{"url": base_path or "/"}], "paths": paths}


def _concreteness(operation: Operation) -> list[int]:
    """Return a key that sorts concrete paths before templates (OpenAPI 3.0, Paths Object).

    Connexion takes the first route that fits. Of templates, that which is concrete for longer is first.
    """
    return [_generality(segment) for segment in operation.route.split("/")]


def _generality(segment: str) -> int:
    """Return 0 for a segment of a path without parameters, 2 for a parameter alone, 1 for others."""
    if "{" not in segment:
        return 0
    return 2 if segment.startswith("{") and segment.index("}") == len(segment) - 1 else 1


def _routing_operation(operation: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in operation.path_parameters.values()
    ]
    responses = {"default": {"description": "Described in the document itself"}}
    return {"parameters": parameters, "responses": responses}
