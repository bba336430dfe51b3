"""Checks of rules: whether what they name is there, and whether they mean something where they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi import rule_names
from mock_server.openapi.effects import (
    CHANGES,
    CREATE,
    MERGE,
    REMOVE,
    REPLACE,
    Effect,
    Resource,
    body_schema,
)
from mock_server.openapi.enclosures import answer_enclosure, answered_record, said_record
from mock_server.openapi.field_paths import find_field
from mock_server.openapi.member_checks import (
    no_collection,
    no_member,
    property_errors,
    unknown,
    unknown_values,
    use,
)
from mock_server.openapi.member_rules import nested_name
from mock_server.openapi.operations import Operation
from mock_server.openapi.path_shapes import parameters_of
from mock_server.openapi.responses import answer_schema, best_success
from mock_server.openapi.rule_values import BODY, PATH, Next, Now
from mock_server.openapi.schema import DocumentError, admits_time, kinds_of, member_names
from mock_server.openapi.schema_merging import merge_all_of
from mock_server.shown_text import did_you_mean, nearest, quote

# How like a known name one is that was probably meant to be it.
_TYPO = 0.8


class RuleChecks:
    """Checks the rules of the operations of one document, whose effects are known."""

    def __init__(self, document: Mapping[str, Any], operations: Iterable[Operation]) -> None:
        self._document = document
        self._operations = tuple(operations)
        self._resources: dict[str, Resource] = {}
        self._by_resource: dict[str, list[Operation]] = {}
        for each in self._operations:
            resource = each.effect.resource
            if resource is not None:
                self._resources.setdefault(resource.name, resource)
                self._by_resource.setdefault(resource.name, []).append(each)
        # The members of each collection's records: those of answers, and all that are known.
        self._answered: dict[str, frozenset[str]] = {}
        self._members: dict[str, frozenset[str]] = {}
        # The members of bodies, by the identities of their schemas.
        self._bodies: dict[int, Collection[str]] = {}

    def errors(self) -> Iterator[DocumentError]:
        """Yield what is wrong with the rules of all operations, and of the properties of records."""
        for each in self._operations:
            if each.effect.rules.is_said:
                place = ("paths", each.template, each.method.lower())
                yield from self._misplaced(each, place)
                yield from self._unknown_collections(each.effect, place)
                yield from self._unknown_sources(each, place)
                yield from self._unknown_members(each.effect, place)
                yield from self._misplaced_times(each.effect, place)
                yield from self._misplaced_numbers(each.effect, place)
        for resource in self._resources.values():
            own = self._place_of(resource)
            yield from property_errors(resource, self._resources, self._known, own)

    def _described(self, operation: Operation) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._document["paths"][operation.template][operation.method.lower()]
        return found

    # Where rules stand

    def _misplaced(self, operation: Operation, place: Place) -> Iterator[DocumentError]:
        rules, kind = operation.effect.rules, operation.effect.kind
        heads = [n for n in ("action", "member", "merge", "find", "view") if getattr(rules, n)]
        for name in heads[1:]:
            message = f"x-{heads[0]} says already what the operation does"
            yield DocumentError((*place, f"x-{name}"), message, "remove one of them")
        changes = (CREATE, REPLACE, MERGE, REMOVE)
        path = parameters_of(operation.template)
        wrong: dict[str, object] = {
            "x-create": rules.create and kind != CREATE and "the operation creates no record",
            "x-upsert": rules.upsert and kind != CREATE and "the operation creates no record",
            "x-unique": rules.unique and kind != CREATE and "the operation creates no record",
            "x-allow": rules.allow and kind not in changes and "the operation changes no record",
            "x-map": rules.mapped and kind not in CHANGES and "the operation changes no record",
            "x-find": rules.find and not path and "the path has no parameter that names a record",
            "x-view": rules.view and operation.method != "GET" and "the operation is no GET",
            "x-member": rules.member and not _has_record(operation.effect) and _NO_RECORD,
            "x-action": _acts_on_nothing(operation) and _NO_RECORD,
            "x-parent": rules.parent and _has_no_parent(operation),
        }
        for word, why in wrong.items():
            if why:
                yield DocumentError((*place, word), str(why), _REMEDIES.get(word, "remove it"))
        resource = operation.effect.resource
        if rules.allow and rules.allow.parent and resource is not None and resource.parent is None:
            message = f"the records of {resource.name} belong to no other ones"
            yield DocumentError((*place, "x-allow", "parent"), message, "write when, or remove it")

    # What rules name

    def _unknown_collections(self, effect: Effect, place: Place) -> Iterator[DocumentError]:
        for name, steps in rule_names.named_collections(effect.rules):
            if name not in self._resources:
                yield no_collection(name, self._resources, (*place, *steps))
        merge, own = effect.rules.merge, effect.resource
        for name in merge.join if merge is not None and own is not None else ():
            if own is not None and nested_name(self._resources, own.name, name) is None:
                yield no_collection(name, self._resources, (*place, "x-merge", "join"))

    def _unknown_sources(self, operation: Operation, place: Place) -> Iterator[DocumentError]:
        """Yield the members of a body, and the parameters of a path, that are not there."""
        body = self._body(operation)
        path = parameters_of(operation.template)
        for source, steps in rule_names.sources(operation.effect.rules):
            known: Collection[str] = {BODY: body, PATH: path}.get(source.place, ())
            name = source.name.split(".")[0] if source.name not in known else source.name
            if source.place in (BODY, PATH) and name not in known and (known or source.place == PATH):
                holder = "the body" if source.place == BODY else "the path"
                message = f"{holder} has no {quote(source.name)}{did_you_mean(name, known)}"
                yield DocumentError((*place, *steps), message, use(known))
        said = self._said(operation) if operation.effect.rules.mapped else ()
        for name in operation.effect.rules.mapped:
            if name not in said:
                message = f"the body has no member {quote(name)}{did_you_mean(name, said)}"
                yield DocumentError((*place, "x-map", name), message, use(said))

    def _unknown_members(self, effect: Effect, place: Place) -> Iterator[DocumentError]:
        if effect.resource is None:
            return
        own, parent = effect.resource.name, effect.resource.parent
        yield from unknown(own, self._known, rule_names.read_members(effect.rules), place)
        if parent is not None:
            above = rule_names.read_members_of_parents(effect.rules)
            yield from unknown(parent.collection, self._known, above, place)
        shown = self._shown(effect.resource.name)
        for name, steps in rule_names.set_members(effect.rules):
            first = name.split(".")[0]
            # Others are kept beside the record, e.g. the time of which only a filter knows.
            if first not in shown and nearest(first, shown, _TYPO):
                yield no_member(effect.resource.name, name, shown, (*place, *steps))
        yield from unknown_values(effect.resource, rule_names.named_values(effect.rules), place)
        through = effect.rules.find.through if effect.rules.find is not None else None
        find = effect.rules.find
        if through is not None and find is not None and through.collection in self._resources:
            named = [(name, ("x-find",)) for name in (through.theirs, find.by)]
            yield from unknown(through.collection, self._known, named, place)

    def _misplaced_times(self, effect: Effect, place: Place) -> Iterator[DocumentError]:
        """Yield the members that are given times and admit none."""
        schema = {} if effect.resource is None else self._resources[effect.resource.name].schema
        for name, value, steps in rule_names.set_values(effect.rules):
            if isinstance(value, Now) and not admits_time(find_field(schema, name) or {}):
                message = f"the member {quote(name)} is neither a text nor a number, as a time is"
                yield DocumentError((*place, *steps), message, "give the time to another member")

    def _misplaced_numbers(self, effect: Effect, place: Place) -> Iterator[DocumentError]:
        """Yield the members that are given running numbers and admit none, or none that begin so."""
        schema = {} if effect.resource is None else self._resources[effect.resource.name].schema
        for name, value, steps in rule_names.set_values(effect.rules):
            kinds = kinds_of(find_field(schema, name) or {})
            if not isinstance(value, Next) or not kinds or "string" in kinds:
                continue
            if {"integer", "number"}.isdisjoint(kinds):
                message = f"the member {quote(name)} is neither a text nor a number"
                yield DocumentError((*place, *steps), message, "give the number to another member")
            elif value.prefix:
                message = f"the member {quote(name)} is a number, which begins with no text"
                yield DocumentError((*place, *steps), message, "write an empty prefix")

    def _known(self, name: str) -> frozenset[str]:
        """Return the members that the records of a collection may have, shown or not."""
        if name not in self._members:
            found = set(self._shown(name))
            for each in self._by_resource[name]:
                rules = each.effect.rules
                found.update(self._said(each))
                found.update(n.split(".")[0] for n, _ in rule_names.given_members(rules))
                found.update(n.split(".")[0] for n in rules.mapped.values())
            self._members[name] = frozenset(found)
        return self._members[name]

    def _shown(self, name: str) -> frozenset[str]:
        """Return the members of a collection's records that some operation shows."""
        if name not in self._answered:
            found = set(member_names(self._resources[name].schema))
            answers: dict[int, Any] = {}
            for each in self._by_resource[name]:
                described = self._described(each)
                answer = answer_schema(described, best_success(described))
                if answer is not None:
                    answers[id(answer[1])] = answer[1]
            for schema in map(merge_all_of, answers.values()):
                if "object" in kinds_of(schema):
                    found.update(member_names(answered_record(schema, self._resources[name])))
            self._answered[name] = frozenset(found)
        return self._answered[name]

    def _body(self, operation: Operation) -> Collection[str]:
        """Return the members that the body of an operation may have."""
        schema = body_schema(self._described(operation))
        if not schema:
            return ()
        if id(schema) not in self._bodies:
            self._bodies[id(schema)] = member_names(merge_all_of(schema))
        return self._bodies[id(schema)]

    def _said(self, operation: Operation) -> Collection[str]:
        """Return the members of a record that the body of an operation may say."""
        return member_names(said_record(self._described(operation), operation.effect.resource))

    # Properties

    def _place_of(self, resource: Resource) -> Place:
        """Return where the properties of a collection's records stand in the document."""
        template, method = resource.source
        found = [o for o in self._operations if (o.template, o.method) == (template, method)]
        place: Place = ("paths", template, method.lower())
        answer = answer_schema(self._described(found[0]), best_success(self._described(found[0])))
        place += answer[0] if answer is not None else ()
        merged = {} if answer is None else merge_all_of(answer[1])
        enclosure = answer_enclosure(merged, resource)
        place += () if enclosure is None else ("properties", enclosure)
        if found[0].collection is not None:
            for name in found[0].convention.items:
                place += ("properties", name)
            place += ("items",)
        return (*place, "properties")


_NO_RECORD = "the path names no record of a collection"
_REMEDIES = {
    "x-action": "put it on an operation below a record's path, or write of and id",
    "x-member": "put it on an operation below a record's path",
    "x-view": "put it on a GET",
    "x-parent": "put it on an operation of a nested collection",
}


def _has_record(effect: Effect) -> bool:
    return effect.resource is not None and (effect.parameter is not None or effect.resource.is_single)


def _acts_on_nothing(operation: Operation) -> bool:
    """Tell whether an action sets members of a record that nothing names."""
    action = operation.effect.rules.action
    sets = action is not None and bool(action.set or action.copies or action.guard.when)
    return sets and action is not None and action.subject is None and not _has_record(operation.effect)


def _has_no_parent(operation: Operation) -> str | None:
    """Return why the records of an operation belong to none by their path; None where they do."""
    resource = operation.effect.resource
    if not parameters_of(operation.template):
        return "the path has no parameter that names a parent"
    if resource is None or resource.parent is None:
        return "no parameter of the path names a record of another collection"
    return None
