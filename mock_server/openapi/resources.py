"""Resources: what the paths of a document tell of its collections, and what each operation does to them.

A collection is a path `C` whose `C/{x}` exists, or whose GET is a list, or that has no parameters and
whose POST answers a new record. `C/{x}` is its item, and `C/{x}/D` may be a collection within it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from mock_server.lists.built_in_schemes import plain
from mock_server.openapi.effects import (
    CREATE,
    EXAMPLE,
    GET,
    LIST,
    MERGE,
    REMOVE,
    REPLACE,
    Effect,
    Parent,
    Resource,
)
from mock_server.openapi.nouns import nouns_of
from mock_server.openapi.operations import Operation
from mock_server.openapi.record_keys import find_keys
from mock_server.openapi.responses import answer_schema, best_success
from mock_server.openapi.rule_reading import read_rules
from mock_server.openapi.schema import DocumentError, Schema, kinds_of, members_of
from mock_server.openapi.schema_merging import merge_all_of

# A suffix that all paths of a document may have, e.g. `.json`.
_SUFFIX = re.compile(r"\.[a-z]{2,5}$")
_PARAMETER = "{}"

# What a request with a method does to an item; a POST to one is how some APIs change it.
_ITEM_KINDS = {"GET": GET, "PUT": REPLACE, "PATCH": MERGE, "POST": MERGE, "DELETE": REMOVE}

# The segments of a path, with `{}` for each that is a parameter as a whole.
Shape = tuple[str, ...]


def with_effects(
    document: Mapping[str, Any], operations: Iterable[Operation]
) -> Iterator[Operation | DocumentError]:
    """Yield the operations of a resolved document with their effects, and what is wrong with rules."""
    finder = _Finder(document, tuple(operations))
    errors: list[DocumentError] = []
    for each in finder.operations:
        described, place = finder.described(each), ("paths", each.template, each.method.lower())
        rules = read_rules(described, place, errors)
        yield replace(each, effect=replace(finder.effect(each), rules=rules))
    yield from errors


def shape_of(template: str) -> Shape:
    """Return the shape of a path, e.g. `("things", "{}")` for `/things/{id}.json`."""
    segments = _SUFFIX.sub("", template).strip("/").split("/")
    return tuple(_PARAMETER if _is_parameter(each) else each for each in segments)


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.find("}") == len(segment) - 1


class _Path(NamedTuple):
    """A path, with its operations by their methods, e.g. `GET`."""

    template: str
    operations: dict[str, Operation]

    @property
    def parameters(self) -> list[str]:
        """Return the names of the parameters that are whole segments, in their order."""
        return [each[1:-1] for each in _SUFFIX.sub("", self.template).split("/") if _is_parameter(each)]


class _Finder:
    """Finds the resources of one document, and the effects of its operations."""

    def __init__(self, document: Mapping[str, Any], operations: tuple[Operation, ...]) -> None:
        self.operations = operations
        self._document = document
        self._paths: dict[Shape, _Path] = {}
        for each in operations:
            path = self._paths.setdefault(shape_of(each.template), _Path(each.template, {}))
            path.operations[each.method] = each
        self._resources: dict[Shape, Resource | None] = {}

    def effect(self, operation: Operation) -> Effect:
        """Return what an operation does."""
        shape, status = shape_of(operation.template), self._success(operation)
        if operation.collection is not None:
            resource = self._resource(shape) or self._of_list(operation, None)
            return Effect(LIST, resource, None, self._ancestors(shape, resource), status)
        found = self._item_effect(operation, shape)
        if found is None:
            return Effect(EXAMPLE, status=status)
        kind, resource, parameter = found
        return Effect(kind, resource, parameter, self._ancestors(shape, resource), status)

    def _item_effect(
        self, operation: Operation, shape: Shape
    ) -> tuple[str, Resource, str | None] | None:
        """Return what an operation does to one record, or to a collection: its kind and its resource.

        Return None where the shape of its path does not tell.
        """
        own = self._resource(shape)
        if own is not None:
            if own.is_single and operation.method in _ITEM_KINDS:
                kind = _ITEM_KINDS[operation.method]
                return (kind, own, None) if kind != REMOVE else None
            return (CREATE, own, None) if operation.method == "POST" else None
        resource = self._resource(shape[:-1]) if shape[-1] == _PARAMETER else None
        if resource is None or resource.key is None or operation.method not in _ITEM_KINDS:
            return None
        return _ITEM_KINDS[operation.method], resource, self._paths[shape].parameters[-1]

    def _resource(self, shape: Shape) -> Resource | None:
        """Return the resource whose collection has a shape; None where there is none."""
        if shape not in self._resources:
            # None meanwhile, since a schema may be asked for while another is found.
            self._resources[shape] = None
            self._resources[shape] = self._find(shape)
        return self._resources[shape]

    def _find(self, shape: Shape) -> Resource | None:
        item = self._paths.get((*shape, _PARAMETER))
        own = self._paths.get(shape)
        listing = own.operations.get("GET") if own is not None else None
        if listing is not None and listing.collection is not None:
            return self._of_list(listing, item)
        if not shape or shape[-1] == _PARAMETER:
            return None
        if item is not None and any(each.collection is None for each in item.operations.values()):
            return self._of_item(shape, item)
        if own is None or _PARAMETER in shape:
            return None
        return self._single(own) or self._of_create(own)

    def _of_list(self, listing: Operation, item: _Path | None) -> Resource:
        parameter = item.parameters[-1] if item is not None else None
        source = (listing.template, listing.method)
        return self._new(listing.collection or "", listing.record_schema, parameter, source)

    def _of_item(self, shape: Shape, item: _Path) -> Resource | None:
        """Return the resource of an item without a list: its schema is that of the item's answers."""
        own = self._paths.get(shape)
        every = [item.operations.get(method) for method in ("GET", "PUT", "PATCH")]
        every += [own.operations.get("POST") if own is not None else None, item.operations.get("DELETE")]
        for each in filter(None, every):
            schema = self._answer(each)
            if schema is not None and find_keys(schema, item.parameters[-1:]):
                name = item.template.strip("/").rpartition("/")[0]
                source = (each.template, each.method)
                found = self._new(name, schema, item.parameters[-1], source)
                return replace(found, is_single=self._is_only_one(own, item))
        return None

    def _is_only_one(self, own: _Path | None, item: _Path) -> bool:
        """Tell whether a path itself gets the record, which is only changed by its key.

        E.g. `GET /settings` and `PUT /settings/{id}`: there is one from the beginning.
        """
        if own is None or own.operations.keys() != {"GET"} or "DELETE" in item.operations:
            return False
        schema = self._answer(own.operations["GET"])
        return schema is not None and bool(find_keys(schema, item.parameters[-1:]))

    def _single(self, own: _Path) -> Resource | None:
        """Return the resource of a path whose only record is read and changed without a key."""
        reading = own.operations.get("GET")
        if reading is None or not {"PUT", "PATCH"} & own.operations.keys():
            return None
        schema = self._answer(reading)
        if schema is None:
            return None
        source = (reading.template, reading.method)
        return Resource(own.template.strip("/"), schema, is_single=True, source=source)

    def _of_create(self, own: _Path) -> Resource | None:
        """Return the resource of a path that only creates, and answers no record of another one."""
        creating = own.operations.get("POST")
        schema = self._answer(creating) if creating is not None else None
        if creating is None or schema is None or not find_keys(schema):
            return None
        if any(_is_same(schema, other) for other in self._schemas_of_others):
            return None
        return self._new(own.template.strip("/"), schema, None, (creating.template, creating.method))

    @cached_property
    def _schemas_of_others(self) -> list[Schema]:
        """The schemas of the records of lists, and of items."""
        found = [each.record_schema for each in self.operations if each.collection is not None]
        for shape, path in self._paths.items():
            if shape[-1] == _PARAMETER and "GET" in path.operations:
                schema = self._answer(path.operations["GET"])
                found += [schema] if schema is not None else []
        return found

    def _new(
        self, name: str, schema: Schema, parameter: str | None, source: tuple[str, str]
    ) -> Resource:
        keys = find_keys(schema, [parameter] if parameter is not None else [])
        parent = self._parent(name, schema)
        return Resource(name, schema, parameter, keys[0] if keys else None, parent, source=source)

    def _parent(self, name: str, schema: Schema) -> Parent | None:
        """Return what the records of a collection belong to; None where no member says so."""
        members = {plain(each): each for each in members_of(schema)}
        for parameter, collection in reversed(list(self._owners(name))):
            named = (members.get(f"{noun}id") for noun in nouns_of(collection))
            field = next(filter(None, named), None) or members.get(plain(parameter))
            if field is not None and field not in find_keys(schema):
                return Parent(collection, parameter, field)
        return None

    def _ancestors(self, shape: Shape, resource: Resource | None) -> dict[str, str]:
        """Return the names of the collections whose records a path names above a resource."""
        if resource is None or resource.parent is None:
            return {}
        return {p: c for p, c in self._owners(self._paths[shape].template) if c != resource.name}

    def _owners(self, template: str) -> Iterator[tuple[str, str]]:
        """Yield the parameters of a path that name a record, with the collections of these records.

        A parameter does so behind a collection's path, or by its name: `customerId` of `customers`.
        """
        segments = template.strip("/").split("/")
        for number, segment in enumerate(segments[:-1]):
            if not _is_parameter(segment):
                continue
            named = self._by_noun.get(plain(segment[1:-1]))
            owner = self._resource(shape_of("/".join(segments[:number]))) if number else None
            found = named or (owner.name if owner is not None else None)
            if found is not None:
                yield segment[1:-1], found

    @cached_property
    def _by_noun(self) -> dict[str, str]:
        """The names of the collections at the top by `<singular>id`: `customers` by `customerid`.

        Of several with the same last word, the one with the shortest path counts.
        """
        tops = [shape for shape in self._paths if shape[-1] != _PARAMETER and _PARAMETER not in shape]
        items = [shape for shape in tops if (*shape, _PARAMETER) in self._paths]
        items.sort(key=len, reverse=True)
        return {f"{noun}id": "/".join(shape) for shape in items for noun in nouns_of(shape[-1])}

    def _answer(self, operation: Operation) -> Schema | None:
        """Return the merged schema of an operation's successful answer; None where it is no object."""
        found = answer_schema(self.described(operation), self._success(operation))
        schema = None if found is None else merge_all_of(found[1])
        return schema if schema is not None and "object" in (kinds_of(schema) or ("object",)) else None

    def _success(self, operation: Operation) -> str:
        return best_success(self.described(operation))

    def described(self, operation: Operation) -> Mapping[str, Any]:
        """Return what the document says of an operation."""
        found: Mapping[str, Any] = self._document["paths"][operation.template][operation.method.lower()]
        return found


def _is_same(one: Schema, other: Schema) -> bool:
    """Tell whether two merged schemas are of the same records: each is made of the same parts."""
    return bool(one.get("properties")) and one.get("properties") is other.get("properties")
