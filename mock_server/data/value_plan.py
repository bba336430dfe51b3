"""Plans: what is to be made by a schema with an example, found out once for all records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mock_server.data import number_maker, text_maker
from mock_server.data.branch_choice import ANYTHING, NO_GUIDE, BranchChoice, is_valid
from mock_server.data.narrowing import refuses_all
from mock_server.data.number_maker import Multiples
from mock_server.data.pattern_texts import matches
from mock_server.openapi.schema import Schema, kinds_of
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked

# The most numbers that are few.
_FEW = 100
# The keywords by which an object has other members than those that are named, or another number.
_COUNTED = frozenset(["maxProperties", "minProperties", "patternProperties"])


class Member(NamedTuple):
    """A property of an object that is made: its schema, its example, and whether it has to be there."""

    name: str
    schema: Any
    guide: Any
    is_required: bool
    # Whether it is made though it is optional; None leaves that to chance.
    is_taken: bool | None


@dataclass(slots=True)
class Plan:
    """What is made of a merged schema and an example: `kind` is a type, `branches`, `enum` or `null`.

    - `options`: the values of an enum
    - `constant`: a text that all records have, None for none
    - `numbers`: those of which one is drawn; `moment` makes one from the record's number
    - `members`: those of an object that the schema names
    - `is_checked`: whether a value has to be checked when it is made
    - `is_fixed`: whether an object has none but its `members`, however many of them
    """

    schema: Schema
    guide: Any
    kind: str
    options: Sequence[Any] = ()
    constant: str | None = None
    numbers: Multiples | None = None
    moment: Callable[[int], int] | None = None
    members: Sequence[Member] = ()
    is_checked: bool = False
    is_fixed: bool = False

    def few_values(self) -> Iterator[Any]:
        """Yield all values, or some of them, where they are few: of an enum, numbers, booleans."""
        yield from self.options
        if self.numbers is not None:
            yield from map(self.numbers.at, range(min(self.numbers.size, _FEW)))
        yield from [False, True] if self.kind == "boolean" else []


@dataclass
class Plans:
    """The plans of schemas with examples, by the identity of both, which are kept beside."""

    branches: BranchChoice
    _known: dict[tuple[int, int, str], tuple[Any, Any, Plan]] = field(default_factory=dict)

    def find(self, schema: Any, guide: Any, name: str) -> Plan:
        """Return the plan for a schema and an example; `name` is that of the property."""
        key = id(schema), id(guide), name
        known = self._known.get(key)
        if known is None:
            plan = self._plan(self.branches.merged(schema), guide, name)
            plan.is_checked = self.branches.is_checked(schema)
            known = self._known[key] = schema, guide, plan
        return known[2]

    def _plan(self, described: Any, guide: Any, name: str) -> Plan:
        schema = self.branches.merged(described)
        if guide is NO_GUIDE and "example" in schema:
            guide = schema["example"]
        if guide is None and not is_valid(described, None):
            guide = NO_GUIDE
        if "oneOf" in schema or "anyOf" in schema:
            return Plan(schema, guide, "branches")
        if guide is None:
            return Plan(schema, guide, "null")
        if schema.get("enum"):
            return Plan(schema, guide, "enum", _options(schema))
        kind = _kind(schema, guide)
        plan = Plan(schema, guide if is_of_kind(guide, kind) else NO_GUIDE, kind)
        self._complete(plan, name)
        return plan

    def _complete(self, plan: Plan, name: str) -> None:
        schema, has_guide = plan.schema, plan.guide is not NO_GUIDE
        example = plan.guide if has_guide else None
        if plan.kind in ("integer", "number"):
            plan.moment = number_maker.moments(schema, plan.kind, example, name)
            plan.numbers = number_maker.plan(schema, plan.kind, example)
        elif plan.kind == "string" and example is not None:
            plan.constant = text_maker.constant(schema, example, name)
        elif plan.kind == "object":
            plan.members = list(self._members(schema, example))
            is_counted = not _COUNTED.isdisjoint(schema)
            plan.is_fixed = not is_counted and _names_all(schema, has_example=has_guide)

    def _members(self, schema: Schema, example: Mapping[str, Any] | None) -> Sequence[Member]:
        properties, required = schema.get("properties", {}), schema.get("required", ())
        names = dict.fromkeys([*properties, *required])
        by_pattern = schema.get("patternProperties", {})
        members: list[Member] = []
        for name in names:
            part = member_schema(self.branches, schema, name) if by_pattern else properties.get(name)
            part = additional(schema) if part is None else part
            if self._is_left_out(part):
                continue
            guide = NO_GUIDE if example is None else example.get(name, NO_GUIDE)
            is_taken = None if example is None else name in example
            members.append(Member(name, part, guide, name in required, is_taken))
        return members

    def _is_left_out(self, part: Any) -> bool:
        """Tell whether a member is never made: nothing is valid there, or it is filled afterwards."""
        if refuses_all(part) or is_marked(part, WRITE_ONLY):
            return True
        return "x-fill" in self.branches.merged(part)


def _names_all(schema: Schema, *, has_example: bool) -> bool:
    """Tell whether an object is made of the members alone that its schema names.

    An example brings its own, where the schema names none, or says what others are like. Without one,
    others are made where the schema names none and says what they are like.
    """
    is_named, is_map = bool(schema.get("properties")), additional(schema) is not ANYTHING
    if has_example:
        return is_named and not is_map
    return is_named or not is_map


def member_schema(branches: BranchChoice, schema: Schema, name: str) -> Any:
    """Return the schema of a member by its name and the patterns that it matches; None for none."""
    by_pattern = schema.get("patternProperties", {})
    parts = [part for pattern, part in by_pattern.items() if matches(name, pattern)]
    parts += [schema["properties"][name]] if name in schema.get("properties", {}) else []
    if False in parts:
        return False
    found = parts[0] if parts else None
    for part in parts[1:]:
        found = branches.both(found, part)
    return found


def additional(schema: Schema) -> Any:
    """Return the schema of the members that a schema does not name."""
    found = schema.get("additionalProperties", ANYTHING)
    return found if isinstance(found, dict) else ANYTHING


def _options(schema: Schema) -> Sequence[Any]:
    """Return the values of an enum that the type admits, but not null where there are others."""
    kinds = [kind for kind in kinds_of(schema) if kind != "null"] if "type" in schema else []
    options = [value for value in schema["enum"] if value is not None]
    fitting = [value for value in options if any(is_of_kind(value, kind) for kind in kinds)]
    return fitting or options or list(schema["enum"])


_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,),
    "integer": (int,), "number": (int, float),
}  # fmt: skip


def is_of_kind(value: Any, kind: str) -> bool:
    """Tell whether a value is of a type, e.g. `integer`, of which 2.0 is too."""
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, ()))


def _kind(schema: Schema, guide: Any) -> str:
    """Return the type of what is made: the guide's where the schema admits it, else the first."""
    kinds = [kind for kind in kinds_of(schema) if kind != "null"]
    fitting = [kind for kind in kinds or _TYPES if is_of_kind(guide, kind)]
    if fitting:
        return fitting[0]
    if not kinds:
        return "null" if kinds_of(schema) else "string"
    return kinds[0]


def shortest(described: Any, schema: Schema) -> Any:
    """Return the least value by a schema that contains itself: null, or what has no parts.

    `schema` is the merged form of what the document describes.
    """
    if is_valid(described, None):
        return None
    if schema.get("enum"):
        return schema["enum"][0]
    empty: Mapping[str, Any] = {"array": [], "object": {}, "integer": 0, "number": 0, "boolean": False}
    return next((empty[kind] for kind in kinds_of(schema) if kind in empty), "")
