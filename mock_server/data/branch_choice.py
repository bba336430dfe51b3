"""Choosing a branch of `oneOf` and `anyOf`, by an example, by the discriminator, or by trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mock_server.data.draws import Draws
from mock_server.data.mapped_branches import with_mapped
from mock_server.data.narrowing import NARROWED, narrow
from mock_server.data.spot import Spot
from mock_server.openapi.chosen_branch import names_of, with_name
from mock_server.openapi.patterns import PatternTimeout
from mock_server.openapi.schema import Schema, kinds_of, property_schema
from mock_server.openapi.schema_dialect import compile_schema
from mock_server.openapi.schema_merging import merge_all_of

# Stands for no example; None is an example's null.
NO_GUIDE: Any = object()
# The schema that admits everything: one object, since schemas are told apart by `id`.
ANYTHING: Schema = {}

# The keywords that values are not made by surely, so that they are checked by the whole schema.
_CHECKED = NARROWED | {
    "allOf", "contains", "maxProperties", "minProperties", "patternProperties", "propertyNames",
    "unevaluatedItems", "unevaluatedProperties", "uniqueItems",
}  # fmt: skip
# Types whose values have no parts.
_SCALARS = {"string", "integer", "number", "boolean"}
# Below the root, how deep a branch is drawn among all; further down, and in a schema that is in itself,
# the one with the fewest parts is taken.
_DRAWN_DEPTH = 6
# The number of values by which it is tried whether a branch excludes the others, and of all with parts
# that are tried for one collection; then every branch counts as one that does.
_SAMPLES, _MOST_SAMPLES = 4, 400
# How often a value is made anew with the branch of its example.
_GUIDED = 3


class BranchChoice:
    """Chooses branches, and merges schemas, each once.

    Schemas are told apart by `id`, so that the schema of a key is kept beside it.
    """

    def __init__(self, sample: Callable[[Schema, int], Any]) -> None:
        """Take a function that makes the value with a number by a schema."""
        self._sample = sample
        self._merged: dict[int, tuple[Any, Schema]] = {}
        self._refused: dict[int, tuple[Any, Schema]] = {}
        self._joined: dict[tuple[int, int], Schema] = {}
        self._usable: dict[int, Sequence[int]] = {}
        self._guided: dict[tuple[int, int], tuple[Any, int | None]] = {}
        self._contested: set[int] = set()
        self._tried = 0

    def merged(self, schema: Any) -> Schema:
        """Return a schema with the parts of its `allOf` merged into it, narrowed."""
        known = self._merged.get(id(schema))
        if known is None:
            mapped = with_mapped(merge_all_of(schema), schema)
            known = self._merged[id(schema)] = schema, narrow(mapped)
            # So that merging it again, which changes nothing, costs nothing and keeps its identity.
            self._merged[id(known[1])] = known[1], known[1]
        return known[1]

    def refused(self, part: Any) -> Schema:
        """Return the schema of what a part refuses."""
        if id(part) not in self._refused:
            self._refused[id(part)] = part, {"not": part}
        return self._refused[id(part)][1]

    def is_checked(self, schema: Any) -> bool:
        """Tell whether a value that is made by a schema may have to be made anew to be valid."""
        whole = merge_all_of(schema)
        if not _CHECKED.isdisjoint(whole):
            return True
        numbers = range(len(whole.get("oneOf", ())))
        is_plain = all(_SCALARS.issuperset(self._kinds(whole, number)) for number in numbers)
        return is_plain and not self._exclude_each_other(whole, numbers)

    def is_contested(self, schema: Schema) -> bool:
        """Tell whether each branch of a merged schema that was chosen from has values of others."""
        return id(schema) in self._contested

    def both(self, one: Any, other: Any) -> Schema:
        """Return the merged schema of what two schemas both admit."""
        key = id(one), id(other)
        if key not in self._joined:
            self._joined[key] = self.merged({"allOf": [one, other]})
        return self._joined[key]

    def choose(
        self, schema: Schema, guide: Any, spot: Spot, above: Sequence[int], draws: Draws
    ) -> Schema:
        """Return a merged schema that has one of its branches in place of all of them.

        `spot` is where the value stands, by whose number the record's branch is taken; `above` are the
        ids of the schemas around it, none of which is chosen where there is another.
        """
        number = self._by_guide(schema, guide) if spot.turn <= _GUIDED else None
        if number is None:
            number = self._draw(schema, spot, above, draws)
        return self._with_branch(schema, number)

    def _draw(self, schema: Schema, spot: Spot, above: Sequence[int], draws: Draws) -> int:
        """Return the number of a branch: the records have each in turn, their parts a simple one."""
        usable = self._open_to(schema, above)
        if spot.turn:
            return draws.pick(usable)
        if len(above) <= 1:
            return usable[spot.number % len(usable)]
        simple = [n for n in usable if _SCALARS.issuperset(self._kinds(schema, n))]
        if simple and len(simple) < len(usable):
            return simple[0]
        is_drawn = len(above) <= _DRAWN_DEPTH and above.count(above[-1]) < 2
        return draws.pick(usable) if is_drawn else self._smallest(schema, usable)

    def is_ambiguous(self, schema: Any, guide: Any) -> bool:
        """Tell whether each value that is made for a `oneOf` is valid by several branches of it.

        So are all where branches are equal; an example that is valid by one alone is a value too.
        """
        merged = self.merged(schema)
        if "oneOf" not in merged:
            return False
        self._usable_branches(merged)
        return self.is_contested(merged) and (guide is NO_GUIDE or not is_valid(merged, guide))

    def _by_guide(self, schema: Schema, guide: Any) -> int | None:
        """Return the number of the branch that an example belongs to; None where none takes it."""
        if guide is NO_GUIDE:
            return None
        key = id(schema), id(guide)
        if key not in self._guided:
            self._guided[key] = guide, self._find(schema, guide)
        return self._guided[key][1]

    def _find(self, schema: Schema, guide: Any) -> int | None:
        branches = _branches(schema)
        fitting = [n for n, branch in enumerate(branches) if is_valid(branch, guide)]
        if fitting:
            return fitting[0]
        if isinstance(guide, dict):
            known = [len(guide.keys() & self.merged(b).get("properties", {}).keys()) for b in branches]
            return known.index(max(known)) if max(known) else None
        return None

    def _open_to(self, schema: Schema, above: Sequence[int]) -> Sequence[int]:
        branches = _branches(schema)
        usable = self._usable_branches(schema)
        fresh = [number for number in usable if id(branches[number]) not in above]
        return fresh or usable

    def _kinds(self, schema: Schema, number: int) -> Sequence[str]:
        return kinds_of(self.merged(_branches(schema)[number])) or ("object",)

    def _usable_branches(self, schema: Schema) -> Sequence[int]:
        """Return the numbers of the branches whose values no other branch of a `oneOf` takes as well."""
        if id(schema) in self._usable:
            return self._usable[id(schema)]
        branches = _branches(schema)
        every = [n for n in range(len(branches)) if not self._is_null(branches[n])] or [0]
        self._usable[id(schema)] = every
        if "oneOf" in schema and not self._exclude_each_other(schema, every):
            alone = [number for number in every if self._works(schema, number)]
            self._usable[id(schema)] = alone or every
            if not alone:
                self._contested.add(id(schema))
        return self._usable[id(schema)]

    def _is_null(self, branch: Any) -> bool:
        merged = self.merged(branch)
        return kinds_of(merged) == ("null",) or merged.get("enum") == [None]

    def _exclude_each_other(self, schema: Schema, numbers: Sequence[int]) -> bool:
        """Tell whether no value is valid by two branches, as far as they say so themselves."""
        if len(numbers) < 2 or self._differ_in_kind(schema, numbers):
            return True
        merged = [self.merged(_branches(schema)[number]) for number in numbers]
        first = merged[0].get("required", ())
        return any(_differ_in_member(merged, name) for name in first)

    def _differ_in_kind(self, schema: Schema, numbers: Sequence[int]) -> bool:
        kinds = [kind for number in numbers for kind in self._kinds(schema, number)]
        return len(set(kinds)) == len(kinds) and not {"integer", "number"} <= set(kinds)

    def _works(self, schema: Schema, number: int) -> bool:
        one = self._with_branch(schema, number)
        whole = {"oneOf": schema["oneOf"]}
        for place in range(_SAMPLES):
            self._tried += not _SCALARS.issuperset(kinds_of(one) or ("object",))
            if self._tried > _MOST_SAMPLES:
                break
            if not is_valid(whole, self._sample(one, place)):
                return False
        return True

    def _smallest(self, schema: Schema, numbers: Sequence[int]) -> int:
        """Return the number of the first branch with the fewest required members that have parts."""

        def parts(number: int) -> int:
            branch = self.merged(_branches(schema)[number])
            members = (self.merged(property_schema(branch, name)) for name in branch.get("required", ()))
            return sum(_has_parts(member) for member in members)

        return min(numbers, key=parts)

    def _with_branch(self, schema: Schema, number: int) -> Schema:
        key = id(schema), number
        if key not in self._joined:
            branch = _branches(schema)[number]
            joined = merge_all_of(_join(schema, branch))
            if "oneOf" not in joined and "anyOf" not in joined:
                # The branch may be made of the very schema that has the discriminator.
                joined.pop("discriminator", None)
            self._joined[key] = self.merged(with_name(joined, *names_of(schema, branch)))
        return self._joined[key]


def _differ_in_member(branches: Sequence[Schema], name: str) -> bool:
    """Tell whether each of these schemas of objects requires another value of a member."""
    seen: set[Any] = set()
    for branch in branches:
        values = property_schema(branch, name).get("enum")
        is_told = kinds_of(branch) == ("object",) and name in branch.get("required", ())
        if not is_told or not values or not all(isinstance(each, str | int) for each in values):
            return False
        if not seen.isdisjoint(values):
            return False
        seen.update(values)
    return True


def _has_parts(schema: Schema) -> bool:
    """Tell whether each value of a merged schema has parts, which may have parts again."""
    if "array" in kinds_of(schema):
        return bool(schema.get("minItems"))
    return not _SCALARS.intersection(kinds_of(schema))


def _branches(schema: Schema) -> list[Any]:
    branches: list[Any] = schema["oneOf"] if "oneOf" in schema else schema.get("anyOf", [])
    return branches or [ANYTHING]


def _join(schema: Schema, branch: Any) -> dict[str, Any]:
    """Return the schema for what one branch and the rest of a schema admit, not merged."""
    left_out = "oneOf" if "oneOf" in schema else "anyOf"
    rest = {key: value for key, value in schema.items() if key not in (left_out, "discriminator")}
    parts = [*rest.pop("allOf", ()), branch]
    return {**rest, "allOf": parts}


def is_valid(schema: Any, value: Any) -> bool:
    """Tell whether a value is valid by a schema, as far as that can be told."""
    if not isinstance(schema, Mapping):
        return schema is not False
    try:
        return bool(compile_schema(schema).is_valid(value))
    except (PatternTimeout, RecursionError):
        return False
