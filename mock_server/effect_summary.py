"""Say what the operations of a document do: list, get, change, act, view, or give an example."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mock_server.openapi import actions, effects
from mock_server.openapi.actions import Action, Member, Merge, Rules, ViewRule
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation
from mock_server.openapi.rule_values import (
    Added,
    Appended,
    Condition,
    Constant,
    Example,
    From,
    Guard,
    Next,
    Now,
    Value,
)
from mock_server.shown_text import name_some

# How many operations of a kind, and names of one thing, are named.
_NAMED, _MOST = 3, 6

_EXAMPLE = "answers with the document's example, or by its schema"
_VERBS = {
    effects.GET: "gets a record of",
    effects.CREATE: "creates a record of",
    effects.REPLACE: "replaces a record of",
    effects.MERGE: "merges what is sent into a record of",
    effects.REMOVE: "removes a record of",
    effects.ACT: "acts on a record of",
    effects.VIEW: "views records of",
}


def saying(operation: Operation) -> str:
    """Return what an operation that is no list does, e.g. `creates a record of things; answers 201`."""
    effect = operation.effect
    rules, verb = effect.rules, _VERBS.get(effect.kind)
    if verb is None and operation.is_file:
        return f"answers {effect.status} with a small file of {operation.answer_type}"
    if verb is None or effect.resource is None:
        return f"answers {effect.status} with the document's example, or by its schema"
    name = effect.resource.name
    if effect.kind == effects.ACT:
        return f"{_act(rules, name)}; answers {effect.status}"
    if effect.kind == effects.VIEW and rules.view is not None:
        return f"{_view(rules.view)}; answers {effect.status}"
    parent = effect.resource.parent
    within = "" if parent is None else f", of its parent in {parent.collection}"
    made = "" if effect.created is None else f", or {effect.created} where it makes one"
    return f"{verb} {name}{within}{_more(rules)}; answers {effect.status}{made}"


def _more(rules: Rules) -> str:
    """Return what else an operation does that gets or changes a record."""
    said = []
    if rules.find is not None:
        through = rules.find.through
        said.append(f"found by {rules.find.by}{f' of {through.collection}' if through else ''}")
    if rules.create is not None:
        said.append(f"with {_values(rules.create.set)} unless sent")
    if rules.allow is not None:
        said.append(_where(rules.allow.guard).strip())
        if rules.allow.parent:
            said.append(f"where its parent has {_conditions(rules.allow.parent)}")
    if rules.upsert is not None:
        said.append(f"in place of one with the same {rules.upsert}")
    return "".join(f", {each}" for each in said if each)


def _act(rules: Rules, name: str) -> str:
    if rules.member is not None:
        return _member(rules.member, name)
    if rules.merge is not None:
        return _merge(rules.merge, name)
    action = rules.action
    if action is None:
        return f"answers the record of {name} as it is, since nothing says what changes"
    return _action(action, name)


def _action(action: Action, name: str) -> str:
    where = _where(action.guard)
    if action.copies:
        return f"makes a copy of a record of {name}{_with(action.set)}{where}"
    if not action.set:
        return f"changes nothing{where}" if where else "checks what is sent, and changes nothing"
    subject = f", which {action.subject.ids.name} names" if action.subject is not None else ""
    return f"sets {_values(action.set)} in a record of {name}{subject}{where}"


def _member(rule: Member, name: str) -> str:
    verbs = {
        actions.ADD: "adds to",
        actions.REPLACE: "replaces all of",
        actions.REMOVE: "removes from",
    }
    return f"{verbs[rule.verb]} {rule.of} in a record of {name}{_where(rule.guard)}"


def _merge(rule: Merge, name: str) -> str:
    joined = f", with their {' and '.join(rule.join)}" if rule.join else ""
    return f"makes one record of several of {name}{joined}{_where(rule.guard)}"


def _view(rule: ViewRule) -> str:
    if rule.keys is not None:
        return f"answers the names of the members of {rule.keys} in {rule.of}"
    summary = rule.summary
    if summary is None:
        chosen = name_some(rule.where, _MOST)
        return f"views the records of {rule.of}" + (f" with the {chosen} of its path" if chosen else "")
    summed = [*(["their number"] if summary.count else []), *summary.sum.values()]
    groups = f" for each {summary.by}" if summary.by else ""
    return f"sums up the records of {rule.of}{groups}: {name_some(summed, _MOST)}"


def _where(guard: Guard) -> str:
    return f" where it has {_conditions(guard.when)}" if guard.when else ""


def _conditions(when: tuple[Condition, ...]) -> str:
    return ", or ".join(
        " and ".join(f"{name} {_any(values)}" for name, values in each.members.items()) for each in when
    )


def _any(values: tuple[object, ...]) -> str:
    *first, last = map(_shown, values)
    return f"{', '.join(first)} or {last}" if first else last


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


def _with(values: Mapping[str, Value]) -> str:
    return f" with {_values(values)}" if values else ""


def _values(values: Mapping[str, Value]) -> str:
    return name_some((f"{name} {_value(value)}".strip() for name, value in values.items()), _MOST)


def _value(value: Value) -> str:
    for kind, say in _SAYINGS.items():
        if isinstance(value, kind):
            return say(value)
    return "to what the overlay says"


_SAYINGS: Mapping[type, Callable[..., str]] = {
    Constant: lambda value: _shown(value.value),
    Now: lambda value: "to today" if value.is_date else "to the time",
    Example: lambda _: "to the example's",
    From: lambda value: f"from {value.name}",
    Next: lambda value: f"to the next number after {value.prefix}" if value.prefix else "to a number",
    Added: lambda value: "less an amount" if value.is_subtracted else "more an amount",
    Appended: lambda _: "with one more",
}


def group_lines(document: Document) -> Iterator[str]:
    """Yield a line for each kind of operation but lists, with how many there are, and the first."""
    for kind in (*_VERBS, effects.EXAMPLE):
        found = [each for each in document.operations if each.effect.kind == kind]
        if found:
            does = _VERBS.get(kind, _EXAMPLE)
            names = ", ".join(f"{each.method} {each.path}" for each in found[:_NAMED])
            more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
            each = "1 operation" if len(found) == 1 else f"{len(found):,} operations, each"
            yield f"{each} {does.removesuffix(' of')}: {names}{more}"
