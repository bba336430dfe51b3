"""Operations: what a document describes, in the terms of this server.

An operation is served by its shape. What its parameters mean is said by extensions, which the
overlay adds: `x-filter` on a parameter, `x-fill` on a property, `x-version` on a header.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server import pages
from mock_server.filters import MATCHES

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FILLS = ("id", "account", "timestamp", "parent-id")

Schema = Mapping[str, Any]
Place = tuple[str | int, ...]


class Misdescribed(Exception):
    """The document describes something that cannot be served: where, what, and what to do."""

    def __init__(self, place: Place, message: str, remedy: str) -> None:
        super().__init__(message)
        self.place, self.message, self.remedy = place, message, remedy


@dataclass(frozen=True, slots=True)
class FilterRule:
    """What a parameter filters: a field of the records, and how (`contains` or `any-of`)."""

    field: str
    match: str


@dataclass(frozen=True, slots=True)
class VersionRule:
    """A header that selects a version, and the error (type, message) that an unknown one gets."""

    header: str
    known: tuple[str, ...]
    error_type: str
    error_message: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; `location` is query, header, path or cookie."""

    name: str
    location: str
    required: bool
    schema: Schema
    filters: FilterRule | None = None
    version: VersionRule | None = None

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent more than once."""
        if self.filters is not None:
            return MATCHES[self.filters.match].repeatable
        return self.schema.get("type") == "array"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; `collection` is None for no list.

    `template` is its path in the document, `path` the same with the base path before it.
    """

    id: str
    method: str
    template: str
    path: str
    parameters: tuple[Parameter, ...]
    collection: str | None
    record_schema: Schema

    def at(self, location: str) -> tuple[Parameter, ...]:
        return tuple(p for p in self.parameters if p.location == location)

    @property
    def cursor_parameters(self) -> tuple[str, ...]:
        """Names of the query parameters that take a cursor."""
        names = (p.name for p in self.at("query")) if self.collection is not None else ()
        return tuple(name for name in names if name in (pages.AFTER, pages.BEFORE))

    @property
    def has_no_effect(self) -> tuple[str, ...]:
        """Names of query parameters that a list neither pages nor filters by."""
        paging = (pages.LIMIT, pages.AFTER, pages.BEFORE)
        return tuple(p.name for p in self.at("query") if not p.filters and p.name not in paging)


def find(document: Mapping[str, Any], base_path: str | None) -> Iterator[Operation | Misdescribed]:
    """The operations of a resolved document in its order, or what is wrong with one.

    `base_path` overrides the servers that the document, its paths and its operations name.
    """
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                try:
                    yield _operation(document, path, method, base_path)
                except Misdescribed as misdescribed:
                    yield misdescribed


def _operation(document: Mapping[str, Any], path: str, method: str, base_path: str | None) -> Operation:
    item = document["paths"][path]
    spec, place = item[method], ("paths", path, method)
    base = _base_path(document, item, spec) if base_path is None else base_path
    items = pages.items_schema(_ok_schema(spec)) if method == "get" else None
    record_schema = items if isinstance(items, dict) else {}
    return Operation(
        id=spec.get("operationId", f"{method} {path}"),
        method=method.upper(),
        template=path,
        path=base.rstrip("/") + path,
        parameters=tuple(_parameters(spec, place, record_schema if items is not None else None)),
        collection=None if items is None else path.strip("/"),
        record_schema=_checked_fills(record_schema, place),
    )


def _base_path(*levels: Mapping[str, Any]) -> str:
    """The path of the innermost non-empty `servers` list: document, path item, operation."""
    servers = next((level["servers"] for level in reversed(levels) if level.get("servers")), None)
    if not servers:
        return ""
    url = servers[0]["url"]
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable["default"]))
    scheme, separator, rest = url.partition("://")
    path = rest[rest.find("/") :] if "/" in rest else ""
    return (path if separator else scheme).split("?")[0].rstrip("/")


def _ok_schema(spec: Mapping[str, Any]) -> Schema:
    content = spec.get("responses", {}).get("200", {}).get("content", {})
    schema: Schema = content.get("application/json", {}).get("schema", {})
    return schema


def _parameters(
    spec: Mapping[str, Any], place: Place, record_schema: Schema | None
) -> Iterator[Parameter]:
    for number, parameter in enumerate(spec.get("parameters", [])):
        here = (*place, "parameters", number)
        schema = dict(_schema(parameter))
        if record_schema is not None and (parameter["in"], parameter["name"]) == ("query", pages.LIMIT):
            schema.setdefault("minimum", pages.MINIMUM_LIMIT)
        yield Parameter(
            name=parameter["name"],
            location=parameter["in"],
            required=bool(parameter.get("required", False)),
            schema=schema,
            filters=_filter_rule(parameter, here, record_schema or {}),
            version=_version_rule(parameter, here),
        )


def _schema(parameter: Mapping[str, Any]) -> Schema:
    """A parameter's schema, which may stand in `content` (OpenAPI 3.0, Parameter Object)."""
    content: Schema = next(iter(parameter.get("content", {}).values()), {})
    schema: Schema = parameter.get("schema", content.get("schema", {}))
    return schema


def _filter_rule(parameter: Mapping[str, Any], place: Place, record_schema: Schema) -> FilterRule | None:
    rule = parameter.get("x-filter")
    if rule is None:
        return None
    here = (*place, "x-filter")
    _require_members(rule, {"field", "match"}, here)
    if rule["match"] not in MATCHES:
        known = " or ".join(MATCHES)
        raise Misdescribed((*here, "match"), f"'{rule['match']}' is no way to match", f"use {known}")
    field = record_schema.get("properties", {}).get(rule["field"])
    if field is None:
        message = f"the records have no field '{rule['field']}' to filter"
        raise Misdescribed((*here, "field"), message, "name a property of the items' schema")
    if field.get("type") in ("object", "array"):
        message = f"the field '{rule['field']}' is of type {field['type']}, which no filter compares"
        raise Misdescribed((*here, "field"), message, "name a property with a single value")
    return FilterRule(rule["field"], rule["match"])


def _version_rule(parameter: Mapping[str, Any], place: Place) -> VersionRule | None:
    rule = parameter.get("x-version")
    if rule is None:
        return None
    here = (*place, "x-version")
    _require_members(rule, {"unknown"}, here)
    _require_members(rule["unknown"], {"type", "message"}, (*here, "unknown"))
    known = _schema(parameter).get("enum")
    if parameter["in"] != "header" or not known:
        message = "the version is not a header with an enum"
        raise Misdescribed(here, message, "put it on such a parameter")
    error = rule["unknown"]
    return VersionRule(parameter["name"], tuple(known), error["type"], error["message"])


def _require_members(rule: Any, names: set[str], place: Place) -> None:
    if not isinstance(rule, dict) or rule.keys() != names:
        wanted = " and ".join(sorted(names))
        raise Misdescribed(place, f"it is not a mapping of exactly {wanted}", f"write {wanted}")


def _checked_fills(schema: Schema, place: Place) -> Schema:
    """The schema, if every `x-fill` in it is understood."""
    for name, property_schema in schema.get("properties", {}).items():
        fill = property_schema.get("x-fill")
        if fill is not None and fill not in FILLS:
            message = f"'{fill}' is nothing that the property '{name}' can be given (x-fill)"
            raise Misdescribed(place, message, f"use one of {', '.join(FILLS)}")
        _checked_fills(property_schema.get("items", {}), place)
    return schema
