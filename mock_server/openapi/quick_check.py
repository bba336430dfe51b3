"""A quick check of values that are surely right, so that most bodies need no validator.

It knows the usual keywords alone, and says no wherever it is not sure; then the validator
(`schema_validator`) finds out what is wrong, if anything. It takes tens of microseconds where that takes
hundreds. A value is right here only where an object has no member but those that its schema names, and
none that its direction leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mock_server.openapi.chosen_branch import chosen_schema
from mock_server.openapi.named_branches import BranchNames
from mock_server.openapi.patterns import GivenUp
from mock_server.openapi.scalar_checks import Check, always, never, number_check, text_check
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_access import READ_ONLY, is_marked
from mock_server.openapi.schema_merging import merge_all_of, types_of

# What says nothing of values, beside extensions.
_ANNOTATIONS = frozenset(
    ["default", "deprecated", "description", "example", "examples", "externalDocs", "readOnly", "title",
     "writeOnly", "xml"]
)  # fmt: skip

# The keywords that are understood, by the types of the values that they are about.
_TEXT = frozenset(["format", "maxLength", "minLength", "pattern"])
_NUMBER = frozenset(["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"])
_ARRAY = frozenset(["items", "maxItems", "minItems", "uniqueItems"])
_OBJECT = frozenset(["additionalProperties", "maxProperties", "minProperties", "properties", "required"])
_ANY = frozenset(["anyOf", "discriminator", "enum", "nullable", "oneOf", "type"])
_KNOWN = _TEXT | _NUMBER | _ARRAY | _OBJECT | _ANY | _ANNOTATIONS

_KINDS = {
    "array": (list,), "boolean": (bool,), "integer": (int,), "number": (int, float), "object": (dict,),
    "string": (str,),
}  # fmt: skip
_EVERY = frozenset([bool, dict, float, int, list, str])


class QuickCheck:
    """The quick check by the schemas of a value, each compiled when a value needs it."""

    def __init__(self, left_out: str | None = READ_ONLY) -> None:
        """Be sure of no value with a member that a keyword marks, as for `compile_schema`."""
        self._left_out = left_out
        # By identity, with the schemas, since another could have that identity later.
        self._known: dict[int, tuple[Any, Check]] = {}
        # Whether a check took too long since `begin`; each further one could take as long.
        self._gave_up = False

    def begin(self) -> None:
        """Begin the check of another value."""
        self._gave_up = False

    def is_right(self, value: Any, schema: Schema) -> bool:
        """Tell whether a value is right by a schema; False as well where only the validator can tell."""
        if self._gave_up:
            return False
        try:
            return self._of(schema)(value)
        except GivenUp:
            self._gave_up = True
            return False
        except (RecursionError, TypeError, ValueError, AttributeError):
            return False

    def _of(self, schema: Any) -> Check:
        """Return the check of a part, which compiles it at the first call."""
        if not isinstance(schema, dict):
            return always if schema is True else never
        known = self._known.get(id(schema))
        if known is not None:
            return known[1]
        by_type: dict[type, Check] | None = None

        def check(value: Any) -> bool:
            nonlocal by_type
            if by_type is None:
                by_type = self._compile(schema)
            # An account's own id is a text of a type of its own.
            kind = str if isinstance(value, str) else type(value)
            return by_type.get(kind, never)(value)

        self._known[id(schema)] = schema, check
        return check

    def _compile(self, schema: Schema) -> dict[type, Check]:
        """Return the check of values of each type; a type that is not there is left to the validator."""
        merged = merge_all_of(schema)
        if any(key not in _KNOWN and not key.startswith("x-") for key in merged):
            return {}
        if "allOf" in schema and "additionalProperties" in merged:
            # It is about the members that its own part of the `allOf` names.
            return {}
        if "oneOf" in merged or "anyOf" in merged:
            return self._branches(merged)
        if "discriminator" in merged:
            return {}
        types = {kind: self._of_type(kind, merged) for kind in _types(merged)}
        if merged.get("nullable") is True and None in merged.get("enum", (None,)):
            types[type(None)] = always
        return {kind: check for kind, check in types.items() if check is not never}

    def _of_type(self, kind: type, merged: Schema) -> Check:
        if "enum" in merged:
            # What else is said of them counts as well, which the validator checks.
            is_alone = merged.keys() - _ANNOTATIONS <= {"enum", "type", "nullable"}
            values = frozenset(v for v in merged["enum"] if type(v) is kind and kind in (int, str))
            return values.__contains__ if is_alone and values else never
        if "format" in merged and kind in (list, dict, bool):
            return never
        if kind is str:
            return text_check(merged)
        if kind in (int, float):
            return number_check(merged)
        if kind is list:
            return self._array(merged)
        return self._object(merged) if kind is dict else always

    def _array(self, merged: Schema) -> Check:
        item = self._of(merged.get("items", True))
        least, most = merged.get("minItems", 0), merged.get("maxItems", float("inf"))
        is_unique = bool(merged.get("uniqueItems"))

        def check(value: list[Any]) -> bool:
            if not least <= len(value) <= most:
                return False
            if is_unique and not (set(map(type, value)) <= {str} and len(set(value)) == len(value)):
                return False
            return all(map(item, value))

        return check

    def _object(self, merged: Schema) -> Check:
        parts, other = self._members(merged)
        described = merged.get("properties", {})
        required = [n for n in merged.get("required", ()) if not self._is_left_out(described.get(n))]
        least, most = merged.get("minProperties", 0), merged.get("maxProperties", float("inf"))

        def check(value: dict[str, Any]) -> bool:
            if not least <= len(value) <= most:
                return False
            for name in required:
                if name not in value:
                    return False
            for name, part in value.items():  # noqa: SIM110
                if not parts.get(name, other)(part):
                    return False
            return True

        return check

    def _members(self, merged: Schema) -> tuple[dict[str, Check], Check]:
        """Return the checks of an object's members by their names, and that of all others."""
        properties = merged.get("properties", {})
        parts = {n: never if self._is_left_out(p) else self._of(p) for n, p in properties.items()}
        if "additionalProperties" in merged:
            return parts, self._of(merged["additionalProperties"])
        if "properties" not in merged:
            return parts, always
        # What is required is named, although nothing is said of it.
        return {**dict.fromkeys(merged.get("required", ()), always), **parts}, never

    def _is_left_out(self, part: Any) -> bool:
        return self._left_out is not None and is_marked(part, self._left_out)

    def _branches(self, merged: Schema) -> dict[type, Check]:
        """Return the checks of a schema that has branches, and says nothing else but a type itself."""
        keyword = "oneOf" if "oneOf" in merged else "anyOf"
        own = {key for key in merged if key not in _ANNOTATIONS and not key.startswith("x-")}
        if own - {keyword, "discriminator", "type"}:
            return {}
        types = _types(merged) if "type" in merged else _EVERY | {type(None)}
        return dict.fromkeys(types, self._branch_check(keyword, merged))

    def _branch_check(self, keyword: str, merged: Schema) -> Check:
        branches = merged[keyword]
        checks = [self._of(branch) for branch in branches]
        if "discriminator" in merged:

            def check(value: Any) -> bool:
                chosen = chosen_schema(merged, branches, value)
                return chosen is not None and self._of(chosen)(value)

        elif keyword == "anyOf":

            def check(value: Any) -> bool:
                return any(each(value) for each in checks)

        else:
            choose = _chooser(branches)

            def check(value: Any) -> bool:
                number = choose(value)
                return number is not None and checks[number](value)

        return check


def _chooser(branches: Sequence[Any]) -> Callable[[Any], int | None]:
    """Return what chooses the only branch of a `oneOf` that a value can fit.

    It returns None where that is not certain.
    """
    if len(branches) == 1:
        return lambda _value: 0
    admitted = [_admitted(merge_all_of(branch)) for branch in branches]
    names = BranchNames.of(branches)

    def choose(value: Any) -> int | None:
        meant = names.meant(value)
        if meant is not None:
            return meant
        fitting = [number for number, types in enumerate(admitted) if type(value) in types]
        return fitting[0] if len(fitting) == 1 else None

    return choose


def _types(merged: Schema) -> frozenset[type]:
    """Return the types of the values that a merged schema admits, null aside."""
    if "type" not in merged:
        return _EVERY
    return frozenset(each for kind in types_of(merged["type"]) for each in _KINDS.get(kind, ()))


def _admitted(merged: Schema) -> frozenset[type]:
    """Return the types of values that a merged schema may admit; it surely refuses all others."""
    if "type" not in merged:
        return _EVERY | {type(None)}
    if any(kind not in _KINDS for kind in types_of(merged["type"])):
        return _EVERY | {type(None)}
    own = _types(merged)
    return own | {type(None)} if "nullable" in merged else own
