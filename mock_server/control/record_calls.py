"""Calls about collections: list, load, replace, add, generate and remove their records."""

from __future__ import annotations

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
from mock_server.data.chunk import encode
from mock_server.data.collection import Collection, fill_account_id
from mock_server.data.finding import View
from mock_server.errors import NotFound, Violation
from mock_server.formats import source_file
from mock_server.formats.timestamps import format_moment
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.shown_text import quote


def _list_records(call: Call) -> Response:
    meant = named(call)
    collection, offset = meant.collection, call.values["offset"]
    positions = collection.matching(meant.filters)
    found = collection.at(positions[offset : offset + call.values["limit"]])
    items = fill_account_id(b",".join(found), call.account.own_id)
    return encoded_response(b'{"items":[%s],"total":%d}' % (items, len(positions)))


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
    resources, schemas = call.context.document.resources, call.context.schemas
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
    names = {str(name_of(context.document.resources, each)): each for each in call.body}
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
        return _change(call, old, _with_items(meant, left), 200)
    new = collection_edits.replace_records(meant.outline, meant.schema, call.body["items"])
    return _change(call, None, new, 200)


def _add_records(call: Call) -> Response:
    meant = named(call)
    return _change(call, meant.collection, _with_items(meant, meant.collection), 201)


def _with_items(meant: Named, collection: Collection) -> Collection:
    """Return a collection with the items of a call in front, which belong to the owner that is named."""
    created = format_moment(meant.call.account.clock.now())
    items, hidden = meant.owned(meant.call.body["items"])
    return collection_edits.add_records(collection, meant.schema, items, created, hidden)


def _create_record(call: Call) -> Response:
    meant, account = named(call), call.account
    now = format_moment(account.clock.now())
    view = View(account.collections, account.own_id, now)
    editor = call.context.editor(meant.resource)
    edit = record_edits.create_record(view, meant.resource, editor, call.body, meant.owner_key)
    _commit(call, [view.collections[each.name] for each in edit.collections], edit.collections)
    return encoded_response(fill_account_id(encode(edit.record), account.own_id), 201)


def _get_record(call: Call) -> Response:
    meant = named(call)
    return _shown(meant, meant.collection, _position(meant))


def _merge_record(call: Call) -> Response:
    meant = named(call)
    old, position = meant.collection, _position(meant)
    new = record_edits.merge_record(old, meant.schema, position, call.body, call.account.own_id)
    _commit(call, [old], [new])
    return _shown(meant, new, position)


def _shown(meant: Named, collection: Collection, position: int) -> Response:
    """Return the response with a record as the account sees it."""
    [record] = collection.at([position])
    return encoded_response(fill_account_id(record, meant.call.account.own_id))


def _position(meant: Named) -> int:
    """Return the position of the record that a call names; raise NotFound."""
    record_id, collection = meant.call.values["id"], meant.collection
    position = collection.find_id(record_id)
    is_meant = position is not None and (
        meant.owner is None or position in collection.matching(meant.filters)
    )
    if position is None or not is_meant:
        raise NotFound(f"There is no record {quote(record_id)} in {collection.name}.")
    return position


def _generate_collection(call: Call) -> Response:
    meant = named(call)
    count, seed = call.body["count"], call.body.get("seed", 0)
    new = collection_edits.generate_records(meant.outline, meant.schema, count, seed)
    return _change(call, None, new, 201)


def _remove_record(call: Call) -> Response:
    meant = named(call)
    _change(call, meant.collection, meant.collection.without_record(_position(meant)), 200)
    return no_content()


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
