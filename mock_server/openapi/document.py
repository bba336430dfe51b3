"""The document: the vendor's OpenAPI file with its overlay merged, resolved and checked."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mock_server.errors import CannotServe, Problem
from mock_server.formats import source_file
from mock_server.formats.source_file import Source
from mock_server.openapi import operations, overlay, references
from mock_server.openapi.operations import Operation, described
from mock_server.openapi.schema import DocumentError
from mock_server.openapi.version import VersionRule
from mock_server.settings import CONTROL_PATH, is_below

# OpenAPI 3.0, Parameter Object: header parameters of these names are to be ignored.
_IGNORED_HEADERS = {"accept", "content-type", "authorization"}

DEFAULT_REALM = "mock_server"
REALM = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")

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
    def lists(self) -> dict[str, Operation]:
        """The list operation of each collection."""
        return {o.collection: o for o in self.operations if o.collection is not None}

    @cached_property
    def version_rules(self) -> tuple[VersionRule, ...]:
        return tuple(p.version for o in self.operations for p in o.parameters if p.version)

    @property
    def header_parameters(self) -> frozenset[str]:
        """The names of all headers that some operation describes."""
        return frozenset(p.name for o in self.operations for p in o.parameters if p.location == "header")

    @property
    def realm(self) -> str:
        """What the challenge names, as the security scheme that is required says with `x-realm`."""
        schemes = self.effective.get("components", {}).get("securitySchemes", {})
        realms = (schemes[name].get("x-realm") for name in _required_schemes(self.effective))
        return next((realm for realm in realms if realm), DEFAULT_REALM)

    @property
    def base_path(self) -> str:
        """What the path of the first list begins with, e.g. `/api`."""
        first = next(iter(self.lists.values()))
        return first.path.removesuffix(first.template)

    def statuses(self, operation: Operation) -> list[str]:
        """List the statuses that the document describes for an operation, e.g. `["200", "400"]`."""
        described = self.effective["paths"][operation.template][operation.method.lower()]
        return [status for status in described.get("responses", {}) if status.isdigit()]

    @cached_property
    def as_served(self) -> bytes:
        """The effective document in JSON, with this server in the place of those that it names."""
        paths: dict[str, dict[str, Any]] = {}
        for path, item in self.effective["paths"].items():
            paths[path] = {key: value for key, value in item.items() if key != "servers"}
        for operation in self.operations:
            base = operation.path.removesuffix(unquote(operation.template))
            item, method = paths[operation.template], operation.method.lower()
            own = {key: value for key, value in item[method].items() if key != "servers"}
            elsewhere = {} if base == self.base_path else {"servers": [{"url": base or "/"}]}
            item[method] = {**own, **elsewhere}
        servers = [{"url": self.base_path or "/"}]
        return json.dumps({**self.effective, "servers": servers, "paths": paths}).encode()

    def mounted(self) -> dict[str, Any]:
        """The document as Connexion gets it, whose base paths stand in the paths."""
        return mounted(self.effective, self.operations)


def mounted(
    effective: dict[str, Any], operations: Iterable[Operation], base_path: str = ""
) -> dict[str, Any]:
    """What Connexion routes by: security, and paths whose parameters have names that all routers take.

    The values of parameters are checked with all others, and bodies by their handlers.
    """
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        method = operation.method.lower()
        source = effective["paths"][operation.template][method]
        kept = {key: source[key] for key in ("security",) if key in source}
        paths.setdefault(operation.route.removeprefix(base_path), {})[method] = {
            **kept,
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in operation.path_parameters.values()
            ],
            "responses": {"default": {"description": "Described in the document itself"}},
        }
    components = effective.get("components", {})
    schemes = {"securitySchemes": components.get("securitySchemes", {})}
    kept = {key: effective[key] for key in ("openapi", "info", "security") if key in effective}
    servers = [{"url": base_path or "/"}]
    return copy.deepcopy({**kept, "servers": servers, "paths": paths, "components": schemes})


def load(path: Path, overlay_path: Path | None = None, base_path: str | None = None) -> Document:
    """Read, merge, resolve and check a document.

    Without `overlay_path`, the overlay that lies beside it (`x.yaml`, `x.overlay.yaml`) is used if
    there is one. Raises CannotServe with every problem found.
    """
    beside = path.with_name(f"{path.stem}.overlay{path.suffix}")
    overlay_path = overlay_path or (beside if os.path.exists(beside) else None)
    unreadable: list[Problem] = []
    read = list(source_file.read_all([path, *([overlay_path] if overlay_path else [])], unreadable))
    if unreadable:
        raise CannotServe(unreadable)
    source, *overlays = read
    _require_openapi(source)
    merged = source.data
    for each in overlays:
        merged = overlay.apply(each, merged)
    specs = references.resolve(source, path, merged)
    if (path, overlay_path) != (BUILT_IN, beside):
        # The built-in pair never changes: a test has checked it.
        where = f", or in {overlay_path}" if overlay_path else ""
        _require_valid(source, specs, f"correct it there{where}")
    effective = _normalised(specs)
    found = list(operations.find(effective, base_path))
    _require_servable(source, overlay_path, effective, found)
    served = tuple(operation for operation in found if isinstance(operation, Operation))
    return Document(str(path), str(overlay_path) if overlay_path else None, effective, served)


def _require_openapi(source: Source) -> None:
    data = source.data
    version = data.get("openapi") if isinstance(data, dict) else None
    if version is None:
        message = "it is not an OpenAPI 3.0 document"
        problem = source.problem((), message, "give one that begins with 'openapi: 3.0.3'")
    elif not str(version).startswith("3.0."):
        message = f"its version is '{str(version)[:20]}', and only 3.0.x can be served"
        problem = source.problem(
            ("openapi",), message, "give a document that begins with 'openapi: 3.0.3'"
        )
    else:
        return
    raise CannotServe([problem])


def _require_valid(source: Source, specs: dict[str, Any], remedy: str) -> None:
    problems = list(dict.fromkeys(_violations(source, specs, remedy)))
    if problems:
        raise CannotServe(problems)


def _violations(source: Source, specs: dict[str, Any], remedy: str) -> Iterator[Problem]:
    """What the specification of OpenAPI forbids in a document."""
    # Imported here: it is needed at the start alone, and not by `--help`.
    from openapi_spec_validator import OpenAPIV30SpecValidator

    validator: Any = OpenAPIV30SpecValidator
    found = False
    if isinstance(specs.get("paths"), dict):
        # Keys that are no paths are extensions of any shape, which the validator takes for paths.
        paths = {path: item for path, item in specs["paths"].items() if path.startswith("/")}
        specs = {**specs, "paths": paths}
    try:
        for violation in validator(specs).iter_errors():
            found = True
            error = _telling(violation)
            yield source.problem(tuple(error.absolute_path), _shortened(error.message), remedy)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        # Its later checks rely on what the earlier ones have just found to be wrong.
        if not found:
            message = f"its structure is not that of OpenAPI 3.0 ({type(error).__name__}: {error})"
            yield source.problem((), _shortened(message), remedy)


def _telling(error: Any) -> Any:
    """The part of a violated `oneOf` that tells most: not that it is no reference either."""
    while error.context:
        branches = [e for e in error.context if "$ref" not in str(e.message)] or error.context
        error = max(branches, key=lambda e: (len(e.absolute_path), e.validator != "required"))
    return error


def _shortened(message: str) -> str:
    first = message.splitlines()[0]
    return first if len(first) <= 200 else first[:200] + "…"


def _normalised(specs: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a path moved into its operations, ignored header parameters dropped."""
    paths = specs["paths"]
    for path, method in described(specs):
        own = paths[path][method].get("parameters", [])
        names = {(parameter["in"], parameter["name"]) for parameter in own}
        shared = paths[path].get("parameters", [])
        inherited = [p for p in shared if (p["in"], p["name"]) not in names]
        # What references share must not change for all at once, hence a new mapping.
        parameters = [p for p in own + inherited if not _ignored(p)]
        paths[path] = {**paths[path], method: {**paths[path][method], "parameters": parameters}}
    for path in {path for path, _ in described(specs)}:
        paths[path] = {key: value for key, value in paths[path].items() if key != "parameters"}
    return specs


