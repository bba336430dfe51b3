"""Parameters of operations: their schemas, how they are written, and what they filter."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.formats.media_types import is_json
from mock_server.formats.source_file import Place
from mock_server.lists.convention import Convention
from mock_server.lists.filters import MATCHES
from mock_server.openapi.schema import (
    DocumentError,
    Schema,
    kinds_of,
    members_of,
    merge_all_of,
    property_schema,
)
from mock_server.openapi.schema_checks import check_schema
from mock_server.openapi.version import VersionRule
from mock_server.shown_text import quote

# RFC 9110 section 5.6.2.
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

# OpenAPI 3.0, Parameter Object: the styles of parameters that name none.
_DEFAULT_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


@dataclass(frozen=True, slots=True)
class FilterRule:
    """The field of the records that a parameter filters, and how: `contains` or `any-of`."""

    field: str
    match: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; `location` is `query`, `header`, `path` or `cookie`.

    - `style`, `explode`: how it is written, by OpenAPI 3.0's Parameter Object; the style is `content`
      where a media type says how
    - `is_json`: whether its text is a value in JSON
    - `allows_empty`: whether an empty text is right, whatever the schema says
    - `is_secret`: whether its value may be a credential, which no message shows
    """

    name: str
    location: str
    required: bool
    schema: Schema
    filters: FilterRule | None = None
    version: VersionRule | None = None
    style: str = "form"
    explode: bool = True
    is_json: bool = False
    allows_empty: bool = False
    is_secret: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the types that its value may have, e.g. `("integer", "object")`."""
        return kinds_of(self.schema)

    @property
    def repeatable(self) -> bool:
        """Tell whether it may be sent more than once."""
        if self.filters is not None:
            return MATCHES[self.filters.match].repeatable
        return self.style != "content" and ("array" in self.kinds or self.is_spread)

    @property
    def is_object(self) -> bool:
        """Tell whether its value may be an object that a style writes."""
        return "object" in self.kinds and self.style != "content"

    @property
    def is_spread(self) -> bool:
        """Tell whether its members are sent under names of their own: `role` or `filter[status]`."""
        is_form = self.style == "form" and self.explode and self.location in ("query", "cookie")
        return self.is_object and (is_form or self.style == "deepObject")

    def member_name(self, *steps: str) -> str:
        """Return the name of a member as it is sent and reported, e.g. `filter[status]`."""
        if self.is_spread and self.style == "form":
            return steps[0] + "".join(f"[{step}]" for step in steps[1:])
        return self.name + "".join(f"[{step}]" for step in steps)

    @property
    def described(self) -> dict[str, Schema]:
        """Return the schemas of its single values by their names: its own, or those of its members."""
        if self.style == "content":
            return {}
        members = members_of(self.schema) if self.is_object else {}
        own = {} if self.kinds == ("object",) else {self.name: self.schema}
        return own | {self.member_name(name): part for name, part in members.items()}


def find_parameters(
    spec: Mapping[str, Any],
    place: Place,
    secret: Collection[bytes],
    record_schema: Schema,
    convention: Convention | None,
) -> Iterator[Parameter]:
    """Yield the parameters of an operation; raise DocumentError for one that is not understood.

    `spec` is the operation, and `place` where it stands. `secret` are the names of headers that may hold
    credentials. `record_schema` is that of the records of a list, and `convention` how it is read; `{}`
    and None for any other operation.
    """
    path = str(place[1])
    for number, parameter in enumerate(spec.get("parameters", [])):
        here = (*place, "parameters", number)
        schema = merge_all_of(_schema(parameter))
        check_schema(schema, here)
        _check_place(parameter, here, path)
        if convention is not None and parameter["in"] == "query":
            schema = convention.parameter_schema(parameter["name"], schema)
        default_style = "content" if "content" in parameter else _DEFAULT_STYLES[parameter["in"]]
        style = parameter.get("style", default_style)
        yield Parameter(
            name=parameter["name"],
            location=parameter["in"],
            required=bool(parameter.get("required", False)),
            schema=schema,
            filters=_filter_rule(parameter, here, record_schema),
            version=_version_rule(parameter, here),
            style=style,
            explode=bool(parameter.get("explode", style == "form")),
            is_json=_is_json(parameter),
            allows_empty=parameter["in"] == "query" and parameter.get("allowEmptyValue") is True,
            is_secret=parameter["in"] == "cookie" or _header_name(parameter) in secret,
        )


def query_values(spec: Mapping[str, Any]) -> dict[str, Schema]:
    """Return the schemas of the single values of an operation's query, by the names on the wire."""
    values: dict[str, Schema] = {}
    for parameter in spec.get("parameters", []):
        if parameter["in"] == "query":
            style = parameter.get("style", "content" if "content" in parameter else "form")
            explode = bool(parameter.get("explode", style == "form"))
            schema = merge_all_of(_schema(parameter))
            values |= Parameter(
                parameter["name"], "query", required=False, schema=schema, style=style, explode=explode
            ).described
    return values


