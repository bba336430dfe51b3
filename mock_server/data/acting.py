"""Acting: what the rules of an overlay make of the records of a resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_server.data.absence import not_found
from mock_server.data.changes import Change
from mock_server.data.collection import Collection
from mock_server.data.conditions import Ways, require
from mock_server.data.editing import ACTED, CREATED, Edit, Editor
from mock_server.data.finding import Finder, Found, View, key_of
from mock_server.data.member_values import ABSENT, Given, look_up, with_values, work_out
from mock_server.data.records import Record
from mock_server.data.workshop import Workshop
from mock_server.errors import InvalidRequest, Violation
from mock_server.openapi import actions
from mock_server.openapi.actions import Action, Member, Merge, Rules
from mock_server.openapi.effects import Effect, Resource
from mock_server.openapi.member_rules import nested_name
from mock_server.openapi.rule_names import running_numbers
from mock_server.openapi.rule_values import Constant, From, Guard
from mock_server.openapi.schema import Schema


class Sent(NamedTuple):
    """What a request sends: its body, and the parameters of its path by their names."""

    body: Any
    path: Mapping[str, str]


class Acted(NamedTuple):
    """What an action does: the edit, None for none, and the record or the answer's own members."""

    edit: Edit | None
    record: Record
    is_record: bool = True


class Actor:
    """Does what the rules of one operation say."""

    def __init__(
        self, effect: Effect, finder: Finder, workshop: Workshop, ways: Ways, answer: Schema
    ) -> None:
        """Take the operation's effect, and the schema of its answer."""
        if effect.resource is None:
            raise LookupError("the rules name no collection")
        self._resource: Resource = effect.resource
        self._rules: Rules = effect.rules
        self._has_record = effect.parameter is not None or effect.resource.is_single
        self._finder = finder
        self._workshop = workshop
        self._ways = ways
        self._answer = answer

    def act(self, view: View, sent: Sent) -> Acted:
        """Return what a request does; raise the error of a record that is not what it must be."""
        if self._rules.merge is not None:
            return Acted(*self._merge(view, sent, self._rules.merge))
        if self._rules.member is not None:
            found = self._found(view, sent, self._rules.member.guard)
            record = _with_member(found.record, self._rules.member, self.given(view, sent, found.record))
            return self._changed(view, found, record)
        action = self._rules.action or Action()
        if not self._has_record and action.subject is None:
            return self._answered(view, sent, action)
        if action.subject is not None:
            return self._act_on_subjects(view, sent, action)
        found = self._found(view, sent, action.guard)
        return self._act(view, sent, action, found)

    def _act(self, view: View, sent: Sent, action: Action, found: Found) -> Acted:
        given = self.given(view, sent, found.record)
        if action.copies:
            return self._copy(view, found, action, given)
        record = with_values(found.record, action.set, given)
        acted = self._changed(view, found, record) if action.set else Acted(None, found.record)
        if action.answer is None:
            return acted
        answer = work_out(action.answer, given._replace(record=acted.record, schema=self._answer))
        return Acted(acted.edit, answer, is_record=False)

    def _act_on_subjects(self, view: View, sent: Sent, action: Action) -> Acted:
        """Act on the records that the body names: all are looked for, and the first is answered."""
        if action.subject is None:
            raise LookupError("the action names no records")
        records = self._named(view, sent, action.subject.ids, action.guard)
        acted = [self._act(view, sent, action, each) for each in records[:1]]
        for each in records[1:]:
            edits = acted[-1].edit
            now = view if edits is None else view.with_collections(edits.collections)
            acted.append(self._act(now, sent, action, each))
        if not acted:
            return self._answered(view, sent, action)
        last = acted[-1].edit
        return acted[0]._replace(edit=last)

    def _answered(self, view: View, sent: Sent, action: Action) -> Acted:
        """Return what changes nothing, and answers what the action says."""
        given = self.given(view, sent, {})._replace(schema=self._answer)
        answer = work_out(action.answer or {}, given)
        return Acted(None, answer, is_record=False)

    def given(self, view: View, sent: Sent, record: Record) -> Given:
        """Return what a request gives to the values of the rules."""
        editor, collection = self._editor, view.collections[self._resource.name]
        return Given(
            sent.body, sent.path, view.now, record, editor.example, editor.described, collection
        )

    @property
    def _editor(self) -> Editor:
        return self._workshop.editor(self._resource.name)

    def _found(self, view: View, sent: Sent, guard: Guard) -> Found:
        found = self._finder.find(view, sent.path)
        self._require(view, sent, guard, found)
        return found

    def _require(self, view: View, sent: Sent, guard: Guard, found: Found) -> None:
        given = self.given(view, sent, found.record)
        require(guard, found.record, given, _called(self._resource, found.key), self._ways)

    def _named(self, view: View, sent: Sent, source: From, guard: Guard) -> list[Found]:
        """Return the records whose ids a request has; raise NotFound for the first that is not there."""
        value = look_up(source, self.given(view, sent, {}))
        ids = [] if value is ABSENT or value is None else value if isinstance(value, list) else [value]
        collection = view.collections[self._resource.name]
        records = []
        for each in dict.fromkeys(map(str, ids)):
            position = view.position_of(collection.name, each)
            if position is None:
                raise not_found(collection, self._resource, each, view.own_id)
            record = collection.record_at(position, view.own_id)
            records.append(Found(record, key_of(self._resource, record) or each, position))
        for found in records:
            self._require(view, sent, guard, found)
        return records

    def _changed(self, view: View, found: Found, record: Record) -> Acted:
        edit = self._editor.change(view, found, record, ACTED)
        return Acted(edit, edit.record)

    def _copy(self, view: View, found: Found, action: Action, given: Given) -> Acted:
        """Return a new record like one, with copies of its nested records, and what a body says."""
        known = self._editor.names
        sent = given.body if isinstance(given.body, dict) else {}
        taken = {name: value for name, value in sent.items() if name in known}
        # A copy is a new record, which gets numbers of its own.
        unnumbered = dict.fromkeys((path for path, _ in running_numbers(self._rules)), Constant(None))
        own = given._replace(record=with_values(found.record, unnumbered, given))
        like = with_values({**found.record, **taken}, action.set, own)
        edit = self._new(view, self._resource.name, like, found.record)
        changed = {each.name: each for each in edit.collections}
        self._copy_children(view, self._resource.name, found.key, edit, changed)
        return Acted(Edit(edit.change, edit.record, tuple(changed.values())), edit.record)

    def _copy_children(
        self, view: View, name: str, key: str, copied: Edit, changed: dict[str, Collection]
    ) -> None:
        for child, parent, records in self._workshop.children(view, name, key):
            # The last one first, since each goes to the front.
            for each in reversed(records):
                record = {**each.record, parent.field: copied.change.id}
                new = self._new(view.with_collections(changed.values()), child, record, each.record)
                changed |= {own.name: own for own in new.collections}
                self._copy_children(view, child, each.key, new, changed)

    def _new(self, view: View, name: str, record: Record, like: Record) -> Edit:
        editor = self._workshop.editor(name)
        key = editor.resource.key
        kept = {n: v for n, v in record.items() if n != key and n not in editor.made_anew}
        edit = editor.create(view, kept, like)
        return edit._replace(change=edit.change._replace(kind=CREATED))

    def _merge(self, view: View, sent: Sent, rule: Merge) -> tuple[Edit, Record]:
        """Return one record with the nested records of several, which are removed."""
        records = self._named(view, sent, rule.ids, rule.guard)
        if len(records) < 2:
            message = f"names {len(records)} of {self._resource.name}, and at least 2 can be merged"
            key = f"/{rule.ids.name}" if rule.ids.place == "body" else rule.ids.name
            raise InvalidRequest([Violation("minItems", f"'{rule.ids.name}' {message}", key)])
        given = self.given(view, sent, records[0].record)
        first = records[0].record
        new = self._new(view, self._resource.name, with_values(first, rule.set, given), first)
        changed = {each.name: each for each in new.collections}
        joined = {nested_name(self._workshop.resources, self._resource.name, n) for n in rule.join}
        for found in records:
            for child, parent, nested in self._workshop.children(view, self._resource.name, found.key):
                for each in nested if child in joined else ():
                    record = {**each.record, parent.field: new.change.id}
                    now = view.with_collections(changed.values())
                    edit = self._workshop.editor(child).change(now, each, record, ACTED)
                    changed |= {own.name: own for own in edit.collections}
            now = view.with_collections(changed.values())
            changed |= self._workshop.without_children(now, self._resource.name, found.key)
            changed[self._resource.name] = changed[self._resource.name].without_record(found.position)
        change = Change(CREATED, self._resource.name, new.change.id)
        return Edit(change, new.record, tuple(changed.values())), new.record


