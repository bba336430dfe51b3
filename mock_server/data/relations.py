"""Filters by other records and by the account's own id, as the records have the values of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.data.collection import Collection
from mock_server.data.columns import texts_in
from mock_server.data.records import OWN_ACCOUNT, stored_texts
from mock_server.lists.filters import AnyOf, Contains, Either, Except, Filter, Related

Collections = Mapping[str, Collection]


def joined(filters: frozenset[Filter], collections: Collections, own_id: bytes) -> frozenset[Filter]:
    """Return filters that read the records of their own collection alone, and find the same ones.

    `own_id` is the id of the account that asks, for which all records have one and the same text.
    """
    return frozenset(_joined(each, collections, own_id) for each in filters)


def _joined(each: Filter, collections: Collections, own_id: bytes) -> Filter:
    if isinstance(each, Except):
        return Except(_joined(each.part, collections, own_id))
    if isinstance(each, AnyOf):
        if each.values.isdisjoint((own_id.decode(), OWN_ACCOUNT)):
            return each
        kept = (text for value in each.values for text in stored_texts(value, own_id))
        return AnyOf(each.field, frozenset(kept))
    if not isinstance(each, Related):
        return each
    return AnyOf(each.own, frozenset(_keys(each, collections[each.collection], own_id)))


def _keys(related: Related, collection: Collection, own_id: bytes) -> Iterator[str]:
    """Yield what the records that the filter finds in the other collection belong to."""
    for position in collection.positions:
        record = collection.record_at(position, own_id)
        is_one = all(_has_one(record, name, values) for name, values in related.where)
        if is_one and (related.part is None or _passes(related.part, record)):
            yield from texts_in(record, related.theirs)


def _has_one(record: Mapping[str, Any], name: str, values: tuple[str, ...]) -> bool:
    return any(text in values for text in texts_in(record, name))


def _passes(part: Filter, record: Mapping[str, Any]) -> bool:
    """Tell whether a record passes a filter by texts."""
    if isinstance(part, Either):
        return any(_passes(each, record) for each in part.parts)
    if isinstance(part, AnyOf):
        return any(text in part.values for text in texts_in(record, part.field))
    if isinstance(part, Contains):
        return any(part.text in text.casefold() for text in texts_in(record, part.field))
    raise LookupError(f"{type(part).__name__} is no filter by texts")
