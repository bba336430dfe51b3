"""Where parameters stand: those of a path in each of its operations, and none that OpenAPI ignores."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mock_server.openapi.reference_places import components_of, paths_and_methods
from mock_server.openapi.security import key_queries

# OpenAPI 3.0, Parameter Object: header parameters of these names are to be ignored.
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}


def with_own_parameters(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the parameters of paths in their operations, without ignored ones."""
    paths, keys = dict(document.get("paths", {})), key_queries(document)
    for path, method in paths_and_methods(document):
        item = paths[path]
        own, shared = _parameters(item[method]), _parameters(item)
        names = {(parameter.get("in"), parameter.get("name")) for parameter in own}
        inherited = [p for p in shared if (p.get("in"), p.get("name")) not in names]
        parameters = [p for p in own + inherited if not _is_ignored(p, keys)]
        if inherited or len(parameters) < len(own):
            paths[path] = {**item, method: {**item[method], "parameters": parameters}}
    return {**document, "paths": paths}


def without_ignored_headers(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document as it is written without the headers that OpenAPI ignores."""
    named = components_of(document, "parameters")
    paths = dict(document.get("paths", {}))
    for path, method in paths_and_methods(document):
        item = _shown(paths[path], named)
        paths[path] = {**item, method: _shown(item[method], named)}
    return {**document, "paths": paths} if "paths" in document else document


def _shown(holder: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """Return a path or an operation without the parameters that OpenAPI ignores."""
    every = _parameters(holder)
    shown = [parameter for parameter in every if not _is_ignored(_found(parameter, named), ())]
    return {**holder, "parameters": shown} if len(shown) < len(every) else holder


def _found(parameter: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter, or that among the components to which it refers."""
    found = named.get(str(parameter.get("$ref")).rpartition("/")[2]) if "$ref" in parameter else None
    return found if isinstance(found, dict) else parameter


def _parameters(holder: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of a path or an operation, without what can be none."""
    found = holder.get("parameters")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _is_ignored(parameter: dict[str, Any], keys: Collection[str]) -> bool:
    """Tell whether a parameter is left to the security, which is described elsewhere."""
    place, name = parameter.get("in"), str(parameter.get("name"))
    return name.lower() in _IGNORED_HEADERS if place == "header" else place == "query" and name in keys
