"""Body references: the ids in a request's body that are those of no record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from mock_server.data.bonds import Bonds
from mock_server.data.chunk_search import first_values
from mock_server.data.collection import Collection
from mock_server.errors import Violation
from mock_server.formats.source_file import pointer
from mock_server.openapi.effects import CREATE, MERGE, REPLACE, Effect, Resource, body_schema
from mock_server.openapi.enclosures import body_enclosure
from mock_server.openapi.record_links import REFERS, Link, Links
from mock_server.openapi.schema import Schema, members_of
from mock_server.openapi.schema_merging import merge_all_of
from mock_server.shown_text import name_some, quote

NO_SUCH_REFERENCE = "noSuchReference"

# The operations whose bodies may refer to records that are not there; others answer 404 for them.
_KINDS = frozenset([CREATE, REPLACE, MERGE])
# How many ids a message names, and among how many the one that is meant is looked for.
_NAMED, _COMPARED = 3, 200
# Shorter ids are often a character apart, e.g. 12 and 13.
_SHORTEST = 4


def may_refer(effect: Effect) -> bool:
    """Tell whether the bodies of an operation may refer to records that are not there."""
    return effect.resource is not None and (effect.kind in _KINDS or effect.rules.member is not None)


class BodyReferences:
    """Finds what the bodies of one operation refer to and is not there; compiled at its first use."""

    def __init__(self, effect: Effect, described: Mapping[str, Any], bonds: Callable[[], Bonds]) -> None:
        """Take an operation's effect, what the document says of it, and what finds all references."""
        self._effect = effect
        self._described = described
        self._bonds = bonds

    @cached_property
    def _links(self) -> Links | None:
        resource, schema = self._effect.resource, body_schema(self._described)
        if resource is None or not schema:
            return None
        return Links(schema, self._bonds().nouns, resource.name, self._marks(resource))

    def _marks(self, resource: Resource) -> Schema:
        """Return what the schema of records says of references, by the names that bodies have."""
        described = {n: merge_all_of(part) for n, part in members_of(resource.schema).items()}
        named = {**{name: name for name in described}, **self._effect.rules.mapped}
        marked = {n: described[own] for n, own in named.items() if REFERS in described.get(own, ())}
        marks: Schema = {"properties": marked}
        enclosure = body_enclosure(self._described, resource)
        return marks if enclosure is None else {"properties": {enclosure: marks}}

    @cached_property
    def collections(self) -> tuple[str, ...]:
        """The names of the collections that bodies may refer to; any thread may ask for them."""
        return () if self._links is None else tuple(self._links.every_target())

    def find(
        self, body: Any, collections: Mapping[str, Collection], own_id: bytes
    ) -> Iterator[Violation]:
        """Yield a warning for each id in a body that is that of no record.

        `collections` are those that the account sees, `own_id` is its own id.
        """
        if self._links is None or not isinstance(body, dict | list):
            return
        known: dict[tuple[str, str], _Known] = {}
        for link in self._links.find(body):
            collection = collections.get(link.target.name)
            if collection is None or link.value is None or self._is_own(link):
                continue
            if not _is_there(link, collection, own_id):
                field = link.member.by or link.target.key or ""
                if (collection.name, field) not in known:
                    known[collection.name, field] = _Known(collection, field)
                yield _violation(link, field, known[collection.name, field])

    def _is_own(self, link: Link) -> bool:
        """Tell whether a member is the key that the record itself is to have."""
        resource = self._effect.resource
        return resource is not None and len(link.place) == 1 and link.name == resource.key


def _is_there(link: Link, collection: Collection, own_id: bytes) -> bool:
    text = str(link.value)
    by = link.member.by
    if by is None:
        return collection.find_id(text, own_id) is not None
    return by not in collection.fields or collection.has_value(by, text)


class _Known:
    """The first values of a field of a collection, with which those that lead nowhere are compared."""

    def __init__(self, collection: Collection, field: str) -> None:
        self.number = len(collection)
        self.keys = first_values(collection.chunks, field, _COMPARED)
        # All of them as one text, which tells in a microsecond that none begins or ends like another.
        self._lowered = "\n".join(["", *self.keys, ""]).lower()

    def meant(self, text: str) -> str | None:
        """Return the key that a text misspells by one character; None for none.

        The likeness of words tells nothing of ids: nearly all UUIDs are near another one, and to find
        that takes long.
        """
        if len(text) < _SHORTEST:
            return None
        lowered, half = text.lower(), len(text) // 2
        # One of them has no part in the slip, and none in two characters that changed places.
        first, last = f"\n{lowered[: half - 1]}", f"{lowered[half:]}\n"
        if first not in self._lowered and last not in self._lowered:
            return None
        return next((key for key in self.keys if _is_slip(lowered, key.lower())), None)


def _violation(link: Link, field: str, known: _Known) -> Violation:
    text, name = str(link.value), link.target.name
    near = known.meant(text)
    if near is not None:
        remedy = f"did you mean {quote(near)}?"
    elif known.keys:
        there = name_some(known.keys[:_NAMED])
        remedy = f"there are {known.number:,}, such as {there}; send the {field} of one."
    else:
        remedy = "there is none; create one first."
    message = f"No record of {name} has the {field} {quote(text)}; {remedy}"
    return Violation(NO_SUCH_REFERENCE, message, pointer(link.place))


def _is_slip(one: str, other: str) -> bool:
    """Tell whether a character is another, left out, added, or has changed places with the next."""
    pairs = enumerate(zip(one, other, strict=False))
    start = next((place for place, (own, its) in pairs if own != its), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    is_swap = left[:2] == right[1::-1] and left[2:] == right[2:]
    return is_swap or left[1:] == right[1:] or left[1:] == right or left == right[1:]
