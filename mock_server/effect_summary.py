"""Say what the operations of a document do: list, get, create, change, remove, or give an example."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.openapi import effects
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation

# How many operations of a kind are named.
_NAMED = 3

_VERBS = {
    effects.GET: "gets a record of",
    effects.CREATE: "creates a record of",
    effects.REPLACE: "replaces a record of",
    effects.MERGE: "merges what is sent into a record of",
    effects.REMOVE: "removes a record of",
}


def saying(operation: Operation) -> str:
    """Return what an operation that is no list does, e.g. `creates a record of things; answers 201`."""
    effect = operation.effect
    verb = _VERBS.get(effect.kind)
    if verb is None or effect.resource is None:
        return f"answers {effect.status} with the document's example, or by its schema"
    parent = effect.resource.parent
    within = "" if parent is None else f", of its parent in {parent.collection}"
    return f"{verb} {effect.resource.name}{within}; answers {effect.status}"


def group_lines(document: Document) -> Iterator[str]:
    """Yield a line for each kind of operation but lists, with how many there are, and the first."""
    for kind in (*_VERBS, effects.EXAMPLE):
        found = [each for each in document.operations if each.effect.kind == kind]
        if found:
            does = _VERBS.get(kind, "answers with the document's example, or by its schema")
            names = ", ".join(f"{each.method} {each.path}" for each in found[:_NAMED])
            more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
            each = "1 operation" if len(found) == 1 else f"{len(found):,} operations, each"
            yield f"{each} {does.removesuffix(' of')}: {names}{more}"
