"""Calls about collections: list, load, replace, add, generate and remove their records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.control.call import (
    Call,
    Calls,
    commit_on_event_loop,
    encoded_response,
    json_response,
    no_content,
)
from mock_server.data import collection_edits
from mock_server.data.collection import Collection, fill_account_id
from mock_server.data.records import RecordSchema
from mock_server.errors import NotFound, Violation
from mock_server.formats import source_file
from mock_server.formats.timestamps import format_moment
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.shown_text import did_you_mean, name_some, quote


def _name(call: Call) -> str:
    """Return the name of the collection that the path names; raise NotFound."""
    name, known = str(call.values["name"]), call.context.schemas
    if name not in known:
        raise NotFound(f"There is no collection {quote(name)} here; there is {name_some(known)}.")
    return name


def _collection(call: Call) -> Collection:
    """Return the collection that the path names, as the account sees it; raise NotFound."""
    return call.account.collections[_name(call)]


def _outline(call: Call) -> Collection:
    """Return the collection that the path names without its records, to be given others."""
    return call.account.collections.outline(_name(call))


def _schema(call: Call, collection: Collection) -> RecordSchema:
    return call.context.schemas[collection.name]


def _list_records(call: Call) -> Response:
    collection = _collection(call)
    offset = call.values["offset"]
    positions = collection.positions[offset : offset + call.values["limit"]]
    items = fill_account_id(b",".join(collection.at(positions)), call.account.own_id)
    return encoded_response(b'{"items":[%s],"total":%d}' % (items, len(collection)))


def _check_items(call: Call) -> Iterator[Violation]:
    """Yield the violations of the items of a call that has others.

    Without others, the handler checks the items while it loads them.
    """
    if call.violations and isinstance(call.body, dict) and isinstance(call.body.get("items"), list):
        schema = _schema(call, _outline(call))
        yield from collection_edits.find_violations(schema, call.body["items"])


def _check_fixtures(call: Call) -> Iterator[Violation]:
    """Yield a violation for each unknown collection.

    If the call has any violation, yield those of the records in the known collections too; without one,
    the handler checks the records while it loads them.
    """
    fixtures = call.body if isinstance(call.body, dict) else {}
    schemas = call.context.schemas
    known = list(schemas)
    unknown = [name for name in fixtures if name not in schemas]
    for name in unknown:
        message = f"the document has no collection {quote(name)}{did_you_mean(name, known)}"
        yield Violation("enum", f"{message}; use {name_some(known)}.", source_file.pointer((name,)))
    if unknown or call.violations:
        for name, items in fixtures.items():
            if name in schemas and isinstance(items, list):
                yield from collection_edits.find_violations(schemas[name], items, (name,))


def _load_fixtures(call: Call) -> dict[str, Any]:
    context, account = call.context, call.account
    old = [account.collections.outline(name) for name in call.body]
    new = collection_edits.load_fixture(old, call.context.schemas, call.body)

    def commit() -> bool:
        context.change(account, *new)
        return True

    commit_on_event_loop(commit)
    return {"records": {collection.name: len(collection) for collection in new}}


def _replace_records(call: Call) -> Response:
    old = _outline(call)
    new = collection_edits.replace_records(old, _schema(call, old), call.body["items"])
    return _change(call, None, new, 200)


def _add_records(call: Call) -> Response:
    old = _collection(call)
    created = format_moment(call.account.clock.now())
    new = collection_edits.add_records(old, _schema(call, old), call.body["items"], created)
    return _change(call, old, new, 201)


def _generate_collection(call: Call) -> Response:
    old = _outline(call)
    count, seed = call.body["count"], call.body.get("seed", 0)
    new = collection_edits.generate_records(old, _schema(call, old), count, seed)
    return _change(call, None, new, 201)


def _remove_record(call: Call) -> Response:
    old = _collection(call)
    record_id = call.values["id"]
    if record_id not in old:
        raise NotFound(f"There is no record {quote(record_id)} in {old.name}.")
    _change(call, old, old.without_record(record_id), 200)
    return no_content()


def _change(call: Call, old: Collection | None, new: Collection, status: int) -> Response:
    """Change the account's collection to `new` and return a response with its number of records.

    If `old` is given and the account has another collection by then, the handler runs again.
    """
    context, account = call.context, call.account

    def commit() -> bool:
        if old is not None and account.collections[new.name] is not old:
            return False
        context.change(account, new)
        return True

    commit_on_event_loop(commit)
    return json_response({"total": len(new)}, status)


CALLS: Calls = {
    "loadFixtures": (_load_fixtures, _check_fixtures),
    "listRecords": (_list_records, None),
    "replaceRecords": (_replace_records, _check_items),
    "addRecords": (_add_records, _check_items),
    "generateCollection": (_generate_collection, None),
    "removeRecord": (_remove_record, None),
}
