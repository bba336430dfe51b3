"""Making values by a schema, with an example as the guide where there is one."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_server.data import number_maker, text_maker
from mock_server.data.branch_choice import ANYTHING, NO_GUIDE, BranchChoice
from mock_server.data.draws import Draws
from mock_server.data.spot import Spot
from mock_server.data.value_plan import Member, Plan, Plans, additional, shortest
from mock_server.openapi.schema import Schema, item_schema

# The items of arrays, the members of objects and the characters that are made for one record, about;
# then bounds from below are not kept, since arrays in arrays may ask for more than the memory holds.
LARGEST_RECORD = 20_000
# The levels of a record below which only what is required is made, and below which nothing is.
_OPTIONAL_DEPTH, _DEEPEST = 4, 24
# The most items of an array, and the most attempts to make one that differs from the others.
_ITEMS, _TRIES = 100, 20
# How many parts of a record are made before only required ones are, and before those are made empty.
_OPTIONAL_PARTS, _PARTS = 400, 5_000
# The same for the optional parts of a value that is made to try a branch: fewer, since many are tried.
_SAMPLED_PARTS = 40

# What is tried in turn for a member whose values do not fit the schema: to vary the example, to repeat
# it, to make the member by its schema, to make only what is required of it, and to leave it out.
VARIED, REPEATED, BY_SCHEMA, SPARSE, ABSENT = range(5)


@dataclass(frozen=True, slots=True)
class Ways:
    """How the members of a record are made.

    `ways` has one of VARIED to ABSENT for a member's name, and under None the least for all of them;
    `keys` are the members that tell the records apart; the numbers of `rising`, one of them, rise.
    """

    ways: Mapping[str | None, int] = field(default_factory=dict)
    keys: Container[str] = ()
    rising: str | None = None

    def of(self, name: str | None) -> int:
        """Return the way of a member; of the record itself with None."""
        return max(self.ways.get(name, VARIED), self.ways.get(None, VARIED))


class SchemaMaker:
    """Makes values that a schema admits, as far as it is understood.

    Of schemas that contain themselves, optional members are left out in the second round; required ones
    end by null, an empty array or an empty object.
    """

    def __init__(self) -> None:
        self.draws = Draws()
        self._branches = BranchChoice(self._sample)
        self._plans = Plans(self._branches)
        self._left = self._parts = 0
        self._above: list[int] = []
        self._is_sparse = False
        self._ways = Ways()

    def make(self, schema: Schema, guide: Any, spot: Spot, ways: Ways, parts: int = 0) -> Any:
        """Return the value at a place; `parts` count as made already, so that fewer are."""
        self._left, self._parts, self._above, self._ways = LARGEST_RECORD, parts, [], ways
        way = ways.of(None)
        self._is_sparse = way >= SPARSE
        self.draws.seed_by(spot.place)
        if way >= REPEATED:
            spot = spot._replace(is_frozen=True)
        return self._value(schema, guide if way < BY_SCHEMA else NO_GUIDE, spot)

    def _sample(self, schema: Schema, index: int) -> Any:
        """Return a value by a schema while another one is being made, which it does not change."""
        state = self.draws, self._left, self._parts, self._above, self._is_sparse, self._ways
        self.draws = Draws()
        try:
            ways = Ways({None: SPARSE if index % 2 else VARIED})
            parts = _OPTIONAL_PARTS - _SAMPLED_PARTS
            return self.make(schema, NO_GUIDE, Spot("sample", index, "sample"), ways, parts)
        finally:
            self.draws, self._left, self._parts, self._above, self._is_sparse, self._ways = state

    def _value(self, schema: Any, guide: Any, spot: Spot) -> Any:
        """Return a value by a schema that is a part of the one that `make` was called with."""
        plan = self._plans.find(schema, guide, spot.name)
        if plan.constant is not None and not spot.is_key and not spot.attempt:
            self._left -= len(plan.constant)
            return plan.constant
        self._parts += 1
        self._above.append(id(schema))
        try:
            is_deep = self._above.count(id(schema)) > 2 or len(self._above) > _DEEPEST
            if is_deep or self._parts > _PARTS:
                return shortest(schema, plan.schema)
            return self._of_plan(plan, spot)
        finally:
            self._above.pop()

    def _of_plan(self, plan: Plan, spot: Spot) -> Any:
        while plan.kind == "branches":
            chosen = self._branches.choose(plan.schema, plan.guide, spot.number, self._above, self.draws)
            plan = self._plans.find(chosen, plan.guide, spot.name)
        match plan.kind:
            case "string":
                return self._text(plan, spot)
            case "object":
                return self._object(plan, spot)
            case "array":
                return self._array(plan.schema, plan.guide, spot)
            case "null":
                return None
        is_repeated = spot.is_frozen and plan.guide is not NO_GUIDE and not spot.is_key
        if is_repeated and (plan.kind != "enum" or plan.guide in plan.options):
            return plan.guide
        return self._scalar(plan, spot)

    def _scalar(self, plan: Plan, spot: Spot) -> Any:
        """Return a value of an enum, a boolean or a number."""
        if plan.kind == "enum":
            return self.draws.pick(plan.options)
        if plan.numbers is None:
            return self.draws.is_chosen(0.5)
        if plan.moment is not None:
            return plan.moment(spot.number)
        if spot.is_key and plan.kind in ("integer", "number"):
            found = number_maker.make_id(plan.schema, spot)
            if found is not None:
                return found
        return plan.numbers.at(self.draws.below(plan.numbers.size))

    def _text(self, plan: Plan, spot: Spot) -> str:
        example = None if plan.guide is NO_GUIDE else plan.guide
        text = text_maker.make(plan.schema, example, spot, self.draws, self._left)
        self._left -= len(text)
        return text

    # Arrays

    def _array(self, schema: Schema, guide: Any, spot: Spot) -> list[Any]:
        room = max(min(schema.get("maxItems", _ITEMS), _ITEMS, self._left), 0)
        least = min(schema.get("minItems", 0), room)
        guides = [NO_GUIDE] * max(1, least) if guide is NO_GUIDE else list(guide)
        is_optional = guide is NO_GUIDE and least == 0
        if self._is_sparse or (is_optional and not self._takes_optional(item_schema(schema))):
            guides = []
        guides += [NO_GUIDE] * (least - len(guides))
        guides = guides[:room]
        self._left -= len(guides)
        if schema.get("uniqueItems"):
            return self._unique_items(schema, guides, spot)
        return [
            self._value(self._item_schema(schema, number, len(guides)), each, spot.item(number))
            for number, each in enumerate(guides)
        ]

    def _unique_items(self, schema: Schema, guides: Sequence[Any], spot: Spot) -> list[Any]:
        """Return items that differ from each other; fewer, where no others are found."""
        found: dict[str, Any] = {}
        for number, guide in enumerate(guides):
            part = self._item_schema(schema, number, len(guides))
            for attempt in range(_TRIES):
                item = self._value(part, guide, spot.item(number, attempt))
                identity = json.dumps(item, sort_keys=True)
                if identity not in found:
                    found[identity] = item
                    break
        return list(found.values())

    def _item_schema(self, schema: Schema, number: int, count: int) -> Any:
        first: Sequence[Any] = schema.get("prefixItems", ())
        if number < len(first):
            return first[number]
        items = item_schema(schema) or ANYTHING
        is_last = "contains" in schema and number == count - 1
        return self._branches.both(items, schema["contains"]) if is_last else items

    # Objects

    def _object(self, plan: Plan, spot: Spot) -> dict[str, Any]:
        is_record = len(self._above) == 1
        result: dict[str, Any] = {}
        for member in plan.members:
            name = member.name
            if is_record:
                self._add_to_record(result, member, spot)
            elif self._is_made(member, has_more=False):
                result[name] = self._value(member.schema, member.guide, spot.member(name))
        for name, part, guide in self._further(plan, len(result)):
            if name not in result:
                result[name] = self._value(part, guide, spot.member(name))
        self._left -= len(result)
        return result

    def _is_made(self, member: Member, *, has_more: bool) -> bool:
        if member.is_required:
            return True
        if member.is_taken is None or (has_more and not member.is_taken):
            return self._takes_optional(member.schema) and self.draws.is_chosen(0.75)
        return member.is_taken and not self._is_sparse

    def _add_to_record(self, record: dict[str, Any], member: Member, spot: Spot) -> None:
        """Make a member of the record itself in the way that was found for it."""
        name, way = member.name, self._ways.of(member.name)
        is_key = name in self._ways.keys
        if way >= ABSENT and not member.is_required:
            return
        before, self._is_sparse = self._is_sparse, way >= SPARSE
        if is_key or self._is_made(member, has_more=spot.attempt > 0):
            place = spot.member(name)
            if is_key or way >= REPEATED:
                is_rising = name == self._ways.rising
                place = place._replace(is_key=is_key, is_rising=is_rising, is_frozen=way >= REPEATED)
            record[name] = self._value(
                member.schema, member.guide if way < BY_SCHEMA else NO_GUIDE, place
            )
        self._is_sparse = before

    def _takes_optional(self, part: Any) -> bool:
        """Tell whether what is not required is made, where no example says so."""
        is_small = len(self._above) <= _OPTIONAL_DEPTH and self._parts < _OPTIONAL_PARTS
        return is_small and not self._is_sparse and id(part) not in self._above and self._left > 0

    def _further(self, plan: Plan, made: int) -> Iterator[tuple[str, Any, Any]]:
        """Yield the names, schemas and examples of members that the schema does not name."""
        schema, part = plan.schema, additional(plan.schema)
        is_closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
        if is_closed:
            return
        if plan.guide is not NO_GUIDE:
            if "properties" not in schema or part is not ANYTHING:
                yield from ((name, part, guide) for name, guide in plan.guide.items())
            return
        least = schema.get("minProperties", 0) - made
        is_map = part is not ANYTHING and not schema.get("properties")
        if is_map and self._takes_optional(part):
            least = max(least, 1)
        for number in range(min(least, _ITEMS)):
            yield self._further_name(schema, number), part, NO_GUIDE

    def _further_name(self, schema: Schema, number: int) -> str:
        if "propertyNames" not in schema:
            return f"key{number + 1}"
        return str(self._value(schema["propertyNames"], NO_GUIDE, Spot("key", number, "key")))
