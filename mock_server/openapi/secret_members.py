"""Secret members of bodies: those that are `writeOnly`, of `format: password`, or `x-secret: true`.

What the document says so of is shown nowhere: it is `***` in the journal, and no message has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mock_server.formats.secret_texts import HIDDEN
from mock_server.formats.source_file import Place
from mock_server.openapi.openapi_keywords import is_match
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_access import WRITE_ONLY

# Stands for a value that is secret.
SHOWN = HIDDEN.decode()

# The keywords whose schemas are about the same value.
_SAME_VALUE = ("allOf", "oneOf", "anyOf")
_SAME_VALUE_ALONE = ("then", "else", "not", "if")

_NOWHERE: Sequence[Schema] = ()


class SecretMembers:
    """The secret members of values by several schemas; a value may be of any of them."""

    def __init__(self, schemas: Iterable[Schema]) -> None:
        self._schemas = list(schemas)
        # By the identities of schemas that apply to one value: all of their parts that do.
        self._known: dict[tuple[int, ...], Sequence[Schema]] = {}

    @classmethod
    def of(cls, schemas: Iterable[Any], clean: set[int] | None = None) -> SecretMembers | None:
        """Return the secret members of values by any of these schemas; None where there can be none.

        `clean` are the identities of parts of a document that hold none, to which more are added.
        """
        roots = [schema for schema in schemas if isinstance(schema, dict)]
        waiting, known = list[Any](roots), set[int]()
        clean = set() if clean is None else clean
        while waiting:
            # Whatever it is, keyword by keyword would take several times as long.
            part = waiting.pop()
            number = id(part)
            if number in known or number in clean:
                continue
            known.add(number)
            if isinstance(part, dict):
                if marks_secret(part):
                    return cls(roots)
                part = part.values()
            waiting += [each for each in part if isinstance(each, dict | list)]
        clean |= known
        return None

    def hide(self, value: Any) -> Any:
        """Return a value with `***` for each secret member; the value itself where it has none."""
        return self._hide(value, self._schemas)

    def shows(self, value: Any, place: Place) -> bool:
        """Tell whether what is at a place of a value may be shown: it is no secret, and holds none."""
        schemas: Sequence[Schema] = self._schemas
        for step in place:
            schemas = self._within(schemas, step)
            if self._is_secret(schemas):
                return False
            value = _part(value, step)
        return self._hide(value, schemas) is value

    def is_secret(self, place: Place) -> bool:
        """Tell whether a member is secret, or a part of one that is."""
        schemas: Sequence[Schema] = self._schemas
        for step in place:
            schemas = self._within(schemas, step)
            if self._is_secret(schemas):
                return True
        return False

    def _hide(self, value: Any, schemas: Sequence[Schema]) -> Any:
        if self._is_secret(schemas):
            return SHOWN
        if not schemas or not isinstance(value, dict | list):
            return value
        steps: Any = value.items() if isinstance(value, dict) else enumerate(value)
        shown = {step: self._hide(part, self._within(schemas, step)) for step, part in steps}
        if all(shown[step] is _part(value, step) for step in shown):
            return value
        return shown if isinstance(value, dict) else list(shown.values())

    def _is_secret(self, schemas: Sequence[Schema]) -> bool:
        return any(map(marks_secret, self._applying(schemas)))

    def _within(self, schemas: Sequence[Schema], step: Any) -> Sequence[Schema]:
        """Return the schemas of a member or an item of a value that has these schemas."""
        if not schemas:
            return _NOWHERE
        found = [part for each in self._applying(schemas) for part in _inner(each, step)]
        return list({id(part): part for part in found if isinstance(part, dict)}.values())

    def _applying(self, schemas: Sequence[Schema]) -> Sequence[Schema]:
        """Return schemas with their parts that are about the same value, each once."""
        key = tuple(map(id, schemas))
        known = self._known.get(key)
        if known is None:
            found: dict[int, Schema] = {}
            waiting: list[Any] = list(schemas)
            while waiting:
                schema = waiting.pop()
                if isinstance(schema, dict) and id(schema) not in found:
                    found[id(schema)] = schema
                    waiting += [part for keyword in _SAME_VALUE for part in schema.get(keyword) or ()]
                    waiting += [schema[keyword] for keyword in _SAME_VALUE_ALONE if keyword in schema]
            known = self._known[key] = list(found.values())
        return known


def marks_secret(schema: Schema) -> bool:
    return (
        schema.get(WRITE_ONLY) is True
        or schema.get("format") == "password"
        or schema.get("x-secret") is True
    )


def _inner(schema: Schema, step: Any) -> list[Any]:
    if isinstance(step, int):
        return [schema.get("items"), *schema.get("prefixItems", ())]
    properties = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    found = [part for pattern, part in patterns.items() if is_match(pattern, step)]
    if step in properties:
        return [*found, properties[step]]
    return [*found, schema.get("additionalProperties")]


def _part(value: Any, step: Any) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return (
        value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None
    )
