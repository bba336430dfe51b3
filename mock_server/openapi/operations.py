"""Operations: the calls that a document describes, compiled for serving.

A GET whose answer has the shape of a page is served as a list. Extensions, which the overlay adds, say
what the rest means: `x-filter` on a parameter, `x-fill` on a property, `x-version` on a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

from mock_server.formats.source_file import Place
from mock_server.lists.convention import CURSOR_ENVELOPE, Convention
from mock_server.lists.filters import MATCHES
from mock_server.openapi.reference_places import METHODS
from mock_server.openapi.responses import answer_schema
from mock_server.openapi.schema import DocumentError, Schema, check_schema, merge_all_of
from mock_server.openapi.version import VersionRule

# The status of a list's answer.
OK = "200"
PATH = re.compile(r"([^{}]|\{[^{}/]+\})+")
# RFC 9110 section 5.6.2.
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class FilterRule:
    """The field of the records that a parameter filters, and how: `contains` or `any-of`."""

    field: str
    match: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; `location` is `query`, `header`, `path` or `cookie`."""

    name: str
    location: str
    required: bool
    schema: Schema
    filters: FilterRule | None = None
    version: VersionRule | None = None

    @property
    def repeatable(self) -> bool:
        """Tell whether it may be sent more than once."""
        if self.filters is not None:
            return MATCHES[self.filters.match].repeatable
        return self.schema.get("type") == "array"


@dataclass(frozen=True)
class Operation:
    """An operation of a document.

    - `template`: its path in the document, e.g. `/things/{id}`; `path` has the base path before it
    - `collection`: the name of the collection that a list reads, None for any other operation
    - `record_schema`: the schema of a list's items, empty for any other operation
    """

    id: str
    method: str
    template: str
    path: str
    parameters: tuple[Parameter, ...]
    collection: str | None
    record_schema: Schema
    convention: Convention = CURSOR_ENVELOPE

    @property
    def base_path(self) -> str:
        """Return the path before the template's, decoded, e.g. `/api`; empty for nothing."""
        return self.path.removesuffix(unquote(self.template))

    @property
    def route(self) -> str:
        """Return the path with its parameters renamed to p0, p1 …, which are names for every router."""
        numbers = count()
        return re.sub(r"\{[^}]*\}", lambda _: f"{{p{next(numbers)}}}", self.path)

    @property
    def path_parameters(self) -> dict[str, str]:
        """Return the name in `route` of each path parameter, e.g. `{"id": "p0"}`."""
        names = re.findall(r"\{([^}]*)\}", self.path)
        return {name: f"p{number}" for number, name in enumerate(names)}

    def at(self, location: str) -> tuple[Parameter, ...]:
        """Return the parameters at a location, e.g. `header`."""
        return self._by_location.get(location, ())

    @cached_property
    def _by_location(self) -> dict[str, tuple[Parameter, ...]]:
        locations = {p.location for p in self.parameters}
        return {each: tuple(p for p in self.parameters if p.location == each) for each in locations}

    @cached_property
    def query(self) -> tuple[Parameter, ...]:
        """Return the parameters of the query."""
        return self.at("query")

    @cached_property
    def cursor_parameters(self) -> tuple[str, ...]:
        """Return the names of the query parameters that take a cursor."""
        names = (p.name for p in self.at("query")) if self.collection is not None else ()
        return tuple(name for name in names if name in self.convention.cursors)

    @cached_property
    def filter_parameters(self) -> tuple[str, ...]:
        """Return the names of the query parameters that filter."""
        return tuple(p.name for p in self.at("query") if p.filters)

    @property
    def ineffective_parameters(self) -> tuple[str, ...]:
        """Return the names of the query parameters by which a list neither pages nor filters."""
        paging = self.convention.parameters
        return tuple(p.name for p in self.at("query") if not p.filters and p.name not in paging)


def find(document: Mapping[str, Any], base_path: str | None) -> Iterator[Operation | DocumentError]:
    """Yield the operations of a resolved document in its order, or the error of one that is wrong.

    `base_path`, unless None, overrides the servers that the document, its paths and operations name.
    """
    for path, method in paths_and_methods(document):
        try:
            yield _operation(document, path, method, base_path)
        except DocumentError as document_error:
            yield document_error


