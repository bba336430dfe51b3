"""The workshop: what changes the records of any resource of a document, and what depends on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from mock_server.data import starting_data, sums
from mock_server.data.answer_shape import AnswerShape
from mock_server.data.collection import Collection
from mock_server.data.columns import texts_in
from mock_server.data.editing import Edit, Editor
from mock_server.data.finding import Found, View, key_of
from mock_server.data.records import Record, RecordSchema
from mock_server.openapi.actions import LineSum
from mock_server.openapi.document import Document
from mock_server.openapi.effects import (
    ACT,
    CHANGES,
    CREATE,
    GET,
    MERGE,
    REMOVE,
    REPLACE,
    Effect,
    Parent,
    Resource,
)
from mock_server.openapi.member_rules import copied_from, nested_name, sums_of
from mock_server.openapi.nouns import Nouns
from mock_server.openapi.record_links import Links
from mock_server.openapi.rule_names import running_numbers
from mock_server.openapi.rule_values import Next
from mock_server.openapi.schema import Schema, members_of

# The effects whose answers are records as they are kept.
_ANSWER_RECORDS = frozenset([GET, CREATE, REPLACE, MERGE])


class Workshop:
    """The editors of a document's resources, each made at its first use."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._editors: dict[str, Editor] = {}

    @property
    def resources(self) -> Mapping[str, Resource]:
        """Return the resources of the document by their names, with those of newer ones."""
        return self._document.kept

    def editor(self, name: str) -> Editor:
        """Return the editor of a resource."""
        if name not in self._editors:
            answers = self._answers(name)
            schema = self._schemas[name]
            links = Links(schema.schema, self._nouns, name)
            numbered = self._numbered(name)
            self._editors[name] = Editor(self.resources[name], schema, answers, links, numbered)
        return self._editors[name]

    def _numbered(self, name: str) -> Iterator[tuple[str, Next]]:
        """Yield the members of a collection's records that get running numbers, by their paths."""
        for each in self._document.operations:
            if each.effect.resource is not None and each.effect.resource.name == name:
                yield from running_numbers(each.effect.rules)

    def _answers(self, name: str) -> Iterator[tuple[Schema, Any]]:
        """Yield the schemas of the records that a collection's operations answer, with examples."""
        for each in self._document.operations:
            effect = each.effect
            is_own = effect.resource is not None and effect.resource.name == name
            if is_own and effect.kind in _ANSWER_RECORDS and effect.rules.find is None:
                described = self._document.described(each)
                shape = AnswerShape.of(described, effect.status, self.resources[name])
                if shape is not None:
                    yield shape.schema, shape.example

    @cached_property
    def _nouns(self) -> Nouns:
        return Nouns(self.resources)

    @cached_property
    def _schemas(self) -> Mapping[str, RecordSchema]:
        return starting_data.schemas(self._document)

    # Nested records

    @cached_property
    def _children(self) -> Mapping[str, list[tuple[str, Parent]]]:
        """The nested collections of each collection, with what their records belong to."""
        found: dict[str, list[tuple[str, Parent]]] = {}
        for each in self.resources.values():
            if each.parent is not None:
                found.setdefault(each.parent.collection, []).append((each.name, each.parent))
        return found

    def children(self, view: View, name: str, key: str) -> Iterator[tuple[str, Parent, list[Found]]]:
        """Yield the nested records of a record, by their collections."""
        for child, parent in self._children.get(name, ()):
            resource = self.resources[child]
            positions = list(view.positions_with(child, parent.field, key))
            records = view.records(child, positions)
            found = zip(records, positions, strict=True)
            yield child, parent, [Found(r, key_of(resource, r) or "", p) for r, p in found]

    def without_children(self, view: View, name: str, key: str) -> dict[str, Collection]:
        """Return the collections that have changed without the nested records of a record."""
        changed: dict[str, Collection] = {}
        for child, _, records in self.children(view, name, key):
            for each in records:
                own = changed.get(child, view.collections[child])
                changed[child] = own.without_record(each.position)
                changed |= self.without_children(view, child, each.key)
        return changed

    def nested_names(self, name: str) -> Iterator[str]:
        """Yield the names of the collections within a collection, and within these."""
        for child, _ in self._children.get(name, ()):
            yield child
            yield from self.nested_names(child)

    def needed(self, effect: Effect) -> tuple[str, ...]:
        """Return the names of the collections that an operation reads or may change."""
        found = list(effect.collections)
        rules = effect.rules
        if effect.kind in (REMOVE, ACT):
            found += [child for name in effect.collections for child in self.nested_names(name)]
        if effect.kind in CHANGES:
            found += [summed for name in list(found) for summed in self.summed_names(name)]
            found += [each for name in list(found) for each in self._copied.get(name, ())]
        through = rules.find.through if rules.find is not None else None
        if through is not None:
            found.append(through.collection)
        return tuple(dict.fromkeys(found))

    @cached_property
    def _copied(self) -> Mapping[str, tuple[str, ...]]:
        """The collections of whose records those of another one have copies."""
        return {name: tuple(copied_from(each.schema)) for name, each in self.resources.items()}

    # Sums of lines

    @cached_property
    def _sums(self) -> Mapping[str, list[tuple[Resource, str, LineSum]]]:
        """The members that are sums of each collection's records, with their resources."""
        found: dict[str, list[tuple[Resource, str, LineSum]]] = {}
        for each in self.resources.values():
            for member, rule in sums_of(members_of(each.schema)).items():
                lines = self.lines(each.name, rule) if isinstance(rule, LineSum) else None
                if lines is not None and isinstance(rule, LineSum):
                    found.setdefault(lines, []).append((each, member, rule))
        return found

    def lines(self, name: str, rule: LineSum) -> str | None:
        """Return the collection of the lines of a sum in a collection; None where there is none."""
        return nested_name(self.resources, name, rule.of)

    def summed_names(self, name: str) -> Iterator[str]:
        """Yield the names of the collections that have sums of a collection's records."""
        for resource, _, _ in self._sums.get(name, ()):
            yield resource.name
            yield from self.summed_names(resource.name)

    def followed(self, view: View, edit: Edit) -> Edit:
        """Return an edit with the sums that follow the change of a collection's records."""
        changed = {each.name: each for each in edit.collections}
        record, waiting = edit.record, list(changed)
        # Each collection is looked at a few times at most, should sums depend on each other in a circle.
        for name in islice(_taken(waiting), 2 * len(self.resources)):
            for resource, member, rule, key in self._parents(view, name, changed[name]):
                now = view.with_collections(changed.values())
                summed = self._summed(now, resource, member, rule, key)
                if summed is None:
                    continue
                found, total = summed
                changed[resource.name] = self.editor(resource.name).with_member(
                    now, found, member, total
                )
                waiting.append(resource.name)
                if (resource.name, key) == (edit.change.collection, edit.change.id):
                    record = {**record, member: total}
        return Edit(edit.change, record, tuple(changed.values()))

    def _parents(
        self, view: View, name: str, after: Collection
    ) -> list[tuple[Resource, str, LineSum, str]]:
        """Return the sums that a change of a collection may concern, and the keys of their records."""
        rules = self._sums.get(name, ())
        if not rules:
            return []
        before = view.collections[name]
        records = [*_differing(before, after, view), *_differing(after, before, view)]
        found = [
            (resource, member, rule, key)
            for resource, member, rule in rules
            for each in records
            for key in texts_in(each, rule.by)
        ]
        return list({(each[0].name, each[1], each[3]): each for each in found}.values())

    def _summed(
        self, view: View, resource: Resource, member: str, rule: LineSum, key: str
    ) -> tuple[Found, object] | None:
        """Return the record of a sum, and what that comes to; None where the record is not there."""
        position = view.position_of(resource.name, key)
        lines = self.lines(resource.name, rule)
        if position is None or lines is None:
            return None
        [record] = view.records(resource.name, [position])
        own = view.positions_with(lines, rule.by, key)
        values = [each.get(rule.field) for each in view.records(lines, own)]
        return Found(record, key, position), sums.total(values, record.get(member))


def _taken(names: list[str]) -> Iterator[str]:
    """Yield names, and those that are added meanwhile, each once in a row."""
    while names:
        name = names.pop(0)
        while name in names:
            names.remove(name)
        yield name


def _differing(one: Collection, other: Collection, view: View) -> Iterator[Record]:
    """Yield the records of a collection that another one does not have as they are."""
    shared = set(map(id, other.chunks))
    theirs = {
        id(encoded)
        for chunk in other.chunks
        if id(chunk) not in {*map(id, one.chunks)}
        for encoded in chunk.encoded
    }
    for chunk in one.chunks:
        if id(chunk) not in shared:
            for place, encoded in enumerate(chunk.encoded):
                if id(encoded) not in theirs:
                    yield one.record_at(chunk.positions[place], view.own_id)
