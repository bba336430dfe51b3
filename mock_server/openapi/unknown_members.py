"""Unknown members: those of objects in a body that no schema names which applies to them.

A schema that names members admits others in JSON Schema, and real APIs ignore them; they are mostly
mistakes of a client. A member is known by any part of an `allOf`, and by the branch that is meant.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.formats.source_file import Place
from mock_server.openapi.chosen_branch import chosen_schema
from mock_server.openapi.named_branches import BranchNames
from mock_server.openapi.patterns import is_match
from mock_server.openapi.schema import Schema


class UnknownMember(NamedTuple):
    """The place of an unknown member in a value, and the names of those that may be there."""

    place: Place
    known: Sequence[str]


# A place in a value, the object or array there, and the schemas that it is described by.
_Spot = tuple[Place, Any, Sequence[Any]]


_OPEN: Schema = {"additionalProperties": True}

# The most objects and arrays of a body that are looked into, of those that are not surely right: so many
# take about 0.1 s, and no answer lists more than a hundred mistakes.
_MOST = 10_000


class UnknownMembers:
    """What finds the unknown members of values by a schema.

    `admits` tells whether a value is valid by a part of the schema, `is_right` whether it surely is, and
    has no unknown member either.
    """

    def __init__(
        self,
        schema: Schema,
        admits: Callable[[Any, Any], bool],
        is_right: Callable[[Any, Schema], bool],
    ) -> None:
        self._schema = schema
        self._admits, self._is_right = admits, is_right
        self._names: dict[int, tuple[Any, BranchNames]] = {}

    def find(self, value: Any) -> Iterator[UnknownMember]:
        """Yield the unknown members of a value, those of outer objects first; raise GivenUp.

        Look into the first 10,000 objects and arrays that are not surely right.
        """
        waiting: deque[_Spot] = deque([((), value, [self._schema])] if _holds_any(value) else ())
        left = _MOST
        while waiting and left:
            place, part, schemas = waiting.popleft()
            if len(schemas) == 1 and self._is_right(part, schemas[0]):
                continue
            left -= 1
            applying = self._applying(part, schemas)
            if isinstance(part, dict):
                yield from _unknown(place, part, applying)
            waiting += _parts(place, part, applying)

    def _applying(self, value: Any, schemas: Sequence[Any]) -> list[Schema]:
        """Return the schemas, and the parts of them, that apply to a value."""
        found: dict[int, Schema] = {}
        waiting = list(schemas)
        while waiting:
            schema = waiting.pop()
            if not isinstance(schema, dict) or id(schema) in found:
                continue
            found[id(schema)] = schema
            waiting += schema.get("allOf") or ()
            waiting += self._branches(schema, value)
            if "discriminator" in schema and "oneOf" not in schema and "anyOf" not in schema:
                waiting.append(chosen_schema(schema, None, value))
            if "if" in schema:
                waiting.append(schema.get("then" if self._admits(value, schema["if"]) else "else"))
            dependent = schema.get("dependentSchemas", {})
            waiting += [part for name, part in dependent.items() if name in value]
        return list(found.values())

    def _branches(self, schema: Schema, value: Any) -> list[Any]:
        """Return the branches of a schema that apply to a value; an open one where none does."""
        branches = schema.get("oneOf") or schema.get("anyOf") or ()
        if not branches:
            return []
        chosen = chosen_schema(schema, branches, value)
        if chosen is not None:
            return [chosen]
        if len(branches) == 1:
            return list(branches)
        meant = self._names_of(branches).meant(value) if "oneOf" in schema else None
        if meant is not None:
            return [branches[meant]]
        # What fits none is wrong as a whole.
        return [each for each in branches if self._admits(value, each)] or [_OPEN]

    def _names_of(self, branches: Any) -> BranchNames:
        known = self._names.get(id(branches))
        if known is None:
            known = self._names[id(branches)] = branches, BranchNames.of(branches)
        return known[1]


def _holds_any(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _parts(place: Place, value: Any, schemas: Sequence[Schema]) -> Iterator[_Spot]:
    """Yield the objects and arrays in a value that are not empty, with their schemas."""
    for step, each in value.items() if isinstance(value, dict) else enumerate(value):
        if _holds_any(each):
            yield (*place, step), each, _within(schemas, step)


def _unknown(
    place: Place, value: Mapping[str, Any], schemas: Sequence[Schema]
) -> Iterator[UnknownMember]:
    if any(_is_open(schema) for schema in schemas):
        return
    if not any(schema.get("properties") or schema.get("patternProperties") for schema in schemas):
        # Nothing is said of its members, but maybe that some have to be there.
        return
    named = ("properties", "required")
    known = [name for schema in schemas for keyword in named for name in schema.get(keyword, ())]
    patterns = [pattern for schema in schemas for pattern in schema.get("patternProperties", ())]
    names = dict.fromkeys(known)
    for name in value:
        if name not in names and not any(is_match(pattern, name) for pattern in patterns):
            yield UnknownMember((*place, name), list(names))


def _is_open(schema: Schema) -> bool:
    rest = [schema[keyword] for keyword in _REST if keyword in schema]
    return any(each is not False for each in rest)


_REST = ("additionalProperties", "unevaluatedProperties")


def _within(schemas: Sequence[Schema], step: Any) -> list[Any]:
    """Return the schemas of a member or an item, of those that apply to the whole."""
    found: list[Any] = []
    for schema in schemas:
        if isinstance(step, int):
            first = schema.get("prefixItems", ())
            found.append(first[step] if step < len(first) else schema.get("items"))
            continue
        own = schema.get("properties", {})
        if step in own:
            found.append(own[step])
        else:
            found += [schema.get("additionalProperties"), schema.get("unevaluatedProperties")]
    distinct = {id(part): part for part in found if isinstance(part, dict)}
    return list(distinct.values())
