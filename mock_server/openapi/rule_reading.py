"""Reading the rules of an overlay, which are checked by their JSON Schema first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi import actions
from mock_server.openapi.actions import (
    NO_RULES,
    Action,
    Allow,
    Arithmetic,
    Create,
    Find,
    Idempotency,
    LineSum,
    Member,
    Merge,
    ParentRule,
    Rate,
    Rules,
    Subject,
    Summary,
    Through,
    ViewRule,
)
from mock_server.openapi.list_rules import read_hidden, read_sorting
from mock_server.openapi.member_schema import MEMBER_RULES
from mock_server.openapi.rule_schema import OPERATION_RULES
from mock_server.openapi.rule_values import Condition, Guard, Refusal
from mock_server.openapi.schema import DocumentError
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.value_reading import read_from, read_values, require_unnumbered


def read_rules(described: Mapping[str, Any], place: Place, errors: list[DocumentError]) -> Rules:
    """Return what an operation's extensions say; add what is wrong with them to `errors`."""
    found = [name for name in _READERS if name in described]
    if not found:
        return NO_RULES
    fields: dict[str, Any] = {}
    for name in found:
        flaws = list(flaws_of(name, described[name], (*place, name)))
        errors += flaws
        if flaws:
            continue
        field, read = _READERS[name]
        try:
            fields[field] = read(described[name], (*place, name))
        except DocumentError as error:
            errors.append(error)
    return Rules(**fields)


def flaws_of(name: str, rule: Any, place: Place) -> Iterator[DocumentError]:
    """Yield what the JSON Schema of an extension forbids in one."""
    for flaw in _compiled(name).flaws(rule):
        message = flaw.message if flaw.place else f"{name}: {flaw.message}"
        yield DocumentError((*place, *flaw.place), message, flaw.remedy)


@cache
def _compiled(name: str) -> CompiledSchema:
    return CompiledSchema({**OPERATION_RULES, **MEMBER_RULES}[name])


def _create(rule: Any, place: Place) -> Create:
    return Create(read_values(rule["set"], (*place, "set")))


def _action(rule: Any, place: Place) -> Action:
    if ("of" in rule) != ("id" in rule):
        message = "of and id say together which records it is about"
        raise DocumentError(place, message, "write both, or none where the path names the record")
    answer = read_values(rule["answer"], (*place, "answer")) if "answer" in rule else None
    for name, value in (answer or {}).items():
        require_unnumbered(value, (*place, "answer", name), "an answer")
    subject = Subject(rule["of"], read_from(rule["id"], (*place, "id"))) if "of" in rule else None
    return Action(
        set=read_values(rule.get("set", {}), (*place, "set")),
        guard=_guard(rule, place),
        copies=rule.get("copy", False),
        subject=subject,
        answer=answer,
    )


def _allow(rule: Any, place: Place) -> Allow:
    return Allow(_guard(rule, place), _conditions(rule.get("parent", ())))


def _guard(rule: Any, place: Place) -> Guard:
    compared = {
        word: {name: read_from(each, (*place, word, name)) for name, each in rule.get(word, {}).items()}
        for word in ("match", "cover")
    }
    otherwise = rule.get("otherwise")
    return Guard(
        when=_conditions(rule.get("when", ())),
        otherwise=None if otherwise is None else Refusal(**otherwise),
        **compared,
    )


def _conditions(rules: Any) -> tuple[Condition, ...]:
    return tuple(map(_condition, rules))


def _condition(rule: Mapping[str, Any]) -> Condition:
    return Condition({name: tuple(v) if isinstance(v, list) else (v,) for name, v in rule.items()})


def _member(rule: Any, place: Place) -> Member:
    verbs = [verb for verb in (actions.ADD, actions.REPLACE, actions.REMOVE) if verb in rule]
    if len(verbs) != 1:
        raise DocumentError(place, "it does not say one thing to do", "write add, replace or remove")
    value = read_from(rule[verbs[0]], (*place, verbs[0]))
    return Member(rule["of"], verbs[0], value, rule.get("key"), _guard(rule, place))


def _merge(rule: Any, place: Place) -> Merge:
    ids = read_from(rule["ids"], (*place, "ids"))
    values = read_values(rule.get("set", {}), (*place, "set"))
    return Merge(ids, _names(rule.get("join", ())), _guard(rule, place), values)


def _find(rule: Any, _place: Place) -> Find:
    through = read_through(rule["through"]) if "through" in rule else None
    return Find(rule["by"], rule.get("of"), through)


def read_through(rule: Mapping[str, Any]) -> Through:
    """Return which other records a rule looks at."""
    ((own, theirs),) = rule["on"].items()
    where = _condition(rule["where"]) if rule.get("where") else None
    return Through(rule["collection"], own, theirs, where)


def _view(rule: Any, place: Place) -> ViewRule:
    summed = [name for name in ("by", "count", "sum") if name in rule]
    summary = None
    if summed:
        summary = Summary(rule.get("by"), rule.get("count"), rule.get("sum", {}), rule.get("in"))
    elif "in" in rule:
        raise DocumentError((*place, "in"), "it sums nothing up", "add by, count or sum")
    where = rule.get("where", {})
    return ViewRule(
        rule["of"],
        {name: read_from(each, (*place, "where", name)) for name, each in where.items()},
        rule.get("map", {}),
        rule.get("parent"),
        rule.get("keys"),
        summary,
    )


def _parent(rule: Any, _place: Place) -> ParentRule:
    return ParentRule(is_kept=True) if rule == "kept" else ParentRule(rule["field"])


def _rate(rule: Any, _place: Place) -> Rate:
    return Rate(*map(int, rule.split("/")))


def _names(rule: Any) -> tuple[str, ...]:
    return (rule,) if isinstance(rule, str) else tuple(rule)


def _as_it_is(rule: Any, _place: Place) -> Any:
    return rule


# By the extension, the field of `Rules` that it is, and how it is read.
_READERS: Mapping[str, tuple[str, Callable[[Any, Place], Any]]] = {
    "x-create": ("create", _create),
    "x-action": ("action", _action),
    "x-allow": ("allow", _allow),
    "x-member": ("member", _member),
    "x-merge": ("merge", _merge),
    "x-find": ("find", _find),
    "x-view": ("view", _view),
    "x-parent": ("parent", _parent),
    "x-map": ("mapped", _as_it_is),
    "x-content": ("content", _as_it_is),
    "x-upsert": ("upsert", _as_it_is),
    "x-unique": ("unique", lambda rule, _place: _names(rule)),
    "x-idempotency": ("idempotency", lambda rule, _place: Idempotency(**rule)),
    "x-rate": ("rate", _rate),
    "x-sort": ("sorting", read_sorting),
    "x-hidden": ("hidden", read_hidden),
}


def read_sum(rule: Mapping[str, Any], place: Place) -> LineSum | Arithmetic:
    """Return what a property is the sum of; raise DocumentError."""
    if "of" in rule:
        return LineSum(rule["field"], rule["of"], rule["by"])
    operators = [name for name in ("multiply", "add", "subtract") if name in rule]
    if len(operators) != 1:
        raise DocumentError(place, "it does not say one thing", "write multiply, add or subtract")
    return Arithmetic(operators[0], tuple(rule[operators[0]]), rule.get("percent", False))
