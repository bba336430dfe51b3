"""Traits: what the records of a collection must be like, so that requests find some of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any, NamedTuple

from mock_server.data.records import field_of
from mock_server.openapi.actions import Action, Rules
from mock_server.openapi.answer_examples import media_examples
from mock_server.openapi.document import Document
from mock_server.openapi.effects import LIST
from mock_server.openapi.enclosures import body_enclosure, said_record
from mock_server.openapi.operations import Operation
from mock_server.openapi.rule_values import Condition, Constant, Next, Now
from mock_server.openapi.schema import members_of
from mock_server.openapi.schema_merging import merge_all_of

# The most states that one condition names, since each needs a record.
_STATES = 20


class Mark(NamedTuple):
    """A member that records have from some state on, e.g. `sentAt` of those that were sent.

    - `field`: the member that says the state, e.g. `status`
    - `always`, `ever`: the states in which all records have it, and those in which some may
    - `prefix`: what its running number begins with; None for a time
    """

    name: str
    field: str
    always: frozenset[Any]
    ever: frozenset[Any]
    prefix: str | None = None


@dataclass(frozen=True)
class Traits:
    """What the records of a collection must be like.

    - `states`: what some records are, each with the members that say so
    - `marks`: the members that depend on the state
    - `read`: the members by which lists filter and sort
    - `hidden`: the member of which records with a value are left out of lists; None for none
    - `distinct`: the members whose values differ from record to record
    - `found`: the members by which a path finds a record, with an example; None where there is none
    - `taken`: by these members, the values that no record has, so that they can be created
    """

    states: tuple[Mapping[str, Any], ...] = ()
    marks: tuple[Mark, ...] = ()
    read: tuple[str, ...] = ()
    hidden: str | None = None
    distinct: tuple[str, ...] = ()
    found: Mapping[str, Any] = field(default_factory=dict)
    taken: Mapping[str, frozenset[str]] | None = None


NO_TRAITS = Traits()


def find_traits(document: Document, fields: Mapping[str, Iterable[str]]) -> dict[str, Traits]:
    """Return the traits of the records of each collection; `fields` are those that are filtered."""
    touching: dict[str, list[Operation]] = {}
    conditions: dict[str, list[Condition]] = {}
    for operation in document.operations:
        rules, resource = operation.effect.rules, operation.effect.resource
        subject = rules.action.subject if rules.action is not None else None
        name = subject.collection if subject else resource.name if resource is not None else None
        if name is None:
            continue
        touching.setdefault(name, []).append(operation)
        conditions.setdefault(name, []).extend(_conditions(rules))
        if rules.allow is not None and resource is not None and resource.parent is not None:
            conditions.setdefault(resource.parent.collection, []).extend(rules.allow.parent)
    return {
        name: _traits(document, found, conditions.get(name, ()), fields.get(name, ()))
        for name, found in touching.items()
        if name in document.resources
    }


def _conditions(rules: Rules) -> Iterator[Condition]:
    for rule in (rules.action, rules.allow, rules.member, rules.merge):
        if rule is not None:
            yield from rule.guard.when


def _traits(
    document: Document,
    operations: list[Operation],
    conditions: Iterable[Condition],
    fields: Iterable[str],
) -> Traits:
    described = [document.described(each) for each in operations if each.effect.kind == LIST]
    hidden = next((each["x-hidden"]["field"] for each in described if "x-hidden" in each), None)
    columns = [column for each in described for column in _columns(each.get("x-sort"))]
    rules = [each.effect.rules for each in operations]
    distinct = [name for each in rules for name in (*each.unique, *filter(None, [each.upsert]))]
    found = [each.find.by for each in rules if each.find is not None and each.find.through is None]
    actions = [each.action for each in rules if each.action is not None and not each.action.copies]
    read = dict.fromkeys([*fields, *columns, *([hidden] if hidden else [])])
    return Traits(
        tuple(_distinct(_states(conditions))),
        tuple(_marks(actions)),
        tuple(read),
        hidden,
        tuple(dict.fromkeys(distinct)),
        {name: next(iter(_sent_values(document, operations, name)), None) for name in found},
        {name: _sent(document, operations, name) for name in distinct},
    )


def _columns(sorting: Any) -> list[str]:
    """Return the members that a list is sorted by, as its `x-sort` says."""
    if not isinstance(sorting, dict):
        return []
    columns = sorting.get("columns", {})
    named = list(columns.values()) if isinstance(columns, dict) else []
    return [each for each in [*named, sorting.get("default")] if isinstance(each, str)]


def _states(conditions: Iterable[Condition]) -> Iterator[Mapping[str, Any]]:
    """Yield each state that conditions name: the values of several members, taken together."""
    for condition in conditions:
        names = list(condition.members)
        for values in islice(product(*condition.members.values()), _STATES):
            yield dict(zip(names, values, strict=True))


def _distinct(states: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for state in states:
        if state not in found:
            found.append(state)
    return found


def _marks(actions: list[Action]) -> Iterator[Mark]:
    """Yield the members that get a time or a number with a state, which later states keep."""
    known: dict[tuple[str, str], None] = {}
    for action in actions:
        given = [name for name, value in action.set.items() if isinstance(value, Now | Next)]
        known.update({(name, field): None for name in given for field in _given_states(action)})
    for name, state in known:
        yield _mark(name, state, actions)


def _given_states(action: Action) -> dict[str, str]:
    """Return the texts of the members by which an action says a state."""
    return {
        name: value.value
        for name, value in action.set.items()
        if isinstance(value, Constant) and isinstance(value.value, str)
    }


def _mark(name: str, field: str, actions: list[Action]) -> Mark:
    prefix = None
    always: set[Any] = set()
    for action in actions:
        given, state = action.set.get(name), _given_states(action).get(field)
        if isinstance(given, Now | Next) and state is not None:
            always.add(state)
            prefix = given.prefix if isinstance(given, Next) else prefix
    ever = set(always)
    # States that follow: from some of these, and from none but these.
    for _ in actions:
        for action in actions:
            state = _given_states(action).get(field)
            before = {value for each in action.guard.when for value in each.members.get(field, ())}
            if state is not None and (before & ever or not before):
                ever.add(state)
                if before and before <= always:
                    always.add(state)
    return Mark(name, field, frozenset(always), frozenset(ever), prefix)


def _sent(document: Document, operations: list[Operation], name: str) -> frozenset[str]:
    """Return the values that a member has in the examples of requests."""
    found = _sent_values(document, operations, name)
    return frozenset(value for value in found if isinstance(value, str))


def _sent_values(document: Document, operations: list[Operation], name: str) -> Iterator[Any]:
    for each in operations:
        described = document.described(each)
        enclosure = body_enclosure(described, each.effect.resource)
        path = name if enclosure is None else f"{enclosure}.{name}"
        examples = [field_of(example, path) for example in _body_examples(described)]
        member = members_of(said_record(described, each.effect.resource)).get(name, {})
        yield from (value for value in [*examples, member.get("example")] if value is not None)


def _body_examples(described: Mapping[str, Any]) -> Iterator[Any]:
    content = described.get("requestBody", {}).get("content", {})
    for media in content.values():
        yield from media_examples(media)
        yield merge_all_of(media.get("schema")).get("example")