def paths_and_methods(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the paths and methods of a document, e.g. `("/things", "get")`; skip extensions (`x-…`)."""
    for path, item in document["paths"].items():
        if path.startswith("/"):
            yield from ((path, method) for method in METHODS if method in item)


def _operation(document: Mapping[str, Any], path: str, method: str, base_path: str | None) -> Operation:
    item = document["paths"][path]
    spec, place = item[method], ("paths", path, method)
    base = _base_path(document, item, spec) if base_path is None else base_path
    items_place, items = _items(spec, place) if method == "get" else (place, None)
    record_schema = merge_all_of(items) if items is not None else {}
    check_schema(record_schema, items_place)
    return Operation(
        id=spec.get("operationId", f"{method} {path}"),
        method=method.upper(),
        template=path,
        path=_path(base, path, place),
        parameters=tuple(_parameters(spec, place, path, record_schema if items is not None else None)),
        collection=None if items is None else path.removeprefix("/"),
        record_schema=record_schema,
    )


def _base_path(*levels: Mapping[str, Any]) -> str:
    """Return the base path from the last of `levels` that has servers; empty where none has.

    The levels are the document, a path item and an operation.
    """
    servers = next((level["servers"] for level in reversed(levels) if level.get("servers")), None)
    if not servers:
        return ""
    url = servers[0]["url"]
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable["default"]))
    try:
        path = unquote(urlsplit(url).path)
    except ValueError as error:
        message = f"the server's URL '{url[:60]}' is not understood ({error})"
        raise DocumentError(("servers",), message, "correct it, or give --base-path") from None
    return "".join(f"/{part}" for part in path.split("/") if part not in ("", ".", ".."))


def _path(base: str, template: str, place: Place) -> str:
    """Return the path of a template below a base, decoded; raise DocumentError if it can't be routed."""
    path = base + unquote(template)
    if PATH.fullmatch(path) is None or {"?", "#"} & set(template):
        message = f"the path '{path[:60]}' cannot be routed"
        remedy = "write parameters as {name}, and leave out ? # and other { }"
        raise DocumentError(place, message, remedy)
    return path


def _items(spec: Mapping[str, Any], place: Place) -> tuple[Place, Any | None]:
    """Return the schema of a list's items and its place; None where no list is described."""
    described = answer_schema(spec, OK)
    if described is None:
        return place, None
    steps, schema = described
    page = merge_all_of(schema)
    properties = page.get("properties", {})
    page["properties"] = {name: merge_all_of(part) for name, part in properties.items()}
    items = CURSOR_ENVELOPE.items_schema(page)
    return (*place, *steps, "properties", CURSOR_ENVELOPE.items, "items"), items


def _parameters(
    spec: Mapping[str, Any], place: Place, path: str, record_schema: Schema | None
) -> Iterator[Parameter]:
    for number, parameter in enumerate(spec.get("parameters", [])):
        here = (*place, "parameters", number)
        schema = merge_all_of(_schema(parameter))
        check_schema(schema, here)
        _check_place(parameter, here, path)
        if record_schema is not None and parameter["in"] == "query":
            schema = CURSOR_ENVELOPE.parameter_schema(parameter["name"], schema)
        yield Parameter(
            name=parameter["name"],
            location=parameter["in"],
            required=bool(parameter.get("required", False)),
            schema=schema,
            filters=_filter_rule(parameter, here, record_schema or {}),
            version=_version_rule(parameter, here),
        )


def _schema(parameter: Mapping[str, Any]) -> Schema:
    """Return a parameter's schema, which may be in its `content` (OpenAPI 3.0, Parameter Object)."""
    content: Schema = next(iter(parameter.get("content", {}).values()), {})
    schema: Schema = parameter.get("schema", content.get("schema", {}))
    return schema


def _filter_rule(parameter: Mapping[str, Any], place: Place, record_schema: Schema) -> FilterRule | None:
    rule = parameter.get("x-filter")
    if rule is None:
        return None
    here = (*place, "x-filter")
    _require_members(rule, {"field", "match"}, here)
    if parameter["in"] != "query":
        raise DocumentError(here, "the parameter is not in the query", "put it on one that is")
    if rule["match"] == "contains" and merge_all_of(_schema(parameter)).get("type") == "array":
        raise DocumentError(here, "a list is not contained in a text", "use any-of")
    if str(rule["match"]) not in MATCHES:
        known = " or ".join(MATCHES)
        raise DocumentError((*here, "match"), f"'{rule['match']}' is no way to match", f"use {known}")
    field = record_schema.get("properties", {}).get(str(rule["field"]))
    if not isinstance(field, dict):
        message = f"the records have no field '{rule['field']}' to filter"
        raise DocumentError((*here, "field"), message, "name a property of the items' schema")
    if field.get("type") in ("object", "array"):
        message = f"the field '{rule['field']}' is of type {field['type']}, which no filter compares"
        raise DocumentError((*here, "field"), message, "name a property with a single value")
    if field.get("x-fill") == "account":
        message = f"the field '{rule['field']}' is filled with the account's own id (x-fill)"
        raise DocumentError((*here, "field"), message, "name one that is the same for every account")
    return FilterRule(rule["field"], rule["match"])


def _version_rule(parameter: Mapping[str, Any], place: Place) -> VersionRule | None:
    rule = parameter.get("x-version")
    if rule is None:
        return None
    here = (*place, "x-version")
    _require_members(rule, {"unknown"}, here)
    _require_members(rule["unknown"], {"type", "message"}, (*here, "unknown"))
    known = _schema(parameter).get("enum") or [None]
    if parameter["in"] != "header" or not all(map(_is_header_text, known)):
        message = "the version is not a header with an enum of texts"
        raise DocumentError(here, message, "put it on such a parameter")
    error = rule["unknown"]
    return VersionRule(parameter["name"], tuple(known), error["type"], error["message"])


def _require_members(rule: Any, names: set[str], place: Place) -> None:
    if not isinstance(rule, dict) or rule.keys() != names:
        wanted = " and ".join(sorted(names))
        raise DocumentError(place, f"it is not a mapping of exactly {wanted}", f"write {wanted}")


def _check_place(parameter: Mapping[str, Any], place: Place, path: str) -> None:
    if parameter["in"] == "path" and f"{{{parameter['name']}}}" not in path:
        message = f"the path has no parameter '{parameter['name'][:60]}'"
        raise DocumentError(place, message, "write it into the path, in braces")
    if parameter["in"] == "header" and TOKEN.fullmatch(parameter["name"]) is None:
        message = f"'{parameter['name'][:60]}' is no name of a header"
        raise DocumentError(place, message, "use letters, digits and dashes")


def _is_header_text(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and bool(value)
