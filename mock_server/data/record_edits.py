"""Edits of one record by a suite: it is created as by a request, or changed by a merge patch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, NamedTuple

from mock_server.data.collection_edits import as_violation
from mock_server.data.editing import Edit, Editor
from mock_server.data.finding import Found, View
from mock_server.data.member_values import Given
from mock_server.data.merge_patch import merged
from mock_server.data.records import field_of
from mock_server.data.written import Written
from mock_server.errors import InvalidRequest, Violation
from mock_server.formats.source_file import pointer
from mock_server.openapi.actions import NO_RULES
from mock_server.openapi.document import Document
from mock_server.openapi.effects import CREATE
from mock_server.openapi.enclosures import said_record
from mock_server.openapi.schema import members_of
from mock_server.openapi.schema_errors import Flaw
from mock_server.settings import LISTED
from mock_server.shown_text import quote


class Creation(NamedTuple):
    """What a request that creates a record may say: how its body is read, and the names it has."""

    written: Written
    names: frozenset[str]

    @classmethod
    def of(cls, document: Document, name: str) -> Creation:
        """Return that of a collection; bodies say nothing of records that no operation creates."""
        for each in document.operations:
            effect = each.effect
            if effect.kind == CREATE and effect.resource is not None and effect.resource.name == name:
                described = document.described(each)
                names = members_of(said_record(described, effect.resource))
                return cls(Written(described, effect.rules, effect.resource), frozenset(names))
        return cls(Written({}, NO_RULES, document.kept[name]), frozenset())


def create_record(view: View, editor: Editor, creation: Creation, item: Any, owner: Any) -> Edit:
    """Return the edit that makes a record of an item, completed as one that a request creates.

    The item may have members of the record, and those of a body that creates one. `owner` is the key of
    the parent, None for what the item says. Raise InvalidRequest with the flaws of the item; what it
    lacks is filled in.
    """
    resource, sent = editor.resource, creation.written.record_in(item)
    parent, key = resource.parent, resource.key
    collection, shown = view.collections[resource.name], editor.described
    record = creation.written.new(Given(sent, {}, view.now, {}, editor.example, shown, collection))
    if parent is not None:
        record[parent.field] = sent.get(parent.field) if owner is None else owner
        if record[parent.field] is None:
            message = f"it has no parent; send '{parent.field}', or name the parent's id in the path."
            raise InvalidRequest([Violation("required", message, pointer((parent.field,)))])
        if parent.is_kept:
            sent = {name: value for name, value in sent.items() if name != parent.field}
    edit = editor.create(view, record)
    known = {name: value for name, value in edit.record.items() if name in editor.names}
    own = {n: value for n, value in sent.items() if n in editor.names or n not in creation.names}
    flaws = _own_flaws(editor.schema.flaws({**known, **own}), own)
    flaws = [flaw for flaw in flaws if flaw.keyword != "required"]
    if key in sent and view.position_of(resource.name, str(sent[key])) is not None:
        message = f"the id {quote(str(sent[key]))} is there already, in the collection"
        flaws.append(Flaw((key,), "unique", message, "give each record its own"))
    if flaws:
        raise InvalidRequest(map(as_violation, flaws))
    return edit


def _own_flaws(flaws: Iterable[Flaw], sent: Mapping[str, Any]) -> list[Flaw]:
    """Return the flaws of members that were sent, since others were there before."""
    return list(islice((flaw for flaw in flaws if flaw.place and flaw.place[0] in sent), LISTED))


def merge_record(view: View, editor: Editor, position: int, patch: Mapping[str, Any]) -> Edit:
    """Return the edit of a merge patch (RFC 7396) that changes the record at a position.

    Raise InvalidRequest with the flaws of what would change, and where its key would.
    """
    collection, key = view.collections[editor.resource.name], editor.schema.key_field
    record = collection.record_at(position, view.own_id)
    after = merged(record, patch)
    known = {name: value for name, value in after.items() if name in editor.names or name in patch}
    flaws = _own_flaws(editor.schema.flaws(editor.schema.complete(known, 0)), patch)
    if key is not None and field_of(after, key) != field_of(record, key):
        flaws.append(Flaw((key,), "key", "a record keeps its key", "leave it out"))
    if flaws:
        raise InvalidRequest(map(as_violation, flaws))
    return editor.merge(view, Found(record, str(field_of(record, key or "")), position), dict(patch))
