"""Enclosures: objects that have a record in one of their members, as `{"ticket": {…}, "meta": {…}}`.

Some APIs send and answer a record so, and list it without. What is kept is the record alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.openapi.effects import Resource, body_schema
from mock_server.openapi.record_keys import find_keys
from mock_server.openapi.schema import Schema, kinds_of, member_names, members_of
from mock_server.openapi.schema_merging import merge_all_of


def only_record(answer: Schema, named: Iterable[str]) -> str | None:
    """Return the member of a merged answer that is a record, where nothing else stands beside it.

    `named` are properties by which records may be told apart. None where the answer has such itself.
    """
    keys = tuple(named)
    if find_keys(answer, keys):
        return None
    furniture = built_in().containers
    own = {name: part for name, part in members_of(answer).items() if plain(name) not in furniture}
    name, part = next(iter(own.items()), ("", {}))
    return name if len(own) == 1 and find_keys(_object(part), keys) else None


def answer_enclosure(answer: Schema, resource: Resource) -> str | None:
    """Return the member of a merged answer that is a record of a resource; None where none is."""
    known = member_names(resource.schema)
    # What tells that an object is the record: its key, or any member where records have none.
    telling = known if resource.key is None else {resource.key}
    if not telling.isdisjoint(member_names(answer)):
        return None
    found = []
    for name, part in members_of(answer).items():
        inner = member_names(_object(part))
        # All of one that lists show in brief, such as its id and its name, and more.
        is_whole = len(known) > 1 and known <= inner
        if not telling.isdisjoint(inner) and (is_whole or 2 * len(inner & known) >= len(inner)):
            found.append(name)
    return found[0] if len(found) == 1 else None


def body_enclosure(described: Mapping[str, Any], resource: Resource | None) -> str | None:
    """Return the member of an operation's bodies that says what a record is to be; None for the body.

    It is the only one that has members of the record, where the body itself has none of these.
    """
    if resource is None:
        return None
    known, body = member_names(resource.schema), merge_all_of(body_schema(described))
    if not known.isdisjoint(member_names(body)):
        return None
    members = members_of(body).items()
    found = [name for name, part in members if not known.isdisjoint(member_names(_object(part)))]
    return found[0] if len(found) == 1 else None


def answered_record(answer: Schema, resource: Resource) -> Schema:
    """Return the merged schema of a resource's record in a merged answer, which may be all of it."""
    return enclosed(answer, answer_enclosure(answer, resource))


def said_record(described: Mapping[str, Any], resource: Resource | None) -> Schema:
    """Return the merged schema of what an operation's bodies say of a record."""
    return enclosed(merge_all_of(body_schema(described)), body_enclosure(described, resource))


def enclosed(schema: Schema, member: str | None) -> Schema:
    """Return the merged schema of a member of a merged schema; this itself for None."""
    return schema if member is None else merge_all_of(members_of(schema)[member])


def _object(schema: Any) -> Schema:
    """Return a merged schema of objects; `{}` for any other."""
    merged = merge_all_of(schema)
    return merged if "object" in kinds_of(merged) else {}
