"""The reduced document that Connexion routes by: paths and path parameters alone."""

from __future__ import annotations

import copy
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
    for operation in operations:
        method = operation.method.lower()
        route = operation.route.removeprefix(base_path)
        paths.setdefault(route, {})[method] = _routing_operation(operation)
    kept = {key: effective[key] for key in ("openapi", "info")}
    return copy.deepcopy({**kept, "servers": [{"url": base_path or "/"}], "paths": paths})


def _routing_operation(operation: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in operation.path_parameters.values()
    ]
    responses = {"default": {"description": "Described in the document itself"}}
    return {"parameters": parameters, "responses": responses}
