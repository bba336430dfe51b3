"""Secret members of bodies: those that are `writeOnly`, of `format: password`, or `x-secret: true`.

What the document says so of is shown nowhere: it is `***` in the journal, and no message has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from mock_server.formats.secret_texts import HIDDEN
from mock_server.formats.source_file import Place
from mock_server.openapi.patterns import is_match
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
        return self._hide(value, self._schemas, "")

    def shows(self, value: Any, place: Place) -> bool:
        """Tell whether what is at a place of a value may be shown: it is no secret, and holds none."""
        if self.is_secret(place):
            return False
        schemas: Sequence[Schema] = self._schemas
        for step in place:
            schemas, value = self._within(schemas, step), _part(value, step)
        return self._hide(value, schemas, "") is value

    def is_secret(self, place: Place) -> bool:
        """Tell whether a member is secret, or a part of one that is."""
        schemas: Sequence[Schema] = self._schemas
        for step in place:
            schemas = self._within(schemas, step)
            if self._is_secret(schemas, step):
                return True
        return False

    def _hide(self, value: Any, schemas: Sequence[Schema], step: Any) -> Any:
        if self._is_secret(schemas, step):
            return SHOWN
        if not isinstance(value, dict | list):
            return value
        steps: Any = value.items() if isinstance(value, dict) else enumerate(value)
        shown = {step: self._hide(part, self._within(schemas, step), step) for step, part in steps}
        if all(shown[step] is _part(value, step) for step in shown):
            return value
        return shown if isinstance(value, dict) else list(shown.values())

    def _is_secret(self, schemas: Sequence[Schema], step: Any) -> bool:
        """Tell whether a member with these schemas is secret; one without any is, by its name `step`."""
        return any(map(marks_secret, self._applying(schemas))) if schemas else step in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        """The names of secret members, by which one is found where the document does not describe it."""
        found: set[str] = set()
        waiting: list[Any] = list(self._schemas)
        known: set[int] = set()
        while waiting:
            part = waiting.pop()
            if id(part) in known:
                continue
            known.add(id(part))
            if isinstance(part, dict):
                named = part.get("properties")
                members = named.items() if isinstance(named, dict) else ()
                found.update(n for n, p in members if any(map(marks_secret, self._applying([p]))))
                part = part.values()
            waiting += [each for each in part if isinstance(each, dict | list)]
        return frozenset(found)

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
    """Return the schemas of a member or an item, whose number a form's name may spell, or leave out."""
    found: list[Any] = []
    if isinstance(step, int) or not step or step.isdecimal():
        found += [schema.get("items"), *schema.get("prefixItems", ())]
    if isinstance(step, int):
        return found
    properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    found += [part for pattern, part in patterns.items() if is_match(pattern, step)]
    return [*found, properties[step] if step in properties else schema.get("additionalProperties")]


def _part(value: Any, step: Any) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return (
        value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None
    )
