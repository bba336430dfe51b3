"""Making values by a schema, with an example as the guide where there is one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mock_server.data import number_maker, text_maker
from mock_server.data.branch_choice import ANYTHING, NO_GUIDE, BranchChoice
from mock_server.data.draws import SeededProvider
from mock_server.data.text_maker import Spot
from mock_server.openapi.schema import Schema, kinds_of
from mock_server.openapi.schema_access import WRITE_ONLY

# The items of arrays, the members of objects and the characters that are made for one record, about; then
# bounds from below are not kept, since arrays in arrays may ask for more than the memory holds.
LARGEST_RECORD = 20_000
# Parts of a record below which only what is required is made, and below which nothing is.
_OPTIONAL_DEPTH, _DEEPEST = 4, 24
# The most items of an array, and the most attempts to make one that differs from the others.
_ITEMS, _TRIES = 100, 20
# How many parts of a record are made before only required ones are.
_OPTIONAL_PARTS = 400


# What is tried in turn for a member whose values do not fit the schema: to vary the example, to repeat it,
# to make the member by its schema, to make only what is required of it, and to leave it out.
VARIED, REPEATED, BY_SCHEMA, SPARSE, ABSENT = range(5)


@dataclass(frozen=True, slots=True)
class Ways:
    """How the members of a record are made.

    `ways` has one of VARIED to ABSENT for a member's name, and under None the least for all of them;
    `key` is the member that tells the records apart.
    """

    ways: Mapping[str | None, int] = field(default_factory=dict)
    key: str | None = None

    def of(self, name: str) -> int:
        """Return the way of a member."""
        return max(self.ways.get(name, VARIED), self.ways.get(None, VARIED))


class SchemaMaker:
    """Makes values that a schema admits, as far as it is understood.

    Of schemas that contain themselves, optional members are left out in the second round; required ones
    end by null, an empty array or an empty object.
    """

    def __init__(self) -> None:
        self.draws = SeededProvider()
        self._branches = BranchChoice(self.sample)
        self._left = self._parts = 0
        self._above: list[int] = []
        self._is_sparse = False
        self._ways = Ways()

    def make(self, schema: Schema, guide: Any, spot: Spot, ways: Ways) -> Any:
        """Return the value at a place."""
        self._left, self._parts, self._above, self._ways = LARGEST_RECORD, 0, [], ways
        self._is_sparse = ways.of("") >= SPARSE
        self.draws.seed(spot.place)
        return self.value(schema, guide, spot)

    def sample(self, schema: Schema, index: int) -> Any:
        """Return a value by a schema while another one is being made, which it does not change."""
        state = self.draws, self._left, self._parts, self._above, self._is_sparse, self._ways
        self.draws = SeededProvider()
        try:
            ways = Ways({None: SPARSE if index % 2 else VARIED})
            return self.make(schema, NO_GUIDE, Spot("sample", index, "sample"), ways)
        finally:
            self.draws, self._left, self._parts, self._above, self._is_sparse, self._ways = state

    def value(self, schema: Any, guide: Any, spot: Spot) -> Any:
        """Return a value by a schema that is a part of the one that `make` was called with."""
        merged = self._branches.merged(schema)
        self._parts += 1
        self._above.append(id(schema))
        try:
            if self._above.count(id(schema)) > 2 or len(self._above) > _DEEPEST:
                return _shortest(merged)
            return self._resolved(merged, guide, spot)
        finally:
            self._above.pop()

    def _resolved(self, schema: Schema, guide: Any, spot: Spot) -> Any:
        guide = _guide(schema, guide)
        while "oneOf" in schema or "anyOf" in schema:
            depth = len(self._above)
            schema = self._branches.choose(schema, guide, spot.index, depth, self._above, self.draws)
            guide = _guide(schema, guide)
        if guide is None:
            return None
        if schema.get("enum"):
            return self._option(schema, guide, spot)
        kind = _kind(schema, guide)
        if not _is_of_kind(guide, kind):
            guide = NO_GUIDE
        return self._of_kind(kind, schema, guide, spot)

    def _option(self, schema: Schema, guide: Any, spot: Spot) -> Any:
        kinds = [kind for kind in kinds_of(schema) if kind != "null"] if "type" in schema else []
        options = [o for o in schema["enum"] if o is not None and (not kinds or _is_any_kind(o, kinds))]
        if spot.is_frozen and guide in options:
            return guide
        return self.draws.pick(options or schema["enum"])

    def _of_kind(self, kind: str, schema: Schema, guide: Any, spot: Spot) -> Any:
        match kind:
            case "integer" | "number":
                example = None if guide is NO_GUIDE else guide
                return number_maker.make(schema, kind, example, spot, self.draws)
            case "boolean":
                is_kept = spot.is_frozen and guide is not NO_GUIDE
                return guide if is_kept else self.draws.is_chosen(0.5)
            case "null":
                return None
            case "array":
                return self._array(schema, guide, spot)
            case "object":
                return self._object(schema, guide, spot)
        example = None if guide is NO_GUIDE else guide
        text = text_maker.make(schema, example, spot, self.draws, self._left)
        self._left -= len(text)
        return text

    # Arrays

    def _array(self, schema: Schema, guide: Any, spot: Spot) -> list[Any]:
        least, most = schema.get("minItems", 0), min(schema.get("maxItems", _ITEMS), _ITEMS)
        guides = list(guide) if guide is not NO_GUIDE else [NO_GUIDE] * max(1, least)
        guides += [NO_GUIDE] * (least - len(guides))
        guides = guides[: max(min(most, self._left), 0)]
        if guide is NO_GUIDE and least == 0 and not self._takes_optional(schema.get("items")):
            guides = []
        items: list[Any] = []
        known: set[str] = set()
        for number, each in enumerate(guides):
            part = self._item_schema(schema, number, len(guides))
            item = self._item(part, each, spot.part(str(number), named=False), known, schema)
            if item is not NO_GUIDE:
                items.append(item)
        self._left -= len(items)
        return items

    def _item(self, schema: Any, guide: Any, spot: Spot, known: set[str], array: Schema) -> Any:
        """Return an item of an array, NO_GUIDE where each that is made is there already and may not be."""
        for attempt in range(_TRIES if array.get("uniqueItems") else 1):
            spot = Spot(
                spot.seed, spot.index + attempt, spot.name, is_frozen=spot.is_frozen and not attempt
            )
            item = self.value(schema, guide, spot)
            identity = json.dumps(item, sort_keys=True, default=str) if array.get("uniqueItems") else ""
            if not identity or identity not in known:
                known.add(identity)
                return item
        return NO_GUIDE

    def _item_schema(self, schema: Schema, number: int, count: int) -> Any:
        first: Sequence[Any] = schema.get("prefixItems", ())
        if number < len(first):
            return first[number]
        items = schema.get("items", ANYTHING)
        is_last = "contains" in schema and number == count - 1
        return self._branches.both(items, schema["contains"]) if is_last else items

    # Objects

    def _object(self, schema: Schema, guide: Any, spot: Spot) -> dict[str, Any]:
        properties, required = schema.get("properties", {}), set(schema.get("required", ()))
        members = {} if guide is NO_GUIDE else guide
        has_guide = guide is not NO_GUIDE
        names = dict.fromkeys([*properties, *schema.get("required", ())])
        result: dict[str, Any] = {}
        for name in names:
            part = properties.get(name, _additional(schema))
            merged = self._branches.merged(part)
            if merged.get(WRITE_ONLY) is True or "x-fill" in merged or part is False:
                continue
            is_key = len(self._above) == 1 and name == self._ways.key
            is_named = name in members if has_guide else self._is_taken(part)
            if name in required or is_named or is_key:
                if len(self._above) == 1:
                    self._add_to_record(result, name, part, members.get(name, NO_GUIDE), spot, required)
                else:
                    result[name] = self.value(part, members.get(name, NO_GUIDE), spot.part(name))
        for name, part in self._further(schema, members, len(result)):
            if name not in names:
                result[name] = self.value(part, members.get(name, NO_GUIDE), spot.part(name))
        self._left -= len(result)
        return result

    def _add_to_record(
        self, record: dict[str, Any], name: str, part: Any, guide: Any, spot: Spot, required: set[str]
    ) -> None:
        """Make a member of the record itself in the way that was found for it."""
        way = self._ways.of(name)
        if way >= ABSENT and name not in required:
            return
        place = replace(spot, is_frozen=way >= REPEATED).part(name, is_key=name == self._ways.key)
        before, self._is_sparse = self._is_sparse, way >= SPARSE
        record[name] = self.value(part, guide if way < BY_SCHEMA else NO_GUIDE, place)
        self._is_sparse = before

    def _is_taken(self, part: Any) -> bool:
        """Tell whether an optional member is made."""
        return self._takes_optional(part) and self.draws.is_chosen(0.75)

    def _takes_optional(self, part: Any) -> bool:
        is_small = len(self._above) <= _OPTIONAL_DEPTH and self._parts < _OPTIONAL_PARTS
        return is_small and not self._is_sparse and id(part) not in self._above and self._left > 0

    def _further(
        self, schema: Schema, members: Mapping[str, Any], made: int
    ) -> Iterator[tuple[str, Any]]:
        """Yield the names and schemas of members that the schema does not name."""
        additional = schema.get("additionalProperties", True)
        if additional is False and "patternProperties" not in schema:
            return
        if members:
            if "properties" not in schema or isinstance(additional, dict):
                yield from ((name, _additional(schema)) for name in members)
            return
        least = schema.get("minProperties", 0) - made
        if (
            isinstance(additional, dict)
            and not schema.get("properties")
            and self._takes_optional(additional)
        ):
            least = max(least, 1)
        for number in range(min(least, _ITEMS)):
            yield self._further_name(schema, number), _additional(schema)

    def _further_name(self, schema: Schema, number: int) -> str:
        names = self._branches.merged(schema.get("propertyNames", ANYTHING))
        spot = Spot("key", number, "key")
        return str(self.value(names, NO_GUIDE, spot)) if names else f"key{number + 1}"


def _additional(schema: Schema) -> Any:
    additional = schema.get("additionalProperties", ANYTHING)
    return additional if isinstance(additional, dict) else ANYTHING


def _guide(schema: Schema, guide: Any) -> Any:
    """Return the guide, or else the schema's own example; NO_GUIDE where it is null and may not be."""
    if guide is NO_GUIDE and "example" in schema:
        guide = schema["example"]
    if guide is None and not _may_be_null(schema):
        return NO_GUIDE
    return guide


