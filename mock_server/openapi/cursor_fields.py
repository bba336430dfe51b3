"""Cursor fields: the field of the records whose value a parameter for a position takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mock_server.lists.built_in_schemes import Family, built_in, plain
from mock_server.openapi.list_conventions import Candidate
from mock_server.openapi.schema import Schema, kinds_of, members_of


def cursor_field(family: Family, candidate: Candidate, parameter: str) -> str | None:
    """Return the field whose value a parameter takes, e.g. `id`, or `user.id`; None where none fits."""
    name, schema = next(_fields(candidate), (None, {}))
    if name is None or (family.integer and "integer" not in kinds_of(schema)):
        return None
    return name if candidate.asked.takes_field(parameter, schema) else None


def field_schema(record: Schema, field: str) -> Schema:
    """Return the merged schema of a record's field, e.g. `id`, or `user.id`; `{}` where it has none."""
    found = record
    for name in [field] if field in members_of(record) else field.split("."):
        found = members_of(found).get(name, {})
    return found


def _fields(candidate: Candidate) -> Iterator[tuple[str, Schema]]:
    """Yield the fields that may tell a record from others, the likeliest first, with their schemas.

    They are the record's own id; the id that is named as the list, e.g. `user_id` in `/users`; another
    field that is often unique; and the id of the only object in it that always has one, such as that of
    the user of a membership.
    """
    known = built_in()
    ids = [word for word in known.cursor_fields if word in known.names["ids"]]
    record = candidate.items.record_schema
    fields = members_of(record)
    yield from _named(fields, ids)
    noun = plain(candidate.asked.last_word).removesuffix("s")
    yield from ((name, schema) for name, schema in fields.items() if plain(name) == f"{noun}id")
    yield from _named(fields, known.cursor_fields)
    inner = [
        (f"{name}.{each}", schema)
        for name, member in _required(record).items()
        for each, schema in _named(_required(member), ids)
    ]
    if len(inner) == 1:
        yield inner[0]


def _required(schema: Schema) -> dict[str, Schema]:
    needed = schema.get("required", ())
    return {name: part for name, part in members_of(schema).items() if name in needed}


def _named(fields: Mapping[str, Schema], words: Iterable[str]) -> Iterator[tuple[str, Schema]]:
    """Yield the fields that are named by one of the words, in the order of these."""
    named = {plain(name): name for name in reversed(list(fields))}
    for word in words:
        if word in named:
            yield named[word], fields[named[word]]
