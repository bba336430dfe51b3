"""Narrowing: a schema in the words by which values are made, in place of those that only refuse some.

Conditions become branches, `not` becomes what it leaves, and what depends on a member is asked for
with it. Whoever makes a value by it checks the value by the schema itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mock_server.openapi.equality import is_surely_same
from mock_server.openapi.schema import Schema, has_branches, kinds_of
from mock_server.openapi.schema_merging import all_parts, merge_all_of

# The keywords that are narrowed. Whatever has one of them is checked when it is made.
NARROWED = frozenset(["dependentRequired", "dependentSchemas", "if", "not"])

# How often a schema is narrowed in turn: what comes of one keyword may have others.
_ROUNDS = 30

_KINDS = ("string", "integer", "number", "boolean", "object", "array", "null")


def narrow(merged: dict[str, Any]) -> dict[str, Any]:
    """Return a merged schema without NARROWED, as far as no branch has to be chosen before."""
    for _ in range(_ROUNDS):
        narrower = _narrower(merged)
        if narrower is merged:
            break
        merged = merge_all_of(narrower)
    return merged


def _narrower(merged: dict[str, Any]) -> dict[str, Any]:
    """Return what the first step that changes a merged schema makes of it; itself where none does."""
    for keywords, step in _STEPS:
        found = merged if keywords.isdisjoint(merged) else step(merged)
        if found is not merged:
            return found
    return merged


def refuses_all(part: Any) -> bool:
    """Tell whether a schema, or a part of its `allOf`, says that no value is valid: false, `not: {}`."""
    if not isinstance(part, dict):
        return part is False
    if "not" not in part and "allOf" not in part:
        return False
    return any(
        ("not" in each and (each["not"] is True or each["not"] == {})) or False in each.get("allOf", ())
        for each in all_parts(part)
    )


def is_impossible(merged: Schema) -> bool:
    """Tell whether a merged schema contradicts itself: no value is left, or none has all types."""
    return merged.get("enum") == [] or any("type" in part for part in merged.get("allOf", ()))


def _and(schema: Schema, *parts: Any) -> dict[str, Any]:
    return {**schema, "allOf": [*schema.get("allOf", ()), *parts]}


def _one_of(schema: Schema, options: Sequence[Schema]) -> dict[str, Any]:
    """Return a schema with one of several others, of which those are left out that it contradicts."""
    possible = [option for option in options if _may_hold(schema, option)] or list(options)
    return _and(schema, *possible) if len(possible) < 2 else _and(schema, {"anyOf": possible})


def _may_hold(schema: Schema, option: Schema) -> bool:
    ours, theirs = kinds_of(schema), kinds_of(option)
    is_number = "integer" in ours and "number" in theirs
    if ours and theirs and not is_number and set(ours).isdisjoint(theirs):
        return False
    absent = [name for name, part in option.get("properties", {}).items() if refuses_all(part)]
    described = schema.get("properties", {})
    is_closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    impossible = [
        name
        for name in option.get("required", ())
        if refuses_all(described.get(name)) or (is_closed and name not in described)
    ]
    return not impossible and not set(absent).intersection(schema.get("required", ()))


# `not`


def _without_refused(schema: dict[str, Any]) -> dict[str, Any]:
    part = schema["not"]
    rest = {keyword: value for keyword, value in schema.items() if keyword != "not"}
    if isinstance(part, dict) and part.keys() == {"enum"}:
        return _without_values(rest, part["enum"])
    options = _refusing(part)
    return _one_of(rest, options) if options else rest


def _without_values(schema: dict[str, Any], refused: Sequence[Any]) -> dict[str, Any]:
    options = schema.get("enum", [True, False] if kinds_of(schema) == ("boolean",) else [])
    left = [value for value in options if not any(is_surely_same(value, each) for each in refused)]
    if len(left) == len(options):
        return {**schema, "nullable": False} if None in refused and schema.get("nullable") else schema
    return {**schema, "enum": left}


def _refusing(part: Any) -> list[Schema]:
    """Return schemas of which each admits only what a part refuses; none where nothing is known."""
    if not isinstance(part, dict):
        return [{}] if part is False else []
    found: list[Schema] = []
    for keyword, wanted in part.items():
        rule = _REFUSING.get(keyword)
        if rule is not None:
            found += rule(wanted, part)
    return found


def _other_types(wanted: Any, part: Schema) -> list[Schema]:
    refused = {*(wanted if isinstance(wanted, list) else [wanted])}
    refused |= {"integer"} if "number" in refused else set()
    refused |= {"null"} if part.get("nullable") else set()
    left = [
        kind
        for kind in _KINDS
        if kind not in refused and not (kind == "number" and "integer" in refused)
    ]
    return [{"type": left}] if left else []


def _beyond(bound: str, other: str) -> Callable[[Any, Schema], list[Schema]]:
    """Return the rule for a bound: what it refuses lies beyond it, with it where it is excluded."""
    flags = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}

    def rule(wanted: Any, part: Schema) -> list[Schema]:
        return [{"type": "number", other: wanted, flags[other]: part.get(flags[bound]) is not True}]

    return rule


def _size(kind: str, other: str, step: int) -> Callable[[Any, Schema], list[Schema]]:
    def rule(wanted: Any, _part: Schema) -> list[Schema]:
        return [{"type": kind, other: wanted + step}] if wanted + step >= 0 else []

    return rule


def _lacking(names: Iterable[str], _part: Schema) -> list[Schema]:
    return [{"type": "object", "properties": {name: False}} for name in names]


def _other_members(properties: Mapping[str, Any], _part: Schema) -> list[Schema]:
    return [
        {"type": "object", "required": [name], "properties": {name: {"not": part}}}
        for name, part in properties.items()
        if part is False or (isinstance(part, dict) and part)
    ]


_REFUSING: Mapping[str, Callable[[Any, Schema], list[Schema]]] = {
    "allOf": lambda parts, _: [{"not": part} for part in parts],
    "anyOf": lambda parts, _: [{"allOf": [{"not": part} for part in parts]}],
    "enum": lambda values, part: [] if part.keys() == {"enum"} else [{"not": {"enum": values}}],
    "maxItems": _size("array", "minItems", 1),
    "maxLength": _size("string", "minLength", 1),
    "maxProperties": _size("object", "minProperties", 1),
    "maximum": _beyond("maximum", "minimum"),
    "minItems": _size("array", "maxItems", -1),
    "minLength": _size("string", "maxLength", -1),
    "minProperties": _size("object", "maxProperties", -1),
    "minimum": _beyond("minimum", "maximum"),
    "not": lambda part, _: [part] if isinstance(part, dict) else [],
    "oneOf": lambda parts, _: [{"allOf": [{"not": part} for part in parts]}],
    "properties": _other_members,
    "required": _lacking,
    "type": _other_types,
}


# What depends on a member


def _dependent(schema: dict[str, Any]) -> dict[str, Any]:
    """Ask for what depends on members that are required; of another one, make two branches."""
    rules = _rules(schema)
    rest = {keyword: value for keyword, value in schema.items() if keyword not in _DEPENDENT}
    described, required = schema.get("properties", {}), schema.get("required", ())
    asked = [rules.pop(name) for name in list(rules) if name in required]
    open_names = [name for name in rules if name in described and not refuses_all(described[name])]
    if asked:
        return _and({**rest, "dependentSchemas": {name: rules[name] for name in open_names}}, *asked)
    if not open_names:
        return rest
    if has_branches(schema):
        return schema
    first = open_names[0]
    rest["dependentSchemas"] = {name: rules[name] for name in open_names if name != first}
    present = {"allOf": [{"required": [first]}, rules[first]]}
    return {**rest, "anyOf": [present, {"properties": {first: False}}]}


_DEPENDENT = frozenset(["dependentRequired", "dependentSchemas"])


def _rules(schema: Schema) -> dict[str, Any]:
    """Return the schema of an object that has a member, by the member's name."""
    rules: dict[str, Any] = dict(schema.get("dependentSchemas", {}))
    for name, names in schema.get("dependentRequired", {}).items():
        asked = {"required": list(names)}
        rules[name] = {"allOf": [rules[name], asked]} if name in rules else asked
    return rules


# Conditions


def _conditional(schema: dict[str, Any]) -> dict[str, Any]:
    """Make two branches of a condition, or one where the other refuses everything."""
    rest = {keyword: value for keyword, value in schema.items() if keyword not in ("if", "then", "else")}
    condition, then, other = schema["if"], schema.get("then", True), schema.get("else", True)
    options: list[Schema] = []
    if then is not False and condition is not False:
        options.append({"allOf": [condition, then]})
    if other is not False and condition is not True:
        options.append({"allOf": [{"not": condition}, other]})
    if len(options) == 1:
        return _and(rest, *options)
    return schema if has_branches(schema) else {**rest, "anyOf": options}


_STEPS: Sequence[tuple[frozenset[str], Callable[[dict[str, Any]], dict[str, Any]]]] = (
    (frozenset(["not"]), _without_refused),
    (_DEPENDENT, _dependent),
    (frozenset(["if"]), _conditional),
)
