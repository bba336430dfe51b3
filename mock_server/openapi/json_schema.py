"""Schemas of OpenAPI 3.0 as JSON Schema of draft-07, which editors read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.openapi.object_members import composes, named_members
from mock_server.openapi.schema import LISTS_OF_PARTS, PARTS, Schema
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked, marked_members
from mock_server.openapi.schema_merging import types_of

DRAFT_07 = "http://json-schema.org/draft-07/schema#"

# Keywords that mean the same in both (OpenAPI 3.0, Schema Object). `exclusiveMinimum` is a flag in one
# and a bound in the other; `nullable`, `example` and the markers of access are OpenAPI's alone.
_SAME = frozenset(
    ["default", "description", "enum", "format", "maxItems", "maxLength", "maxProperties", "maximum",
     "minItems", "minLength", "minProperties", "minimum", "multipleOf", "pattern", "required", "title",
     "type", "uniqueItems"]
)  # fmt: skip


# The keywords that hold schemas by names or patterns.
_BY_NAME = ("properties", "patternProperties")

# What a schema may expand to, with each part written wherever it stands; real ones have some hundreds.
_EXPANDED = 20_000


class AnswerSchemas:
    """JSON Schemas of parts of answers: what `CompiledSchema.of_answer` finds no flaw in.

    An object whose schema names properties has no others, and `writeOnly` members are not there.
    `definitions` are the schemas that others refer to by `#/definitions/…`: those that lead back to
    themselves, and where all would be too large, all that stand at several places.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self._names: dict[_Key, str] = {}
        self._kept: list[Any] = []

    def convert(self, schema: Schema) -> dict[str, Any]:
        """Return the JSON Schema of a part of an answer."""
        survey = _Survey()
        survey.visit(_Key.of(schema), schema)
        return dict(self._converted(schema, _Key.of(schema), survey))

    def _converted(self, schema: Any, key: _Key, survey: _Survey) -> Any:
        if not isinstance(schema, Mapping):
            return schema
        if key not in survey.shared:
            return self._written(schema, key, survey)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"part{len(self._names) + 1}"
            # Kept, since the key is an identity.
            self._kept.append(schema)
            self.definitions[name] = {}
            self.definitions[name] = self._written(schema, key, survey)
        return {"$ref": f"#/definitions/{name}"}

    def _written(self, schema: Schema, key: _Key, survey: _Survey) -> dict[str, Any]:
        result = {keyword: value for keyword, value in schema.items() if keyword in _SAME}
        absent = key.absent | marked_members([schema], [WRITE_ONLY])
        if "required" in schema and absent:
            result["required"] = [name for name in schema["required"] if name not in absent]
        for step, part, part_key in _parts(schema, key):
            converted = _WRITE_ONLY if part_key is None else self._converted(part, part_key, survey)
            if len(step) == 1:
                result[step[0]] = converted
            elif step[0] in _BY_NAME:
                result.setdefault(step[0], {})[step[1]] = converted
            else:
                result.setdefault(step[0], []).append(converted)
        _add_own(result, schema, key)
        return result


_WRITE_ONLY = {"description": "No answer has this member (writeOnly); leave it out.", "not": {}}


def _add_own(result: dict[str, Any], schema: Schema, key: _Key) -> None:
    """Add what OpenAPI says in other words than JSON Schema, and what is closed."""
    if key.is_closed and not composes(schema):
        if schema.get("x-fill") == "timestamp":
            result.setdefault("format", "date-time")
        if "properties" in schema:
            result["properties"] = named_members(result)
            result.setdefault("additionalProperties", False)
    if "example" in schema:
        result["examples"] = [schema["example"]]
    if schema.get("nullable") is True and "type" in result:
        result["type"] = [*types_of(result["type"]), "null"]
    for bound, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(flag) is True and bound in result:
            result[flag] = result.pop(bound)


class _Key(NamedTuple):
    """A schema by its identity, whether it is closed, and which members around it may be missing."""

    number: int
    is_closed: bool
    absent: frozenset[str]

    @classmethod
    def of(cls, schema: Any, *, is_closed: bool = True, absent: frozenset[str] = frozenset()) -> _Key:
        return cls(id(schema), is_closed, absent)


def _parts(schema: Schema, key: _Key) -> Iterator[tuple[tuple[str, ...], Any, _Key | None]]:
    """Yield the parts of a schema with their place and key; no key for a member that is never there."""
    is_closed = key.is_closed and not composes(schema)
    if key.absent or not LISTS_OF_PARTS.isdisjoint(schema):
        absent = key.absent | marked_members([schema], [WRITE_ONLY])
    else:
        absent = frozenset()
    for keyword in sorted(LISTS_OF_PARTS & schema.keys()):
        for number, part in enumerate(schema[keyword]):
            yield (keyword, str(number)), part, _Key.of(part, is_closed=is_closed, absent=absent)
    for keyword in sorted(PARTS & schema.keys()):
        inner_closed = is_closed and keyword == "items"
        yield (keyword,), schema[keyword], _Key.of(schema[keyword], is_closed=inner_closed)
    for keyword in _BY_NAME:
        for name, part in schema.get(keyword, {}).items():
            is_absent = keyword == "properties" and is_marked(part, WRITE_ONLY)
            inner_closed = is_closed and keyword == "properties"
            yield (keyword, name), part, None if is_absent else _Key.of(part, is_closed=inner_closed)


class _Survey:
    """Finds out which schemas must be written once and referred to."""

    def __init__(self) -> None:
        self.shared: set[_Key] = set()
        self._sizes: dict[_Key, int] = {}
        self._several: set[_Key] = set()

    def visit(self, root: _Key, schema: Any) -> None:
        """Find those within a schema: those that hold themselves, and if need be all that recur."""
        self._size(root, schema)
        if self._sizes[root] > _EXPANDED:
            self.shared |= self._several

    def _size(self, root: _Key, schema: Any) -> None:
        # Without recursion, since schemas that refer to each other may be nested deeply.
        open_keys = {root}
        stack = [(root, self._inner(schema, root))]
        self._sizes[root] = 1
        while stack:
            key, parts = stack[-1]
            found = next(parts, None)
            if found is None:
                stack.pop()
                open_keys.discard(key)
                if stack:
                    self._sizes[stack[-1][0]] += self._sizes[key]
                continue
            part, part_key = found
            if part_key in open_keys:
                self.shared.add(part_key)
            elif part_key in self._sizes:
                self._several.add(part_key)
                self._sizes[key] += self._sizes[part_key]
            else:
                self._sizes[part_key] = 1
                open_keys.add(part_key)
                stack.append((part_key, self._inner(part, part_key)))

    @staticmethod
    def _inner(schema: Any, key: _Key) -> Iterator[tuple[Any, _Key]]:
        if isinstance(schema, Mapping):
            yield from ((part, inner) for _, part, inner in _parts(schema, key) if inner is not None)
