"""Calls about collections: list, load, replace, add, generate and remove their records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from mock_server.control.call import (
    Call,
    Calls,
    commit_on_event_loop,
    encoded_response,
    json_response,
    no_content,
)
from mock_server.control.named_collection import Named, name_of, named, unknown_names
from mock_server.data import collection_edits, record_edits
from mock_server.data.changes import Change
from mock_server.data.collection import Collection, fill_account_id
from mock_server.data.editing import UPDATED, Edit
from mock_server.data.record_edits import Creation
from mock_server.errors import NotFound, Violation
from mock_server.formats import source_file
from mock_server.formats.timestamps import format_moment
from mock_server.openapi.record_links import Links
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.shown_text import quote


def _list_collections(call: Call) -> dict[str, Any]:
    collections = call.account.collections
    counts = collections.counts
    items = [
        {"name": name, "records": counts[name], "key": collections.outline(name).id_field}
        for name in call.context.resources
        if name in collections
    ]
    return {"items": items}


def _list_records(call: Call) -> Response:
    meant = named(call)
    collection, offset = meant.collection, call.values["offset"]
    positions, text = collection.matching(meant.filters), call.values["search"]
    shown = slice(offset, offset + call.values["limit"])
    if text:
        found = _holding(collection.at(positions), text)
        part, total = found[shown], len(found)
    else:
        part, total = collection.at(positions[shown]), len(positions)
    items = fill_account_id(b",".join(part), call.account.own_id)
    return encoded_response(b'{"items":[%s],"total":%d}' % (items, total))


def _holding(records: Sequence[bytes], text: str) -> Sequence[bytes]:
    """Return the encoded records that hold a text, in upper or lower case."""
    wanted = json.dumps(text, ensure_ascii=False)[1:-1].lower()
    if wanted.isascii():
        # There may be a million records, which only letters beyond ASCII are worth decoding for.
        sought = wanted.encode()
        return [record for record in records if sought in record.lower()]
    return [record for record in records if wanted in record.decode().lower()]


def _check_items(call: Call) -> Iterator[Violation]:
    """Yield the violations of the items of a call that has others.

    Without others, the handler checks the items while it loads them.
    """
    if call.violations and isinstance(call.body, dict) and isinstance(call.body.get("items"), list):
        yield from collection_edits.find_violations(named(call).schema, call.body["items"])


def _check_fixtures(call: Call) -> Iterator[Violation]:
    """Yield a violation for each unknown collection.

    If the call has any violation, yield those of the records in the known collections too; without one,
    the handler checks the records while it loads them.
    """
    fixtures = call.body if isinstance(call.body, dict) else {}
    resources, schemas = call.context.resources, call.context.schemas
    unknown = list(unknown_names(resources, fixtures))
    for name, message in unknown:
        yield Violation("enum", message, source_file.pointer((name,)))
    if unknown or call.violations:
        for name, items in fixtures.items():
            known = name_of(resources, name)
            if known is not None and isinstance(items, list):
                yield from collection_edits.find_violations(schemas[known], items, (name,))


def _load_fixtures(call: Call) -> dict[str, Any]:
    context, collections = call.context, call.account.collections
    names = {str(name_of(context.resources, each)): each for each in call.body}
    old = {each: collections.outline(name) for name, each in names.items()}
    new = collection_edits.load_fixture(old, context.schemas, call.body)
    _commit(call, [], new)
    return {"records": {collection.name: len(collection) for collection in new}}


def _replace_records(call: Call) -> Response:
    meant = named(call)
    if meant.owner is not None:
        old = left = meant.collection
        for position in old.matching(meant.filters):
            left = left.without_record(position)
        return _follow(meant, [_with_items(meant, left)], 200)
    new = collection_edits.replace_records(meant.outline, meant.schema, call.body["items"])
    return _change(call, None, new, 200)


def _add_records(call: Call) -> Response:
    meant = named(call)
    return _follow(meant, [_with_items(meant, meant.collection)], 201)


def _with_items(meant: Named, collection: Collection) -> Collection:
    """Return a collection with the items of a call in front, which belong to the owner that is named."""
    created = format_moment(meant.call.account.clock.now())
    items, hidden = meant.owned(meant.call.body["items"])
    return collection_edits.add_records(collection, meant.schema, items, created, hidden)


def _create_record(call: Call) -> Response:
    meant = named(call)
    name, context = meant.resource.name, call.context
    editor, creation = context.workshop.editor(name), Creation.of(context.document, name)
    edit = record_edits.create_record(meant.view, editor, creation, call.body, meant.owner_key)
    _follow(meant, edit.collections, 201)
    [own] = [each for each in edit.collections if each.name == meant.resource.name]
    return _shown(meant, own, own.front, 201)


def _get_record(call: Call) -> Response:
    meant = named(call)
    return _shown(meant, meant.collection, _position(meant))


def _merge_record(call: Call) -> Response:
    meant = named(call)
    position, editor = _position(meant), call.context.workshop.editor(meant.resource.name)
    edit = record_edits.merge_record(meant.view, editor, position, call.body)
    _follow(meant, edit.collections, 200)
    return _shown(meant, edit.collections[0], position)


def _shown(meant: Named, collection: Collection, position: int, status: int = 200) -> Response:
    """Return the response with a record as the account sees it."""
    [record] = collection.at([position])
    return encoded_response(fill_account_id(record, meant.call.account.own_id), status)


def _position(meant: Named) -> int:
    """Return the position of the record that a call names; raise NotFound."""
    record_id, collection = meant.call.values["id"], meant.collection
    position = meant.view.position_of(collection.name, str(record_id))
    is_meant = position is not None and (
        meant.owner is None or position in collection.matching(meant.filters)
    )
    if position is None or not is_meant:
        raise NotFound(f"There is no record {quote(record_id)} in {collection.name}.")
    return position


def _generate_collection(call: Call) -> Response:
    meant = named(call)
    count, seed = call.body["count"], call.body.get("seed", 0)
    account, resource = call.account, meant.resource
    links = Links(resource.schema, call.context.bonds.nouns, resource.name)
    linked = collection_edits.Linked(
        account.collections, account.own_id, resource, links, meant.owner_key
    )
    new = collection_edits.generate_records(meant.outline, meant.schema, count, seed, linked)
    return _change(call, None, new, 201)


def _remove_record(call: Call) -> Response:
    meant, record_id = named(call), str(call.values["id"])
    left = meant.collection.without_record(_position(meant))
    nested = call.context.workshop.without_children(meant.view, meant.resource.name, record_id)
    _follow(meant, [left, *nested.values()], 200)
    return no_content()


def _follow(meant: Named, new: Sequence[Collection], status: int) -> Response:
    """Change the account's collections, with the sums that follow; the first is the one that is meant.

    Return a response with its number of records. If the account has others by then, the handler runs
    again.
    """
    view = meant.view
    change = Change(UPDATED, meant.resource.name, None)
    changed = meant.call.context.workshop.followed(view, Edit(change, {}, tuple(new))).collections
    _commit(meant.call, [view.collections[each.name] for each in changed], changed)
    return json_response({"total": len(new[0])}, status)


def _change(call: Call, old: Collection | None, new: Collection, status: int) -> Response:
    """Change the account's collection to `new` and return a response with its number of records.

    If `old` is given and the account has another collection by then, the handler runs again.
    """
    _commit(call, [] if old is None else [old], [new])
    return json_response({"total": len(new)}, status)


def _commit(call: Call, old: Sequence[Collection], new: Sequence[Collection]) -> None:
    """Have the event loop change the account's collections, unless they are not the old ones by then."""
    context, account = call.context, call.account

    def commit() -> bool:
        if any(account.collections[each.name] is not each for each in old):
            return False
        context.change(account, *new)
        return True

    commit_on_event_loop(commit)


CALLS: Calls = {
    "listCollections": (_list_collections, None),
    "loadFixtures": (_load_fixtures, _check_fixtures),
    "listRecords": (_list_records, None),
    "replaceRecords": (_replace_records, _check_items),
    "addRecords": (_add_records, _check_items),
    "createRecord": (_create_record, None),
    "getRecord": (_get_record, None),
    "mergeRecord": (_merge_record, None),
    "generateCollection": (_generate_collection, None),
    "deleteRecord": (_remove_record, None),
    "removeRecord": (_remove_record, None),
}
