"""Finding the resources of a document by the shapes of its paths.

A collection is a path `C` whose `C/{x}` exists, or whose GET is a list, or that has no parameters and
whose POST answers a new record. `C/{x}` is its item, and `C/{x}/D` may be a collection within it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from mock_server.lists.built_in_schemes import plain
from mock_server.openapi.actions import ParentRule
from mock_server.openapi.effects import Parent, Resource
from mock_server.openapi.enclosures import enclosed, only_record
from mock_server.openapi.nouns import nouns_of
from mock_server.openapi.operations import Operation
from mock_server.openapi.path_shapes import (
    PARAMETER,
    Shape,
    is_parameter,
    parameters_of,
    shape_of,
)
from mock_server.openapi.record_keys import find_keys
from mock_server.openapi.responses import answer_schema, best_success
from mock_server.openapi.schema import Schema, kinds_of, member_names, members_of
from mock_server.openapi.schema_merging import merge_all_of


class _Path(NamedTuple):
    """A path, with its operations by their methods, e.g. `GET`."""

    template: str
    operations: dict[str, Operation]

    @property
    def parameters(self) -> list[str]:
        """Return the names of the parameters that are whole segments, in their order."""
        return parameters_of(self.template)


class ResourceFinder:
    """Finds the resources of one document by operations whose paths have the usual shapes."""

    def __init__(self, document: Mapping[str, Any], operations: Iterable[Operation]) -> None:
        self._operations = tuple(operations)
        self._document = document
        self._paths: dict[Shape, _Path] = {}
        for each in self._operations:
            path = self._paths.setdefault(shape_of(each.template), _Path(each.template, {}))
            path.operations[each.method] = each
        self._resources: dict[Shape, Resource | None] = {}

    def every(self) -> Iterator[Resource]:
        """Yield the resources of all paths."""
        for shape in self._paths:
            for each in (shape, shape[:-1]):
                found = self.resource(each) if each else None
                if found is not None:
                    yield found

    def resource(self, shape: Shape) -> Resource | None:
        """Return the resource whose collection has a shape; None where there is none."""
        if shape not in self._resources:
            # None meanwhile, since a schema may be asked for while another is found.
            self._resources[shape] = None
            self._resources[shape] = self._find(shape)
        return self._resources[shape]

    def _find(self, shape: Shape) -> Resource | None:
        item = self._paths.get((*shape, PARAMETER))
        own = self._paths.get(shape)
        listing = own.operations.get("GET") if own is not None else None
        if listing is not None and listing.collection is not None:
            return self.of_list(listing, item)
        if not shape or shape[-1] == PARAMETER:
            return None
        if item is not None and any(each.collection is None for each in item.operations.values()):
            found = self._of_item(shape, item)
            return None if found is None else replace(found, is_single=self._is_only_one(own, item))
        if own is None or PARAMETER in shape:
            return None
        return self._single(own) or self._of_create(own)

    def of_list(self, listing: Operation, item: _Path | None) -> Resource:
        parameter = item.parameters[-1] if item is not None else None
        source = (listing.template, listing.method)
        return self._new(listing.collection or "", listing.record_schema, parameter, source)

    def _of_item(self, shape: Shape, item: _Path) -> Resource | None:
        """Return the resource of an item without a list: its schema is that of the item's answers."""
        own = self._paths.get(shape)
        every = [item.operations.get(method) for method in ("GET", "PUT", "PATCH")]
        every += [own.operations.get("POST") if own is not None else None, item.operations.get("DELETE")]
        for each in filter(None, every):
            schema = self._record(each, item.parameters[-1:])
            if schema is not None and find_keys(schema, item.parameters[-1:]):
                name = item.template.strip("/").rpartition("/")[0]
                source = (each.template, each.method)
                return self._new(name, schema, item.parameters[-1], source)
        return None

    def _is_only_one(self, own: _Path | None, item: _Path) -> bool:
        """Tell whether a path itself gets the record, which is only changed by its key.

        E.g. `GET /settings` and `PUT /settings/{id}`: there is one from the beginning.
        """
        if own is None or own.operations.keys() != {"GET"} or "DELETE" in item.operations:
            return False
        schema = self._record(own.operations["GET"], item.parameters[-1:])
        return schema is not None and bool(find_keys(schema, item.parameters[-1:]))

    def _single(self, own: _Path) -> Resource | None:
        """Return the resource of a path whose only record is read and changed without a key."""
        reading = own.operations.get("GET")
        if reading is None or not {"PUT", "PATCH"} & own.operations.keys():
            return None
        schema = self.answer(reading)
        if schema is None:
            return None
        source = (reading.template, reading.method)
        return Resource(own.template.strip("/"), schema, is_single=True, source=source)

    def _of_create(self, own: _Path) -> Resource | None:
        """Return the resource of a path that only creates, and answers no record of another one."""
        creating = own.operations.get("POST")
        schema = self._record(creating) if creating is not None else None
        if creating is None or schema is None or not find_keys(schema):
            return None
        if any(is_same(schema, other) for other in self._schemas_of_others):
            return None
        return self._new(own.template.strip("/"), schema, None, (creating.template, creating.method))

    @cached_property
    def _schemas_of_others(self) -> list[Schema]:
        """The schemas of the records of lists, and of items."""
        found = [each.record_schema for each in self._operations if each.collection is not None]
        for shape, path in self._paths.items():
            if shape[-1] == PARAMETER and "GET" in path.operations:
                schema = self._record(path.operations["GET"], path.parameters[-1:])
                found += [schema] if schema is not None else []
        return found

    def _new(
        self, name: str, schema: Schema, parameter: str | None, source: tuple[str, str]
    ) -> Resource:
        named = [] if parameter is None else [parameter, *_short_names(parameter, name, schema)]
        keys = find_keys(schema, named)
        parent = self._parent(name, schema)
        return Resource(name, schema, parameter, keys[0] if keys else None, parent, source=source)

    def _parent(self, name: str, schema: Schema) -> Parent | None:
        """Return what records belong to; None where no rule and no member says so."""
        members = {plain(each): each for each in members_of(schema)}
        rule = self._parent_rules.get(shape_of(name))
        if rule is not None:
            return self._ruled_parent(name, rule, member_names(schema))
        for parameter, collection in reversed(list(self._owners(name))):
            named = (members.get(f"{noun}id") for noun in nouns_of(collection))
            field = next(filter(None, named), None) or members.get(plain(parameter))
            if field is not None and field not in find_keys(schema):
                return Parent(collection, parameter, field)
        return None

    def _ruled_parent(self, name: str, rule: ParentRule, members: Container[str]) -> Parent | None:
        """Return what the records of a collection belong to by `x-parent`."""
        owner = next(iter(reversed(list(self._owners(name)))), None)
        if owner is None:
            return None
        parameter, collection = owner
        # A member of the parameter's name is another one, where the parent is kept beside the record.
        other = f"{collection}/{parameter}" if parameter in members else parameter
        field = other if rule.field is None else rule.field
        return Parent(collection, parameter, field, is_kept=field not in members)

    @cached_property
    def _parent_rules(self) -> Mapping[Shape, ParentRule]:
        """What overlays say of parents, by the shapes of nested collections."""
        found: dict[Shape, ParentRule] = {}
        for each in self._operations:
            if each.effect.rules.parent is not None:
                shape = shape_of(each.template)
                own = shape[:-1] if shape[-1] == PARAMETER else shape
                found.setdefault(own, each.effect.rules.parent)
        return found

    def ancestors(self, template: str, resource: Resource | None) -> dict[str, str]:
        """Return the names of the collections whose records a path names above a resource."""
        if resource is None or resource.parent is None:
            return {}
        return {p: c for p, c in self._owners(template) if c != resource.name}

    def _owners(self, template: str) -> Iterator[tuple[str, str]]:
        """Yield the parameters of a path that name a record, with the collections of these records.

        A parameter does so behind a collection's path, or by its name: `customerId` of `customers`.
        """
        segments = template.strip("/").split("/")
        for number, segment in enumerate(segments[:-1]):
            if not is_parameter(segment):
                continue
            named = self._by_noun.get(plain(segment[1:-1]))
            owner = self.resource(shape_of("/".join(segments[:number]))) if number else None
            found = named or (owner.name if owner is not None else None)
            if found is not None:
                yield segment[1:-1], found

    @cached_property
    def _by_noun(self) -> dict[str, str]:
        """The names of the collections at the top by `<singular>id`: `customers` by `customerid`.

        Of several with the same last word, the one with the shortest path counts.
        """
        tops = [shape for shape in self._paths if shape[-1] != PARAMETER and PARAMETER not in shape]
        items = [shape for shape in tops if (*shape, PARAMETER) in self._paths]
        items.sort(key=len, reverse=True)
        return {f"{noun}id": "/".join(shape) for shape in items for noun in nouns_of(shape[-1])}

    def _record(self, operation: Operation, named: Iterable[str] = ()) -> Schema | None:
        """Return the merged schema of the record in an operation's answer; None where it is no object.

        `named` are properties by which records may be told apart.
        """
        answer = self.answer(operation)
        return None if answer is None else enclosed(answer, only_record(answer, named))

    def answer(self, operation: Operation) -> Schema | None:
        """Return the merged schema of an operation's successful answer; None where it is no object."""
        found = answer_schema(self.described(operation), best_success(self.described(operation)))
        schema = None if found is None else merge_all_of(found[1])
        return schema if schema is not None and "object" in (kinds_of(schema) or ("object",)) else None

    def described(self, operation: Operation) -> Mapping[str, Any]:
        """Return what the document says of an operation."""
        found: Mapping[str, Any] = self._document["paths"][operation.template][operation.method.lower()]
        return found


def _short_names(parameter: str, collection: str, schema: Schema) -> Iterator[str]:
    """Yield the members that a parameter names after the record, e.g. `number` by `issue_number`."""
    said = plain(parameter)
    short = {said.replace(noun, "", 1) for noun in nouns_of(collection) if noun in said}
    yield from (name for name in members_of(schema) if plain(name) in short)


def is_same(one: Schema, other: Schema) -> bool:
    """Tell whether two merged schemas are of the same records: each is made of the same parts."""
    return bool(one.get("properties")) and one.get("properties") is other.get("properties")
