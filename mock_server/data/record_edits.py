"""Edits of one record by a suite: it is created as by a request, or changed by a merge patch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import orjson

from mock_server.data.chunk import Stored
from mock_server.data.collection import Collection, fill_account_id
from mock_server.data.collection_edits import as_violation
from mock_server.data.editing import Edit, Editor
from mock_server.data.finding import View
from mock_server.data.merge_patch import merged
from mock_server.data.records import RecordSchema, field_of
from mock_server.errors import InvalidRequest, Violation
from mock_server.formats.source_file import pointer
from mock_server.openapi.schema_errors import Flaw
from mock_server.settings import LISTED
from mock_server.shown_text import quote


def create_record(view: View, editor: Editor, item: Any, owner: Any) -> Edit:
    """Return the edit that makes a record of an item, completed as one that a request creates.

    `owner` is the key of the parent, None for what the item says. Raise InvalidRequest with the flaws of
    the item; what it lacks is filled in.
    """
    resource, sent = editor.resource, item if isinstance(item, dict) else {}
    parent, key = resource.parent, resource.key
    record = dict(sent)
    if parent is not None:
        record[parent.field] = sent.get(parent.field) if owner is None else owner
        if record[parent.field] is None:
            message = f"it has no parent; send '{parent.field}', or name the parent's id in the path."
            raise InvalidRequest([Violation("required", message, pointer((parent.field,)))])
        if parent.is_kept:
            sent = {name: value for name, value in sent.items() if name != parent.field}
    edit = editor.create(view, record)
    known = {name: value for name, value in edit.record.items() if name in editor.names}
    flaws = _own_flaws(editor.schema.flaws({**known, **sent}), sent)
    flaws = [flaw for flaw in flaws if flaw.keyword != "required"]
    if key is not None and key in sent and str(sent[key]) in view.collections[resource.name]:
        message = f"the id {quote(str(sent[key]))} is there already, in the collection"
        flaws.append(Flaw((key,), "unique", message, "give each record its own"))
    if flaws:
        raise InvalidRequest(map(as_violation, flaws))
    return edit


def _own_flaws(flaws: Iterable[Flaw], sent: Mapping[str, Any]) -> list[Flaw]:
    """Return the flaws of members that were sent, since others were there before."""
    return list(islice((flaw for flaw in flaws if flaw.place and flaw.place[0] in sent), LISTED))


def merge_record(
    collection: Collection, schema: RecordSchema, position: int, patch: Mapping[str, Any], own_id: bytes
) -> Collection:
    """Return a collection in which a merge patch (RFC 7396) has changed the record at a position.

    `own_id` is the id of the account that reads it. Raise InvalidRequest with the flaws of what would
    change, and where its key would.
    """
    before = collection.record_at(position, own_id)
    shown = orjson.loads(fill_account_id(collection.at([position])[0], own_id))
    after = schema.complete(merged(shown, patch), 0)
    flaws = _own_flaws(schema.flaws(after), patch)
    key = schema.key_field
    if key is not None and field_of(after, key) != field_of(shown, key):
        flaws.append(Flaw((key,), "key", "a record keeps its key", "leave it out"))
    if flaws:
        raise InvalidRequest(map(as_violation, flaws))
    hidden = {name: value for name, value in before.items() if name not in shown}
    return collection.with_record(position, Stored(after, hidden) if hidden else after)
