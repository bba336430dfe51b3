"""Schemas of OpenAPI 3.1 in the words of 3.0, as far as that has words for what they say.

So the rest of the program reads schemas in one vocabulary. What 3.0 has no words for, such as
`prefixItems` or a list of several types, stays; it is checked by keywords_31.py.
"""

from __future__ import annotations

from typing import Any

from mock_server.openapi.schema import Schema

# The words of 3.1 alone that some part of the program gives a meaning; in a document of 3.0 they have
# none (OpenAPI 3.0.3, Schema Object: it names all that it takes from JSON Schema).
_OF_31 = frozenset(
    ["contains", "dependentRequired", "dependentSchemas", "else", "if", "maxContains", "minContains",
     "patternProperties", "prefixItems", "propertyNames", "then", "unevaluatedItems",
     "unevaluatedProperties"]
)  # fmt: skip


def classic(node: Schema) -> Schema:
    """Return a schema of a 3.0 document, not yet resolved, without the words of 3.1 alone.

    Where it has none, that is the very schema.
    """
    if _OF_31.isdisjoint(node):
        return node
    return {keyword: value for keyword, value in node.items() if keyword not in _OF_31}


def modern(node: Schema) -> Schema:
    """Return a schema of a 3.1 document, not yet resolved, in the words of 3.0.

    A schema that needs no other words is returned itself.
    """
    result = dict(node)
    # In 3.1 null is a type, and this is no keyword.
    result.pop("nullable", None)
    if "$dynamicRef" in result:
        # It leads where `$ref` does, unless another schema that leads here has an anchor of this name.
        result.setdefault("$ref", result.pop("$dynamicRef"))
    _move_reference(result)
    _fold_null_branch(result)
    _fold_null_type(result)
    _fold_bounds(result)
    _fold_const(result)
    _fold_encoding(result)
    if isinstance(result.get("examples"), list):
        examples = result.pop("examples")
        if examples:
            result.setdefault("example", examples[0])
    return node if _is_unchanged(node, result) else result


def _is_unchanged(node: Schema, result: Schema) -> bool:
    return node.keys() == result.keys() and all(result[keyword] is node[keyword] for keyword in node)


def _move_reference(node: dict[str, Any]) -> None:
    """Make a reference with other keywords beside it a part of `allOf`: in 3.1 these count."""
    if isinstance(node.get("$ref"), str) and len(node) > 1:
        parts = node.get("allOf")
        reference = {"$ref": node.pop("$ref")}
        node["allOf"] = [reference, *(parts if isinstance(parts, list) else ())]


def _fold_null_branch(node: dict[str, Any]) -> None:
    """Make `anyOf: [X, {type: "null"}]` the schema X with null, where X stands there itself."""
    for keyword in ("anyOf", "oneOf"):
        branches = node.get(keyword)
        if not isinstance(branches, list) or len(branches) != 2:
            continue
        rest = [branch for branch in branches if branch != {"type": "null"}]
        own = rest[0] if len(rest) == 1 else None
        if (
            not isinstance(own, dict)
            or "type" not in own
            or not _ANNOTATIONS.issuperset(node.keys() - {keyword})
        ):
            continue
        kinds = own["type"] if isinstance(own["type"], list) else [own["type"]]
        values = {"enum": [*own["enum"], None]} if isinstance(own.get("enum"), list) else {}
        if "const" in own:
            values = {"enum": [own["const"], None]}
        del node[keyword]
        node.update({**own, **values, **node, "type": [*kinds, "null"]})
        node.pop("const", None)
        return


_ANNOTATIONS = frozenset(
    ["default", "deprecated", "description", "example", "examples", "readOnly", "title", "writeOnly"]
)


def _fold_null_type(node: dict[str, Any]) -> None:
    """Make a list of types one type where it names one, with `nullable` where null is another."""
    kinds = node.get("type")
    if not isinstance(kinds, list) or not kinds:
        return
    others = [kind for kind in kinds if kind != "null"]
    if not others:
        node["type"] = "null"
        return
    if len(others) == 1:
        node["type"] = others[0]
    elif len(others) < len(kinds):
        node["type"] = others
    if len(others) < len(kinds):
        node["nullable"] = True


def _fold_bounds(node: dict[str, Any]) -> None:
    """Make an excluded bound a bound with a flag that says so."""
    for bound, flag, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        excluded, included = node.get(flag), node.get(bound)
        if isinstance(excluded, bool) or not isinstance(excluded, int | float):
            continue
        is_narrower = isinstance(included, int | float) and sign * included > sign * excluded
        del node[flag]
        if not is_narrower:
            node.update({bound: excluded, flag: True})


# The formats of 3.0 for what `contentEncoding` says of a text.
_ENCODINGS = {"base64": "byte", "base64url": "base64url"}


def _fold_encoding(node: dict[str, Any]) -> None:
    """Give a text in base64 the format that says so, unless it has another."""
    form = _ENCODINGS.get(str(node.get("contentEncoding")))
    if form is not None:
        node.setdefault("format", form)


def _fold_const(node: dict[str, Any]) -> None:
    """Make a constant an enum of one value."""
    if "const" not in node:
        return
    value = [node.pop("const")]
    if "enum" in node:
        node["allOf"] = [*node.get("allOf", ()), {"enum": value}]
    else:
        node["enum"] = value