def _may_be_null(schema: Schema) -> bool:
    if "enum" in schema:
        return None in schema["enum"]
    kinds = kinds_of(schema)
    return schema.get("nullable") is True or "null" in kinds or not kinds


_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,),
    "integer": (int,), "number": (int, float),
}  # fmt: skip


def _is_of_kind(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, ()))


def _is_any_kind(value: Any, kinds: Sequence[str]) -> bool:
    return any(_is_of_kind(value, kind) for kind in kinds)


def _kind(schema: Schema, guide: Any) -> str:
    """Return the type of the value to be made: the guide's where the schema admits it, else the first."""
    kinds = [kind for kind in kinds_of(schema) if kind != "null"]
    fitting = [kind for kind in kinds or _TYPES if _is_of_kind(guide, kind)]
    if fitting:
        return fitting[0]
    if not kinds:
        return "null" if kinds_of(schema) else "string"
    return kinds[0]


def _shortest(schema: Schema) -> Any:
    """Return the least value by a schema that contains itself: null, nothing, or what has no parts."""
    if _may_be_null(schema) and kinds_of(schema):
        return None
    if schema.get("enum"):
        return schema["enum"][0]
    kinds = kinds_of(schema)
    empty: Mapping[str, Any] = {"array": [], "object": {}, "integer": 0, "number": 0, "boolean": False}
    return next((empty[kind] for kind in kinds if kind in empty), "")