def _ignored(parameter: dict[str, Any]) -> bool:
    return parameter["in"] == "header" and parameter["name"].lower() in _IGNORED_HEADERS


def _require_servable(
    source: Source,
    overlay_path: Path | None,
    effective: dict[str, Any],
    found: list[Operation | DocumentError],
) -> None:
    problems = list(_security_problems(source, effective))
    for each in found:
        if isinstance(each, DocumentError):
            file = str(overlay_path or source.name)
            place = source_file.pointer(each.place)
            problems.append(Problem(file, each.message, each.remedy, place))
        elif is_below(each.path, CONTROL_PATH):
            message = f"the path {each.path} is where the control API lives"
            remedy = "give another base path, with --base-path or servers"
            problems.append(source.problem(("paths", each.template), message, remedy))
    problems += _doubles(source, [each for each in found if isinstance(each, Operation)])
    if not problems and not any(isinstance(o, Operation) and o.collection is not None for o in found):
        message = "it has no list operation (a GET whose 200 has 'items' and 'pagination')"
        problems.append(source.problem(("paths",), message, "give a document that has one"))
    if problems:
        raise CannotServe(problems)


def _doubles(source: Source, found: list[Operation]) -> Iterator[Problem]:
    """Operations that no request could tell apart, such as `/a/{x}` and `/a/{y}`."""
    first: dict[tuple[str, str], Operation] = {}
    for operation in found:
        other = first.setdefault((operation.method, operation.route), operation)
        if other is not operation:
            message = f"no request can tell {operation.path} from {other.path}"
            yield source.problem(("paths", operation.template), message, "remove one of them")


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
        elif not REALM.fullmatch(str(scheme.get("x-realm", DEFAULT_REALM))):
            message = "the realm is not printable ASCII without quotation marks"
            yield source.problem((*place, "x-realm"), message, "write a plain name")


def _required_schemes(effective: dict[str, Any]) -> list[str]:
    general = effective.get("security", [])
    needed = [
        requirement
        for path, method in described(effective)
        for requirement in effective["paths"][path][method].get("security", general)
    ]
    return sorted({name for requirement in needed for name in requirement})
