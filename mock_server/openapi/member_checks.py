"""Checks of the rules of properties, `x-sum` and `x-refers`: whether what they name is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi.actions import LineSum
from mock_server.openapi.effects import Resource
from mock_server.openapi.member_rules import SUM, member_errors, nested_name, sums_of
from mock_server.openapi.schema import DocumentError, Schema, members_of, only_values
from mock_server.openapi.schema_merging import merge_all_of
from mock_server.shown_text import did_you_mean, name_some, quote

# Returns the members that the records of a collection may have, by its name.
Known = Callable[[str], Collection[str]]


def property_errors(
    resource: Resource, resources: Mapping[str, Resource], known: Known, place: Place
) -> Iterator[DocumentError]:
    """Yield what is wrong with the rules of the properties of records, which stand at a place."""
    for name, part in members_of(resource.schema).items():
        yield from member_errors(part, (*place, name))
        yield from _of_reference(resource, resources, known, part, (*place, name, "x-refers"))
    for name, rule in sums_of(members_of(resource.schema)).items():
        where = (*place, name, SUM)
        if not isinstance(rule, LineSum):
            yield from unknown(
                resource.name, known, [(each, (rule.operator,)) for each in rule.fields], where
            )
            continue
        of = nested_name(resources, resource.name, rule.of)
        if of is None:
            yield no_collection(rule.of, resources, (*where, "of"))
            continue
        parent = resources[of].parent
        named = [(rule.field, ("field",)), (rule.by, ("by",))]
        kept = parent is not None and parent.is_kept and parent.field == rule.by
        yield from unknown(of, known, named[:1] if kept else named, where)


def _of_reference(
    resource: Resource, resources: Mapping[str, Resource], known: Known, part: Schema, place: Place
) -> Iterator[DocumentError]:
    refers = part.get("x-refers")
    if not isinstance(refers, Mapping) or not isinstance(refers.get("collection"), str):
        return
    target, by, copies = refers["collection"], refers.get("by"), refers.get("copies")
    if target not in resources:
        yield no_collection(target, resources, (*place, "collection"))
        return
    if isinstance(by, str):
        yield from unknown(target, known, [(by, ("by",))], place)
    for own, theirs in copies.items() if isinstance(copies, Mapping) else ():
        yield from unknown(resource.name, known, [(own, ("copies", own))], place)
        if isinstance(theirs, str):
            yield from unknown(target, known, [(theirs, ("copies", own))], place)


def unknown(
    collection: str, known: Known, named: Iterable[tuple[str, Place]], place: Place
) -> Iterator[DocumentError]:
    """Yield an error for each named member, or path to one, that the records of a collection lack."""
    members = known(collection)
    for name, steps in named:
        if name.split(".")[0] not in members and name not in members:
            yield no_member(collection, name, members, (*place, *steps))


def unknown_values(
    resource: Resource, named: Iterable[tuple[str, Any, Place]], place: Place
) -> Iterator[DocumentError]:
    """Yield an error for each value of a member that the schema of a resource's records forbids."""
    members = members_of(resource.schema)
    for name, value, steps in named:
        admitted = only_values(merge_all_of(members[name])) if name in members else None
        if admitted is not None and value is not None and value not in admitted:
            texts = [str(each) for each in admitted if each is not None]
            said = f"no record of {resource.name} has the {name} {json.dumps(value)}"
            near = did_you_mean(str(value), texts)
            yield DocumentError((*place, *steps), said + near, use(texts))


def no_member(collection: str, name: str, known: Iterable[str], place: Place) -> DocumentError:
    """Return the error of a member that the records of a collection lack."""
    names = sorted(known)
    message = f"the records of {collection} have no member {quote(name)}{did_you_mean(name, names)}"
    return DocumentError(place, message, use(names))


def no_collection(name: str, known: Collection[str], place: Place) -> DocumentError:
    """Return the error of a collection that the document lacks."""
    message = f"the document has no collection {quote(name)}{did_you_mean(name, known)}"
    return DocumentError(place, message, f"use one of {name_some(known, 10)}")


def use(known: Iterable[str]) -> str:
    """Return what to do in place of a name that is none of the known ones."""
    names = list(known)
    return f"use one of {name_some(names, 10)}" if names else "remove it"
