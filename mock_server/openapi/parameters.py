"""Parameters of operations: their schemas, how they are written, and what they filter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mock_server.formats.media_types import is_json
from mock_server.formats.secret_texts import SecretNames
from mock_server.formats.source_file import Place
from mock_server.lists.convention import Convention
from mock_server.openapi.cursor_starts import starts_of
from mock_server.openapi.filter_rules import Fields, FilterRule, require_members
from mock_server.openapi.open_objects import is_open
from mock_server.openapi.schema import (
    DocumentError,
    Schema,
    kinds_of,
    members_of,
    property_schema,
)
from mock_server.openapi.schema_checks import SchemaChecks
from mock_server.openapi.schema_merging import merge_all_of
from mock_server.openapi.version import VersionRule
from mock_server.shown_text import quote

# RFC 9110 section 5.6.2.
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

# OpenAPI 3.0, Parameter Object: the styles of parameters that name none.
_DEFAULT_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


class Whole(NamedTuple):
    """An object that must be sent, and the parameters any of which stands for it."""

    name: str
    parts: tuple[str, ...]


class Parameter(NamedTuple):
    """A parameter of an operation; `location` is `query`, `header`, `path` or `cookie`.

    - `style`, `explode`: how it is written, by OpenAPI 3.0's Parameter Object; the style is `content`
      where a media type says how
    - `is_json`: whether its text is a value in JSON
    - `allows_empty`: whether an empty text is right, whatever the schema says
    - `is_secret`: whether its value may be a credential, which no message shows
    - `starts`: the texts that mean the first page, of a parameter for a cursor
    - `is_no_filter`: whether `x-filter: false` says that it filters nothing
    - `is_rest`: whether it is an object without the members that page or filter, which are
      parameters of their own
    - `whole`: the required object that it is a member of, None for any other
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
    starts: frozenset[str] = frozenset()
    is_no_filter: bool = False
    is_rest: bool = False
    whole: Whole | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the types that its value may have, e.g. `("integer", "object")`."""
        return kinds_of(self.schema)

    @property
    def repeatable(self) -> bool:
        """Tell whether it may be sent more than once."""
        if self.filters is not None:
            return self.filters.is_list
        return self.style != "content" and ("array" in self.kinds or self.is_spread)

    @property
    def is_object(self) -> bool:
        """Tell whether its value may be an object that a style writes."""
        return "object" in self.kinds and self.style != "content"

    @property
    def is_spread(self) -> bool:
        """Tell whether its members are sent under names of their own: `role` or `filter[status]`."""
        if self.style == "deepObject":
            # `items[]=a`, `items[0]=a`: no style has this name, but published documents do.
            return self.is_object or "array" in self.kinds
        is_form = self.style == "form" and self.explode and self.location in ("query", "cookie")
        return is_form and self.is_object

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


@dataclass(frozen=True, slots=True)
class Common:
    """What the operations of a document share while they are compiled.

    `secret` are the names under which credentials are sent.
    """

    secret: SecretNames = field(default_factory=SecretNames)
    checks: SchemaChecks = field(default_factory=SchemaChecks)


_NO_NAMES = SecretNames()


def find_parameters(
    spec: Mapping[str, Any],
    place: Place,
    common: Common,
    record_schema: Schema,
    convention: Convention | None,
) -> Iterator[Parameter]:
    """Yield the parameters of an operation; raise DocumentError for one that is not understood.

    `spec` is the operation, and `place` where it stands. `record_schema` is that of the records of a
    list, and `convention` how it is read; `{}` and None for any other operation. A member of an object
    that is sent under a name of its own is a parameter of its own if it pages or filters.
    """
    finder = None if convention is None else _ListParameters(record_schema, convention)
    fields = Fields(record_schema)
    for number, raw in enumerate(spec.get("parameters", [])):
        here = (*place, "parameters", number)
        schema = merge_all_of(_schema(raw))
        common.checks.check(schema, here)
        _check_place(raw, here, str(place[1]))
        parameter = _described_parameter(raw, schema, common.secret)
        if "x-filter" in raw and not parameter.is_no_filter:
            given = fields.given_rule(raw["x-filter"], raw, schema, (*here, "x-filter"))
            parameter = parameter._replace(filters=given)
        if "x-version" in raw:
            parameter = parameter._replace(version=_version_rule(raw, here))
        if finder is None or parameter.location != "query":
            yield parameter
        elif parameter.is_spread and parameter.is_object and not parameter.is_no_filter:
            yield from finder.apart(parameter, here)
        else:
            yield finder.of_list(parameter, raw)


def query_schemas(spec: Mapping[str, Any]) -> dict[str, Schema]:
    """Return the merged schemas of an operation's single query values, by their names on the wire.

    Of an object that is spread, these are its members: `page[size]`.
    """
    found: dict[str, Schema] = {}
    for raw in spec.get("parameters", []):
        if raw["in"] == "query":
            found |= _described_parameter(raw, merge_all_of(_schema(raw)), _NO_NAMES).described
    return found


class _ListParameters:
    """What the query parameters of a list mean: paging by the convention, and filters by its records."""

    def __init__(self, record_schema: Schema, convention: Convention) -> None:
        self._convention = convention
        self._fields = Fields(record_schema, convention.request)

    def of_list(self, parameter: Parameter, raw: Mapping[str, Any]) -> Parameter:
        """Return a parameter with the rules of the convention, or with the filter that is found.

        `raw` is what the document says of it beside its schema.
        """
        name, schema = parameter.name, parameter.schema
        if name in self._convention.parameters:
            starts = starts_of(raw, schema) if name in self._convention.cursors else frozenset()
            read = self._convention.parameter_schema(name, dict(schema))
            return parameter._replace(schema=read, starts=starts)
        if "x-filter" in raw or parameter.style == "content":
            return parameter
        return parameter._replace(filters=self._fields.found_rule(name, schema))

    def apart(self, parameter: Parameter, place: Place) -> Iterator[Parameter]:
        """Yield the members of a spread object that page or filter, and the object with the others."""
        properties = parameter.schema.get("properties", {})
        apart = {}
        for name in properties:
            member = self._member(parameter, name, (*place, "schema", "properties", name))
            if member.filters is not None or member.name in self._convention.parameters:
                apart[name] = member
        if not apart:
            yield parameter
            return
        found = list(apart.values())
        rest = {name: part for name, part in properties.items() if name not in apart}
        if rest or is_open(parameter.schema):
            required = [name for name in parameter.schema.get("required", ()) if name not in apart]
            schema = {**parameter.schema, "properties": rest, "required": required}
            is_required = parameter.required and bool(required)
            found.append(parameter._replace(schema=schema, required=is_required, is_rest=True))
        # Any of its members is enough, where it requires none.
        if parameter.required and not any(each.required for each in found):
            whole = Whole(parameter.name, tuple(each.name for each in found))
            found = [each._replace(whole=whole) for each in found]
        yield from found

    def _member(self, parameter: Parameter, name: str, place: Place) -> Parameter:
        schema = property_schema(parameter.schema, name)
        rule = schema.get("x-filter")
        member = Parameter(
            name=parameter.member_name(name),
            location=parameter.location,
            required=parameter.required and name in parameter.schema.get("required", ()),
            schema=schema,
            allows_empty=parameter.allows_empty,
            is_secret=parameter.is_secret,
            is_no_filter=rule is False,
        )
        if "x-filter" in schema and not member.is_no_filter:
            spec = {"in": parameter.location}
            given = self._fields.given_rule(rule, spec, schema, (*place, "x-filter"))
            return member._replace(filters=given)
        return self.of_list(member, schema)


def _described_parameter(raw: Mapping[str, Any], schema: Schema, secret: SecretNames) -> Parameter:
    """Return a parameter as it is described, without what a list makes of it."""
    default_style = "content" if "content" in raw else _DEFAULT_STYLES[raw["in"]]
    style = str(raw.get("style", default_style))
    return Parameter(
        name=raw["name"],
        location=raw["in"],
        required=bool(raw.get("required", False)),
        schema=schema,
        style=style,
        explode=bool(raw.get("explode", style == "form")),
        is_json=_is_json(raw),
        allows_empty=raw["in"] == "query" and raw.get("allowEmptyValue") is True,
        is_secret=raw["in"] == "cookie" or (raw["in"] == "header" and secret.has(raw["name"].encode())),
        is_no_filter=raw.get("x-filter") is False,
    )


def _schema(parameter: Mapping[str, Any]) -> Schema:
    """Return a parameter's schema, which may be in its `content` (OpenAPI 3.0, Parameter Object)."""
    content = next(iter((parameter.get("content") or {}).values()), None) or {}
    schema: Schema = parameter.get("schema", content.get("schema", {}))
    return schema


