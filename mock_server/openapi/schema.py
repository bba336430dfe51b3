"""Schemas of the document: reading what this server needs of them, and the extension `x-fill`."""

from __future__ import annotations

from collections.abc import Collection, KeysView, Mapping, Sequence
from itertools import chain
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi.equality import is_surely_same
from mock_server.openapi.schema_merging import merge_all_of, types_of

# The types of numbers.
NUMBERS = frozenset({"integer", "number"})

# What `x-fill` may say of a property: which value a record gets that was given none.
FILLS = ("id", "account", "timestamp", "changed-at", "parent-id")
TIMES = ("timestamp", "changed-at")

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


def kinds_of(schema: Schema) -> tuple[str, ...]:
    """Return the types that a value may have by a merged schema, e.g. `("integer", "string")`.

    They come from `type`, else from the branches of `oneOf` and `anyOf`, from the enum, or from keywords
    that are about values of one type. Empty where nothing says so.
    """
    if "type" in schema:
        return types_of(schema["type"])
    found = [kind for each in alternatives(schema, {"type"}) for kind in _own_kinds(each)]
    return tuple(dict.fromkeys(found))


def _own_kinds(schema: Schema) -> tuple[str, ...]:
    """Return the types that a merged schema itself names, whose branches are looked at apart."""
    if "type" in schema:
        return types_of(schema["type"])
    if has_branches(schema):
        return ()
    if "enum" in schema:
        return tuple(map(_kind_of, schema["enum"]))
    return tuple(kind for kind, keywords in _TELLING.items() if not keywords.isdisjoint(schema))


# Keywords that say something about values of one type only.
_TELLING = {
    "number": {"minimum", "maximum", "multipleOf"},
    "array": {"items", "minItems", "maxItems", "uniqueItems", "prefixItems", "contains"},
    "object": {
        "properties", "additionalProperties", "minProperties", "maxProperties", "required",
        "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas",
    },
    "string": {"pattern", "minLength", "maxLength"},
}  # fmt: skip

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def _kind_of(value: Any) -> str:
    return _KINDS.get(type(value), "null")


def has_branches(schema: Schema) -> bool:
    """Tell whether a schema has a `oneOf` or an `anyOf`."""
    return bool(schema.get("oneOf") or schema.get("anyOf"))


def branches_of(schema: Schema) -> list[Schema]:
    """Return the branches of a schema's `oneOf`, or else of its `anyOf`, each merged."""
    return [merge_all_of(branch) for branch in schema.get("oneOf") or schema.get("anyOf") or ()]


# The most branches, and branches of branches, that are looked at.
_BRANCHES = 2_000


def alternatives(schema: Schema, ends: Collection[str] = ()) -> list[Schema]:
    """Return a merged schema, its branches, and theirs, each merged and once, in the document's order.

    The branches of one that has a keyword of `ends` are left out.
    """
    found: list[Schema] = []
    waiting: list[tuple[int, Schema]] = [(id(schema), schema)]
    known = set()
    while waiting and len(found) < _BRANCHES:
        number, each = waiting.pop()
        if number in known:
            continue
        known.add(number)
        if each is not schema:
            each = merge_all_of(each)
        found.append(each)
        if not any(keyword in each for keyword in ends):
            branches = each.get("oneOf") or each.get("anyOf") or ()
            waiting += [(id(branch), branch) for branch in reversed(branches)]
    return found


def named_values(schema: Schema) -> list[Any]:
    """Return the values that enums of a merged schema name, those of its branches too."""
    return [value for each in alternatives(schema, {"enum"}) for value in each.get("enum", ())]


def only_values(schema: Schema) -> list[Any] | None:
    """Return the only values that a merged schema admits; None where they are not listed."""
    found = alternatives(schema, {"enum"})
    if any("enum" not in each and not has_branches(each) for each in found):
        return None
    return [value for each in found for value in each.get("enum", ())]


def members_of(schema: Schema) -> dict[str, Schema]:
    """Return the schemas of the properties that a merged schema or any of its branches describes."""
    found: dict[str, list[Any]] = {}
    for each in alternatives(schema):
        for name, part in each.get("properties", {}).items():
            found.setdefault(name, []).append(part)
    return {name: _any_of(parts) for name, parts in found.items()}


def member_names(schema: Schema) -> KeysView[str]:
    """Return the names of `members_of`, whose schemas take longer to put together."""
    parts = (each.get("properties", {}) for each in alternatives(schema))
    return dict.fromkeys(chain.from_iterable(parts)).keys()


def member_of(schema: Schema, name: str) -> Schema:
    """Return the schema of one of `members_of`; `{}` where there is none."""
    own = [each.get("properties", {}) for each in alternatives(schema)]
    return _any_of([properties[name] for properties in own if name in properties])


def items_of(schema: Schema) -> Schema:
    """Return the schema of an array's items by a merged schema or any of its branches, merged."""
    return _any_of([each["items"] for each in alternatives(schema) if each.get("items")])


def admits_null(schema: Schema) -> bool:
    """Tell whether a merged schema admits null in the words of 3.0 or 3.1, its branches aside."""
    return schema.get("nullable") is True or "null" in kinds_of(schema)


# With how many earlier ones each of several schemas is compared.
_DISTINCT = 20


def admits_time(schema: Schema) -> bool:
    """Tell whether a merged schema admits a time: as a text, or as a number of seconds."""
    kinds = kinds_of(schema)
    return not kinds or not {"string", "integer", "number"}.isdisjoint(kinds)


def _any_of(schemas: Sequence[Any]) -> Schema:
    """Return a merged schema that admits what any of these admits; `{}` for none of them."""
    if len(schemas) == 1:
        return merge_all_of(schemas[0])
    distinct: list[Any] = []
    for schema in schemas:
        if not any(is_surely_same(schema, each) for each in distinct[:_DISTINCT]):
            distinct.append(schema)
    if len(distinct) > 1:
        return {"anyOf": distinct}
    return merge_all_of(distinct[0]) if distinct else {}


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
