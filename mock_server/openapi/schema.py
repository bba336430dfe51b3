"""Schemas of the document: reading what this server needs of them, and the extension `x-fill`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mock_server.formats.source_file import Place

# What `x-fill` may say of a property: which value a record gets that was given none.
FILLS = ("id", "account", "timestamp", "parent-id")

Schema = Mapping[str, Any]

# The keywords of OpenAPI 3.0 that hold schemas, beside `properties`.
LISTS_OF_PARTS = {"allOf", "anyOf", "oneOf"}
PARTS = {"items", "additionalProperties", "not"}


class DocumentError(Exception):
    """The document describes something that cannot be served.

    `place` is where it stands, e.g. `("paths", "/things", "get")`, `remedy` what its author can do.
    """

    def __init__(self, place: Place, message: str, remedy: str) -> None:
        super().__init__(message)
        self.place, self.message, self.remedy = place, message, remedy


def merge_all_of(schema: Any) -> dict[str, Any]:
    """Return the schema with the parts of its `allOf` merged into it; `{}` for what is no schema.

    Properties and required names add up, and of bounds the narrower counts. What can't be merged, such
    as a second pattern, stays in `allOf`. Of annotations, e.g. a description, the schema's own counts.
    """
    result = dict(schema) if isinstance(schema, dict) else {}
    rest: list[Any] = []
    for part in map(merge_all_of, result.pop("allOf", ())):
        rest += part.pop("allOf", ())
        _narrow_bounds(result, part)
        for keyword, value in part.items():
            if result.setdefault(keyword, value) != value:
                merged = _merge_keyword(keyword, result[keyword], value)
                if merged is None:
                    rest.append({keyword: value})
                else:
                    result[keyword] = merged
    return result | ({"allOf": rest} if rest else {})


# How the values of a keyword in two schemas become that of one schema for what both admit.
_NARROWER: Mapping[str, Callable[[Any, Any], Any]] = {
    "enum": lambda one, other: [value for value in one if value in other],
    "maxItems": min,
    "maxLength": min,
    "maxProperties": min,
    "minItems": max,
    "minLength": max,
    "minProperties": max,
    "nullable": lambda one, other: one and other,
    "required": lambda one, other: list(dict.fromkeys([*one, *other])),
    "uniqueItems": lambda one, other: one or other,
}

# Keywords that both schemas go on to check, each by its own value.
_CHECKED_APART = frozenset(
    ["additionalProperties", "anyOf", "format", "items", "multipleOf", "not", "oneOf", "pattern"]
)


def _narrow_bounds(result: dict[str, Any], part: dict[str, Any]) -> None:
    """Give both schemas the narrower of their bounds, with the flag that says whether it is excluded."""
    for bound, flag, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        if bound in result and bound in part:
            narrow = max(result, part, key=lambda each: (sign * each[bound], each.get(flag) is True))
            kept = {key: narrow[key] for key in (bound, flag) if key in narrow}
            for each in (result, part):
                each.pop(flag, None)
                each.update(kept)


def _merge_keyword(keyword: str, one: Any, other: Any) -> Any:
    """Return the keyword's value for what two schemas both admit; None where none says so."""
    if keyword == "properties":
        shared = {name: {"allOf": [one[name], part]} for name, part in other.items() if name in one}
        differ = {name: both for name, both in shared.items() if one[name] != other[name]}
        return {**one, **other, **differ}
    if keyword == "type":
        return "integer" if {one, other} == {"integer", "number"} else None
    if keyword in _NARROWER:
        return _NARROWER[keyword](one, other)
    return None if keyword in _CHECKED_APART else one


