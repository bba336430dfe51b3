"""Merging the parts of a schema's `allOf` into one schema for what all of them admit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.openapi.equality import is_surely_same


def merge_all_of(schema: Any) -> dict[str, Any]:
    """Return the schema with the parts of its `allOf` merged into it; `{}` for what is no schema.

    Properties and required names add up, and of bounds the narrower counts. What can't be merged, such
    as a second pattern, stays in `allOf`. Of annotations, e.g. a description, the schema's own counts.
    A part that is reached twice, also by way of itself, counts once.
    """
    if not isinstance(schema, dict):
        return {}
    if "allOf" not in schema:
        return dict(schema)
    result: dict[str, Any] = {}
    rest: list[Any] = []
    for part in all_parts(schema):
        own = {keyword: value for keyword, value in part.items() if keyword != "allOf"}
        _narrow_bounds(result, own)
        rest += _taken_apart(result, own)
        for keyword, value in own.items():
            if not is_surely_same(result.setdefault(keyword, value), value):
                merged = _merge_keyword(keyword, result[keyword], value)
                if merged is None:
                    rest.append({keyword: value})
                else:
                    result[keyword] = merged
    if result.get("nullable") is True and any(map(_excludes_null, all_parts(schema))):
        result["nullable"] = False
    return result | ({"allOf": rest} if rest else {})


def _excludes_null(schema: Mapping[str, Any]) -> bool:
    """Tell whether a part has a type and no `nullable`: it excludes null (OpenAPI 3.0.3)."""
    return schema.get("nullable") is not True and schema.get("type", "null") != "null"


def all_parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema, and the parts of its `allOf` and of theirs, each once."""
    waiting, known = [schema], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict) and id(part) not in known:
            known.add(id(part))
            yield part
            waiting += reversed(part.get("allOf") or ())


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
    ["additionalProperties", "anyOf", "dependentRequired", "dependentSchemas", "format", "items",
     "multipleOf", "not", "oneOf", "pattern", "patternProperties", "prefixItems", "propertyNames",
     "unevaluatedItems", "unevaluatedProperties"]
)  # fmt: skip


# Keywords that say something together only: those behind the first are about what that one names.
_TOGETHER = (("if", "then", "else"), ("contains", "minContains", "maxContains"))


def _taken_apart(result: dict[str, Any], part: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Take groups of keywords out of a part that the result has its own of, and yield them."""
    for group in _TOGETHER:
        if group[0] in part and group[0] in result:
            yield {keyword: part.pop(keyword) for keyword in group if keyword in part}


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
        shared = [name for name in other if name in one and not is_surely_same(one[name], other[name])]
        both = {name: [one[name], other[name]] for name in shared}
        return {**one, **other, **{n: False not in b and {"allOf": b} for n, b in both.items()}}
    if keyword == "items" and isinstance(one, dict) and isinstance(other, dict):
        return {"allOf": [one, other]}
    if keyword == "type":
        return _common_types(one, other)
    if keyword in _NARROWER:
        return _NARROWER[keyword](one, other)
    return None if keyword in _CHECKED_APART else one


def _common_types(one: Any, other: Any) -> Any:
    """Return the `type` of what two schemas both admit; None where no value has both."""
    ours, theirs = types_of(one), types_of(other)
    common = [kind for kind in ours if kind in theirs or (kind == "integer" and "number" in theirs)]
    common += [kind for kind in theirs if kind == "integer" and "number" in ours and kind not in common]
    if not common:
        return None
    return common[0] if len(common) == 1 else common


def types_of(types: Any) -> tuple[str, ...]:
    """Return the types that the keyword `type` names, one or several."""
    return tuple(map(str, types)) if isinstance(types, list) else (str(types),)
