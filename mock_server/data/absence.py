"""Absence: the errors of records that are not there, which say what is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from mock_server.data.collection import Collection
from mock_server.data.records import OWN_ACCOUNT
from mock_server.errors import NotFound
from mock_server.lists.filters import values_of
from mock_server.openapi.actions import Find
from mock_server.openapi.effects import Resource
from mock_server.shown_text import name_some, quote

# How many values a message names, and in how many records it looks for them.
_NAMED = 3
_LOOKED_AT = 100

_NO_OWNERS: Mapping[str, str] = {}


def not_found(
    collection: Collection,
    resource: Resource,
    key: str | None,
    own_id: bytes,
    owners: Mapping[str, str] = _NO_OWNERS,
) -> NotFound:
    """Return the error of a record that is not there, for the account with an id.

    It says which are: where `owners` has the key of its parent, those that are nested in that one.
    """
    parent, positions = resource.parent, collection.positions
    owner = None if parent is None else owners.get(parent.collection)
    if parent is not None and owner is not None:
        positions = list(collection.positions_with(parent.field, owner, own_id))
    keys = [] if resource.key is None else _first_values(collection, positions, resource.key)
    keys = [own_id.decode() if each == OWN_ACCOUNT else each for each in keys]
    there = f"there are {len(positions):,}, such as {name_some(keys)}" if keys else "there is none"
    said = f"no record {quote(key)}" if key else "no record"
    of = "" if owner is None else f" of {quote(owner)}"
    return NotFound(f"There is {said} in {resource.name}{of}; {there}.")


def not_found_by(find: Find, key: str, resource: Resource, holder: Collection) -> NotFound:
    """Return the error of a record that is found by another member, which `holder` has.

    It says by which, and some of its values, since the record's own key is of no use there.
    """
    values = _first_values(holder, holder.positions, find.by)
    member = f"its {find.by}" if find.through is None else f"the {find.by} of its {holder.name}"
    there = f"such as {name_some(values)}" if values else "of which there is none"
    said = f"There is no record {quote(key)} in {resource.name}; the path names it by {member}, {there}."
    return NotFound(said)


def _first_values(collection: Collection, positions: Iterable[int], field: str) -> list[str]:
    looked_at = islice(positions, _LOOKED_AT)
    cells = (collection.cell_at(field, position) for position in looked_at)
    values = (text for cell in cells for text in values_of(cell))
    return list(islice(dict.fromkeys(values), _NAMED))