def kinds_of(schema: Schema) -> tuple[str, ...]:
    """Return the types that a value may have by a merged schema, e.g. `("integer", "string")`.

    They come from `type`, else from the branches of `oneOf` and `anyOf`, from the enum, or from keywords
    that are about values of one type. Empty where nothing says so.
    """
    if "type" in schema:
        return (str(schema["type"]),)
    branches = branches_of(schema)
    if branches:
        return tuple(dict.fromkeys(kind for branch in branches for kind in kinds_of(branch)))
    if "enum" in schema:
        return tuple(dict.fromkeys(_kind_of(value) for value in schema["enum"]))
    return tuple(kind for kind, keywords in _TELLING.items() if not keywords.isdisjoint(schema))


# Keywords that say something about values of one type only.
_TELLING = {
    "number": {"minimum", "maximum", "multipleOf"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "object": {"properties", "additionalProperties", "minProperties", "maxProperties", "required"},
    "string": {"pattern", "minLength", "maxLength"},
}

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def _kind_of(value: Any) -> str:
    return _KINDS.get(type(value), "null")


def branches_of(schema: Schema) -> list[Schema]:
    """Return the branches of a schema's `oneOf`, or else of its `anyOf`, each merged."""
    return [merge_all_of(branch) for branch in schema.get("oneOf") or schema.get("anyOf") or ()]


def named_values(schema: Schema) -> list[Any]:
    """Return the values that enums of a merged schema name, those of its branches too."""
    if "enum" in schema:
        return list(schema["enum"])
    return [value for branch in branches_of(schema) for value in named_values(branch)]


def only_values(schema: Schema) -> list[Any] | None:
    """Return the only values that a merged schema admits; None where they are not listed."""
    if "enum" in schema:
        return list(schema["enum"])
    found = [only_values(branch) for branch in branches_of(schema)]
    if not found or None in found:
        return None
    return [value for values in found for value in values or ()]


def members_of(schema: Schema) -> dict[str, Schema]:
    """Return the schemas of the properties that a merged schema or any of its branches describes."""
    return {name: _any_of(found) for name, found in _described(schema).items()}


def _described(schema: Schema) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, part in schema.get("properties", {}).items():
        found.setdefault(name, []).append(part)
    for branch in branches_of(schema):
        for name, parts in _described(branch).items():
            found.setdefault(name, []).extend(parts)
    return found


def items_of(schema: Schema) -> Schema:
    """Return the schema of an array's items by a merged schema or any of its branches, merged."""
    own = [schema["items"]] if "items" in schema else []
    return _any_of(own + [items for items in map(items_of, branches_of(schema)) if items])


def without_items(schema: Schema) -> Schema:
    """Return an array's schema without that of its items."""
    return {key: value for key, value in schema.items() if key != "items"}


def _any_of(schemas: Sequence[Any]) -> Schema:
    """Return a merged schema that admits what any of these admits; `{}` for none of them."""
    distinct = [schema for number, schema in enumerate(schemas) if schema not in schemas[:number]]
    return merge_all_of(distinct[0] if len(distinct) == 1 else {"anyOf": distinct} if distinct else {})


def is_open(schema: Schema) -> bool:
    """Tell whether a merged schema is for an object whose members it leaves to those who send it."""
    if "additionalProperties" in schema:
        return schema["additionalProperties"] is not False
    branches = [each for each in branches_of(schema) if "object" in (kinds_of(each) or ("object",))]
    return any(map(is_open, branches)) if branches else not schema.get("properties")


def without_objects(schema: Schema) -> Schema:
    """Return a merged schema without its branches for objects."""
    kept = [branch for branch in branches_of(schema) if kinds_of(branch) != ("object",)]
    if "type" in schema or not kept:
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("oneOf", "anyOf")}
    return merge_all_of({**rest, "allOf": [_any_of(kept)]})


def property_schema(schema: Schema, name: str) -> Schema:
    """Return the schema of an object's property, merged; `{}` where there is none."""
    return merge_all_of(schema.get("properties", {}).get(name, {}))


def item_schema(schema: Schema) -> Schema:
    """Return the schema of an array's items; `{}` where the array's schema has none."""
    items: Schema = schema.get("items", {})
    return items