def _header_name(parameter: Mapping[str, Any]) -> bytes | None:
    return parameter["name"].lower().encode() if parameter["in"] == "header" else None


def _schema(parameter: Mapping[str, Any]) -> Schema:
    """Return a parameter's schema, which may be in its `content` (OpenAPI 3.0, Parameter Object)."""
    content: Schema = next(iter(parameter.get("content", {}).values()), {})
    schema: Schema = parameter.get("schema", content.get("schema", {}))
    return schema


def _is_json(parameter: Mapping[str, Any]) -> bool:
    return any(map(is_json, parameter.get("content", ())))


def _filter_rule(parameter: Mapping[str, Any], place: Place, record_schema: Schema) -> FilterRule | None:
    rule = parameter.get("x-filter")
    if rule is None:
        return None
    here = (*place, "x-filter")
    _require_members(rule, {"field", "match"}, here)
    if parameter["in"] != "query":
        raise DocumentError(here, "the parameter is not in the query", "put it on one that is")
    kinds = kinds_of(merge_all_of(_schema(parameter)))
    if "object" in kinds or _is_json(parameter):
        message = "the parameter is an object or in JSON, and a filter takes texts"
        raise DocumentError(here, message, "put it on one whose schema is a text or an array of texts")
    if rule["match"] == "contains" and "array" in kinds:
        raise DocumentError(here, "a list is not contained in a text", "use any-of")
    if str(rule["match"]) not in MATCHES:
        known = " or ".join(MATCHES)
        raise DocumentError((*here, "match"), f"'{rule['match']}' is no way to match", f"use {known}")
    _check_field(str(rule["field"]), record_schema, (*here, "field"))
    return FilterRule(rule["field"], rule["match"])


def _check_field(name: str, record_schema: Schema, place: Place) -> None:
    """Raise DocumentError for a field that no filter can compare."""
    if not isinstance(record_schema.get("properties", {}).get(name), dict):
        message = f"the records have no field '{name}' to filter"
        raise DocumentError(place, message, "name a property of the items' schema")
    field = property_schema(record_schema, name)
    for kind in kinds_of(field):
        if kind in ("object", "array"):
            message = f"the field '{name}' is of type {kind}, which no filter compares"
            raise DocumentError(place, message, "name a property with a single value")
    if field.get("x-fill") == "account":
        message = f"the field '{name}' is filled with the account's own id (x-fill)"
        raise DocumentError(place, message, "name one that is the same for every account")


def _version_rule(parameter: Mapping[str, Any], place: Place) -> VersionRule | None:
    rule = parameter.get("x-version")
    if rule is None:
        return None
    here = (*place, "x-version")
    _require_members(rule, {"unknown"}, here)
    _require_members(rule["unknown"], {"type", "message"}, (*here, "unknown"))
    known = merge_all_of(_schema(parameter)).get("enum") or [None]
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
        message = f"the path has no parameter {quote(parameter['name'])}"
        raise DocumentError(place, message, "write it into the path, in braces")
    if parameter["in"] == "header" and TOKEN.fullmatch(parameter["name"]) is None:
        message = f"{quote(parameter['name'])} is no name of a header"
        raise DocumentError(place, message, "use letters, digits and dashes")


def _is_header_text(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and bool(value)
