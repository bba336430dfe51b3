"""The document: the vendor's OpenAPI file with its overlay merged, resolved and checked."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from mock_server import operations, overlay, references, sources
from mock_server.errors import CannotServe, Problem
from mock_server.operations import METHODS, Misdescribed, Operation, VersionRule
from mock_server.sources import Json, Source

# OpenAPI 3.0, Parameter Object: header parameters of these names are to be ignored.
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}

DEFAULT_REALM = "mock_server"

BUILT_IN = Path(str(files("mock_server.spec") / "usage.latest.product.live.yaml"))


@dataclass(frozen=True)
class Document:
    """A document that can be served; `effective` has the overlay merged and references resolved."""

    file: str
    overlay_file: str | None
    effective: dict[str, Any]
    operations: tuple[Operation, ...]

    @property
    def title(self) -> str:
        return str(self.effective["info"]["title"])

    @property
    def version(self) -> str:
        return str(self.effective["info"]["version"])

    @cached_property
    def lists(self) -> dict[str, tuple[Operation, ...]]:
        """The list operations by the collection that they serve."""
        result: dict[str, tuple[Operation, ...]] = {}
        for operation in self.operations:
            if operation.collection is not None:
                result[operation.collection] = (*result.get(operation.collection, ()), operation)
        return result

    @cached_property
    def version_rules(self) -> tuple[VersionRule, ...]:
        return tuple(p.version for o in self.operations for p in o.parameters if p.version)

    @property
    def realm(self) -> str:
        schemes = self.effective.get("components", {}).get("securitySchemes", {})
        realms = (scheme.get("x-realm") for scheme in schemes.values())
        return next((str(realm) for realm in realms if realm), DEFAULT_REALM)

    def mounted(self) -> dict[str, Any]:
        """The effective document as Connexion gets it: the base paths stand in the paths."""
        paths: dict[str, dict[str, Any]] = {}
        for operation in self.operations:
            method = operation.method.lower()
            described = self.effective["paths"][operation.template][method]
            paths.setdefault(operation.path, {})[method] = described
        return copy.deepcopy({**self.effective, "servers": [{"url": "/"}], "paths": paths})


def load(path: Path, overlay_path: Path | None = None, base_path: str | None = None) -> Document:
    """Read, merge, resolve and check a document.

    Without `overlay_path`, the overlay that lies beside it (`x.yaml`, `x.overlay.yaml`) is used if
    there is one. Raises CannotServe with every problem found.
    """
    source = sources.read(path)
    _require_openapi(source)
    beside = path.with_name(f"{path.stem}.overlay{path.suffix}")
    overlay_path = overlay_path or (beside if beside.exists() else None)
    merged = source.data
    if overlay_path is not None:
        merged = overlay.apply(sources.read(overlay_path), source.data)
    effective = _normalised(_resolved(source, path, merged))
    found = list(operations.find(effective, base_path))
    _require_servable(source, overlay_path, effective, found)
    served = tuple(operation for operation in found if isinstance(operation, Operation))
    return Document(str(path), str(overlay_path) if overlay_path else None, effective, served)


def _require_openapi(source: Source) -> None:
    data = source.data
    version = data.get("openapi") if isinstance(data, dict) else None
    if version is None:
        problem = source.problem((), "it is not an OpenAPI document", "begin it with 'openapi: 3.0.3'")
    elif not str(version).startswith("3.0."):
        message = f"it is OpenAPI '{str(version)[:20]}', not 3.0"
        problem = source.problem(("openapi",), message, "give an OpenAPI 3.0 document")
    else:
        return
    raise CannotServe([problem])


def _resolved(source: Source, path: Path, merged: Json) -> dict[str, Any]:
    """The merged document with every reference replaced by what it refers to, and checked."""
    from openapi_spec_validator import OpenAPIV30SpecValidator

    specs = references.resolve(source, path, merged)
    validator: Any = OpenAPIV30SpecValidator
    problems = [
        source.problem(tuple(error.absolute_path), _shortened(error.message), "correct it there")
        for error in validator(specs).iter_errors()
    ]
    if problems:
        raise CannotServe(problems)
    return specs


def _shortened(message: str) -> str:
    first = message.splitlines()[0]
    return first if len(first) <= 200 else first[:200] + "…"


def _normalised(specs: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a path moved into its operations, ignored header parameters dropped."""
    for item in specs["paths"].values():
        shared = item.pop("parameters", [])
        for method in METHODS:
            if method in item:
                own = item[method].get("parameters", [])
                names = {(parameter["in"], parameter["name"]) for parameter in own}
                inherited = [p for p in shared if (p["in"], p["name"]) not in names]
                item[method]["parameters"] = [p for p in own + inherited if not _ignored(p)]
    return specs


def _ignored(parameter: dict[str, Any]) -> bool:
    return parameter["in"] == "header" and parameter["name"].lower() in _IGNORED_HEADERS


def _require_servable(
    source: Source,
    overlay_path: Path | None,
    effective: dict[str, Any],
    found: list[Operation | Misdescribed],
) -> None:
    problems = list(_security_problems(source, effective))
    for misdescribed in found:
        if isinstance(misdescribed, Misdescribed):
            file = str(overlay_path or source.name)
            place = sources.pointer(misdescribed.place)
            problems.append(Problem(file, misdescribed.message, misdescribed.remedy, place))
    if not problems and not any(isinstance(o, Operation) and o.collection for o in found):
        message = "it has no list operation (a GET whose 200 has 'items' and 'pagination')"
        problems.append(source.problem(("paths",), message, "give a document that has one"))
    if problems:
        raise CannotServe(problems)


def _security_problems(source: Source, effective: dict[str, Any]) -> Iterator[Problem]:
    schemes = effective.get("components", {}).get("securitySchemes", {})
    for name in _required_schemes(effective):
        scheme = schemes.get(name)
        place = ("components", "securitySchemes", name)
        if scheme is None:
            yield source.problem(place, f"the security scheme '{name}' is not described", "add it")
        elif (scheme.get("type"), str(scheme.get("scheme")).lower()) != ("http", "basic"):
            message = f"the security scheme '{name}' is not HTTP Basic, which alone is served"
            yield source.problem(place, message, "replace it with an overlay")


def _required_schemes(effective: dict[str, Any]) -> list[str]:
    requirements = list(effective.get("security", []))
    for item in effective["paths"].values():
        for method in METHODS:
            requirements += item.get(method, {}).get("security", [])
    return sorted({name for requirement in requirements for name in requirement})