def _is_json(parameter: Mapping[str, Any]) -> bool:
    return any(map(is_json, parameter.get("content") or ()))


def _version_rule(parameter: Mapping[str, Any], place: Place) -> VersionRule:
    rule = parameter["x-version"]
    here = (*place, "x-version")
    this = rule.get("this") if isinstance(rule, dict) else None
    require_members(rule, {"unknown"} if this is None else {"this", "unknown"}, here)
    require_members(rule["unknown"], {"type", "message"}, (*here, "unknown"))
    known = merge_all_of(_schema(parameter)).get("enum") or [this]
    if parameter["in"] != "header" or not all(map(_is_header_text, known)):
        message = "the version is not a header with an enum of texts"
        raise DocumentError(here, message, "put it on such a parameter")
    if this is not None and this not in known:
        message = f"{quote(str(this))} is no value of the header's enum"
        raise DocumentError((*here, "this"), message, f"write one of {', '.join(known)}")
    error = rule["unknown"]
    return VersionRule(parameter["name"], tuple(known), error["type"], error["message"], this)


def _check_place(parameter: Mapping[str, Any], place: Place, path: str) -> None:
    if parameter["in"] == "path" and f"{{{parameter['name']}}}" not in path:
        message = f"the path has no parameter {quote(parameter['name'])}"
        raise DocumentError(place, message, "write it into the path, in braces")
    if parameter["in"] == "header" and TOKEN.fullmatch(parameter["name"]) is None:
        message = f"{quote(parameter['name'])} is no name of a header"
        raise DocumentError(place, message, "use letters, digits and dashes")


def _is_header_text(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and bool(value)
