"""Newer shapes: an older document whose records are those of the newest document that has them.

A collection has the same name in two documents if its paths have the same shape; the names of their
parameters make no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mock_server.openapi.document import Document
from mock_server.openapi.effects import Resource
from mock_server.openapi.former_names import Lineage, kept_field
from mock_server.openapi.operations import Operation
from mock_server.openapi.path_shapes import Shape, shape_of
from mock_server.openapi.schema import Schema
from mock_server.openapi.sort_reading import sorted_fields


def on_newer(older: Document, newer: Sequence[Document]) -> Document:
    """Return an older document whose operations act on the records of newer ones, the newest first.

    Collections that none of these has stay its own.
    """
    kept = _Kept(newer)
    operations = tuple(kept.operation(each) for each in older.operations)
    lineages = {kept.name(name): kept.lineage(each) for name, each in older.resources.items()}
    return replace(older, operations=operations, newer=tuple(newer), lineages=lineages)


class _Kept:
    """The collections of newer documents, each as the newest that has it describes it."""

    def __init__(self, newer: Sequence[Document]) -> None:
        self._newer = newer
        self._resources: dict[Shape, Resource] = {}
        for document in newer:
            for name, resource in document.resources.items():
                self._resources.setdefault(shape_of(name), resource)

    def name(self, name: str) -> str:
        """Return the name under which a collection of an older document is kept."""
        kept = self._resources.get(shape_of(name))
        return name if kept is None else kept.name

    def operation(self, own: Operation) -> Operation:
        """Return an operation of an older document that acts on what is kept."""
        effect = own.effect
        resource = None if effect.resource is None else self._resource(effect.resource)
        ancestors = {parameter: self.name(name) for parameter, name in effect.ancestors.items()}
        shown = effect._replace(resource=resource, ancestors=ancestors)
        if own.collection is None or effect.resource is None:
            return replace(own, effect=shown)
        lineage = Lineage(self.lineage(effect.resource)[:-1])
        columns = {f: kept_field(f, own.record_schema, lineage) for f in _fields(own)}
        renamed = {field: kept for field, kept in columns.items() if field != kept}
        return replace(own, collection=self.name(own.collection), effect=shown, columns=renamed)

    def _resource(self, own: Resource) -> Resource:
        """Return a resource as it is kept, of which the parent is named by the own path's parameter."""
        kept = self._resources.get(shape_of(own.name))
        if kept is None:
            parent = own.parent and own.parent._replace(collection=self.name(own.parent.collection))
            return replace(own, parent=parent)
        if kept.parent is None or own.parent is None:
            return kept
        return replace(kept, parent=kept.parent._replace(parameter=own.parent.parameter))

    def lineage(self, own: Resource) -> tuple[Schema, ...]:
        """Return the schemas of a collection's records, from the one they are kept in to its own."""
        name = self.name(own.name)
        nearest = next((d for d in reversed(self._newer) if name in d.resources), None)
        return (own.schema,) if nearest is None else (*nearest.lineage(name), own.schema)


def _fields(operation: Operation) -> Iterator[str]:
    """Yield the fields by which a list is filtered and sorted."""
    yield from (field for p in operation.parameters if p.filters for field in p.filters.fields)
    yield from sorted_fields(operation)
    if operation.effect.rules.hidden is not None:
        yield operation.effect.rules.hidden.field
