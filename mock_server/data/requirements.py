"""Requirements: what a record, and the one that it belongs to, must be for a change of it."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.data.columns import texts_in
from mock_server.data.conditions import Ways, require
from mock_server.data.finding import Found, View
from mock_server.data.member_values import Given
from mock_server.openapi.actions import Allow
from mock_server.openapi.document import Document
from mock_server.openapi.effects import Effect, Parent
from mock_server.openapi.rule_values import Guard


class Requirements:
    """Checks what `x-allow` says of the records that one operation changes."""

    def __init__(self, document: Document, effect: Effect, ways: Ways) -> None:
        self._allow = effect.rules.allow or Allow()
        self._resource = effect.resource
        self._ways = ways
        parent = None if effect.resource is None else effect.resource.parent
        self._parent: Parent | None = parent if self._allow.parent else None
        self._parent_ways = Ways(document.operations, parent.collection) if parent else ways

    def check_owners(self, view: View, owners: Mapping[str, str]) -> None:
        """Raise the error of a record to which no new one may belong."""
        if self._parent is not None and self._parent.collection in owners:
            self._check_parent(view, self._parent, owners[self._parent.collection])

    def check(self, view: View, found: Found, given: Given) -> None:
        """Raise the error of a record that must not be changed."""
        if self._resource is not None:
            name = f"The record {found.key} of {self._resource.name}"
            require(self._allow.guard, found.record, given, name, self._ways)
        if self._parent is not None:
            for key in texts_in(found.record, self._parent.field):
                self._check_parent(view, self._parent, key)

    def _check_parent(self, view: View, parent: Parent, key: str) -> None:
        collection = view.collections[parent.collection]
        position = view.position_of(parent.collection, key)
        if position is None:
            return
        record = collection.record_at(position, view.own_id)
        guard = Guard(self._allow.parent, None, self._allow.guard.otherwise)
        given = Given({}, {}, view.now, record, None, {}, collection)
        require(guard, record, given, f"The record {key} of {parent.collection}", self._parent_ways)
