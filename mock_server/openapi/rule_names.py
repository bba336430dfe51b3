"""Rule names: the collections, members and parameters that rules name, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi.actions import Rules, Through
from mock_server.openapi.rule_values import Constant, From, Guard, Next, Template, Value, parts_of


def named_collections(rules: Rules) -> Iterator[tuple[str, Place]]:
    """Yield the collections that rules name in full, each with its place."""
    if rules.view is not None:
        yield rules.view.of, ("x-view", "of")
        if rules.view.parent is not None:
            yield rules.view.parent, ("x-view", "parent")
    if rules.find is not None and rules.find.of is not None:
        yield rules.find.of, ("x-find", "of")
    through: Through | None = rules.find.through if rules.find is not None else None
    if through is not None:
        yield through.collection, ("x-find", "through", "collection")
    if rules.action is not None and rules.action.subject is not None:
        yield rules.action.subject.collection, ("x-action", "of")


def values(rules: Rules) -> Iterator[tuple[Value, Place]]:
    """Yield the values that rules set or compare, each with its place."""
    action, merge, member, view = rules.action, rules.merge, rules.member, rules.view
    sets = [
        ("x-create", "set", {} if rules.create is None else rules.create.set),
        ("x-action", "set", {} if action is None else action.set),
        ("x-action", "answer", {} if action is None else action.answer or {}),
        ("x-merge", "set", {} if merge is None else merge.set),
    ]
    for word, key, values in sets:
        yield from ((value, (word, key, name)) for name, value in values.items())
    if view is not None:
        yield from ((value, ("x-view", "where", name)) for name, value in view.where.items())
    if member is not None:
        yield member.value, ("x-member", member.verb)
    if merge is not None:
        yield merge.ids, ("x-merge", "ids")
    if action is not None and action.subject is not None:
        yield action.subject.ids, ("x-action", "id")
    for word, guard in guards(rules):
        yield from ((value, (word, key, name)) for key, name, value in guard.compared)


def sources(rules: Rules) -> Iterator[tuple[From, Place]]:
    """Yield where rules take values from, each with its place."""
    for value, place in values(rules):
        yield from ((each, place) for each in parts_of(value) if isinstance(each, From))


def guards(rules: Rules) -> Iterator[tuple[str, Guard]]:
    """Yield what rules require of records, with the extensions that say so."""
    if rules.action is not None:
        yield "x-action", rules.action.guard
    if rules.merge is not None:
        yield "x-merge", rules.merge.guard
    if rules.member is not None:
        yield "x-member", rules.member.guard
    if rules.allow is not None:
        yield "x-allow", rules.allow.guard


def read_members(rules: Rules) -> Iterator[tuple[str, Place]]:
    """Yield the members of records that rules read, each with its place."""
    for word, guard in guards(rules):
        for number, condition in enumerate(guard.when):
            yield from ((name, (word, "when", number, name)) for name in condition.members)
        yield from ((name, (word, key, name)) for key, name, _ in guard.compared)
    find, view = rules.find, rules.view
    if find is not None:
        yield (find.by if find.through is None else find.through.own), ("x-find",)
    if view is not None:
        yield from ((name, ("x-view", "where", name)) for name in view.where)
        yield from ((name, ("x-view", "map", key)) for key, name in view.members.items())
        if view.keys is not None:
            yield view.keys, ("x-view", "keys")
        if view.summary is not None:
            if view.summary.by is not None:
                yield view.summary.by, ("x-view", "by")
            yield from ((name, ("x-view", "sum", key)) for key, name in view.summary.sum.items())
    if rules.member is not None:
        yield rules.member.of, ("x-member", "of")
    if rules.upsert is not None:
        yield rules.upsert, ("x-upsert",)
    yield from ((name, ("x-unique",)) for name in rules.unique)


def named_values(rules: Rules) -> Iterator[tuple[str, Any, Place]]:
    """Yield the values that members of records must have or get by rules, each with its place."""
    for word, guard in guards(rules):
        for number, condition in enumerate(guard.when):
            for name, values in condition.members.items():
                yield from ((name, each, (word, "when", number, name)) for each in values)
    for word, rule in (("x-create", rules.create), ("x-action", rules.action), ("x-merge", rules.merge)):
        for name, value in (rule.set if rule is not None else {}).items():
            yield from ((name, each, (word, "set", name)) for each in _constants(value))


def _constants(value: Value) -> Iterator[Any]:
    """Yield what a value may be whatever a request says."""
    if isinstance(value, Constant):
        yield value.value
    elif isinstance(value, From):
        yield from (value.choices or {}).values()


def read_members_of_parents(rules: Rules) -> Iterator[tuple[str, Place]]:
    """Yield the members of the records above those of the rules that these read, each with its place."""
    for number, condition in enumerate(rules.allow.parent if rules.allow is not None else ()):
        yield from ((name, ("x-allow", "parent", number, name)) for name in condition.members)


def set_members(rules: Rules) -> Iterator[tuple[str, Place]]:
    """Yield the members of records that rules change, each with its place."""
    yield from given_members(rules)
    yield from ((path, ("x-map", name)) for name, path in rules.mapped.items())


def given_members(rules: Rules) -> Iterator[tuple[str, Place]]:
    """Yield the members of records to which rules give values, each with its place."""
    for word, rule in (("x-create", rules.create), ("x-action", rules.action), ("x-merge", rules.merge)):
        yield from ((name, (word, "set", name)) for name in (rule.set if rule is not None else ()))


def running_numbers(rules: Rules) -> Iterator[tuple[str, Next]]:
    """Yield the members of records that get running numbers, by their paths."""
    for path, value, _ in set_values(rules):
        if isinstance(value, Next):
            yield path, value


def set_values(rules: Rules) -> Iterator[tuple[str, Value, Place]]:
    """Yield the paths of the members of records to which rules give values, also within objects."""
    for word, rule in (("x-create", rules.create), ("x-action", rules.action), ("x-merge", rules.merge)):
        yield from _set_values({} if rule is None else rule.set, (word, "set"))


def _set_values(
    values: Mapping[str, Value], place: Place, within: str = ""
) -> Iterator[tuple[str, Value, Place]]:
    for name, value in values.items():
        yield within + name, value, (*place, name)
        if isinstance(value, Template):
            yield from _set_values(value.members, (*place, name), f"{within}{name}.")
