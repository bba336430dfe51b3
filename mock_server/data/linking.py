"""Linking: giving the members of generated records the keys of other records, which are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mock_server.data.records import Record
from mock_server.openapi.effects import Resource
from mock_server.openapi.record_links import Link, LinkMember, Links

# How many records of a collection are linked to: the first ones, so that few keys have to be made.
MOST = 100


class Targets(Protocol):
    """The records that others are linked to."""

    def key(self, name: str, index: int) -> Any:
        """Return the key of the record of a collection at an index; None where there is none."""

    def siblings(self, name: str, above: Mapping[str, int]) -> range:
        """Return the numbers of the records of a collection that are nested in the same parent.

        Return those of all records where it is not nested in one of those above.
        """

    def record(self, name: str, index: int) -> Record:
        """Return a record of a collection, of whose own links nothing is certain."""


class Linker:
    """Links the records of one collection.

    A record links to the one with its own number in the other collection, so that what it links to
    often agrees: the customer of a payment is the customer of the invoice that is paid.
    """

    def __init__(self, resource: Resource, links: Links, targets: Targets) -> None:
        self._resource = resource
        self._links = links
        self._targets = targets

    def link(self, record: Any, index: int, above: Mapping[str, int]) -> None:
        """Give the members of a record that link to others the keys of these.

        `above` are the numbers of the records that it is nested in, by their collections.
        """
        for link in list(self._links.find(record)):
            if link.holder is record and self._is_own(str(link.name)):
                continue
            if self._is_of_itself(link, record):
                self._set(link, record.get(link.target.key))
                continue
            chosen = self._choose(link, index, above)
            if chosen is not None:
                self._give(link, record, chosen)

    def _is_own(self, name: str) -> bool:
        """Tell whether a member has the key of the record itself, or of the one that it is nested in."""
        parent = self._resource.parent
        return name == self._resource.key or (parent is not None and name == parent.field)

    def _is_of_itself(self, link: Link, record: Any) -> bool:
        """Tell whether a part of a record has the record's own key, as an invoice's lines have."""
        is_inner = link.holder is not record and not link.member.is_marked
        return is_inner and link.target.name == self._resource.name

    def _choose(self, link: Link, index: int, above: Mapping[str, int]) -> int | None:
        """Return the number of the record that a member links to; None where it stays as it is."""
        name = link.target.name
        if name in above:
            return above[name]
        is_empty = link.value is None and link.member.shown is None
        if is_empty and index % 2:
            return None
        there = self._targets.siblings(name, above)[:MOST]
        further = link.name if isinstance(link.name, int) else 0
        further += name == self._resource.name
        return there[(index + further) % len(there)] if there else None

    def _give(self, link: Link, record: Any, chosen: int) -> None:
        member, name = link.member, link.target.name
        by = member.by
        key = self._targets.record(name, chosen).get(by) if by else self._targets.key(name, chosen)
        if not self._set(link, key):
            return
        if member.copies:
            shown = self._targets.record(name, chosen)
            for own, theirs in member.copies.items():
                if own in link.holder and shown.get(theirs) is not None:
                    link.holder[own] = shown[theirs]
        if member.shown is not None and link.holder is not record and len(link.holder) > 1:
            self._show(member, link.holder, self._targets.record(name, chosen))

    def _set(self, link: Link, key: Any) -> bool:
        """Give a member a key, and tell whether its schema admits that."""
        written = None if key is None else link.member.written(key)
        if written is not None:
            link.holder[link.name] = written
        return written is not None

    def _show(self, member: LinkMember, holder: dict[str, Any], shown: Record) -> None:
        """Give an object that shows another record what that has of the same names."""
        for name in holder.keys() & shown.keys():
            value = shown[name]
            is_plain = isinstance(value, str | int | float)
            if name != member.target.key and is_plain and member.admits(name, value):
                holder[name] = value