def _called(resource: Resource, key: str) -> str:
    return f"The record {key} of {resource.name}" if key else f"The record of {resource.name}"


def _with_member(record: Record, rule: Member, given: Given) -> Record:
    """Return a record whose list has items more, others, or fewer; the same one for nothing sent."""
    value = look_up(rule.value, given)
    there = record.get(rule.of)
    items = there if isinstance(there, list) else []
    if value is ABSENT:
        return record
    sent = value if isinstance(value, list) else [value]
    if rule.verb == actions.REMOVE:
        gone = {_key(each, rule) for each in sent}
        return {**record, rule.of: [each for each in items if _key(each, rule) not in gone]}
    known: dict[str, Any] = {}
    for each in [*(items if rule.verb == actions.ADD else ()), *sent]:
        known.setdefault(_key(each, rule), _item(each, rule, items))
    return {**record, rule.of: list(known.values())}


def _item(value: Any, rule: Member, items: list[Any]) -> Any:
    """Return an item as the list has them: an object with a key, where only that was sent."""
    if rule.key is None or isinstance(value, dict):
        return value
    return next((each for each in items if _key(each, rule) == str(value)), {rule.key: value})


def _key(item: Any, rule: Member) -> str:
    if rule.key is not None and isinstance(item, dict):
        return str(item.get(rule.key))
    return str(item)
