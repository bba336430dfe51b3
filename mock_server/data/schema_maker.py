"""Making values by a schema, with an example as the guide where there is one."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.data import number_maker, text_maker
from mock_server.data.array_items import least_items, most_items, schema_of_item, unique_items
from mock_server.data.branch_choice import NO_GUIDE, BranchChoice, is_valid
from mock_server.data.draws import Draws
from mock_server.data.further_members import drop_surplus, further_members
from mock_server.data.narrowing import is_impossible
from mock_server.data.spot import Spot
from mock_server.data.value_plan import Member, Plan, Plans, additional, shortest
from mock_server.openapi.schema import Schema, item_schema

# The items of arrays, the members of objects and the characters that are made for one record, about;
# then bounds from below are not kept, since arrays in arrays may ask for more than the memory holds.
LARGEST_RECORD = 20_000
# The levels of a record below which only what is required is made, and below which nothing is.
_OPTIONAL_DEPTH, _DEEPEST = 4, 24
# The most items of an array, and the most attempts to make one that differs from the others.
_ITEMS, _TRIES, _MOST_TRIES = 100, 20, 60
# How often values are made anew for one record in all, and the part of that for one of them.
_ANEW, _SHARE = 400, 10
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

    - `ways`: one of VARIED to ABSENT by a member's name, and under None the least for all of them
    - `keys`: the members that tell the records apart
    - `rising`: that one of them whose numbers rise from record to record, None for none
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

    def __init__(self, plans: Plans | None = None) -> None:
        """Take the plans that are known of schemas; None where none are."""
        self.draws = Draws()
        self._plans = Plans(BranchChoice(self._sample)) if plans is None else plans
        self._branches = self._plans.branches
        self._left = self._parts = self._anew = 0
        self._above: list[int] = []
        self._is_sparse = False
        self._ways = Ways()

    def make(self, schema: Schema, guide: Any, spot: Spot, ways: Ways, parts: int = 0) -> Any:
        """Return the value at a place; `parts` count as made already, so that fewer are."""
        self._left, self._parts, self._above, self._ways = LARGEST_RECORD, parts, [], ways
        self._anew = _ANEW
        way = ways.of(None)
        self._is_sparse = way >= SPARSE
        self.draws.seed_by(f"{spot.place}/turn/{spot.turn}" if spot.turn else spot.place)
        if way >= REPEATED:
            spot = spot._replace(is_frozen=True)
        return self._value(schema, guide if way < BY_SCHEMA else NO_GUIDE, spot)

    def _sample(self, schema: Schema, index: int) -> Any:
        """Return a value by a schema, made apart from the one that may just be made."""
        ways = Ways({None: SPARSE if index % 2 else VARIED})
        spot = Spot("sample", index, "sample")
        parts = _OPTIONAL_PARTS - _SAMPLED_PARTS
        return SchemaMaker(self._plans).make(schema, NO_GUIDE, spot, ways, parts)

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
            before = self._parts, self._left
            value = self._of_plan(plan, spot)
            if plan.is_checked or self._branches.is_contested(plan.schema):
                return self._valid(schema, plan, spot, value, before)
            return value
        finally:
            self._above.pop()

    def _valid(self, schema: Any, plan: Plan, spot: Spot, first: Any, before: tuple[int, int]) -> Any:
        """Return the first of several values that is valid; the very first, where none is.

        `before` is what had been made before it.
        """
        value = first
        turns = 0 if is_impossible(plan.schema) else min(_TRIES, self._anew // _SHARE)
        for turn in range(1, turns + 1):
            if _is_valid(schema, value):
                return value
            self._anew -= 1
            self._parts, self._left = before
            value = self._of_plan(plan, spot._replace(turn=spot.turn + turn))
        return value if turns and _is_valid(schema, value) else first

    def _of_plan(self, plan: Plan, spot: Spot) -> Any:
        while plan.kind == "branches":
            chosen = self._branches.choose(plan.schema, plan.guide, spot, self._above, self.draws)
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

    def _array(self, schema: Schema, guide: Any, spot: Spot) -> list[Any]:
        room = max(min(most_items(schema), _ITEMS, self._left), 0)
        least = min(least_items(schema), room)
        guides = self._item_guides(schema, guide)
        guides = [*guides, *[NO_GUIDE] * (least - len(guides))][:room]
        self._left -= len(guides)
        parts = [schema_of_item(self._branches, schema, n, len(guides)) for n in range(len(guides))]
        if schema.get("uniqueItems"):
            places = enumerate(zip(parts, guides, strict=True))
            return unique_items(self._attempts(part, each, spot, n) for n, (part, each) in places)
        return [self._value(part, guides[n], spot.item(n)) for n, part in enumerate(parts)]

    def _item_guides(self, schema: Schema, guide: Any) -> list[Any]:
        """Return the examples of an array's items, NO_GUIDE for an item that is made without."""
        if guide is not NO_GUIDE:
            return [] if self._is_sparse else list(guide)
        return [NO_GUIDE] if self._takes_optional(item_schema(schema)) else []

    def _attempts(self, part: Any, guide: Any, spot: Spot, number: int) -> Iterator[Any]:
        """Yield values for an item; where there are few, at last each of these."""
        for attempt in range(_TRIES):
            yield self._value(part, guide, spot.item(number, attempt))
        yield from self._plans.find(part, NO_GUIDE, spot.name).few_values()
        for attempt in range(_TRIES, _MOST_TRIES):
            yield self._value(part, NO_GUIDE, spot.item(number, attempt))

    def _object(self, plan: Plan, spot: Spot) -> dict[str, Any]:
        is_record = len(self._above) == 1
        result: dict[str, Any] = {}
        for member in plan.members:
            name = member.name
            if is_record:
                self._add_to_record(result, member, spot)
            elif self._is_made(member, has_more=False):
                result[name] = self._value(member.schema, member.guide, spot.member(name))
        if not plan.is_fixed:
            self._add_further(result, plan, spot)
        self._left -= len(result)
        return result

    def _add_further(self, result: dict[str, Any], plan: Plan, spot: Spot) -> None:
        """Add what a schema does not name, or what it asks for at least; drop what is too much."""

        def make_name(described: Any, number: int) -> str:
            return str(self._value(described, NO_GUIDE, Spot("key", number, "key", turn=number)))

        missing = [member for member in plan.members if member.name not in result]
        wanted = max(0, plan.schema.get("minProperties", 0) - len(result))
        for member in missing[:wanted]:
            result[member.name] = self._value(member.schema, member.guide, spot.member(member.name))
        is_open = self._takes_optional(additional(plan.schema))
        further = further_members(plan, result, self._branches, make_name, is_open=is_open)
        for name, part, guide in further:
            if name not in result:
                result[name] = self._value(part, guide, spot.member(name))
        drop_surplus(result, plan.schema)

    def _is_made(self, member: Member, *, has_more: bool) -> bool:
        if member.is_required:
            return True
        if self._branches.is_ambiguous(member.schema, member.guide):
            return False
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
            guide = member.guide if way < BY_SCHEMA else NO_GUIDE
            record[name] = self._value(member.schema, guide, place)
        self._is_sparse = before

    def _takes_optional(self, part: Any) -> bool:
        """Tell whether what is not required is made, where no example says so."""
        is_small = len(self._above) <= _OPTIONAL_DEPTH and self._parts < _OPTIONAL_PARTS
        return is_small and not self._is_sparse and id(part) not in self._above and self._left > 0


def _is_valid(schema: Any, value: Any) -> bool:
    """Tell whether a value is valid; 1.0 has to be as 1, too, which clients can't tell from it."""
    is_whole = isinstance(value, float) and value.is_integer()
    return is_valid(schema, value) and (not is_whole or is_valid(schema, int(value)))
