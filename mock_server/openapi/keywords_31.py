"""The keywords that OpenAPI 3.1 takes from JSON Schema 2020-12, and that 3.0 has no words for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from mock_server.openapi.object_members import is_additional
from mock_server.openapi.patterns import is_match
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_validator import Check, Errors, Validator

# Those that the library checks without walking further than to the parts of the schema.
_AS_IN_2020_12 = ("dependentRequired", "dependentSchemas", "prefixItems", "propertyNames")


def _contains(validator: Validator, part: Any, value: Any, schema: Schema) -> Errors:
    if not isinstance(value, list):
        return
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    found = sum(validator.admits(item, part) for item in value)
    if found < least:
        keyword = "minContains" if "minContains" in schema else "contains"
        yield ValidationError(f"{found} items fit", validator=keyword, validator_value=least)
    if most is not None and found > most:
        yield ValidationError(f"{found} items fit", validator="maxContains", validator_value=most)


def _pattern_properties(validator: Validator, parts: Any, value: Any, _schema: Schema) -> Errors:
    if not isinstance(value, dict):
        return
    for pattern, part in parts.items():
        for name, member in value.items():
            if is_match(pattern, name, unless_valid=False):
                yield from validator.descend(member, part, path=name, schema_path=pattern)


def _if(validator: Validator, condition: Any, value: Any, schema: Schema) -> Errors:
    branch = "then" if validator.admits(value, condition) else "else"
    if branch in schema:
        yield from validator.descend(value, schema[branch], schema_path=branch)


def _unevaluated_properties(validator: Validator, part: Any, value: Any, schema: Schema) -> Errors:
    if not isinstance(value, dict):
        return
    evaluated = _Evaluated(validator, value)
    evaluated.visit(schema, but_for="unevaluatedProperties")
    for name in value:
        if name not in evaluated.found:
            yield from validator.descend(value[name], part, path=name)


def _unevaluated_items(validator: Validator, part: Any, value: Any, schema: Schema) -> Errors:
    if not isinstance(value, list):
        return
    evaluated = _Evaluated(validator, value)
    evaluated.visit(schema, but_for="unevaluatedItems")
    for number, item in enumerate(value):
        if number not in evaluated.found:
            yield from validator.descend(item, part, path=number)


class _Evaluated:
    """The members or items of a value that some schema applies to it describes, of those it fits.

    JSON Schema 2020-12, section 11: those of `allOf` and its like count where the value is valid.
    """

    def __init__(self, validator: Validator, value: Any) -> None:
        self.found: set[Any] = set()
        self._validator, self._value = validator, value
        self._visited: set[int] = set()

    def visit(self, schema: Any, but_for: str = "") -> None:
        """Add what a schema describes, which the value fits; `but_for` is a keyword left out."""
        if not isinstance(schema, dict) or id(schema) in self._visited:
            return
        self._visited.add(id(schema))
        own = {keyword: part for keyword, part in schema.items() if keyword != but_for}
        self.found.update(self._members(own) if isinstance(self._value, dict) else self._items(own))
        for part in self._applying(own):
            self.visit(part)

    def _members(self, schema: Schema) -> Iterator[str]:
        if "additionalProperties" in schema or "unevaluatedProperties" in schema:
            yield from self._value
        elif "properties" in schema or "patternProperties" in schema:
            yield from (name for name in self._value if not is_additional(schema, name))

    def _items(self, schema: Schema) -> Iterator[int]:
        if "items" in schema or "unevaluatedItems" in schema:
            yield from range(len(self._value))
            return
        yield from range(min(len(schema.get("prefixItems", ())), len(self._value)))
        if "contains" in schema:
            for number, item in enumerate(self._value):
                if self._validator.admits(item, schema["contains"]):
                    yield number

    def _applying(self, schema: Schema) -> Iterator[Any]:
        admits = self._validator.admits
        for keyword in ("allOf", "anyOf", "oneOf"):
            yield from (part for part in schema.get(keyword, ()) if admits(self._value, part))
        if "if" in schema:
            fits = admits(self._value, schema["if"])
            yield from (
                schema[word] for word in (("if", "then") if fits else ("else",)) if word in schema
            )
        if isinstance(self._value, dict):
            dependent = schema.get("dependentSchemas", {})
            yield from (part for name, part in dependent.items() if name in self._value)


CHECKS: Mapping[str, Check] = {
    **{name: Draft202012Validator.VALIDATORS[name] for name in _AS_IN_2020_12},
    "contains": _contains,
    "if": _if,
    "patternProperties": _pattern_properties,
    "unevaluatedItems": _unevaluated_items,
    "unevaluatedProperties": _unevaluated_properties,
}
